"""A delivered file becomes rows of the product, and what cannot be used is quarantined with its reasons."""

import io
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from handlers.aws import client
from handlers.files import ingest, parts
from handlers.files.catalog import CatalogError
from handlers.files.ingest import handler
from handlers.files.objects import Upload

HEADER = b" customer_id  date number_of_cds  dollar_value\r\n"
GOOD = b" 00001 19970101  1   11.77\r\n 00002 19970112  1   12.00\r\n 00002 19970212  5   77.00\r\n"


def revenue_by_month(source: Path) -> dict[str, Decimal]:
    months: dict[str, Decimal] = defaultdict(Decimal)
    for line in source.read_text().splitlines()[1:]:
        _, date, _, value = line.split()
        months[f"order_month={date[:4]}-{date[4:6]}"] += Decimal(value)
    return dict(months)


def test_the_real_purchase_history(mesh: Any, context: Any, cdnow: Path) -> None:
    (answer,) = handler(mesh.deliver(cdnow.read_bytes()), context)
    assert (answer["status"], answer["rows"], answer["quarantined"]) == ("published", 69_659, 0)
    rows = mesh.published()
    assert rows.num_rows == 69_659
    assert len(rows["customer_id"].unique()) == 23_570
    months: dict[str, Decimal] = defaultdict(Decimal)
    for path, amount in zip(rows["path"].to_pylist(), rows["amount"].to_pylist(), strict=True):
        months[path] += amount
    assert months == revenue_by_month(cdnow)
    assert len(months) == 18
    assert mesh.quarantined() == []


def test_partitions_reach_the_hubs_catalog(mesh: Any, context: Any) -> None:
    handler(mesh.deliver(HEADER + GOOD), context)
    handler(mesh.deliver(HEADER + GOOD.replace(b"00001", b"00003")), context)
    found = {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in mesh.partitions()}
    assert found == {
        ("1997-01",): "s3://products/orders/v1/order_month=1997-01/",
        ("1997-02",): "s3://products/orders/v1/order_month=1997-02/",
    }
    assert client("glue").meta.region_name == mesh.region


@pytest.mark.parametrize("mesh", ["eu-west-1", "eu-central-1"], indirect=True)
def test_the_hub_is_told(mesh: Any, context: Any) -> None:
    handler(mesh.deliver(HEADER + GOOD + b" 00004 19970112  0   12.00\r\n"), context)
    lineage, quality = mesh.told()
    assert {event["source"] for event in (lineage, quality)} == {"mesh.sales.orders"}
    run = lineage["detail"]
    assert run["eventType"] == "COMPLETE"
    assert run["job"] == {"namespace": "sales", "name": "orders.ingest", "facets": {}}
    (source,), (target,) = run["inputs"], run["outputs"]
    assert (source["namespace"], source["name"]) == ("s3://landing", "orders/history.txt")
    assert target["namespace"] == f"arn:aws:glue:{mesh.region}:111111111111"
    assert target["outputFacets"]["outputStatistics"]["rowCount"] == 3
    assert quality["detail-type"] == "Quality Result"
    assert quality["detail"]["runId"] == run["run"]["runId"]
    assert quality["detail"]["rows"] == {"published": 3, "quarantined": 1}
    measures = {(m["kind"], m.get("field") or m["name"]): m for m in quality["detail"]["measures"]}
    assert measures["completeness", "amount"]["share"] == 1
    assert measures["rule", "not_empty"]["passed"] is True


BAD = [
    (b" 00003 19970230  1   11.77", [("order_date", "type")]),
    (b" 3 19970101  0   11.775", [("customer_id", "pattern"), ("quantity", "minimum"), ("amount", "type")]),
    (b" 00003 19970101  1", [(None, "structure")]),
    (b" 00003 19970101  9999999999  -1", [("quantity", "type"), ("amount", "minimum")]),
]


