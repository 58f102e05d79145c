"""Takes quarantined rows up again, after the rows or the contract have been corrected.

A replay is a function of the rows that wait in quarantine, the rows that were replayed before, the corrections, and the
contract as it is now. Those that keep the contract are written to `replayed.jsonl` first and then published from it, as
parts of their own that each replay writes anew under the same names; the others stay in quarantine. A line number is in
`replayed.jsonl` once, so its row is published once, however often a replay is asked for, repeated or interrupted. A row
that the contract takes no more is back among those that wait before it leaves `replayed.jsonl`; a line that is in both
counts as replayed.

`replayed.jsonl` is only ever replaced on condition that it is still what the replay started from, and what is made of
it only counts when it has not changed meanwhile. Of two replays at once, one fails and can be tried again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handlers.contracts.rules import Measures
from handlers.contracts.spec import Contract, load
from handlers.contracts.validate import Validator
from handlers.files.ingest import ingest, tell
from handlers.files.objects import Upload, entity_tag, read_json
from handlers.files.outcome import Outcome
from handlers.files.parts import Parts
from handlers.files.publish import Manifest
from handlers.files.quarantine import Place, RowLog, json_line, lines, resummarise
from handlers.files.rows import read
from handlers.files.source import CHUNK, Delivery
from handlers.files.split import block_of

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="Mesh")

CANDIDATE = 64  # bytes that a row has at least in memory, also when its text is shorter
OVERTAKEN = "another replay took place meanwhile; try again"


class Request(BaseModel):
    """What to replay: `quarantine` is `<product>/<sha256>/`.

    `rows` is the key of corrected rows in the quarantine bucket, JSON Lines of `{"line": 17, "raw": "…"}`, which are
    held in memory. Without it the rows are checked again as they are, against the contract as it is now. A file that
    was refused as a whole is read again.
    """

    model_config = ConfigDict(extra="forbid")

    quarantine: Annotated[str, Field(pattern=r"^[^/]+/[0-9a-f]{64}/$")]
    rows: str | None = None


class Correction(BaseModel):
    """The corrected text of a quarantined row, as one line of a JSON Lines object."""

    line: Annotated[int, Field(strict=True)]
    raw: str


class ReplayError(Exception):
    """Nothing was replayed; the message says why."""


@dataclass(frozen=True)
class Candidate:
    """A row to check: `original` is its text in quarantine, `raw` what is to be published."""

    line: int
    original: str
    raw: str


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a `Request`; return what became of it.

    Raises ReplayError when nothing could be replayed, and pydantic.ValidationError for an event that is no request.
    """
    outcome = replay(load(), Request.model_validate(event))
    logger.info("quarantined rows were replayed", extra=outcome.described())
    metrics.add_metric("RowsReplayed", MetricUnit.Count, outcome.rows)
    return outcome.described()


def replay(contract: Contract, request: Request) -> Outcome:
    place = Place(os.environ["MESH_QUARANTINE_BUCKET"], request.quarantine)
    summary = read_json(place.bucket, place.summary)
    if summary is None:
        raise ReplayError(f"nothing is quarantined in {request.quarantine}")
    source = summary["source"]
    if Manifest(contract.table, source["sha256"]).published():
        return Replay(contract, place, summary).run(_fixes(place.bucket, request.rows))
    if entity_tag(place.bucket, place.file):
        if request.rows:
            raise ReplayError(f"{source['key']} was refused as a whole, so none of its rows can be corrected")
        delivery = Delivery(source["bucket"], source["key"], source["version_id"])
        return ingest(contract, delivery, Delivery(place.bucket, place.file))
    raise ReplayError(f"the other rows of {source['key']} are not published yet")


