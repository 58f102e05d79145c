"""The trigger runtime: everything that runs functions, and the loop that keeps it going."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaFunction
from moto.events.models import Rule
from moto.events.utils import EventMessageType
from moto.sns.models import Subscription

from localcloud.runtime import invoke_api, moto_hooks, notifications, rules, topics
from localcloud.runtime.api.server import HttpApis
from localcloud.runtime.clock import Clock
from localcloud.runtime.execution import Outcome
from localcloud.runtime.functions import Functions
from localcloud.runtime.invocation import Invocations
from localcloud.runtime.journal import Journal
from localcloud.runtime.sources.consumer import Consumer
from localcloud.runtime.sources.poller import Poller
from localcloud.runtime.timing import POLL_SECONDS, Timing

THREADS = 64
"""Asynchronous invocations and batches under way at a time; each waits for its worker."""

_log = logging.getLogger(__name__)


class Runtime:
    """Runs the deployed functions of this process's moto for as long as it is not stopped."""

    def __init__(self, endpoint: str, home: Path, timing: Timing) -> None:
        self.journal = Journal()
        self._functions = Functions(endpoint, home / "functions", self.journal)
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="invocation")
        self._invocations = Invocations(self._functions, self._executor, timing)
        self._poller = Poller(Consumer(self._functions, self._invocations.submit, timing), self._executor)
        self._clock = Clock(self._invocations.submit, timing)
        self._apis = HttpApis(self._functions, self.journal, self.activity)
        self._stopping = threading.Event()
        self._loop = threading.Thread(target=self._run, name="triggers", daemon=True)
        self._unhook = moto_hooks.install(self)
        self._loop.start()

    @property
    def api_endpoint(self) -> str:
        """URL under which the deployed HTTP APIs, and `/_localcloud/…`, answer."""
        return self._apis.endpoint

    def stop(self) -> None:
        """Run nothing more; every worker has ended when this returns."""
        self._stopping.set()
        self._unhook()
        self._loop.join()
        self._apis.stop()
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._functions.stop()
        self._executor.shutdown(wait=True)

    def activity(self) -> dict[str, Any]:
        """What is under way: `idle`, invocations `running`, events `queued` (those under way and those that wait for a
        retry included), and by event source the records that are not done with."""
        # Work moves on between two looks: from a source to a function, from there to a queue or another source.
        # Counting what begins, and looking at the sources last, it cannot slip by.
        begun = self._functions.begun, self._invocations.accepted
        running, queued = self._functions.running, self._invocations.unfinished
        sources = self._poller.backlog()
        unchanged = begun == (self._functions.begun, self._invocations.accepted)
        return {
            "idle": unchanged and not (running or queued or sources),
            "running": running,
            "queued": queued,
            "sources": sources,
        }

    def invoke(self, function: LambdaFunction, payload: str) -> Outcome:
        return self._functions.run(function, payload, trigger=invoke_api.TRIGGER)

    def invoke_later(self, function_arn: str, payload: str, *, trigger: str) -> str:
        return self._invocations.submit(function_arn, payload, trigger=trigger)

    def mapping_created(self, mapping: EventSourceMapping) -> None:
        self._poller.created(mapping)

    def object_changed(self, account: str, event: str, bucket: Any, key: Any) -> None:
        notifications.notify(account, event, bucket, key, self._invocations.submit)

    def event_put(self, rule: Rule, event: EventMessageType) -> None:
        rules.event_put(rule, event, self._invocations.submit)

    def message_published(self, subscription: Subscription, message: Mapping[str, Any]) -> None:
        event = topics.sns_event(subscription, message)
        try:
            self._invocations.submit(subscription.endpoint, event, trigger=subscription.topic.arn)
        except Exception as error:
            _log.warning("a message of %s did not reach %s: %s", subscription.topic.arn, subscription.endpoint, error)

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for step in (
                lambda: self._poller.poll(time.time()),
                lambda: self._invocations.dispatch(time.time()),
                lambda: self._clock.run_due(time.time()),
                lambda: self._functions.reap(time.monotonic()),
            ):
                self._guarded(step)

    @staticmethod
    def _guarded(step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            _log.exception("the trigger loop goes on")
