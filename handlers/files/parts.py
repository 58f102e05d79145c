"""Parquet parts, one or more per partition, written in bounded memory.

Good rows wait in a pool until it is full; then they are sorted by partition and each partition's rows become one row
group of its open part. Only some parts are open at a time: the one that was written longest ago is completed first, and
later rows of its partition go to a new part. The same content gives the same parts under the same names. Small
parts wait in memory until they are published, as far as there is room.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from handlers.contracts.spec import Contract
from handlers.files.objects import Upload
from handlers.files.partitions import paths

POOL = 32 << 20  # bytes of Arrow memory; sorting needs about three times as much for a moment
OPEN_PARTS = 32  # each holds up to one part of a multipart upload in memory
HELD = 32 << 20  # bytes of completed parts that wait in memory; each goes up in one request, one sent before in three
COMPRESSION = "snappy"  # zstd is smaller, but the pyarrow of AWS's own Lambda layer is built without it


@dataclass(frozen=True)
class Part:
    """A written part: its key, and its partition's path below the table's location."""

    key: str
    path: str
    rows: int
    bytes: int


class Parts:
    """Writes good rows as parts. They are complete but invisible until `publish`."""

    def __init__(self, contract: Contract, stem: str, create: Callable[[str, str], Upload] = Upload) -> None:
        self._table, self._partitions, self._stem, self._create = contract.table, contract.partitions, stem, create
        self._dropped = [partition.name for partition in contract.partitions]
        self._pool: list[pa.Table] = []
        self._open: OrderedDict[str, _OpenPart] = OrderedDict()
        self._written: list[_OpenPart] = []
        self._numbers: Counter[str] = Counter()
        self._held = 0

    def add(self, rows: pa.Table) -> None:
        self._pool.append(rows)
        if sum(table.nbytes for table in self._pool) >= POOL:
            self._empty_pool()

    def finish(self) -> list[Part]:
        """Complete every part; nothing can be added after that."""
        self._empty_pool()
        while self._open:
            self._complete()
        return [part.described() for part in self._written]

    def publish(self) -> None:
        for part in self._written:
            part.upload.publish()

    def abort(self) -> None:
        for part in (*self._open.values(), *self._written):
            part.upload.abort()

    def _empty_pool(self) -> None:
        if not any(table.num_rows for table in self._pool):
            return
        pool, self._pool = pa.concat_tables(self._pool).combine_chunks(), []
        for path, rows in _by_partition(pool, paths(pool, self._partitions)):
            self._part(path, rows.schema).write(rows)

    def _part(self, path: str, schema: pa.Schema) -> _OpenPart:
        if path in self._open:
            self._open.move_to_end(path)
            return self._open[path]
        if len(self._open) == OPEN_PARTS:
            self._hold(self._complete())
        folder = f"{self._table.prefix}{path}/" if path else self._table.prefix
        key = f"{folder}{self._stem}-{self._numbers[path]:04d}.parquet"
        self._numbers[path] += 1
        self._open[path] = _OpenPart(path, self._create(self._table.bucket, key), schema, self._dropped)
        return self._open[path]

    def _complete(self) -> _OpenPart:
        _, part = self._open.popitem(last=False)
        part.complete()
        self._written.append(part)
        return part

    def _hold(self, part: _OpenPart) -> None:
        if self._held + part.upload.waiting > HELD:
            part.upload.seal()
        self._held += part.upload.waiting


class _OpenPart:
    def __init__(self, path: str, upload: Upload, schema: pa.Schema, dropped: list[str]) -> None:
        self.path, self.upload, self.rows = path, upload, 0
        self._columns = [name for name in schema.names if name not in dropped]
        stored = pa.schema([schema.field(name) for name in self._columns])
        self._writer = pq.ParquetWriter(upload, stored, compression=COMPRESSION)

    def write(self, rows: pa.Table) -> None:
        self._writer.write_table(rows.select(self._columns), row_group_size=rows.num_rows)
        self.rows += rows.num_rows

    def complete(self) -> None:
        self._writer.close()

    def described(self) -> Part:
        return Part(self.upload.key, self.path, self.rows, self.upload.size)


def _by_partition(table: pa.Table, paths: pa.DictionaryArray) -> Iterator[tuple[str, pa.Table]]:
    if len(paths.dictionary) == 1:
        yield paths.dictionary[0].as_py(), table
        return
    ordered = table.take(pc.array_sort_indices(paths.indices))  # stable, so rows keep their order
    counts = {count["values"]: count["counts"] for count in paths.indices.value_counts().to_pylist()}
    start = 0
    for code in sorted(counts):
        yield paths.dictionary[code].as_py(), ordered.slice(start, counts[code])
        start += counts[code]
