"""Asynchronous invocation: Lambda's queue of events, its retries and what becomes of an event in the end.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda.models import LambdaFunction

from localcloud.runtime import deployed, destinations, records
from localcloud.runtime.deployment import RoleError
from localcloud.runtime.execution import Outcome
from localcloud.runtime.functions import CONCURRENCY, Functions, ThrottledError
from localcloud.runtime.timing import Timing

RETRY_DELAYS = (60.0, 120.0)
"""Seconds that AWS waits before the second and the third attempt."""

THROTTLE_DELAY = 1.0
"""Seconds before an event that met a throttled function is offered again; AWS doubles them up to 5 minutes."""

DEFAULT_RETRIES = 2
DEFAULT_AGE_SECONDS = 6 * 3600
"""How long an event is tried at most, when the function's event invoke configuration does not say."""

_log = logging.getLogger(__name__)


@dataclass
class _Event:
    """One event in a function's queue.

    due         Unix time of its next attempt
    shortened   seconds that AWS would have waited between attempts, and that were not waited here
    """

    function_arn: str
    payload: str
    trigger: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    queued_at: float = field(default_factory=time.time)
    attempts: int = 0
    shortened: float = 0.0
    due: float = 0.0

    def age(self, now: float) -> float:
        """Seconds in the queue, as AWS would count them."""
        return now - self.queued_at + self.shortened


class Invocations:
    """Accepts events, runs them on `executor`, and tries again what failed once `dispatch` is called in time.

    A function's events take as many threads as it may have environments; the others' are not kept waiting by its own.
    """

    def __init__(self, functions: Functions, executor: Executor, timing: Timing) -> None:
        self._functions = functions
        self._executor = executor
        self._timing = timing
        self._lock = threading.Lock()
        self._ready: dict[str, deque[_Event]] = {}
        self._active: Counter[str] = Counter()
        self._waiting: list[_Event] = []
        self._unfinished = 0
        self._accepted = 0

    @property
    def unfinished(self) -> int:
        """Events that are neither done with nor given up, those that wait for a retry included."""
        with self._lock:
            return self._unfinished

    @property
    def accepted(self) -> int:
        """Events so far."""
        with self._lock:
            return self._accepted

    def submit(self, function_arn: str, payload: str, *, trigger: str) -> str:
        """Queue an event; its request id.

        Raises:
            moto.awslambda.exceptions.UnknownFunctionException: there is no such function.
        """
        deployed.function(function_arn)
        event = _Event(function_arn, payload, trigger)
        with self._lock:
            self._unfinished += 1
            self._accepted += 1
            self._ready.setdefault(function_arn, deque()).append(event)
        self._start(function_arn)
        return event.request_id

    def dispatch(self, now: float) -> None:
        """Try again what is due at `now` (Unix time)."""
        with self._lock:
            due = [event for event in self._waiting if event.due <= now]
            self._waiting = [event for event in self._waiting if event.due > now]
            for event in due:
                self._ready.setdefault(event.function_arn, deque()).append(event)
        for function_arn in {event.function_arn for event in due}:
            self._start(function_arn)

    def _start(self, function_arn: str) -> None:
        """Give the function's events to threads while it has any and may have more environments."""
        with self._lock:
            ready = self._ready[function_arn]
            while ready and self._active[function_arn] < CONCURRENCY:
                self._active[function_arn] += 1
                self._executor.submit(self._attempt, ready.popleft())

    def _attempt(self, event: _Event) -> None:
        finished = True
        try:
            finished = self._run(event)
        except Exception:
            _log.exception("event %s for %s is lost", event.request_id, event.function_arn)
        finally:
            with self._lock:
                self._unfinished -= finished
                self._active[event.function_arn] -= 1
        self._start(event.function_arn)

    def _run(self, event: _Event) -> bool:
        """One attempt; whether it was the last."""
        function = deployed.function(event.function_arn)
        config = invoke_config(function)
        if event.age(time.time()) > config.get("MaximumEventAgeInSeconds", DEFAULT_AGE_SECONDS):
            self._give_up(event, function, "EventAgeExceeded", None)
            return True
        try:
            outcome = self._functions.run(function, event.payload, trigger=event.trigger, request_id=event.request_id)
        except ThrottledError:
            if str(function.reserved_concurrency) == "0":
                self._give_up(event, function, "ZeroReservedConcurrency", None)
                return True
            self._wait(event, THROTTLE_DELAY)  # throttling is not an attempt
            return False
        except RoleError as error:
            outcome = Outcome.refused(event.request_id, "AccessDeniedException", str(error))
        event.attempts += 1
        if outcome.error is None:
            self._report(event, function, "Success", outcome)
            return True
        if event.attempts > config.get("MaximumRetryAttempts", DEFAULT_RETRIES):
            self._give_up(event, function, "RetriesExhausted", outcome)
            return True
        delay = RETRY_DELAYS[event.attempts - 1]
        if event.age(time.time()) + delay > config.get("MaximumEventAgeInSeconds", DEFAULT_AGE_SECONDS):
            self._give_up(event, function, "EventAgeExceeded", outcome)
            return True
        self._wait(event, delay)
        return False

    def _wait(self, event: _Event, seconds: float) -> None:
        scaled = seconds * self._timing.scale
        event.shortened += seconds - scaled
        event.due = time.time() + scaled
        with self._lock:
            self._waiting.append(event)

    def _report(self, event: _Event, function: LambdaFunction, condition: str, outcome: Outcome | None) -> None:
        """Tell the destination of this ending, if there is one."""
        succeeded = condition == "Success"
        config = invoke_config(function).get("DestinationConfig") or {}
        destination = (config.get("OnSuccess" if succeeded else "OnFailure") or {}).get("Destination")
        if not destination:
            return
        record = records.invocation_record(
            function_arn=function.function_arn,
            request_id=event.request_id,
            condition=condition,
            attempts=event.attempts,
            payload=event.payload,
            outcome=outcome,
            now=time.time(),
        )
        self._send(destinations.invocation_message(record, destination, succeeded=succeeded), destination)

    def _give_up(self, event: _Event, function: LambdaFunction, condition: str, outcome: Outcome | None) -> None:
        self._report(event, function, condition, outcome)
        target = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
        if target:
            self._send(dead_letter(event.request_id, event.payload, event.function_arn, outcome), target)

    def _send(self, message: destinations.Message, target: str) -> None:
        try:
            destinations.send(message, target, self.submit)
        except destinations.UndeliverableError as error:
            _log.warning("a record of %s was not delivered: %s", message.source, error)


def invoke_config(function: LambdaFunction) -> Mapping[str, Any]:
    """The function's event invoke configuration, empty when it has none."""
    configs = function.event_invoke_config
    return configs[-1].config if configs else {}


def dead_letter(request_id: str, payload: str, function_arn: str, outcome: Outcome | None) -> destinations.Message:
    """What a dead-letter queue or topic gets: the event itself, and why in the attributes.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
    """
    message = "" if outcome is None else str(json.loads(outcome.payload).get("errorMessage", ""))
    return destinations.Message(
        body=payload,
        source=function_arn,
        attributes={
            "RequestID": ("String", request_id),
            "ErrorCode": ("Number", "200" if outcome is not None else "429"),
            "ErrorMessage": ("String", message[:1024] or "no error message"),
        },
    )