class Replay:
    """One replay of one content's refused rows."""

    def __init__(self, contract: Contract, place: Place, summary: dict[str, Any]) -> None:
        self._contract, self._place = contract, place
        source = summary["source"]
        self._delivery = Delivery(source["bucket"], source["key"], source["version_id"])
        self._sha256, self._summarised = source["sha256"], (summary["rows"], summary["replayed"])
        self._basis = entity_tag(place.bucket, place.replayed)
        self._before: set[int] = set()
        self._accepted: set[int] = set()
        self._journal = Upload(place.bucket, place.replayed)
        self._rejected = RowLog(place.bucket, place.rows)
        self._unsettled = RowLog(place.bucket, place.rows)
        self._parts = Parts(contract, f"replay-{self._sha256[:32]}")

    def run(self, fixes: dict[int, str]) -> Outcome:
        try:
            return self._run(fixes)
        finally:
            for upload in (self._journal, self._rejected.upload, self._unsettled.upload, self._parts):
                upload.abort()

    def _run(self, fixes: dict[int, str]) -> Outcome:
        with Measures(self._contract) as measures:
            for batch in _batches(self._candidates(fixes)):
                self._check(batch, measures)
            quality, written = measures.result(), self._parts.finish()
        outcome = Outcome(
            "unchanged",
            self._delivery,
            self._sha256,
            quarantined=self._rejected.count,
            quarantine=self._place.prefix,
        )
        if self._before - self._accepted:  # what the contract takes no more waits again, before it is nowhere else
            self._unsettled.upload.publish()
        if self._accepted != self._before:
            self._basis = self._record()
        manifest = Manifest(self._contract.table, f"{self._sha256}-replay", self._basis)
        summarised = (self._rejected.count, len(self._accepted)) == self._summarised
        if (not self._accepted and not self._before) or (summarised and manifest.published()):
            return outcome
        manifest.publish(self._parts, written)
        self._refuse_to_be_overtaken()
        self._rejected.upload.publish()
        added = max(len(self._accepted) - self._summarised[1], 0)
        outcome = replace(
            outcome, status="replayed", attempt=self._basis, rows=added, parts=tuple(written), quality=quality
        )
        tell(self._contract, outcome)
        resummarise(self._place, self._rejected, len(self._accepted))
        manifest.confirm(written)
        self._refuse_to_be_overtaken()
        return outcome

    def _candidates(self, fixes: dict[int, str]) -> Iterator[Candidate]:
        """Every row that was ever refused, once, with its latest text. Raises ReplayError for a fix of another line."""
        unused = set(fixes)
        for row in map(json.loads, lines(self._place.bucket, self._place.replayed)):
            self._before.add(row["line"])
            unused.discard(row["line"])
            yield Candidate(row["line"], row["raw"], row["raw"])
        for row in map(json.loads, lines(self._place.bucket, self._place.rows)):
            if row["line"] not in self._before:
                self._unsettled.upload.write(json_line(row))
                unused.discard(row["line"])
                yield Candidate(row["line"], row["raw"], fixes.get(row["line"], row["raw"]))
        if unused:
            raise ReplayError(f"not quarantined: line {', '.join(str(line) for line in sorted(unused))}")

    def _check(self, batch: list[Candidate], measures: Measures) -> None:
        file = self._contract.file
        block = block_of(((candidate.line, candidate.raw) for candidate in batch), file.delimiter, file.quoting)
        verdict = Validator(self._contract).validate(read(block, self._contract))
        self._parts.add(verdict.good)
        measures.add(verdict.good)
        bad = {row.line: row for row in verdict.bad}
        rejected = [replace(bad[c.line], raw=c.original) for c in batch if c.line in bad]
        self._rejected.add(rejected)
        self._unsettled.add(row for row in rejected if row.line in self._before)
        for candidate in batch:
            if candidate.line not in bad:
                self._accepted.add(candidate.line)
                self._journal.write(json_line({"line": candidate.line, "raw": candidate.raw}))

    def _refuse_to_be_overtaken(self) -> None:
        """Raise ReplayError when what this replay writes beside `replayed.jsonl` may be older than that; the next one
        writes it anew."""
        if entity_tag(self._place.bucket, self._place.replayed) != self._basis:
            raise ReplayError(OVERTAKEN)

    def _record(self) -> str:
        """Replace `replayed.jsonl` if it is still what this replay read; return its new entity tag."""
        try:
            return self._journal.publish(**({"IfMatch": self._basis} if self._basis else {"IfNoneMatch": "*"}))
        except ClientError as error:
            # Amazon S3 user guide, "Conditional writes": 412 when it was replaced before, 409 when at the same time.
            if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise ReplayError(OVERTAKEN) from error
            raise


def _fixes(bucket: str, key: str | None) -> dict[int, str]:
    if key is None:
        return {}
    found: dict[int, str] = {}
    for number, line in enumerate(lines(bucket, key), 1):
        try:
            fix = Correction.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            raise ReplayError(
                f"correction {number} in {key}: {' '.join(map(str, first['loc']))} {first['msg']}"
            ) from error
        if fix.line in found:
            raise ReplayError(f"correction {number} in {key}: line {fix.line} is corrected twice")
        found[fix.line] = fix.raw
    if not found:
        raise ReplayError(f"there are no corrected rows in {key}")
    return found


def _batches(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Groups of about as much text as one block of a file has."""
    batch: list[Candidate] = []
    size = 0
    for candidate in candidates:
        batch.append(candidate)
        size += max(len(candidate.raw), CANDIDATE)
        if size >= CHUNK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
