"""Which partition a row belongs to, as its Hive-style path."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.compute as pc

from handlers.contracts.spec import Partition, Transform

NULL = "__HIVE_DEFAULT_PARTITION__"  # Apache Hive's name of the partition of rows with no value or an empty one
FORMATS: dict[Transform, str] = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d-%H"}


def paths(table: pa.Table, partitions: tuple[Partition, ...]) -> pa.DictionaryArray:
    """Each row's path below the table's location, like `order_month=1997-01`; empty without partitions."""
    levels = [_level(table.column(p.field).combine_chunks(), p) for p in partitions]
    if not levels:
        return pa.array([""]).take(pa.nulls(table.num_rows, pa.int32()).fill_null(0)).dictionary_encode()
    if len(levels) == 1:
        return levels[0]
    texts = [level.dictionary.take(level.indices) for level in levels]
    return pc.binary_join_element_wise(*texts, "/").dictionary_encode()


def values(path: str) -> list[str]:
    """The partition's values, as the catalog has them."""
    return [unquote(level.partition("=")[2]) for level in path.split("/")] if path else []


def _level(column: pa.Array, partition: Partition) -> pa.DictionaryArray:
    if partition.transform == "identity":
        coded = column.dictionary_encode(null_encoding="encode")
        texts = coded.dictionary.cast(pa.string())
    else:
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us"))  # UTC without a name needs no time zone database
        coded = pc.floor_temporal(column, unit=partition.transform).dictionary_encode(null_encoding="encode")
        texts = pc.strftime(coded.dictionary, format=FORMATS[partition.transform])
    names = [f"{partition.name}={quote(text, safe='') if text else NULL}" for text in texts.to_pylist()]
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(names, pa.string()))
