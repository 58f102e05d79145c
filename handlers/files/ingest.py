"""The function behind a product's landing area: a file arrives, its good rows are published, the others quarantined.

Lambda may call it more than once for one file, and a partner may send one file twice. Everything it writes is named
after the hash of the file's content, so that doing it again changes nothing; an idempotency table keyed by the event
would not notice the second delivery, and would lock out the retry of a run that was killed.

A file that cannot be used is refused and quarantined, which is a normal end. Anything unexpected is raised, so that
Lambda tries again and at last hands the event to the function's on-failure destination.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import S3Event

from handlers.ahead import ahead
from handlers.contracts.rules import Measures
from handlers.contracts.spec import Contract, load
from handlers.contracts.validate import Validator
from handlers.files import quarantine
from handlers.files.outcome import Outcome
from handlers.files.parts import Parts
from handlers.files.publish import Manifest
from handlers.files.quarantine import Place, RowLog
from handlers.files.rows import read
from handlers.files.source import Delivery, Survey, records, survey
from handlers.files.split import blocks
from handlers.hub import bus
from handlers.lineage import events as lineage
from handlers.quality import results

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="Mesh")


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> list[dict[str, Any]]:
    """Take an S3 event notification; return what became of each file.

    Every file of the event is attempted. Raises ExceptionGroup with what went wrong with some of them; trying the event
    again repeats nothing that is done.
    """
    contract = load()
    done, failed = [], []
    for delivery in deliveries(event):
        try:
            done.append(ingest(contract, delivery).described())
        except Exception as error:
            logger.exception("a file failed", key=delivery.key)
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {len(failed) + len(done)} files failed", failed)
    return done


def deliveries(event: dict[str, Any]) -> list[Delivery]:
    """The objects of a notification; neither S3's test event nor the folders that an SFTP client makes are any."""
    notices = [record.s3 for record in S3Event(event).records] if "Records" in event else []
    found = [Delivery(s3.bucket.name, unquote_plus(s3.get_object.key), s3.get_object.version_id) for s3 in notices]
    return [delivery for delivery in found if not delivery.key.endswith("/")]


def ingest(contract: Contract, delivery: Delivery, kept: Delivery | None = None) -> Outcome:
    """Publish one file's rows, unless its content is published already or cannot be used.

    `kept` is where the content of a delivery is that was refused before.
    """
    content = (kept or delivery).pinned()
    found = survey(content.chunks(), contract)
    manifest = Manifest(contract.table, found.sha256)
    if found.refusal:
        outcome = _refuse(contract, delivery, found, None if kept else content)
    elif manifest.published():
        outcome = Outcome("duplicate", delivery, found.sha256)
    else:
        outcome = _publish(contract, delivery, found, manifest, content)
    logger.info("a file was read", extra=outcome.described())
    metrics.add_metric("RowsPublished", MetricUnit.Count, outcome.rows)
    metrics.add_metric("RowsQuarantined", MetricUnit.Count, outcome.quarantined)
    metrics.add_metric("FilesRefused", MetricUnit.Count, int(outcome.status == "refused"))
    return outcome


def tell(contract: Contract, outcome: Outcome) -> None:
    """Send the hub what became of a delivery."""
    region, now = os.environ["AWS_REGION"], datetime.now(UTC)
    bus.send([lineage.event(contract, outcome, region, now), *results.events(contract, outcome, region, now)])


def place(contract: Contract, sha256: str) -> Place:
    return Place(os.environ["MESH_QUARANTINE_BUCKET"], f"{contract.product.name}/{sha256}/")


def _refuse(contract: Contract, delivery: Delivery, found: Survey, content: Delivery | None) -> Outcome:
    assert found.refusal
    where = place(contract, found.sha256)
    if content:
        quarantine.keep(where, content)
    quarantine.summarise(where, delivery, found, None)
    reason = f"the file {found.refusal.reason}"
    outcome = Outcome("refused", delivery, found.sha256, attempt=reason, quarantine=where.prefix, refusal=reason)
    tell(contract, outcome)
    return outcome


def _publish(contract: Contract, delivery: Delivery, found: Survey, manifest: Manifest, content: Delivery) -> Outcome:
    where = place(contract, found.sha256)
    parts, bad = Parts(contract, f"part-{found.sha256[:32]}"), RowLog(where.bucket, where.rows)
    try:
        with Measures(contract) as measures:
            _convert(contract, content, parts, bad, measures)
            quality, written = measures.result(), parts.finish()
        if bad.count or where.used():  # by a refusal, or a run that died and knew the contract otherwise
            bad.upload.publish()
            quarantine.summarise(where, delivery, found, bad)
        manifest.publish(parts, written)
    except BaseException:
        parts.abort()
        bad.upload.abort()
        raise
    outcome = Outcome(
        "published",
        delivery,
        found.sha256,
        rows=quality.rows,
        parts=tuple(written),
        quality=quality,
        quarantined=bad.count,
        quarantine=where.prefix if bad.count else None,
    )
    tell(contract, outcome)
    manifest.confirm(written)
    return outcome


def _convert(contract: Contract, content: Delivery, parts: Parts, bad: RowLog, measures: Measures) -> None:
    """The second pass: block by block from text to parts and refused rows."""
    validator = Validator(contract)
    text, first_line = records(content.chunks(), contract)
    cut = blocks(text, first_line, contract.file)
    for verdict in ahead(lambda block: validator.validate(read(block, contract)), cut):
        parts.add(verdict.good)
        bad.add(verdict.bad)
        measures.add(verdict.good)
