"""Events are sent in requests that the bus takes, and none is lost silently."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.contracts.rules import Quality
from handlers.files.outcome import Outcome
from handlers.files.source import Delivery
from handlers.hub import bus
from handlers.hub.bus import BusError, Event, send
from handlers.lineage.events import fitting
from handlers.quality import results

ARN = "arn:aws:events:eu-west-1:111111111111:event-bus/hub"


class Recorder:
    """Stands in for EventBridge's client; `failed` is what it answers for every entry."""

    def __init__(self, failed: str | None = None) -> None:
        self.requests: list[list[dict[str, str]]] = []
        self._failed = failed

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        self.requests.append(Entries)
        if self._failed is None:
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}
        failed = [{"ErrorCode": "InternalFailure", "ErrorMessage": self._failed} for _ in Entries]
        return {"FailedEntryCount": len(Entries), "Entries": failed}


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    return use(Recorder(), monkeypatch)


def use(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setenv("MESH_HUB_BUS_ARN", ARN)
    monkeypatch.setattr(bus, "client", lambda service, region: {("events", "eu-west-1"): recorder}[service, region])
    return recorder


def event(size: int) -> Event:
    return Event("mesh.sales.orders", "Quality Result", {"text": "x" * size})


def test_requests_keep_to_ten_entries(recorder: Recorder) -> None:
    send(event(10) for _ in range(23))
    assert [len(entries) for entries in recorder.requests] == [10, 10, 3]
    assert recorder.requests[0][0] == {
        "Source": "mesh.sales.orders",
        "DetailType": "Quality Result",
        "Detail": '{"text":"xxxxxxxxxx"}',
        "EventBusName": ARN,
    }


def test_requests_keep_to_256_kilobytes(recorder: Recorder) -> None:
    send(event(100_000) for _ in range(5))
    assert [len(entries) for entries in recorder.requests] == [2, 2, 1]
    assert event(10).size == len('mesh.sales.ordersQuality Result{"text":"xxxxxxxxxx"}')


def test_an_event_that_is_too_large_is_an_error(recorder: Recorder) -> None:
    with pytest.raises(BusError, match=r"Quality Result from .* has 300042 bytes"):
        send([event(300_000)])


def test_a_refused_entry_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Recorder(failed="try later"), monkeypatch)
    with pytest.raises(BusError, match="2 of 2 events: try later"):
        send([event(1), event(1)])


def test_the_measures_of_many_columns_come_in_as_many_pieces_as_they_need(contract: Any) -> None:
    names = [f"{number:04d}{'ü' * 250}" for number in range(1_500)]
    wide = contract(fields=[{"name": name, "source": name, "type": "string"} for name in names], partitions=[])
    outcome = Outcome("published", Delivery("landing", "f"), "ab" * 32, quality=Quality(1, dict.fromkeys(names, 0), ()))
    events = results.events(wide, outcome, "eu-west-1", datetime(2026, 1, 1, tzinfo=UTC))
    assert max(event.size for event in events) <= bus.LIMIT
    assert [event.detail["piece"] for event in events] == list(range(1, len(events) + 1))
    assert {event.detail["pieces"] for event in events} == {len(events)}
    assert [measure["field"] for event in events for measure in event.detail["measures"]] == names


def test_lineage_of_a_very_wide_table_loses_its_expendable_facets_only() -> None:
    facets = {"schema": "s" * 100_000, "dataQualityMetrics": "m" * 200_000, "dataSource": "d"}
    wide = Event("mesh.sales.orders", "OpenLineage Run Event", {"outputs": [{"name": "t", "facets": facets}]})
    fitted = fitting(wide)
    assert fitted.size <= bus.LIMIT
    assert json.loads(fitted.entry["Detail"])["outputs"][0]["facets"].keys() == {"schema", "dataSource"}
    assert fitting(fitted) == fitted
