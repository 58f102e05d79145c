"""Queues: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.sqs.models import Message, Queue, sqs_backends

from localcloud.runtime import filters
from localcloud.runtime.arns import Arn
from localcloud.runtime.sources.consumer import Consumer, failed_items, reports_failures


class QueueFeed:
    """One mapping's reading of one queue."""

    def __init__(self, mapping: EventSourceMapping, consumer: Consumer) -> None:
        self._mapping = mapping
        self._consumer = consumer

    @property
    def name(self) -> str:
        return self._mapping.event_source_arn

    def ready(self, now: float) -> bool:
        source = queue(self._mapping)
        waiting = source.messages if source is not None else []
        if not waiting:
            return False
        window = (self._mapping.max_batch_window or 0) * self._consumer.timing.scale
        oldest = min((message.sent_timestamp or 0) / 1000 for message in waiting)
        return len(waiting) >= self._mapping.batch_size or now - oldest >= window

    def backlog(self) -> int:
        source = queue(self._mapping)
        return len(source._messages) if source is not None else 0

    def work(self) -> None:
        """Messages of a failed invocation come back after the queue's visibility timeout, and move to the dead-letter
        queue once received `maxReceiveCount` times; the others are deleted.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
        """
        source = queue(self._mapping)
        if source is None:
            return
        visibility = visibility_seconds(source)
        backend = sqs_backends[source.account_id][source.region]
        received = backend.receive_message(source.name, self._mapping.batch_size, 0, visibility, ["All"])
        records = [record(message, self._mapping.event_source_arn) for message in received]
        wanted = [
            found for found in records if filters.matches(self._mapping.filter_criteria, filters.filterable(found))
        ]
        failed: set[str] = set()
        if wanted:
            outcome = self._consumer.call(self._mapping, wanted)
            ids = [found["messageId"] for found in wanted]
            failed = failed_items(outcome, ids, reported=reports_failures(self._mapping))
        self._settle(source, received, failed, visibility * self._consumer.timing.scale)

    @staticmethod
    def _settle(source: Queue, received: Sequence[Message], failed: set[str], hidden_seconds: float) -> None:
        handles = {message.receipt_handle for message in received if message.id in failed}
        for message in received:
            if message.id not in failed and message.receipt_handle:
                source.delete_message(message.receipt_handle)
        for message in list(source._messages):
            if message.receipt_handle in handles:
                message.visible_at = (time.time() + hidden_seconds) * 1000


def queue(mapping: EventSourceMapping) -> Queue | None:
    """The queue that a mapping reads, None when its source is another or does not exist."""
    arn = Arn.parse(mapping.event_source_arn)
    if arn.service != "sqs":
        return None
    found: Queue | None = sqs_backends[arn.account][arn.region].queues.get(arn.resource)
    return found


def visibility_seconds(source: Queue) -> int:
    """How long a received message stays hidden."""
    return int(source.visibility_timeout)  # type: ignore[attr-defined]


def record(message: Message, queue_arn: str) -> dict[str, Any]:
    """One record of the event, from moto's message."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    for name, value in (
        ("SequenceNumber", message.sequence_number),
        ("MessageGroupId", message.group_id),
        ("MessageDeduplicationId", message.deduplication_id),
    ):
        if value is not None:
            attributes[name] = value
    found: dict[str, Any] = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {
            name: _message_attribute(attribute) for name, attribute in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": Arn.parse(queue_arn).region,
    }
    if message.message_attributes:
        found["md5OfMessageAttributes"] = message.attribute_md5
    return found


def _message_attribute(attribute: dict[str, Any]) -> dict[str, Any]:
    value = {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}
    if "StringValue" in attribute:
        value["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        value["binaryValue"] = attribute["BinaryValue"]
    return value
