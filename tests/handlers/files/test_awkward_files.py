"""Files as they come: each line ends up as a row or in quarantine, or the file is refused and kept."""

import codecs
import gzip
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from handlers.files.ingest import handler

FIELDS = [
    {"name": "text", "source": "text", "type": "string"},
    {"name": "price", "source": "price", "type": "decimal", "precision": 6, "scale": 2},
    {"name": "at", "source": "at", "type": "timestamptz", "required": True},
]
AT = "2024-02-01T00:00:00Z"


@pytest.fixture
def prices(mesh: Any) -> Any:
    """A product of texts, prices and moments, partitioned by the month of the moment in UTC."""
    month = {"name": "order_month", "field": "at", "transform": "month"}
    mesh.document = {**mesh.document, "file": {}, "fields": FIELDS, "partitions": [month], "rules": []}
    mesh.write_contract()
    return mesh


def delivered(mesh: Any, context: Any, body: bytes, **file: Any) -> tuple[list[Any], list[tuple[int, str]]]:
    """The rows that a file becomes, and the line and rule of each that it does not."""
    mesh.document = {**mesh.document, "file": file}
    mesh.write_contract()
    (answer,) = handler(mesh.deliver(body), context)
    assert answer["status"] == "published"
    table = mesh.published()
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert (len(rows), len(mesh.quarantined())) == (answer["rows"], answer["quarantined"])
    assert handler(mesh.deliver(body, "orders/again.txt"), context)[0]["status"] == "duplicate"
    return rows, [(row["line"], row["problems"][0]["rule"]) for row in mesh.quarantined()]


def text(*texts: str) -> bytes:
    return "\n".join(["text,price,at", *(f"{each},1,{AT}" for each in texts)]).encode()


@pytest.mark.parametrize(
    ("body", "file", "texts"),
    [
        (codecs.BOM_UTF8 + text("x"), {}, ["x"]),
        (text("x").decode().encode("utf-16"), {"encoding": "utf-16"}, ["x"]),
        (text("x").decode().encode("utf-16-be"), {"encoding": "utf-16-be"}, ["x"]),
        (text("a\0b", "\0"), {}, ["a\0b", "\0"]),
        (text('"a,b"', '"a\nb"', '"a\r\nb"', '"say ""a"""', '"a"b'), {}, ["a,b", "a\nb", "a\r\nb", 'say "a"', "ab"]),
        (text("NULL", "null", "NaN", "", '""', " ", "N/A"), {}, ["NULL", "null", "NaN", None, None, " ", "N/A"]),
        (text("NULL", "null", ""), {"nullValues": ["NULL"]}, [None, "null", ""]),
        (text("\ufeff", "é" * 70_000, "\u2028"), {}, ["\ufeff", "é" * 70_000, "\u2028"]),
        (text("a").replace(b"\n", b"\r\n") + f"\rb,1,{AT}\n\nc,1,{AT}\r".encode(), {}, ["a", "b", "c"]),
        (text(), {}, []),
        (text() + b"\r\n\r\n", {}, []),
    ],
    ids=[
        "mark", "utf-16", "utf-16-be", "nul", "quoted", "like-null", "named-null", "letters", "line-ends", "header",
        "blank-lines",
    ],
)  # fmt: skip
def test_texts(prices: Any, context: Any, body: bytes, file: dict[str, Any], texts: list[str | None]) -> None:
    rows, bad = delivered(prices, context, body, **file)
    assert [row[0] for row in rows] == texts
    assert bad == []


def test_numbers(prices: Any, context: Any) -> None:
    good = {"+1.5": "1.50", "007": "7", "-.5": "-0.50", "5.": "5", "1.500": "1.50", "9999.99": "9999.99", " 2 ": "2"}
    bad = ["1e3", "1_000", "1.234", "12345.00", "0x1F", "NaN", "inf", "1 000", "--1", "٣", '"1,000.00"', "€1", "."]
    lines = [f"x,{number},{AT}" for number in (*good, *bad)]
    rows, refused = delivered(prices, context, "\n".join(["text,price,at", *lines]).encode())
    assert [row[1] for row in rows] == [Decimal(number) for number in good.values()]
    assert refused == [(line, "type") for line in range(2 + len(good), 2 + len(lines))]


def test_moments(prices: Any, context: Any) -> None:
    good = {
        "0001-01-01T00:00:00Z": "order_month=0001-01",
        "9999-12-31T23:59:59.999999Z": "order_month=9999-12",
        "1997-01-31T23:30:00-01:00": "order_month=1997-02",
        "1997-02-01T00:30:00+01:00": "order_month=1997-01",
    }
    bad = ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2016-12-31T23:59:60Z", "1997-02-29T00:00:00Z",
           "1997-01-01T00:00:00", "1997-01-01", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"]  # fmt: skip
    lines = [f"{at},1,{at}" for at in (*good, *bad)]
    rows, refused = delivered(prices, context, "\n".join(["text,price,at", *lines]).encode())
    assert {row[0]: row[3] for row in rows} == good
    assert {row[0]: row[2] for row in rows}["9999-12-31T23:59:59.999999Z"] == datetime.max.replace(tzinfo=UTC)
    assert refused == [(line, "type") for line in range(2 + len(good), 2 + len(lines))]


def test_a_file_of_bad_rows_only(prices: Any, context: Any) -> None:
    rows, bad = delivered(prices, context, b'text,price,at\nx\n"a\nb",x,y\n,,\n"open,1,2\n')
    assert rows == []
    assert bad == [(2, "structure"), (3, "type"), (5, "required"), (6, "structure")]
    assert prices.parts() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(text("x")), "the file is packed with gzip"),
        (b"text,price\n", "the file has the columns 'text', 'price'; expected 'text', 'price', 'at'; column 3 is"),
        (b"Text,price,at\n", "the file has the columns 'Text', 'price', 'at'; expected"),
        (b"text,text,at\n", "the file has the columns 'text', 'text', 'at'; expected"),
        (text("x").decode().encode("utf-16"), "the file is not utf-8: byte 0 "),
        (text("caf\u00e9").decode().encode("latin-1"), "the file is not utf-8: byte 17 "),
        (text("x") + b"\n\xc3", "the file is not utf-8: byte 39 unexpected end of data"),
        (b"text," + b"price," * 40_000 + b"at\n", "the file has the columns 'text', 'price', 'price'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_kept_whole(prices: Any, context: Any, body: bytes, reason: str) -> None:
    for _ in range(2):
        (answer,) = handler(prices.deliver(body), context)
        assert (answer["status"], answer["reason"][: len(reason)]) == ("refused", reason)
        assert prices.body("quarantine", f"orders/{answer['sha256']}/file") == body
    assert prices.keys_in("products") == []


def test_a_table_of_thousands_of_columns(prices: Any, context: Any) -> None:
    names = [f"column_{number}" for number in range(3_000)]
    fields = [{"name": name, "source": name, "type": "int32"} for name in names]
    prices.document = {**prices.document, "fields": fields, "partitions": []}
    lines = [
        ",".join(names),
        ",".join("1" for _ in names),
        ",".join("x" for _ in names),
        ",".join("2" for _ in names[1:]),
    ]
    rows, bad = delivered(prices, context, "\n".join(lines).encode())
    assert (len(rows), bad) == (1, [(3, "type"), (4, "structure")])
    assert len(prices.quarantined()[0]["problems"]) == 3_000
    assert {event["detail-type"] for event in prices.told()} == {"OpenLineage Run Event", "Quality Result"}
