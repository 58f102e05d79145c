"""The Glue table that a contract's object becomes.

Limits are from the Glue Web API reference, "Column structure" (names 1 to 255 bytes, comments one line of at most 255
bytes) and "TableInput structure" (descriptions of at most 2,048 bytes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.contracts.table import Partition, Table

MAX_COMMENT = 255
MAX_DESCRIPTION = 2048


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    """A Hive type, e.g. `decimal(10,2)`."""
    comment: str


@dataclass(frozen=True, kw_only=True)
class GlueTable:
    """An external table over Parquet files."""

    name: str
    description: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    parameters: Mapping[str, str]


def glue_table(table: Table, parameters: Mapping[str, str]) -> GlueTable:
    """`table` as Glue has it: names in lower case, one string column for each partition key. `parameters` are added to
    those that say what the files are."""
    return GlueTable(
        name=table.name.lower(),
        description=shortened(table.description, MAX_DESCRIPTION),
        columns=tuple(
            Column(field.name.lower(), field.type.glue, shortened(field.description, MAX_COMMENT))
            for field in table.fields
        ),
        partition_keys=tuple(
            Column(each.name.lower(), "string", shortened(_comment(each), MAX_COMMENT)) for each in table.partitions
        ),
        parameters={"classification": "parquet", "EXTERNAL": "TRUE", **parameters},
    )


def shortened(text: str, limit: int) -> str:
    """`text` on one line and within `limit` bytes of UTF-8; an ellipsis stands for what was cut."""
    line = " ".join(text.split())
    if len(line.encode()) <= limit:
        return line
    return line.encode()[: limit - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def _comment(partition: Partition) -> str:
    if partition.transform == "identity":
        return f"Partition key: {partition.field}."
    return f"Partition key: the {partition.transform} of {partition.field}."
