"""Contracts bind: a deployed one is not broken under those who rely on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.controls.mesh import PRODUCT
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource

PUBLISHED: Final = "mesh:domain:PublishedContracts"


def _compatible(resource: Resource, facts: Facts) -> Iterator[Finding]:
    refused = resource.props.get("refused")
    if resource.type == PRODUCT and PUBLISHED in resource.ancestry:
        return
    if resource.type == PRODUCT or refused is None:
        yield Finding("nothing compares the product's contract with the deployed one", "not-compared")
        return
    if refused is UNKNOWN or UNKNOWN in refused:
        told = "what is deployed is not known here, so the contracts were not compared"
        yield Finding(told, "deployed", undetermined=True)
        return
    for each in refused:
        yield Finding(each["message"], f"{each['product']}:{each['path']}")


CONTROLS = (
    ResourceControl(
        id="contract-compatible",
        title="A deployed contract is broken by a new major version only",
        severity=Severity.HIGH,
        rationale="Those who read the table or deliver the files built on what the contract promised them.",
        remediation="Undo the change, or raise the contract's major version; retire a product before removing it.",
        family="mesh",
        types=(PUBLISHED, PRODUCT),
        check=_compatible,
    ),
)
