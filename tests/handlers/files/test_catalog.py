"""Partitions reach the catalog in batches, and what it refuses is said."""

from typing import Any

import pytest

from handlers.files import catalog
from handlers.files.catalog import CatalogError, register


class Glue:
    """Stands in for Glue's client: answers every partition with one error code, or none."""

    def __init__(self, code: str | None = None) -> None:
        self.requests: list[dict[str, Any]] = []
        self._code = code

    def get_table(self, **request: str) -> dict[str, Any]:
        assert request == {"CatalogId": "111111111111", "DatabaseName": "acme_prod_sales", "Name": "orders"}
        return {"Table": {"StorageDescriptor": {"InputFormat": "parquet", "Location": "s3://products/orders/v1/"}}}

    def batch_create_partition(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        if self._code is None:
            return {}
        detail = {"ErrorCode": self._code, "ErrorMessage": "no"}
        return {
            "Errors": [{"PartitionValues": p["Values"], "ErrorDetail": detail} for p in request["PartitionInputList"]]
        }


def use(glue: Glue, monkeypatch: pytest.MonkeyPatch) -> Glue:
    monkeypatch.setattr(catalog, "client", lambda service: glue)
    return glue


def test_partitions_are_created_a_hundred_at_a_time(contract: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    glue = use(Glue(), monkeypatch)
    register(contract().table, [f"day={day:04d}" for day in range(250)] * 2)
    assert [len(request["PartitionInputList"]) for request in glue.requests] == [100, 100, 50]
    first = glue.requests[0]
    assert (first["CatalogId"], first["TableName"]) == ("111111111111", "orders")
    assert first["PartitionInputList"][1] == {
        "Values": ["0001"],
        "StorageDescriptor": {"InputFormat": "parquet", "Location": "s3://products/orders/v1/day=0001/"},
    }


def test_partitions_that_exist_are_fine(contract: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Glue("AlreadyExistsException"), monkeypatch)
    register(contract().table, ["day=1"])


def test_what_the_catalog_refuses_is_said(contract: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    use(Glue("InternalServiceException"), monkeypatch)
    with pytest.raises(CatalogError, match="orders: 1 InternalServiceException no"):
        register(contract().table, ["day=1"])
