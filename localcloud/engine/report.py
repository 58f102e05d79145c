"""What a deployment tells: its events, how many steps of each kind it took, and whether it must stop."""

from __future__ import annotations

import threading
from collections import Counter

from localcloud.deployments import Event, Kind, OnEvent, Severity
from localcloud.engine.analyzers import Finding, Remediation
from localcloud.engine.errors import StoppedError
from localcloud.engine.state import State, is_default_provider

# What the CLI's summary counts: not the halves of a replacement.
COUNTED = {"same", "create", "update", "replace", "delete", "import", "discard", "read"}


class Report:
    """Safe to use from several threads; events arrive one at a time."""

    def __init__(self, on_event: OnEvent) -> None:
        self.counts: Counter[str] = Counter()
        self.failed = False
        self.interrupted = 0  # the number of the signal that ended it
        self.stopped = threading.Event()
        self._on_event, self._lock = on_event, threading.Lock()

    def step(
        self, kind: Kind, op: str, state: State, message: str = "", *, outcome: str = "", counts: bool = True
    ) -> None:
        """`outcome` is what a finished step counts as, when that is not its operation. Default providers are the
        engine's own affair."""
        if is_default_provider(state.urn):
            return
        with self._lock:
            if kind == "done" and counts and (outcome or op) in COUNTED:
                self.counts[outcome or op] += 1
            self._on_event(Event(kind=kind, op=op, urn=state.urn, type=state.type, message=message))

    def say(self, severity: Severity, message: str, urn: str = "") -> None:
        with self._lock:
            self._on_event(Event(kind="diagnostic", severity=severity, message=message, urn=urn))

    def fail(self, message: str, urn: str = "", *, stop: bool = True) -> None:
        """The deployment has failed; without a message, that was said already. With `stop`, nothing new is begun."""
        self.failed = True
        if message:
            self.say("error", message, urn)
        if stop:
            self.stopped.set()

    def abandon(self, message: str, urn: str = "") -> StoppedError:
        """Fail, and give the caller what to raise."""
        self.fail(message, urn)
        return StoppedError(message)

    def proceed(self) -> None:
        """Raises StoppedError when the deployment is to stop."""
        if self.stopped.is_set():
            raise StoppedError("the deployment has stopped")

    def finding(self, finding: Finding) -> None:
        if finding.level == "mandatory":
            self.failed = True
        event = Event(
            kind="policy",
            urn=finding.urn,
            policy=finding.policy,
            pack=finding.pack,
            message=finding.message,
            level=finding.level,
        )
        with self._lock:
            self._on_event(event)

    def remediation(self, urn: str, remediation: Remediation) -> None:
        event = Event(kind="remediation", urn=urn, policy=remediation.policy, pack=remediation.pack)
        with self._lock:
            self._on_event(event)
