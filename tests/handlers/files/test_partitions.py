"""Every value that a row may have has a partition, in the key of its part and in the catalog."""

import io
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contracts.spec import Partition
from handlers.files.ingest import handler
from handlers.files.partitions import paths, values

AWKWARD = ["a/b", "a=b", "%41", "a b", "a+b", "ü", "..", "*", "{x}", "nul\0", "😀", "NULL", "null", "nan"]


def path(array: pa.Array, transform: str) -> list[str]:
    partition = Partition(name="p", field="x", transform=transform)  # type: ignore[arg-type]
    return list(paths(pa.table({"x": array}), (partition,)).to_pylist())


@given(st.lists(st.text(min_size=1), min_size=1))
def test_any_text_comes_back_from_its_path(texts: list[str]) -> None:
    found = path(pa.array(texts), "identity")
    assert [values(each) for each in found] == [[text] for text in texts]
    assert all(each.isascii() and each.count("/") == 0 for each in found)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [("year", "0001"), ("month", "0001-01"), ("day", "0001-01-01"), ("hour", "0001-01-01-00")],
)
def test_the_first_and_the_last_moment_have_a_partition(transform: str, expected: str) -> None:
    moments = pa.array([datetime(1, 1, 1), datetime.max, None], pa.timestamp("us"))
    last = {"year": "9999", "month": "9999-12", "day": "9999-12-31", "hour": "9999-12-31-23"}[transform]
    assert path(moments, transform) == [f"p={expected}", f"p={last}", "p=__HIVE_DEFAULT_PARTITION__"]
    if transform != "hour":
        assert path(pa.array([date(1, 1, 1)]), transform) == [f"p={expected}"]


def test_the_partition_of_a_moment_is_that_of_its_utc() -> None:
    border = [datetime(1997, 1, 31, 23, 30, tzinfo=UTC), datetime(1997, 2, 1, tzinfo=UTC)]
    assert path(pa.array(border, pa.timestamp("us", "UTC")), "month") == ["p=1997-01", "p=1997-02"]


@pytest.fixture
def stores(mesh: Any) -> Any:
    """A product with one text per row, partitioned by it."""
    field = {"name": "store", "source": "store", "type": "string"}
    partition = {"name": "order_month", "field": "store", "transform": "identity"}
    mesh.document = {
        **mesh.document,
        "fields": [field],
        "partitions": [partition],
        "rules": [],
        "file": {"header": False},
    }
    mesh.write_contract()
    return mesh


def test_awkward_texts_as_partitions(stores: Any, context: Any) -> None:
    (answer,) = handler(stores.deliver("\n".join(AWKWARD).encode()), context)
    assert (answer["rows"], answer["quarantined"]) == (len(AWKWARD), 0)
    assert sorted(each["Values"][0] for each in stores.partitions()) == sorted(AWKWARD)
    for partition in stores.partitions():
        folder = partition["StorageDescriptor"]["Location"].removeprefix("s3://products/")
        (key,) = stores.keys_in("products", folder)
        assert unquote(folder.rstrip("/").rpartition("=")[2]) == partition["Values"][0]
        assert pq.read_table(io.BytesIO(stores.body("products", key)))["store"].to_pylist() == partition["Values"]


def test_a_text_that_no_key_has_room_for_goes_to_quarantine(stores: Any, context: Any) -> None:
    longest = "x" * 937
    rows = [longest, longest + "x", "ü" * 156, "ü" * 157]
    (answer,) = handler(stores.deliver("\n".join(rows).encode()), context)
    assert (answer["rows"], answer["quarantined"]) == (2, 2)
    assert {row["line"]: row["problems"][0]["rule"] for row in stores.quarantined()} == {2: "partition", 4: "partition"}
    assert max(len(key) for key in stores.parts()) <= 1_024
