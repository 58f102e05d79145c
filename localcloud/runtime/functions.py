"""Running functions: their warm execution environments, and how many of them."""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from moto.awslambda.models import LambdaFunction

from localcloud.runtime.deployment import Deployment
from localcloud.runtime.execution import Execution, Outcome
from localcloud.runtime.journal import Entry, Journal

IDLE_SECONDS = 300.0
"""An environment that nobody used for so long is ended; Lambda keeps them for an unspecified while, too."""

CONCURRENCY = max(2, os.cpu_count() or 2)
"""Environments of one function at a time on this machine; more invocations wait for one to be free."""


class ThrottledError(Exception):
    """The function's reserved concurrency is used up, or zero, or the local cloud is about to end."""


@dataclass
class _Pool:
    """The environments of one function: those that wait, and those at work."""

    idle: list[Execution] = field(default_factory=list)
    busy: int = 0
    working: list[Execution] = field(default_factory=list)


class Functions:
    """Runs deployed functions in processes of their own; safe to use from several threads."""

    def __init__(self, endpoint: str, directory: Path, journal: Journal) -> None:
        """Use `directory` for code and temporary files; what an earlier local cloud left there is removed."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self._endpoint = endpoint
        self._directory = directory
        self._journal = journal
        self._pools: dict[str, _Pool] = {}
        self._begun = 0
        self._changed = threading.Condition()
        self._stopped = False

    @property
    def running(self) -> int:
        """Invocations under way."""
        with self._changed:
            return sum(pool.busy for pool in self._pools.values())

    @property
    def begun(self) -> int:
        """Invocations so far."""
        with self._changed:
            return self._begun

    def run(self, function: LambdaFunction, payload: str, *, trigger: str, request_id: str | None = None) -> Outcome:
        """Invoke `function` with a JSON text and wait for what comes of it.

        Args:
            trigger: ARN of what causes the invocation, "invoke" for the Invoke API.
            request_id: of an invocation that is tried again; new by default.

        Raises:
            ThrottledError: its reserved concurrency does not allow one more.
            localcloud.runtime.deployment.RoleError: no invocation without a role.
        """
        request_id = request_id or str(uuid.uuid4())
        deployment = Deployment.of(function)
        started = time.time()
        error: str | None = "the local cloud failed"
        try:
            with (
                self._slot(deployment, function.reserved_concurrency) as pool,
                self._execution(deployment, pool) as found,
            ):
                outcome = found.invoke(payload, request_id)
            error = outcome.error
            return outcome
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            self._journal.add(
                Entry(
                    function_arn=deployment.arn,
                    trigger=trigger,
                    request_id=request_id,
                    started=started,
                    duration_ms=round((time.time() - started) * 1000, 1),
                    error=error,
                )
            )

    def reap(self, now: float) -> None:
        """End environments that were idle for long; `now` is `time.monotonic()`."""
        self._take_idle(lambda execution: now - execution.idle_since > IDLE_SECONDS)

    def stop(self) -> None:
        """End every worker, whatever it does; nothing runs afterwards."""
        with self._changed:
            self._stopped = True
            working = [execution for pool in self._pools.values() for execution in pool.working]
            self._changed.notify_all()
        for execution in working:
            execution.kill()  # the thread that waits for its answer closes it
        self._take_idle(lambda execution: True)

    def _take_idle(self, unwanted: Callable[[Execution], bool]) -> None:
        with self._changed:
            taken = [execution for pool in self._pools.values() for execution in pool.idle if unwanted(execution)]
            for pool in self._pools.values():
                pool.idle = [execution for execution in pool.idle if execution not in taken]
        for execution in taken:
            execution.close()

    @contextmanager
    def _slot(self, deployment: Deployment, reserved: int | str | None) -> Iterator[_Pool]:
        """One place among the function's concurrent invocations, waited for unless reserved concurrency forbids it.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
        """
        with self._changed:
            pool = self._pools.setdefault(deployment.arn, _Pool())
            if reserved is not None and pool.busy >= int(reserved):
                raise ThrottledError(
                    f"{deployment.name} runs {pool.busy} times; its reserved concurrency is {reserved}"
                )
            self._changed.wait_for(lambda: self._stopped or pool.busy < CONCURRENCY)
            if self._stopped:
                raise ThrottledError("the local cloud stops")
            pool.busy += 1
            self._begun += 1
        try:
            yield pool
        finally:
            with self._changed:
                pool.busy -= 1
                self._changed.notify_all()

    @contextmanager
    def _execution(self, deployment: Deployment, pool: _Pool) -> Iterator[Execution]:
        """A warm environment for this code and configuration, else a new one; back in the pool afterwards."""
        with self._changed:
            fitting = [found for found in pool.idle if found.deployment == deployment and found.usable]
            outdated = [found for found in pool.idle if found not in fitting]
            execution = fitting.pop() if fitting else None
            pool.idle = fitting
        for old in outdated:
            old.close()
        if execution is None:
            execution = Execution(deployment, self._endpoint, self._directory)
        with self._changed:
            pool.working.append(execution)
        finished = False
        try:
            if self._stopped:
                raise ThrottledError("the local cloud stops")
            yield execution
            finished = True
        finally:
            with self._changed:
                pool.working.remove(execution)
                keep = finished and execution.usable and not self._stopped
                if keep:
                    execution.idle_since = time.monotonic()
                    pool.idle.append(execution)
            if not keep:
                execution.close()