def test_bad_rows_are_quarantined_with_line_field_and_reason(mesh: Any, context: Any, cdnow: Path) -> None:
    lines = cdnow.read_bytes().split(b"\r\n")
    places = [2, 4_711, 40_000, 69_661]
    for place, (bad, _) in zip(places, BAD, strict=True):
        lines.insert(place - 1, bad)
    (answer,) = handler(mesh.deliver(b"\r\n".join(lines)), context)
    assert (answer["rows"], answer["quarantined"]) == (69_659, 4)
    found = mesh.quarantined()
    assert [row["line"] for row in found] == places
    assert [row["raw"].encode() for row in found] == [bad for bad, _ in BAD]
    assert [[(p["field"], p["rule"]) for p in row["problems"]] for row in found] == [problems for _, problems in BAD]
    assert found[0]["problems"][0]["reason"] == "'19970230' is no day or time of the form %Y%m%d"
    assert mesh.published().num_rows == 69_659
    summary = mesh.summary()
    assert (summary["rows"], summary["source"]["key"]) == (4, "orders/history.txt")
    assert summary["reasons"]["line: structure"] == 1


@pytest.mark.parametrize(
    ("body", "rule", "reason"),
    [
        (b"", "empty", "the file is empty"),
        (b"\xef\xbb\xbf", "empty", "the file is empty"),
        (HEADER + b" 00001 19970101  1   11.77\r\n caf\xe9\r\n", "encoding", "the file is not utf-8: byte 80 "),
        ((HEADER + GOOD).decode().encode("utf-16"), "encoding", "the file is not utf-8: byte 0 "),
        (GOOD, "header", "the file has the columns '00001', '19970101', '1', '11.77'; expected 'customer_id', "),
        (b"customer_id date value\n" + GOOD, "header", "the file has the columns 'customer_id', 'date', 'value'; "),
        (HEADER + b"x" * (3 << 20) + b"\n", "lineLength", "the file has a line of more than 1048576 bytes"),
    ],
    ids=["empty", "only-a-mark", "latin-1", "utf-16", "no-header", "other-header", "endless-line"],
)
def test_an_unusable_file_is_refused_as_a_whole(mesh: Any, context: Any, body: bytes, rule: str, reason: str) -> None:
    (answer,) = handler(mesh.deliver(body), context)
    assert answer["status"] == "refused"
    assert answer["reason"].startswith(reason)
    assert mesh.keys_in("products") == []
    (kept,) = (key for key in mesh.keys_in("quarantine") if key.endswith("/file"))
    assert kept == f"orders/{answer['sha256']}/file"
    assert mesh.body("quarantine", kept) == body
    assert mesh.summary()["reasons"] == {rule: 1}
    lineage, quality = mesh.told()
    assert lineage["detail"]["eventType"] == "FAIL"
    assert lineage["detail"]["run"]["facets"]["errorMessage"]["message"] == answer["reason"]
    assert quality["detail"]["status"] == "refused"


def ending(mesh: Any, final_line_end: str) -> None:
    mesh.document["file"] = {**mesh.document["file"], "finalLineEnd": final_line_end}
    mesh.write_contract()


def test_a_last_line_may_do_without_its_end(mesh: Any, context: Any) -> None:
    (answer,) = handler(mesh.deliver(HEADER + GOOD.rstrip()), context)
    assert (answer["rows"], answer["quarantined"]) == (3, 0)


def test_a_last_line_that_is_cut_off_is_quarantined(mesh: Any, context: Any) -> None:
    ending(mesh, "required")
    (answer,) = handler(mesh.deliver(HEADER + GOOD + b" 00005 19970112  1   12"), context)
    assert (answer["rows"], answer["quarantined"]) == (3, 1)
    (row,) = mesh.quarantined()
    assert (row["line"], row["raw"]) == (5, " 00005 19970112  1   12")
    assert "no line end" in row["problems"][0]["reason"]


def test_a_character_that_is_cut_in_two_spoils_only_its_line(mesh: Any, context: Any) -> None:
    ending(mesh, "required")
    (answer,) = handler(mesh.deliver(HEADER + GOOD + "é".encode()[:1]), context)
    assert (answer["rows"], answer["quarantined"]) == (3, 1)
    assert mesh.quarantined()[0]["raw"] == "\ufffd"


