"""Keeps what domains tell the hub: one item per lineage event and per piece of a quality result.

EventBridge delivers at least once, and a domain's function that is retried tells the same again. An item's key is made
of the run's id and what of the run it is, and the first one stays: a second write of a key is no error and no change.
"""

from __future__ import annotations

import json
import os
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from handlers.aws import client

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="Mesh")

Name = Annotated[str, Field(min_length=1)]
Item = dict[str, str]


class Incoming(BaseModel):
    """What the hub relies on; the rest of an event is kept as it is."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Dataset(Incoming):
    namespace: Name
    name: Name


class Run(Incoming):
    run_id: UUID


class RunEvent(Incoming):
    """An OpenLineage run event (OpenLineage.json 2-0-2, `RunEvent`)."""

    event_type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]
    event_time: AwareDatetime
    run: Run
    job: Dataset
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()

    @property
    def domain(self) -> str:
        return self.job.namespace

    def item(self) -> Item:
        return {
            "job": f"{self.job.namespace}/{self.job.name}",
            "event": f"{self.run.run_id}#{self.event_type}",
            "at": self.event_time.isoformat(),
            "inputs": json.dumps([f"{each.namespace}/{each.name}" for each in self.inputs]),
            "outputs": json.dumps([f"{each.namespace}/{each.name}" for each in self.outputs]),
        }


class ProductName(Incoming):
    domain: Name
    name: Name


class QualityResult(Incoming):
    """One piece of a Quality Result, as `handlers.quality.results` makes them."""

    format: Literal[1]
    run_id: UUID
    measured_at: AwareDatetime
    product: ProductName
    piece: Annotated[int, Field(ge=1)]
    pieces: Annotated[int, Field(ge=1)]
    status: Name

    @property
    def domain(self) -> str:
        return self.product.domain

    def item(self) -> Item:
        return {
            "product": f"{self.product.domain}/{self.product.name}",
            "event": f"{self.run_id}#{self.piece}",
            "at": self.measured_at.isoformat(),
            "status": self.status,
        }


KINDS: dict[str, tuple[type[RunEvent | QualityResult], str]] = {
    "OpenLineage Run Event": (RunEvent, "MESH_LINEAGE_TABLE"),
    "Quality Result": (QualityResult, "MESH_QUALITY_TABLE"),
}


class Envelope(BaseModel):
    """An EventBridge event; `source` is `mesh.<domain>.<product>`, and nobody speaks for another domain."""

    source: Annotated[str, Field(pattern=r"^mesh\.[^.]+\.")]
    detail_type: Annotated[Literal["OpenLineage Run Event", "Quality Result"], Field(alias="detail-type")]
    account: str
    detail: dict[str, Any]

    @model_validator(mode="after")
    def _own_domain(self) -> Self:
        told, told_of = self.source.split(".")[1], self.content().domain
        if told != told_of:
            raise ValueError(f"{self.source} tells of domain {told_of}")
        return self

    def content(self) -> RunEvent | QualityResult:
        return KINDS[self.detail_type][0].model_validate(self.detail)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Record one event. Raises pydantic.ValidationError for one that is not as it should be, so that it ends up at the
    function's on-failure destination and not in the ledger."""
    envelope = Envelope.model_validate(event)
    table = os.environ[KINDS[envelope.detail_type][1]]
    detail = json.dumps(envelope.detail, ensure_ascii=False, separators=(",", ":"))
    item = {**envelope.content().item(), "account": envelope.account, "detail": detail}
    known = not put_once(table, item)
    logger.info("an event was recorded", extra={"event": item["event"], "known": known})
    metrics.add_metric("EventsRecorded", MetricUnit.Count, int(not known))


def put_once(table: str, item: Item) -> bool:
    """Put an item whose `event` is half of its key unless that is there already; say whether it was put."""
    try:
        client("dynamodb").put_item(
            TableName=table,
            Item={name: {"S": value} for name, value in item.items()},
            ConditionExpression="attribute_not_exists(#event)",
            ExpressionAttributeNames={"#event": "event"},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
