"""What Kinesis and DynamoDB streams have in common: one shard is read in order, and a failure holds it up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.awslambda.models import EventSourceMapping

from localcloud.runtime import destinations, filters
from localcloud.runtime.execution import Outcome
from localcloud.runtime.records import qualified, response_context
from localcloud.runtime.sources.consumer import Consumer, failed_items, reports_failures
from localcloud.runtime.timestamps import timestamp

LONGEST_WAIT_SECONDS = 60.0
"""Between two attempts of one batch: 1 s, doubled each time up to this. AWS says no figures; scaled like its others."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One record of a shard: its sequence number, when it was put (Unix time), and the record as functions get it."""

    sequence: int
    arrived: float
    record: dict[str, Any]


class Shard(Protocol):
    """What a stream's service knows of one shard."""

    id: str
    failure_info: str
    """Key of the shard's description in the record that an on-failure destination gets."""

    def after(self, sequence: int, limit: int) -> Sequence[Entry]:
        """Up to `limit` entries with greater sequence numbers, in order."""

    def latest(self) -> int:
        """The greatest sequence number so far."""


@dataclass(frozen=True)
class Batch:
    """Entries to hand over together.

    attempts    failed ones, as the retry quota counts them
    waits       how often it was waited before handing them over; the longer for each
    """

    entries: tuple[Entry, ...]
    attempts: int = 0
    waits: int = 0


class ShardFeed:
    """One mapping's reading of one shard, from after `position`."""

    def __init__(self, mapping: EventSourceMapping, shard: Shard, position: int, consumer: Consumer) -> None:
        self._mapping = mapping
        self._shard = shard
        self._position = position
        self._consumer = consumer
        self._batches: tuple[Batch, ...] = ()  # replaced, not changed: `backlog` reads it from another thread
        self._not_before = 0.0

    @property
    def name(self) -> str:
        return f"{self._mapping.event_source_arn} {self._shard.id}"

    def ready(self, now: float) -> bool:
        if self._batches:
            return now >= self._not_before
        unread = self._shard.latest() - self._position
        if unread <= 0:
            return False
        window = (self._mapping.max_batch_window or 0) * self._consumer.timing.scale
        return unread >= self._mapping.batch_size or now - self._shard.after(self._position, 1)[0].arrived >= window

    def backlog(self) -> int:
        unread = max(0, self._shard.latest() - self._position)
        return unread + sum(len(batch.entries) for batch in self._batches)

    def work(self) -> None:
        if not self._batches:
            self._read()
        if not self._batches:
            return
        batch = self._drop_old(self._batches[0])
        if not batch.entries:
            self._batches = self._batches[1:]
            return
        outcome = self._consumer.call(self._mapping, [entry.record for entry in batch.entries])
        remaining = self._remaining(batch, outcome)
        self._batches = (*remaining, *self._batches[1:])
        if remaining and remaining[0].waits:
            seconds = min(2.0 ** (remaining[0].waits - 1), LONGEST_WAIT_SECONDS)
            self._not_before = time.time() + seconds * self._consumer.timing.scale

    def _read(self) -> None:
        entries = self._shard.after(self._position, self._mapping.batch_size)
        wanted = tuple(
            entry
            for entry in entries
            if filters.matches(self._mapping.filter_criteria, filters.filterable(entry.record))
        )
        if wanted:
            self._batches = (Batch(wanted),)
        if entries:
            self._position = entries[-1].sequence

    def _remaining(self, batch: Batch, outcome: Outcome) -> list[Batch]:
        """What is still to be done, in order, after a batch was handed over."""
        sequences = [str(entry.sequence) for entry in batch.entries]
        failed = failed_items(outcome, sequences, reported=reports_failures(self._mapping))
        if not failed:
            return []
        if not outcome.version:  # it was not invoked: no attempt
            return [Batch(batch.entries, batch.attempts, batch.waits + 1)]
        # Everything before the lowest failure is done; everything from it on is tried again.
        first = min(sequences.index(sequence) for sequence in failed)
        entries = batch.entries[first:]
        if self._mapping.bisect_on_error and len(batch.entries) > 1:  # this does not consume the retry quota
            half = len(entries) // 2
            return [Batch(entries)] if first > 0 else [Batch(entries[:half]), Batch(entries[half:])]
        attempts = 1 if first > 0 else batch.attempts + 1
        retries = self._mapping.max_retry_attempts
        if retries is not None and 0 <= retries < attempts:
            self._discard(entries, "RetryAttemptsExhausted", attempts, outcome)
            return []
        return [Batch(entries, attempts, batch.waits + 1)]

    def _drop_old(self, batch: Batch) -> Batch:
        """The batch without the records that are older than the mapping wants to try."""
        limit = self._mapping.max_record_age
        if limit is None or limit < 0:
            return batch
        oldest = time.time() - limit
        expired = tuple(entry for entry in batch.entries if entry.arrived < oldest)
        if expired:
            self._discard(expired, "RecordAgeExceeded", batch.attempts, None)
        return replace(batch, entries=tuple(entry for entry in batch.entries if entry.arrived >= oldest))

    def _discard(self, entries: Sequence[Entry], condition: str, attempts: int, outcome: Outcome | None) -> None:
        destination = ((self._mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
        if not destination:
            _log.warning("%s: %d records are lost: %s", self.name, len(entries), condition)
            return
        record = failure_record(self._mapping, self._shard, entries, condition, attempts, outcome)
        if ":s3:" in destination:
            record["payload"] = json.dumps({"Records": [entry.record for entry in entries]}, default=str)
        now = datetime.now(UTC)
        key = f"aws/lambda/{self._mapping.uuid}/{self._shard.id}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        message = destinations.Message(body=json.dumps(record), source=self._mapping.function_arn, key=key)
        try:
            destinations.send(message, destination, self._consumer.invoke_later)
        except destinations.UndeliverableError as error:
            _log.warning("%s: %d records are lost: %s", self.name, len(entries), error)


def failure_record(
    mapping: EventSourceMapping,
    shard: Shard,
    entries: Sequence[Entry],
    condition: str,
    attempts: int,
    outcome: Outcome | None,
) -> dict[str, Any]:
    """What an on-failure destination is told of a batch that was given up: where it is, not what is in it."""
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": outcome.request_id if outcome is not None else str(uuid.uuid4()),
            "functionArn": qualified(mapping.function_arn),
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "version": "1.0",
        "timestamp": timestamp(time.time()),
        shard.failure_info: {
            "shardId": shard.id,
            "startSequenceNumber": str(entries[0].sequence),
            "endSequenceNumber": str(entries[-1].sequence),
            "approximateArrivalOfFirstRecord": timestamp(entries[0].arrived),
            "approximateArrivalOfLastRecord": timestamp(entries[-1].arrived),
            "batchSize": len(entries),
            "streamArn": mapping.event_source_arn,
        },
    }
    if outcome is not None:
        record["responseContext"] = response_context(outcome)
    return record
