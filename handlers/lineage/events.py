"""The OpenLineage event of a run that turned a delivered file into rows of a product."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    RunFacet,
    data_quality_assertions_dataset,
    data_quality_metrics_dataset,
    datasource_dataset,
    error_message_run,
    output_statistics_output_dataset,
    schema_dataset,
    symlinks_dataset,
)
from openlineage.client.serde import Serde

from handlers.contracts.rules import Quality
from handlers.contracts.spec import Contract, FieldSpec
from handlers.files.outcome import Outcome
from handlers.hub.bus import LIMIT, Event
from handlers.lineage.datasets import object_dataset, product_dataset

DETAIL_TYPE = "OpenLineage Run Event"
PRODUCER = "urn:mesh:handlers.files"  # OpenLineage: a URI of the code that makes the metadata

# What a table of thousands of columns loses first when its event is more than the bus takes.
EXPENDABLE = ("dataQualityMetrics", "dataQualityAssertions", "schema")


def event(contract: Contract, outcome: Outcome, region: str, at: datetime) -> Event:
    """COMPLETE for a delivery of which rows were published or could have been, FAIL for one that was refused."""
    detail = json.loads(Serde.to_json(_run_event(contract, outcome, region, at)))
    return fitting(Event(contract.product.source, DETAIL_TYPE, detail))


def fitting(event: Event) -> Event:
    """The event without the expendable facets that make it larger than the bus takes."""
    for facet in EXPENDABLE:
        if event.size <= LIMIT:
            break
        outputs = [
            {
                **output,
                "facets": {name: value for name, value in output.get("facets", {}).items() if name != facet},
            }
            for output in event.detail["outputs"]
        ]
        event = Event(event.source, event.detail_type, {**event.detail, "outputs": outputs})
    return event


def _run_event(contract: Contract, outcome: Outcome, region: str, at: datetime) -> RunEvent:
    facets: dict[str, RunFacet] = {}
    if outcome.refusal is not None:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(outcome.refusal, "PYTHON")
    namespace, name = object_dataset(outcome.delivery.bucket, outcome.delivery.key)
    source = datasource_dataset.DatasourceDatasetFacet(name=namespace, uri=f"{namespace}/{name}")
    return RunEvent(
        eventType=RunState.FAIL if facets else RunState.COMPLETE,
        eventTime=at.isoformat(),
        run=Run(runId=str(outcome.run_id(contract)), facets=facets),
        job=Job(namespace=contract.product.domain, name=f"{contract.product.name}.ingest"),
        inputs=[InputDataset(namespace=namespace, name=name, facets={"dataSource": source})],
        outputs=[_output(contract, outcome, region)],
        producer=PRODUCER,
    )


def _output(contract: Contract, outcome: Outcome, region: str) -> OutputDataset:
    namespace, name = product_dataset(contract.table, region)
    location = object_dataset(contract.table.bucket, contract.table.prefix.rstrip("/"))
    written = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=outcome.rows, size=sum(part.bytes for part in outcome.parts), fileCount=len(outcome.parts)
    )
    facets: dict[str, Any] = {
        "schema": schema_dataset.SchemaDatasetFacet(
            fields=[
                schema_dataset.SchemaDatasetFacetFields(name=field.name, type=_type(field), ordinal_position=position)
                for position, field in enumerate(contract.fields, 1)
            ]
        ),
        "dataSource": datasource_dataset.DatasourceDatasetFacet(name=namespace, uri="/".join(location)),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet(
            identifiers=[symlinks_dataset.Identifier(*location, type="LOCATION")]
        ),
    }
    if outcome.quality:
        facets |= _quality(outcome.quality)
    return OutputDataset(namespace=namespace, name=name, facets=facets, outputFacets={"outputStatistics": written})


def _quality(quality: Quality) -> dict[str, Any]:
    assertions = [
        data_quality_assertions_dataset.Assertion(
            assertion=check.rule.type,
            success=check.passed,
            column=check.rule.fields[0] if len(check.rule.fields) == 1 else None,
            severity=check.rule.severity,
            name=check.rule.name,
            expected=check.expected,
            actual=f"{check.actual:g}",
        )
        for check in quality.checks
    ]
    metrics = {
        name: data_quality_metrics_dataset.ColumnMetrics(nullCount=nulls, count=quality.rows)
        for name, nulls in quality.nulls.items()
    }
    return {
        "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions),
        "dataQualityMetrics": data_quality_metrics_dataset.DataQualityMetricsDatasetFacet(
            rowCount=quality.rows, columnMetrics=metrics
        ),
    }


def _type(field: FieldSpec) -> str:
    return f"decimal({field.precision},{field.scale or 0})" if field.type == "decimal" else field.type
