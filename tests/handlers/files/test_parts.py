"""Rows find their partition, and parts stay small in memory and invisible until they are published."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from handlers.aws import client
from handlers.contracts.spec import Partition
from handlers.files import objects
from handlers.files.objects import Upload, entity_tag, read_json
from handlers.files.partitions import paths, values

DAY = pa.array([date(1997, 1, 31), None, date(1, 2, 3), date(1997, 1, 31)])
TIME = pa.array(
    [datetime(1997, 1, 31, 9, 59), None, datetime(1997, 2, 1), datetime(1997, 1, 31, 9)], pa.timestamp("us")
)
ZONED = pa.array([datetime(1997, 1, 31, 23, tzinfo=UTC)] * 4, pa.timestamp("us", "UTC"))
TEXT = pa.array(["a/b", None, "", "ü 1"])
NUMBER = pa.array([1, None, -2, 1], pa.int64())
TABLE = pa.table({"day": DAY, "time": TIME, "zoned": ZONED, "text": TEXT, "number": NUMBER})
NULL = "__HIVE_DEFAULT_PARTITION__"


@pytest.mark.parametrize(
    ("field", "transform", "expected"),
    [
        ("day", "year", ["1997", NULL, "0001", "1997"]),
        ("day", "month", ["1997-01", NULL, "0001-02", "1997-01"]),
        ("day", "day", ["1997-01-31", NULL, "0001-02-03", "1997-01-31"]),
        ("time", "hour", ["1997-01-31-09", NULL, "1997-02-01-00", "1997-01-31-09"]),
        ("zoned", "day", ["1997-01-31"] * 4),
        ("text", "identity", ["a%2Fb", NULL, NULL, "%C3%BC%201"]),
        ("number", "identity", ["1", NULL, "-2", "1"]),
        ("day", "identity", ["1997-01-31", NULL, "0001-02-03", "1997-01-31"]),
    ],
)
def test_a_rows_path(field: str, transform: Any, expected: list[str]) -> None:
    found = paths(TABLE, (Partition(name="p", field=field, transform=transform),))
    assert found.to_pylist() == [f"p={value}" for value in expected]


def test_paths_of_several_levels_and_of_none() -> None:
    levels = (
        Partition(name="y", field="day", transform="year"),
        Partition(name="t", field="text", transform="identity"),
    )
    assert paths(TABLE, levels).to_pylist()[:2] == ["y=1997/t=a%2Fb", f"y={NULL}/t={NULL}"]
    assert values("y=1997/t=a%2Fb") == ["1997", "a/b"]
    assert paths(TABLE, ()).to_pylist() == ["", "", "", ""]
    assert values("") == []


def test_a_large_object_goes_up_in_pieces(mesh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Upload("products", "large")
    piece = bytes(range(256)) * (objects.PART // 512)
    for _ in range(5):
        upload.write(piece)
    assert mesh.keys_in("products") == []
    upload.publish()
    assert mesh.body("products", "large") == piece * 5
    assert upload.size == 5 * len(piece)


def test_an_aborted_object_leaves_no_trace(mesh: Any) -> None:
    upload = Upload("products", "large")
    upload.write(b"some")
    upload.seal()
    upload.abort()
    upload.abort()
    assert mesh.keys_in("products") == []
    assert mesh.client("s3").list_multipart_uploads(Bucket="products").get("Uploads", []) == []


def test_an_object_is_a_sink_for_parquet(mesh: Any) -> None:
    upload = Upload("products", "t.parquet")
    pq.write_table(TABLE, upload)
    tag = upload.publish()
    assert pq.read_table(io.BytesIO(mesh.body("products", "t.parquet"))).equals(TABLE)
    assert entity_tag("products", "t.parquet") == tag


def test_what_is_not_there(mesh: Any) -> None:
    assert read_json("products", "gone") is None
    assert entity_tag("products", "gone") == ""
    with pytest.raises(client("s3").exceptions.NoSuchBucket):
        read_json("nobody", "gone")
