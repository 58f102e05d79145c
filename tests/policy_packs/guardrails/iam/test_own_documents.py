"""The mesh's own policy documents pass the analysis, in every stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mesh_guardrails.control import ResourceControl
from mesh_guardrails.controls import iam
from mesh_guardrails.documents import WHERE
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource

from tests.components import harness
from tests.policy_packs.guardrails.building import facts
from tests.stacks.programs import deployed

STACKS = ("governance-prod", "governance-prod-recovery", "sales-prod", "sales-prod-recovery")


def resources(stack: str) -> list[Resource]:
    """What the stack's program registers in a preview, as the pack sees it."""
    return [
        Resource(each.type, each.urn, each.name, {k: _known(v) for k, v in each.inputs.items()})
        for each in deployed(stack, preview=True).registrations
    ]


def _known(value: object) -> object:
    return UNKNOWN if value == harness.UNKNOWN else value


def findings(resource: Resource, known: Facts) -> Iterator[str]:
    for control in iam.CONTROLS:
        if isinstance(control, ResourceControl) and resource.type in control.types:
            for finding in control.check(resource, known):
                yield f"{control.id} on {resource.urn}: {finding.message}"


@pytest.mark.parametrize("stack", STACKS)
def test_no_document_of_the_mesh_has_a_finding(stack: str) -> None:
    found = resources(stack)
    assert [each for each in found if each.type in WHERE]
    assert [message for each in found for message in findings(each, facts(stack))] == []
