"""How many different keys a file has, exactly, in bounded memory.

The keys seen so far are kept without repetition. When there are too many, they go to files in the temporary directory,
by a hash of the key, and each of those is counted by itself at the end.
"""

from __future__ import annotations

import tempfile
from array import array
from contextlib import ExitStack
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc

KEPT = 32 << 20  # bytes of Arrow memory; counting needs about three times as much for a moment
BUCKETS = 64
AT_A_TIME = 1 << 14


class Distinct:
    """Counts the distinct combinations of some columns over many tables. A context, because of its temporary files."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        self._fields = list(fields)
        self._keys: list[pa.Table] = []
        self._buckets: list[ipc.RecordBatchStreamWriter] = []
        self._folder: Path | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def add(self, table: pa.Table) -> int:
        """Take a table's keys; return how many of its rows have one. A row with a null among the columns has none."""
        keys = table.select(self._fields).drop_null()
        self._keys.append(keys)
        if self._waiting() >= KEPT:
            self._keys = [_distinct(pa.concat_tables(self._keys))]
            if self._waiting() >= KEPT // 2:
                self._spill(self._keys.pop())
        return int(keys.num_rows)

    def count(self) -> int:
        """The number of distinct keys; nothing can be added after that."""
        if self._folder is None:
            return _distinct(pa.concat_tables(self._keys)).num_rows if self._keys else 0
        if self._keys:
            self._spill(pa.concat_tables(self._keys))
        for bucket in self._buckets:
            bucket.close()
        return sum(_distinct(_read(file)).num_rows for file in self._folder.iterdir())

    def _waiting(self) -> int:
        return sum(keys.nbytes for keys in self._keys)

    def _spill(self, keys: pa.Table) -> None:
        if self._folder is None:
            self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
            self._buckets = [
                self._open.enter_context(ipc.new_stream(self._folder / str(bucket), keys.schema))
                for bucket in range(BUCKETS)
            ]
        keys = keys.combine_chunks()
        bucket_of = _buckets(keys)
        for bucket, writer in enumerate(self._buckets):
            writer.write_table(keys.filter(pc.equal(bucket_of, bucket)))


def _distinct(keys: pa.Table) -> pa.Table:
    return keys.group_by(keys.column_names, use_threads=False).aggregate([])


def _buckets(keys: pa.Table) -> pa.Array:
    """Each key's bucket, from the hashes of its values; Arrow has no hash function of its own."""
    hashes = reduce(pc.add, (_hashes(column.combine_chunks()) for column in keys.columns))
    return pc.bit_wise_and(hashes, BUCKETS - 1)


def _hashes(column: pa.Array) -> pa.Array:
    """A few values at a time: as objects of Python, they take ten times the memory."""
    found = array("q")
    for start in range(0, len(column), AT_A_TIME):
        found.extend(hash(value) & 0xFFFFFFFF for value in column.slice(start, AT_A_TIME).to_pylist())
    return pa.Array.from_buffers(pa.int64(), len(found), [None, pa.py_buffer(found)])


def _read(file: Path) -> pa.Table:
    with pa.memory_map(str(file)) as source:
        return ipc.open_stream(source).read_all()
