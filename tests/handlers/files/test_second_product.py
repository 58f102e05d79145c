"""A product with quite another schema needs another validator and nothing else."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from handlers.files.ingest import handler

VISITS: list[dict[str, Any]] = [
    {"name": "visit_id", "source": "Visit", "type": "int64", "required": True, "minimum": 1},
    {"name": "store", "source": "Store", "type": "string", "required": True, "enum": ["Zürich/Nord", "Bern"]},
    {"name": "visitors", "source": "Visitors", "type": "int32"},
    {"name": "spent", "source": "Spent", "type": "decimal", "precision": 9, "scale": 3},
    {"name": "score", "source": "Score", "type": "float64", "minimum": 0, "maximum": 1},
    {"name": "member", "source": "Member", "type": "boolean"},
    {"name": "day", "source": "Day", "type": "date", "format": "%d.%m.%Y", "required": True},
    {"name": "entered", "source": "Entered", "type": "timestamp", "format": "%d.%m.%Y %H:%M:%S"},
    {"name": "left", "source": "Left", "type": "timestamptz", "required": True},
    {"name": "note", "source": "Note", "type": "string", "maxLength": 24},
]
HEADER = "Visit;Store;Visitors;Spent;Score;Member;Day;Entered;Left;Note"
ROWS = [
    "1;Zürich/Nord;3;12.5;0.25;true;01.02.2024;01.02.2024 10:00:00;2024-02-01T11:00:00+01:00;'two\nlines; or ''more'''",
    "2;Bern;-;-;-;-;02.02.2024;-;2024-02-02T23:30:00-02:00;",
    "2;Bern;4;1.2345;1.5;maybe;2024-02-02;02.02.2024;2024-02-02T11:00:00;a note of far more than twenty",
    "",
    "3;Bern;0x1F;99;0.5;false;29.02.2024;29.02.2024 23:59:59;2024-02-29T23:59:59.5Z;x",
    "4;Bern;5;99;0.5;0;29.02.2024;29.02.2024 23:59:59;2024-02-29T23:59:59.5Z;x",
    "5;Bern;5;99;'0.5;0;29.02.2024;29.02.2024 23:59:59;2024-02-29T23:59:59.5Z;x",
]


@pytest.fixture
def visits(mesh: Any) -> Any:
    mesh.document = {
        **mesh.document,
        "product": {**mesh.document["product"], "name": "visits", "domain": "stores"},
        "file": {
            "format": "delimited",
            "delimiter": ";",
            "quote": "'",
            "header": True,
            "encoding": "cp1252",
            "nullValues": ["", "-"],
        },
        "fields": VISITS,
        "primaryKey": ["visit_id", "store"],
        "partitions": [
            {"name": "store", "field": "store", "transform": "identity"},
            {"name": "left_hour", "field": "left", "transform": "hour"},
        ],
        "rules": [
            {"name": "filled", "type": "nullValues", "fields": ["spent"], "mustBeLessThan": 20, "unit": "percent"},
        ],
    }
    mesh.client("glue", "111111111111").delete_table(DatabaseName="acme_prod_sales", Name="orders")
    mesh.client("glue", "111111111111").create_table(
        DatabaseName="acme_prod_sales",
        TableInput={
            "Name": "orders",
            "PartitionKeys": [{"Name": "store", "Type": "string"}, {"Name": "left_hour", "Type": "string"}],
            "StorageDescriptor": {"Columns": []},
        },
    )
    mesh.write_contract()
    return mesh


def test_every_type_nulls_quotes_and_composite_partitions(visits: Any, context: Any) -> None:
    body = "\r\n".join([HEADER, *ROWS, ""]).encode("cp1252")
    (answer,) = handler(visits.deliver(body, "visits/february.csv"), context)
    assert (answer["rows"], answer["quarantined"]) == (3, 3)
    rows = sorted(visits.published().to_pylist(), key=lambda row: row["visit_id"])
    assert rows[0] == {
        "visit_id": 1,
        "visitors": 3,
        "spent": Decimal("12.500"),
        "score": 0.25,
        "member": True,
        "day": date(2024, 2, 1),
        "entered": datetime(2024, 2, 1, 10),
        "left": datetime(2024, 2, 1, 10, tzinfo=UTC),
        "note": "two\nlines; or 'more'",
        "path": "store=Z%C3%BCrich%2FNord/left_hour=2024-02-01-10",
    }
    assert {name for name, value in rows[1].items() if value is None} == {
        "visitors", "spent", "score", "member", "entered", "note",
    }  # fmt: skip
    assert [row["path"] for row in rows[1:]] == [
        "store=Bern/left_hour=2024-02-03-01",
        "store=Bern/left_hour=2024-02-29-23",
    ]
    assert ["Zürich/Nord", "2024-02-01-10"] in [partition["Values"] for partition in visits.partitions()]


def test_reasons_and_line_numbers_count_the_lines_of_the_file(visits: Any, context: Any) -> None:
    handler(visits.deliver("\r\n".join([HEADER, *ROWS, ""]).encode("cp1252")), context)
    found = [(row["line"], {(p["field"], p["rule"]) for p in row["problems"]}) for row in visits.quarantined()]
    assert found == [
        (
            5,
            {
                ("spent", "type"), ("score", "maximum"), ("member", "type"), ("day", "type"), ("entered", "type"),
                ("left", "type"), ("note", "maxLength"),
            },
        ),
        (7, {("visitors", "type")}),
        (9, {(None, "structure")}),
    ]  # fmt: skip


def test_rules_and_completeness_reach_the_hub(visits: Any, context: Any) -> None:
    handler(visits.deliver("\r\n".join([HEADER, *ROWS, ""]).encode("cp1252")), context)
    (lineage, quality) = visits.told()
    measures = {m.get("field") or m["name"]: m for m in quality["detail"]["measures"]}
    assert measures["primary_key"]["passed"] is True
    assert (measures["filled"]["passed"], round(measures["filled"]["actual"])) == (False, 33)
    assert round(measures["spent"]["share"], 2) == 0.67
    types = {f["name"]: f["type"] for f in lineage["detail"]["outputs"][0]["facets"]["schema"]["fields"]}
    assert types["spent"] == "decimal(9,3)"
    assertions = lineage["detail"]["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    assert [(a["name"], a["success"]) for a in assertions] == [("primary_key", True), ("filled", False)]


def test_parquet_types(visits: Any, context: Any) -> None:
    handler(visits.deliver("\r\n".join([HEADER, *ROWS, ""]).encode("cp1252")), context)
    schema = pq.read_schema(io.BytesIO(visits.body("products", visits.parts()[0])))
    assert "store" not in schema.names  # the path has it
    assert schema.field("spent").type == pa.decimal128(9, 3)
    assert schema.field("left").type == pa.timestamp("us", "UTC")
    assert schema.field("entered").type == pa.timestamp("us")
    assert (schema.field("visit_id").nullable, schema.field("note").nullable) == (False, True)


def test_a_file_without_header_and_partitions(mesh: Any, context: Any) -> None:
    mesh.document = {**mesh.document, "partitions": [], "file": {"header": False}}
    mesh.write_contract()
    (answer,) = handler(mesh.deliver(b"00001,19970101,1,11.77\n00002,19970101,0,1\n"), context)
    assert (answer["rows"], answer["quarantined"]) == (1, 1)
    assert mesh.quarantined()[0]["line"] == 2
    assert mesh.parts()[0].startswith("orders/v1/part-")
    assert mesh.partitions() == []
