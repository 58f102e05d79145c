"""Lineage events are what OpenLineage's own package would make of the same facts."""

from datetime import UTC, datetime
from typing import Any

import openlineage.client.facet_v2 as facets
import pytest
from openlineage.client.event_v2 import Run, RunEvent
from openlineage.client.generated.base import BaseFacet

from handlers.contracts.rules import Quality, judge
from handlers.files.outcome import Outcome
from handlers.files.parts import Part
from handlers.files.source import Delivery
from handlers.lineage.events import event

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DELIVERY = Delivery("landing", "orders/history.txt", "v1")


def published(contract: Any) -> Outcome:
    checks = (judge(contract.rules[0], 3, 3),)
    quality = Quality(3, {"customer_id": 0, "amount": 1}, checks)
    parts = (Part("orders/v1/part", "", 3, 1_000), Part("orders/v1/part2", "", 0, 24))
    return Outcome("published", DELIVERY, "ab" * 32, rows=3, parts=parts, quality=quality)


def known_facets() -> dict[str, type[BaseFacet]]:
    """The package's facet classes by the address of their schema."""
    modules = [getattr(facets, name) for name in facets.__all__ if hasattr(getattr(facets, name), "attr")]
    classes = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
    return {c._get_schema(): c for c in classes if issubclass(c, BaseFacet)}


def every_facet(detail: dict[str, Any]) -> list[dict[str, Any]]:
    holders = [detail["run"], detail["job"], *detail["inputs"], *detail["outputs"]]
    kinds = ("facets", "outputFacets")
    return [facet for holder in holders for kind in kinds for facet in holder.get(kind, {}).values()]


@pytest.mark.parametrize("refusal", [None, "the file is empty"])
def test_the_package_knows_every_facet_and_field(contract: Any, refusal: str | None) -> None:
    product = contract()
    outcome = Outcome("refused", DELIVERY, "ab" * 32, refusal=refusal) if refusal else published(product)
    detail = event(product, outcome, "eu-west-1", NOW).detail
    found = every_facet(detail)
    assert len(found) == (6 if refusal else 7)
    for facet in found:
        fields = {name: value for name, value in facet.items() if not name.startswith("_")}
        known_facets()[facet["_schemaURL"]](**fields)


def test_the_event_is_the_packages(contract: Any) -> None:
    product = contract()
    detail = event(product, published(product), "eu-west-1", NOW).detail
    run = RunEvent(eventTime=detail["eventTime"], producer=detail["producer"], run=Run(detail["run"]["runId"]), job={})
    assert run.schemaURL == detail["schemaURL"]
    assert (detail["eventType"], detail["eventTime"]) == ("COMPLETE", "2026-01-05T09:00:00+00:00")
    (output,) = detail["outputs"]
    assert output["facets"]["symlinks"]["identifiers"][0] == {
        "namespace": "s3://products",
        "name": "orders/v1",
        "type": "LOCATION",
    }
    statistics = output["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"], statistics["fileCount"]) == (3, 1_024, 2)
    assert output["facets"]["dataQualityMetrics"]["columnMetrics"]["amount"] == {"nullCount": 1, "count": 3}


def test_a_run_keeps_its_id_when_it_is_repeated_and_a_replay_has_another(contract: Any) -> None:
    product, outcome = contract(), published(contract())
    again = Outcome("published", Delivery("landing", "orders/again.txt"), outcome.sha256)
    replayed = Outcome("replayed", DELIVERY, outcome.sha256, attempt="tag")
    assert outcome.run_id(product) == again.run_id(product) != replayed.run_id(product)
