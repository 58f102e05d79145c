"""Rows per second of the file handler against a bare conversion of the same file with pyarrow, and its peak memory.

The whole handler runs with the contract of sales/orders: both passes over the file, validation, partitions, manifest,
catalog, rules and events. Only AWS is replaced, by a folder, so that the handler is measured and not a network. The
bare conversion reads the file with pyarrow's CSV reader, which guesses the types and checks nothing, and writes one
Parquet file. pyarrow cannot read columns that are separated by runs of blanks, so for such a file the bare conversion
gets the same rows with commas.

    python -m benchmarks.files
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from components.contracts import Context, load_products
from handlers import aws
from handlers.files import ingest
from localcloud.example_data import cdnow

TARGET = 0.3
COPIES = 20  # of the purchase history: 1.4 million rows, 32 MB
_ROOT = Path(__file__).parent.parent
_ROUNDS = 5


@dataclass(frozen=True)
class Speed:
    """Rows per second in the fastest of the rounds, which alternate between the two: what is slower was disturbed."""

    separator: str
    rows: int
    handler: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.handler / self.bare

    def __str__(self) -> str:
        return (
            f"files, separated by {self.separator}: {self.handler:,.0f} rows/s, bare pyarrow {self.bare:,.0f} rows/s, "
            f"ratio {self.ratio:.2f} (target at least {TARGET}) over {self.rows:,} rows"
        )


@dataclass(frozen=True)
class Memory:
    """The handler's peak of resident memory, in bytes, in a process of its own."""

    file: int
    peak: int

    def __str__(self) -> str:
        return f"files, memory: peak {self.peak / 1e6:.0f} MB for a file of {self.file / 1e6:.0f} MB"


class FolderS3:
    """What the handlers use of S3, over files; `landed` is the one object that was delivered."""

    def __init__(self, folder: Path, landed: Path) -> None:
        self._folder, self._landed = folder, landed

    def get_object(self, Bucket: str, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        return {"Body": Body(self._landed if Bucket == "landing" else self._path(Bucket, Key))}

    def list_objects_v2(self, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803
        exists = self._path(Bucket, Prefix).exists()
        return {"Contents": [{"Key": Prefix, "ETag": "1"}] * min(exists, MaxKeys)}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: str) -> dict[str, str]:  # noqa: N803
        self._path(Bucket, Key).write_bytes(Body)
        return {"ETag": "1"}

    def create_multipart_upload(self, Bucket: str, Key: str) -> dict[str, str]:  # noqa: N803
        self._path(Bucket, Key).unlink(missing_ok=True)
        return {"UploadId": "1"}

    def upload_part(self, Bucket: str, Key: str, UploadId: str, PartNumber: int, Body: bytes) -> dict[str, str]:  # noqa: N803
        with self._path(Bucket, Key).open("ab") as file:
            file.write(Body)
        return {"ETag": "1"}

    def complete_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"ETag": "1"}

    def _path(self, bucket: str, key: str) -> Path:
        path = self._folder / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@dataclass(frozen=True)
class Body:
    path: Path

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk

    def read(self) -> bytes:
        return self.path.read_bytes()


def speeds() -> list[Speed]:
    """The handler on the purchase history as it is and with commas, each against the bare conversion."""
    with tempfile.TemporaryDirectory() as folder:
        commas, blanks = write(Path(folder), COPIES, commas=True), write(Path(folder), COPIES, commas=False)
        return [_speed(commas, commas, "commas"), _speed(blanks, commas, "blanks")]


def memory(copies: int) -> Memory:
    """The peak of a process that handles a file of so many copies of the purchase history."""
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder), copies, commas=False)
        run = [sys.executable, "-m", "benchmarks.files", str(file)]
        done = subprocess.run(run, cwd=_ROOT, check=True, capture_output=True, text=True)
        return Memory(file.stat().st_size, int(done.stdout.splitlines()[-1]))


def write(folder: Path, copies: int, *, commas: bool) -> Path:
    """Write the purchase history's rows so many times over, under one header."""
    header, _, rows = cdnow(_ROOT / ".localcloud" / "cache").read_bytes().partition(b"\r\n")
    if commas:
        header = b",".join(header.split())
        rows = b"".join(b",".join(line.split()) + b"\n" for line in rows.splitlines())
    target = folder / f"{copies}-{'commas.csv' if commas else 'blanks.txt'}"
    with target.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(copies):
            file.write(rows)
    return target


def handle(file: Path) -> int:
    """Run the handler on a file in a new folder; return the number of rows it published."""
    with tempfile.TemporaryDirectory() as folder:
        stubs = {
            "s3": FolderS3(Path(folder), file),
            "glue": mock.Mock(**{
                "get_table.return_value": {"Table": {"StorageDescriptor": {}}},
                "batch_create_partition.return_value": {"Errors": []},
            }),
            "events": mock.Mock(**{"put_events.return_value": {"FailedEntryCount": 0, "Entries": []}}),
        }  # fmt: skip
        (Path(folder) / "contract.json").write_text(json.dumps(_validator(blanks=file.suffix == ".txt")))
        environment = {
            "AWS_REGION": "eu-west-1",
            "LAMBDA_TASK_ROOT": folder,
            "MESH_CONTRACT": "contract.json",
            "MESH_QUARANTINE_BUCKET": "quarantine",
            "MESH_HUB_BUS_ARN": "arn:aws:events:eu-west-1:111111111111:event-bus/hub",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        aws.client.cache_clear()
        ingest.logger.setLevel("WARNING")
        with (
            mock.patch("boto3.client", lambda service, **_: stubs[service]),
            mock.patch.dict(os.environ, environment),
            mock.patch("sys.stdout", io.StringIO()),  # takes the metrics
        ):
            (answer,) = ingest.handler(_notification(file.name), _CONTEXT)
        aws.client.cache_clear()
    return int(answer["rows"])


_CONTEXT = SimpleNamespace(
    function_name="ingest", memory_limit_in_mb=1769, invoked_function_arn="arn:ingest", aws_request_id="1"
)


def _notification(name: str) -> dict[str, Any]:
    return {"Records": [{"s3": {"bucket": {"name": "landing"}, "object": {"key": f"orders/{name}", "versionId": "1"}}}]}


def _validator(*, blanks: bool) -> dict[str, Any]:
    context = Context(catalog_id="111111111111", database="acme_prod_sales", bucket="products")
    (orders,) = (each for each in load_products(_ROOT, "sales", context) if each.name == "orders")
    return {**orders.validator, "file": {**orders.validator["file"], "whitespace": blanks}}


def _speed(file: Path, commas: Path, separator: str) -> Speed:
    times: list[tuple[float, float]] = []
    rows = 0
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        rows = handle(file)
        between = time.perf_counter()
        _bare(commas)
        times.append((between - start, time.perf_counter() - between))
    handler, bare = (min(column) for column in zip(*times, strict=True))
    return Speed(separator, rows, rows / handler, rows / bare)


def _bare(file: Path) -> None:
    with (
        pcsv.open_csv(file) as batches,
        tempfile.NamedTemporaryFile() as target,
        pq.ParquetWriter(target.name, batches.schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)


def main() -> None:
    for speed in speeds():
        print(speed)
    for copies in (COPIES, 10 * COPIES):
        print(memory(copies))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        handle(Path(sys.argv[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
    else:
        main()
