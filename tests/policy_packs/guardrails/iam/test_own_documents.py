"""The mesh's own policy documents pass the analysis, in every stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mesh_guardrails.control import ResourceControl, StackControl
from mesh_guardrails.controls import iam
from mesh_guardrails.documents import WHERE
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

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


def findings(found: list[Resource], known: Facts) -> Iterator[str]:
    for control in iam.CONTROLS:
        if isinstance(control, StackControl):
            yield from (f"{control.id}: {finding.message}" for finding in control.check(Stack(found), known))
        elif isinstance(control, ResourceControl):
            for resource in found:
                if resource.type in control.types:
                    yield from (f"{control.id} on {resource.urn}: {f.message}" for f in control.check(resource, known))


@pytest.mark.parametrize("stack", STACKS)
def test_no_document_of_the_mesh_has_a_finding(stack: str) -> None:
    found = resources(stack)
    assert [each for each in found if each.type in WHERE]
    assert list(findings(found, facts(stack))) == []
