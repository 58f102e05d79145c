"""Invoking a mapping's function with a batch, and reading from its answer what failed."""

from __future__ import annotations

import base64
import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moto.awslambda.models import EventSourceMapping

from localcloud.runtime import deployed, destinations
from localcloud.runtime.execution import Outcome
from localcloud.runtime.functions import Functions
from localcloud.runtime.timing import Timing

_log = logging.getLogger(__name__)


class Feed(Protocol):
    """What one mapping reads in order: a queue, or one shard of a stream. At most one `work` at a time."""

    @property
    def name(self) -> str:
        """What people call it."""

    def ready(self, now: float) -> bool:
        """Whether there is a batch to take at `now` (Unix time); cheap, as it is asked often."""

    def work(self) -> None:
        """Take one batch, invoke the function, and settle what comes of it."""

    def backlog(self) -> int:
        """Records that are not done with."""


@dataclass(frozen=True)
class Consumer:
    """What feeds need of the runtime."""

    functions: Functions
    invoke_later: destinations.Invoke
    timing: Timing

    def call(self, mapping: EventSourceMapping, records: Sequence[dict[str, Any]]) -> Outcome:
        """Invoke the mapping's function; whatever keeps it from running is an error of the outcome, too.

        Such an outcome has no version: the function was not invoked.
        """
        try:
            function = deployed.function(mapping.function_arn)
            payload = json.dumps({"Records": list(records)}, default=_encoded)
            return self.functions.run(function, payload, trigger=mapping.event_source_arn)
        except Exception as error:
            kind, message = type(error).__name__, str(error)
            _log.warning(
                "%s was not invoked for %s: %s: %s", mapping.function_arn, mapping.event_source_arn, kind, message
            )
            return Outcome.refused(str(uuid.uuid4()), kind, message)


def reports_failures(mapping: EventSourceMapping) -> bool:
    """Whether the function's answer says which records failed."""
    return "ReportBatchItemFailures" in (mapping.function_response_types or ())


def failed_items(outcome: Outcome, items: Sequence[str], *, reported: bool) -> set[str]:
    """Which of the items (message ids, sequence numbers) failed.

    All of them when the invocation failed, or when its answer is not what Lambda understands: an item identifier that
    is empty or of no such item, a `batchItemFailures` that is no list. None when nothing, null or an empty list came.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    if outcome.error is not None:
        return set(items)
    if not reported:
        return set()
    answer = outcome.result
    if not answer:
        return set()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
    if not failures:
        return set()
    if not isinstance(failures, list):
        return set(items)
    found = {failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures}
    return found if found <= set(items) else set(items)  # type: ignore[return-value]


def _encoded(value: Any) -> Any:
    """Binary attributes as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} in a record")
