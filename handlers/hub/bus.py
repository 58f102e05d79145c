"""Events to the hub's bus, which is in the hub's account."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from handlers.aws import client

# Amazon EventBridge user guide, "PutEvents": up to 10 entries in a request. An entry's size is that of its UTF-8 texts,
# and 14 bytes for a time. AWS raised the limit of all entries together from 256 KB to 1 MB in January 2026 (AWS Compute
# Blog), but the hub keeps an event in one item, and an item of DynamoDB has at most 400 KB.
BATCH = 10
LIMIT = 256 * 1024


class BusError(Exception):
    """The bus did not take an event."""


@dataclass(frozen=True)
class Event:
    """An event as a rule on the bus matches it; `detail` is a JSON object."""

    source: str
    detail_type: str
    detail: dict[str, Any]

    @property
    def entry(self) -> dict[str, str]:
        body = json.dumps(self.detail, ensure_ascii=False, separators=(",", ":"))
        return {"Source": self.source, "DetailType": self.detail_type, "Detail": body}

    @property
    def size(self) -> int:
        """Bytes that count against the limit."""
        return sum(len(text.encode()) for text in self.entry.values())


def send(events: Iterable[Event]) -> None:
    """Put events on the bus MESH_HUB_BUS_ARN. Raises BusError when it refuses one or one is larger than it takes."""
    arn = os.environ["MESH_HUB_BUS_ARN"]
    for batch in _batches(events):
        entries = [{**event.entry, "EventBusName": arn} for event in batch]
        answer = client("events", arn.split(":")[3]).put_events(Entries=entries)
        if answer["FailedEntryCount"]:
            codes = (entry for entry in answer["Entries"] if entry.get("ErrorCode"))
            failed = {entry.get("ErrorMessage") or entry["ErrorCode"] for entry in codes}
            raise BusError(f"{answer['FailedEntryCount']} of {len(entries)} events: " + "; ".join(sorted(failed)))


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        if event.size > LIMIT:
            raise BusError(f"{event.detail_type} from {event.source} has {event.size} bytes; at most {LIMIT} are taken")
        if batch and (len(batch) == BATCH or size + event.size > LIMIT):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += event.size
    if batch:
        yield batch
