"""Every control accepts what a careful reviewer would accept and finds what it is there for."""

import pytest
from mesh_guardrails.control import Control, ResourceControl, StackControl
from mesh_guardrails.controls import CONTROLS, encryption
from mesh_guardrails.properties import PropertyControl
from mesh_guardrails.resource import Resource, Stack

from tests.policy_packs.guardrails.building import Case
from tests.policy_packs.guardrails.cases import (
    accounts,
    apis,
    companions,
    delegation,
    escalation,
    iam,
    least_privilege,
    mesh,
    network,
    organisation,
    sharing,
    transport,
    upkeep,
)

PARTS = (
    accounts,
    transport,
    iam,
    organisation,
    least_privilege,
    delegation,
    escalation,
    network,
    apis,
    sharing,
    upkeep,
    companions,
    mesh,
)
CASES: dict[str, list[Case]] = {}
for part in PARTS:
    for control_id, some in part.CASES.items():
        CASES.setdefault(control_id, []).extend(some)
BY_ID = {control.id: control for control in CONTROLS}
# The tables have tests of their own (test_encryption, test_properties), and so have waivers (test_analyzer).
TABLES = {control.id for control in encryption.CONTROLS} | {c.id for c in CONTROLS if isinstance(c, PropertyControl)}
BY_HAND = [control for control in CONTROLS if control.id not in TABLES and control.family != "waivers"]


def found(control: Control, case: Case) -> dict[str, bool]:
    """Whether each finding, by key, is undetermined."""
    if isinstance(control, ResourceControl) and isinstance(case.subject, Resource):
        assert not control.types or case.subject.type in control.types, "the control never sees this type"
        return {finding.key: finding.undetermined for finding in control.check(case.subject, case.facts)}
    assert isinstance(control, StackControl)
    assert isinstance(case.subject, Stack)
    return {finding.key: finding.undetermined for finding in control.check(case.subject, case.facts)}


@pytest.mark.parametrize(
    ("control", "case"),
    [pytest.param(control, case, id=f"{control}: {case.about}") for control, cases in CASES.items() for case in cases],
)
def test_case(control: str, case: Case) -> None:
    findings = found(BY_ID[control], case)
    if case.finding is None:
        assert findings == {}
    else:
        assert findings.get(case.finding) is case.undetermined, findings


@pytest.mark.parametrize("control", BY_HAND, ids=lambda c: c.id)
def test_each_control_has_cases_of_both_kinds(control: Control) -> None:
    kinds = {case.finding is None for case in CASES.get(control.id, []) if not case.undetermined}
    assert kinds == {True, False}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)
def test_metadata_is_complete(control: Control) -> None:
    assert control.id == control.id.lower().replace("_", "-").replace(" ", "-")
    assert not control.title.endswith(".")
    assert control.rationale.endswith(".")
    assert control.remediation.endswith(".")
    assert control.family


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(CONTROLS)
