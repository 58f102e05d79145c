"""The hub keeps each event once."""

import copy
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from handlers.files.ingest import handler as ingest
from handlers.hub.record import handler

HEADER = b" customer_id  date number_of_cds  dollar_value\r\n"
GOOD = b" 00001 19970101  1   11.77\r\n"


@pytest.fixture
def ledger(mesh: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[dict[str, Any]]]:
    """The hub's tables, and the hub's own credentials for the functions that run from here on; returns a reader."""
    hub = mesh.client("dynamodb", "111111111111")
    for table, subject in (("lineage", "job"), ("quality", "product")):
        hub.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": subject, "KeyType": "HASH"},
                {"AttributeName": "event", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (subject, "event")],
        )
        monkeypatch.setenv(f"MESH_{table.upper()}_TABLE", table)
    monkeypatch.setattr("handlers.hub.record.client", lambda service: mesh.client(service, "111111111111"))
    return lambda table: list(hub.scan(TableName=table)["Items"])


def test_events_are_recorded_once(mesh: Any, context: Any, ledger: Any) -> None:
    ingest(mesh.deliver(HEADER + GOOD), context)
    told = mesh.told()
    for event in (*told, *told):
        handler(event, context)
    (run,), (quality,) = ledger("lineage"), ledger("quality")
    assert run["job"] == {"S": "sales/orders.ingest"}
    assert run["event"]["S"].endswith("#COMPLETE")
    assert run["account"] == {"S": "222222222222"}
    assert quality["product"] == {"S": "sales/orders"}
    assert quality["event"]["S"].split("#") == [run["event"]["S"].split("#")[0], "1"]
    assert quality["status"] == {"S": "published"}


def test_a_run_that_failed_and_later_completed_is_kept_as_both(mesh: Any, context: Any, ledger: Any) -> None:
    ingest(mesh.deliver(HEADER + GOOD), context)
    (run, _) = mesh.told()
    failed = copy.deepcopy(run)
    failed["detail"]["eventType"] = "FAIL"
    handler(failed, context)
    handler(run, context)
    assert len(ledger("lineage")) == 2


def test_a_file_that_was_refused_and_later_published_is_kept_as_both(mesh: Any, context: Any, ledger: Any) -> None:
    event = mesh.deliver(HEADER + GOOD)
    fields = mesh.document["fields"]
    for names in ("another", "dollar_value"):
        mesh.document = {**mesh.document, "fields": [*fields[:3], {**fields[3], "source": names}]}
        mesh.write_contract()
        ingest(event, context)
    for told in mesh.told():
        handler(told, context)
    assert sorted(item["status"]["S"] for item in ledger("quality")) == ["published", "refused"]
    assert len({item["event"]["S"] for item in ledger("lineage")}) == 2


def test_the_versions_of_a_product_have_runs_of_their_own(mesh: Any, context: Any) -> None:
    event = mesh.deliver(HEADER + GOOD)
    for prefix in ("orders/v1/", "orders/v2/"):
        mesh.document["table"]["prefix"] = prefix
        mesh.write_contract()
        ingest(event, context)
    first, second = mesh.told("OpenLineage Run Event")
    assert first["detail"]["run"]["runId"] != second["detail"]["run"]["runId"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda event: event["detail"]["run"].pop("runId"), "runId"),
        (lambda event: event["detail"].update(eventType="DONE"), "eventType"),
        (lambda event: event["detail"].update(eventTime="yesterday"), "eventTime"),
        (lambda event: event.update({"detail-type": "Gossip"}), "detail-type"),
        (lambda event: event.update(source="mesh.marketing.orders"), "tells of domain sales"),
    ],
)
def test_a_malformed_event_is_not_recorded(
    mesh: Any, context: Any, ledger: Any, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    ingest(mesh.deliver(HEADER + GOOD), context)
    event = mesh.told()[0]
    change(event)
    with pytest.raises(ValidationError, match=message):
        handler(event, context)
    assert ledger("lineage") == []


def test_other_failures_are_raised(mesh: Any, context: Any, ledger: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(mesh.deliver(HEADER + GOOD), context)
    monkeypatch.setenv("MESH_LINEAGE_TABLE", "gone")
    missing = boto3.client("dynamodb", region_name=mesh.region).exceptions.ResourceNotFoundException
    with pytest.raises(Exception, match="ResourceNotFoundException") as raised:
        handler(mesh.told()[0], context)
    assert type(raised.value).__name__ == missing.__name__
