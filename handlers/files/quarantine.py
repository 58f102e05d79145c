"""What is not published: refused rows and refused files, with the reasons, in a bucket of their own.

Everything of one delivered content is under `<product>/<sha256>/`:

- `rows.jsonl`: one refused row a line, `{"line": 17, "raw": "…", "problems": [{"field", "rule", "reason"}]}`;
- `replayed.jsonl`: the rows that were refused and have been published since, as they were published,
  `{"line": 17, "raw": "…"}`;
- `file`: the content, when it was refused as a whole;
- `summary.json`: where it came from, and how many rows were refused for which reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from boto3.s3.transfer import TransferConfig

from handlers.aws import client
from handlers.contracts.validate import BadRow
from handlers.files.objects import Upload, any_below, read, read_json, write_json
from handlers.files.source import Delivery, Survey


@dataclass(frozen=True)
class Place:
    """Where one content's refused rows are; `prefix` ends with a slash."""

    bucket: str
    prefix: str

    @property
    def rows(self) -> str:
        return f"{self.prefix}rows.jsonl"

    @property
    def replayed(self) -> str:
        return f"{self.prefix}replayed.jsonl"

    @property
    def file(self) -> str:
        return f"{self.prefix}file"

    @property
    def summary(self) -> str:
        return f"{self.prefix}summary.json"

    def used(self) -> bool:
        return any_below(self.bucket, self.prefix)


class RowLog:
    """Refused rows on their way to a JSON Lines object, and their number by reason."""

    def __init__(self, bucket: str, key: str) -> None:
        self.upload = Upload(bucket, key)
        self.count = 0
        self.reasons: Counter[str] = Counter()

    def add(self, rows: Iterable[BadRow]) -> None:
        """Append rows; their order is that of the log."""
        for row in rows:
            problems = [{"field": p.field, "rule": p.rule, "reason": p.reason} for p in row.problems]
            self.upload.write(json_line({"line": row.line, "raw": row.raw, "problems": problems}))
            self.reasons.update([f"{problem.field or 'line'}: {problem.rule}" for problem in row.problems])
            self.count += 1


_encoder = json.JSONEncoder(ensure_ascii=False)


def json_line(row: dict[str, Any]) -> bytes:
    return f"{_encoder.encode(row)}\n".encode()


def lines(bucket: str, key: str) -> Iterator[bytes]:
    """The lines of an object that are not blank, one at a time; none when there is no such object."""
    body = read(bucket, key)
    found: Iterator[bytes] = body.iter_lines(chunk_size=1 << 20) if body else iter(())
    return (line for line in found if line.strip())


def summarise(place: Place, delivery: Delivery, survey: Survey, rows: RowLog | None) -> None:
    """Write the summary of a new content's refused rows, or of its refusal as a whole."""
    refused = survey.refusal
    write_json(
        place.bucket,
        place.summary,
        {
            "status": "refused" if refused else "rows",
            "source": {
                "bucket": delivery.bucket,
                "key": delivery.key,
                "version_id": delivery.version_id,
                "sha256": survey.sha256,
                "bytes": survey.bytes,
            },
            "reason": refused.reason if refused else None,
            "rows": rows.count if rows else None,
            "reasons": dict(rows.reasons) if rows else {refused.rule: 1} if refused else {},
            "replayed": 0,
        },
    )


def resummarise(place: Place, rows: RowLog, replayed: int) -> None:
    """Bring the summary up to date after a replay."""
    summary = read_json(place.bucket, place.summary) or {}
    changes = {"rows": rows.count, "reasons": dict(rows.reasons), "replayed": replayed}
    write_json(place.bucket, place.summary, {**summary, **changes})


def keep(place: Place, content: Delivery) -> None:
    """Copy a file that was refused as a whole, because the landing area does not keep its files for long."""
    part_by_part = TransferConfig(use_threads=False)  # so that only one part of the file is in memory
    client("s3").upload_fileobj(content.body(), place.bucket, place.file, Config=part_by_part)