@pytest.mark.parametrize("key", ["orders/history.txt", "orders/again.txt"])
def test_a_second_delivery_of_the_same_content_publishes_nothing(mesh: Any, context: Any, key: str) -> None:
    handler(mesh.deliver(HEADER + GOOD), context)
    before = mesh.keys_in("products")
    mesh.told()
    (answer,) = handler(mesh.deliver(HEADER + GOOD, key), context)
    assert (answer["status"], answer["rows"]) == ("duplicate", 0)
    assert mesh.keys_in("products") == before
    assert mesh.told() == []


def test_a_run_that_died_half_way_is_repeated(mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    event = mesh.deliver(HEADER + GOOD)

    def unreachable(*_: Any) -> None:
        raise CatalogError("the catalog is away")

    with monkeypatch.context() as broken:
        broken.setattr("handlers.files.publish.register", unreachable)
        with pytest.raises(ExceptionGroup) as raised:
            handler(event, context)
        assert "the catalog is away" in str(raised.value.exceptions[0])
    assert mesh.told() == []
    (answer,) = handler(event, context)
    assert answer["status"] == "published"
    assert mesh.published().num_rows == 3
    assert len(mesh.partitions()) == 2


def test_nothing_is_visible_before_all_parts_are_written(
    mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "POOL", 1)
    monkeypatch.setattr(parts, "OPEN_PARTS", 1)
    monkeypatch.setattr(parts, "HELD", 0)
    seen: list[list[str]] = []
    finish = parts.Parts.finish

    def watched(self: parts.Parts) -> Any:
        written = finish(self)
        seen.append(mesh.keys_in("products"))
        raise RuntimeError(f"killed after {len(written)} parts")

    monkeypatch.setattr(parts.Parts, "finish", watched)
    with pytest.raises(ExceptionGroup):
        handler(mesh.deliver(HEADER + GOOD), context)
    assert seen == [[]]
    uploads = mesh.client("s3").list_multipart_uploads(Bucket="products").get("Uploads", [])
    assert uploads == []


def test_parts_that_a_repeated_run_does_not_write_any_more_are_deleted(mesh: Any, context: Any) -> None:
    event = mesh.deliver(HEADER + GOOD)
    (answer,) = handler(event, context)
    manifest = f"orders/v1/_manifests/{answer['sha256']}.json"
    left = "orders/v1/order_month=1997-01/part-from-older-code.parquet"
    mesh.client("s3").put_object(Bucket="products", Key=left, Body=b"")
    document = json.loads(mesh.body("products", manifest))
    half_done = {**document, "state": "publishing", "parts": [*document["parts"], {"key": left}]}
    mesh.client("s3").put_object(Bucket="products", Key=manifest, Body=json.dumps(half_done).encode())
    handler(event, context)
    assert left not in mesh.keys_in("products")
    assert mesh.published().num_rows == 3


def test_open_parts_are_bounded_and_large_ones_uploaded_in_pieces(
    mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch, cdnow: Path
) -> None:
    monkeypatch.setattr(parts, "POOL", 100_000)
    monkeypatch.setattr(parts, "OPEN_PARTS", 3)
    monkeypatch.setattr("handlers.files.source.CHUNK", 100_000)
    (answer,) = handler(mesh.deliver(cdnow.read_bytes()), context)
    assert answer["rows"] == mesh.published().num_rows == 69_659
    assert len(mesh.parts()) > 18


@pytest.mark.parametrize(("held", "sent_before"), [(32 << 20, 0), (2_000, 1), (0, 2)])
def test_small_parts_take_one_request_each_as_long_as_there_is_room(
    mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch, held: int, sent_before: int
) -> None:
    monkeypatch.setattr(parts, "OPEN_PARTS", 1)
    monkeypatch.setattr(parts, "HELD", held)
    uploads: list[str] = []
    monkeypatch.setattr("handlers.files.objects.Upload._send", watched(uploads))
    handler(mesh.deliver(HEADER + GOOD + b" 00002 19970312  5   77.00\r\n"), context)
    assert mesh.published().num_rows == 4
    assert len(uploads) == sent_before


def watched(seen: list[str]) -> Any:
    send = Upload._send

    def watching(self: Upload, body: bytes) -> None:
        seen.append(self.key)
        send(self, body)

    return watching


def test_the_version_that_was_announced_is_read(mesh: Any, context: Any) -> None:
    first = mesh.deliver(HEADER + GOOD)
    mesh.deliver(b"something else")
    (answer,) = handler(first, context)
    assert answer["rows"] == 3


def test_a_file_that_is_replaced_while_it_is_read_is_read_anew(
    mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without versions, the second pass could read another content than the first has hashed."""
    mesh.client("s3").put_object(Bucket="quarantine", Key="orders/history.txt", Body=HEADER + GOOD)
    stored = {"bucket": {"name": "quarantine"}, "object": {"key": "orders/history.txt"}}
    event = {"Records": [{"eventSource": "aws:s3", "s3": stored}]}
    survey = ingest.survey

    def replacing(*args: Any) -> Any:
        found = survey(*args)
        mesh.client("s3").put_object(Bucket="quarantine", Key="orders/history.txt", Body=HEADER + GOOD[:28])
        return found

    with monkeypatch.context() as patched:
        patched.setattr(ingest, "survey", replacing)
        with pytest.raises(ExceptionGroup) as raised:
            handler(event, context)
        assert "PreconditionFailed" in str(raised.value.exceptions[0])
    assert mesh.parts() == []
    (answer,) = handler(event, context)
    assert (answer["rows"], mesh.published().num_rows) == (1, 1)


def test_keys_are_decoded(mesh: Any, context: Any) -> None:
    event = mesh.deliver(HEADER + GOOD, "orders/march 1+2 ü.txt", encoded="orders%2Fmarch+1%2B2+%C3%BC.txt")
    (answer,) = handler(event, context)
    assert answer["key"] == "orders/march 1+2 ü.txt"


def test_one_file_that_fails_does_not_stop_the_others(mesh: Any, context: Any) -> None:
    event = mesh.deliver(HEADER + GOOD)
    gone = {"s3": {"bucket": {"name": "landing"}, "object": {"key": "orders/gone.txt"}}}
    event["Records"].insert(0, {"eventSource": "aws:s3", **gone})
    with pytest.raises(ExceptionGroup, match="1 of 2 files failed"):
        handler(event, context)
    assert mesh.published().num_rows == 3


def test_folders_and_test_events_are_no_files(mesh: Any, context: Any) -> None:
    assert handler(mesh.deliver(b"", "orders/"), context) == []
    assert handler({"Service": "Amazon S3", "Event": "s3:TestEvent"}, context) == []


def test_a_refused_put_events_fails_the_run_before_it_is_confirmed(
    mesh: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = mesh.deliver(HEADER + GOOD)
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Internal", "ErrorMessage": "try later"}]}
    with monkeypatch.context() as broken:
        broken.setattr(client("events", mesh.region), "put_events", lambda **_: refused)
        with pytest.raises(ExceptionGroup):
            handler(event, context)
    (answer,) = handler(event, context)
    assert answer["status"] == "published"
    assert len(mesh.told()) == 2


def test_parts_are_compressed_parquet_without_the_partition_column(mesh: Any, context: Any) -> None:
    handler(mesh.deliver(HEADER + GOOD), context)
    found = pq.ParquetFile(io.BytesIO(mesh.body("products", mesh.parts()[0])))
    assert found.schema_arrow.names == ["customer_id", "order_date", "quantity", "amount"]
    assert found.metadata.row_group(0).column(0).compression == "SNAPPY"
    assert mesh.parts()[0].startswith("orders/v1/order_month=1997-01/part-")


def test_importing_the_handler_makes_no_client() -> None:
    assert ingest.metrics.namespace == "Mesh"
    assert client.cache_info().currsize == 0
