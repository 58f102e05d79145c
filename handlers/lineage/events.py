"""The OpenLineage event of a run that turned a delivered file into rows of a product.

The events are written as the JSON that the specification defines, without openlineage-python: that package brings HTTP
clients with it, which a function that talks to EventBridge would load at each cold start. A test holds every facet
against the package's classes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.contracts.rules import Check, Quality
from handlers.contracts.spec import Contract, FieldSpec
from handlers.files.outcome import Outcome
from handlers.hub.bus import LIMIT, Event
from handlers.lineage.datasets import object_dataset, product_dataset

Json = dict[str, Any]

DETAIL_TYPE = "OpenLineage Run Event"
PRODUCER = "urn:mesh:handlers.files"  # OpenLineage: a URI of the code that makes the metadata
SPECIFICATION = "https://openlineage.io/spec"

# What a table of thousands of columns loses first when its event is more than the bus takes.
EXPENDABLE = ("dataQualityMetrics", "dataQualityAssertions", "schema")


def event(contract: Contract, outcome: Outcome, region: str, at: datetime) -> Event:
    """COMPLETE for a delivery of which rows were published or could have been, FAIL for one that was refused."""
    return fitting(Event(contract.product.source, DETAIL_TYPE, _run_event(contract, outcome, region, at)))


def fitting(event: Event) -> Event:
    """The event without the expendable facets that make it larger than the bus takes."""
    for expendable in EXPENDABLE:
        if event.size <= LIMIT:
            break
        outputs = [
            {**output, "facets": {name: value for name, value in output["facets"].items() if name != expendable}}
            for output in event.detail["outputs"]
        ]
        event = Event(event.source, event.detail_type, {**event.detail, "outputs": outputs})
    return event


def facet(name: str, version: str, /, **content: Any) -> Json:
    """A facet of the specification, `version` as its schema has it; fields that are None are left out."""
    schema = f"{SPECIFICATION}/facets/{version}/{name}.json#/$defs/{name}"
    given = {key: value for key, value in content.items() if value is not None}
    return {"_producer": PRODUCER, "_schemaURL": schema, **given}


def _run_event(contract: Contract, outcome: Outcome, region: str, at: datetime) -> Json:
    refusal = outcome.refusal
    said = {"errorMessage": facet("ErrorMessageRunFacet", "1-0-1", message=refusal, programmingLanguage="PYTHON")}
    return {
        "eventType": "FAIL" if refusal else "COMPLETE",
        "eventTime": at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": f"{SPECIFICATION}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": str(outcome.run_id(contract)), "facets": said if refusal else {}},
        "job": {"namespace": contract.product.domain, "name": f"{contract.product.name}.ingest", "facets": {}},
        "inputs": [_input(outcome)],
        "outputs": [_output(contract, outcome, region)],
    }


def _input(outcome: Outcome) -> Json:
    namespace, name = object_dataset(outcome.delivery.bucket, outcome.delivery.key)
    facets = {"dataSource": facet("DatasourceDatasetFacet", "1-0-1", name=namespace, uri=f"{namespace}/{name}")}
    return {"namespace": namespace, "name": name, "facets": facets}


def _output(contract: Contract, outcome: Outcome, region: str) -> Json:
    namespace, name = product_dataset(contract.table, region)
    bucket, folder = object_dataset(contract.table.bucket, contract.table.prefix.rstrip("/"))
    facets = {
        "schema": facet("SchemaDatasetFacet", "1-2-0", fields=_fields(contract)),
        "dataSource": facet("DatasourceDatasetFacet", "1-0-1", name=namespace, uri=f"{bucket}/{folder}"),
        "symlinks": facet(
            "SymlinksDatasetFacet", "1-0-1", identifiers=[{"namespace": bucket, "name": folder, "type": "LOCATION"}]
        ),
        **(_quality(outcome.quality) if outcome.quality else {}),
    }
    written = facet(
        "OutputStatisticsOutputDatasetFacet",
        "1-0-2",
        rowCount=outcome.rows,
        size=sum(part.bytes for part in outcome.parts),
        fileCount=len(outcome.parts),
    )
    return {"namespace": namespace, "name": name, "facets": facets, "outputFacets": {"outputStatistics": written}}


def _quality(quality: Quality) -> Json:
    columns = {name: {"nullCount": nulls, "count": quality.rows} for name, nulls in quality.nulls.items()}
    return {
        "dataQualityAssertions": facet(
            "DataQualityAssertionsDatasetFacet", "1-1-0", assertions=[_assertion(check) for check in quality.checks]
        ),
        "dataQualityMetrics": facet(
            "DataQualityMetricsDatasetFacet", "1-0-1", rowCount=quality.rows, columnMetrics=columns
        ),
    }


def _assertion(check: Check) -> Json:
    about = {"column": check.rule.fields[0]} if len(check.rule.fields) == 1 else {}
    graded = {"severity": check.rule.severity} if check.rule.severity else {}
    return {
        "assertion": check.rule.type,
        "name": check.rule.name,
        "success": check.passed,
        "expected": check.expected,
        "actual": f"{check.actual:g}",
        **about,
        **graded,
    }


def _fields(contract: Contract) -> list[Json]:
    return [
        {"name": field.name, "type": _type(field), "ordinal_position": position}
        for position, field in enumerate(contract.fields, 1)
    ]


def _type(field: FieldSpec) -> str:
    return f"decimal({field.precision},{field.scale or 0})" if field.type == "decimal" else field.type
