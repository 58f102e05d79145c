"""The partitions of a product's table in the hub's Glue catalog."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from handlers.aws import client
from handlers.contracts.spec import Table
from handlers.files.partitions import values

BATCH = 100  # AWS Glue API, BatchCreatePartition: PartitionInputList has at most 100 items


class CatalogError(Exception):
    """The catalog did not take some partitions."""


def register(table: Table, paths: Iterable[str]) -> None:
    """Create the partitions at these paths below the table's location; those that exist stay as they are.

    Raises CatalogError naming what the catalog refused, and botocore's ClientError when the table cannot be reached.
    """
    wanted = sorted(path for path in set(paths) if path)
    if not wanted:
        return
    glue = client("glue")
    target = {"CatalogId": table.catalog_id, "DatabaseName": table.database}
    storage = glue.get_table(**target, Name=table.name)["Table"]["StorageDescriptor"]
    for start in range(0, len(wanted), BATCH):
        partitions = [_partition(table, path, storage) for path in wanted[start : start + BATCH]]
        answer = glue.batch_create_partition(**target, TableName=table.name, PartitionInputList=partitions)
        refused = [error for error in answer.get("Errors", ()) if _code(error) != "AlreadyExistsException"]
        if refused:
            raise CatalogError(f"{table.database}.{table.name}: " + "; ".join(_said(error) for error in refused))


def _partition(table: Table, path: str, storage: dict[str, Any]) -> dict[str, Any]:
    location = f"s3://{table.bucket}/{table.prefix}{path}/"
    return {"Values": values(path), "StorageDescriptor": {**storage, "Location": location}}


def _code(error: dict[str, Any]) -> str:
    return str(error["ErrorDetail"]["ErrorCode"])


def _said(error: dict[str, Any]) -> str:
    return f"{'/'.join(error['PartitionValues'])} {_code(error)} {error['ErrorDetail'].get('ErrorMessage', '')}"
