"""The analysis against cloudsplaining, where both speak of the same; every difference is stated with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cloudsplaining.scan.policy_document import PolicyDocument
from cloudsplaining.shared.constants import PRIVILEGE_ESCALATION_METHODS
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam import Concern, Context, analyse
from mesh_guardrails.iam.escalation import catalogue, open_ways
from mesh_guardrails.iam.grammar import Statement, parse
from mesh_guardrails.iam.permissions import unlimited
from mesh_guardrails.iam.reference import everything
from mesh_guardrails.iam.rights import Attached, Rights

NAMES = {action.name.lower(): action.name for action in everything()}
METHODS = {
    name: [NAMES.get(action, action) for action in actions] for name, actions in PRIVILEGE_ESCALATION_METHODS.items()
}
# A pipeline without a definition runs nothing: PutPipelineDefinition and ActivatePipeline are needed as well, as
# pathfinding.cloud has it (datapipeline-001).
NOT_ENOUGH = {"PassExistingRoleToNewDataPipeline"}
CONCERNS = {
    "infrastructure": (Concern.WRITE_ON_ALL, Concern.PERMISSIONS_ON_ALL),
    "exposure": (Concern.PERMISSIONS_ON_ALL,),
    "everything": (Concern.WRITE_ON_ALL, Concern.PERMISSIONS_ON_ALL, Concern.READ_ON_ALL),
}
# Passing roles is a concern of its own here, with findings of its own.
ELSEWHERE = {"iam:passrole"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions: list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def ways(policy: dict[str, Any]) -> set[str]:
    statements = parse(json.dumps(policy), Kind.IDENTITY).statements
    return {way.id for way, _ in open_ways(Rights((Attached("policy", statements),)))}


def methods(policy: dict[str, Any]) -> set[str]:
    return {each["type"] for each in PolicyDocument(policy).allows_privilege_escalation}


def concerns(policy: dict[str, Any]) -> set[Concern]:
    return {finding.concern for finding in analyse(json.dumps(policy), Kind.IDENTITY, Context())}


@pytest.fixture(scope="module")
def oracle() -> PolicyDocument:
    """cloudsplaining's view of every action there is, on every resource."""
    return PolicyDocument(document(allow(sorted(NAMES.values()))))


@pytest.mark.parametrize(
    ("what", "judged"),
    [
        ("infrastructure", "infrastructure_modification"),
        ("exposure", "permissions_management_without_constraints"),
        ("everything", "all_allowed_unrestricted_actions"),
    ],
)
def test_every_action_on_every_resource_is_judged_alike(oracle: PolicyDocument, what: str, judged: str) -> None:
    found = unlimited(Statement(0, True, tuple(NAMES.values()), resources=("*",)), ())
    ours = {name.lower() for concern in CONCERNS[what] for name in found[concern]}
    theirs = {name.lower() for name in getattr(oracle, judged)}
    if what == "infrastructure":
        # It counts these reads as modification, since they take data out; here they are reading on everything.
        theirs -= {name.lower() for name in found[Concern.READ_ON_ALL]}
    assert len(ours) > 300
    assert theirs - ours == ELSEWHERE
    assert ours - theirs == set()


@pytest.mark.parametrize("method", METHODS, ids=str)
def test_each_way_it_knows_is_known_here(method: str) -> None:
    policy = document(allow(METHODS[method]))
    assert method in methods(policy)
    assert bool(ways(policy)) == (method not in NOT_ENOUGH)


def test_more_ways_are_known_here() -> None:
    unknown_to_it = {way.id for way in catalogue() if not methods(document(allow(list(way.actions))))}
    assert {"sts-001", "ssm-002", "scheduler-create", "iam-delete-role-boundary"} <= unknown_to_it
    assert len(unknown_to_it) > 30


ACTIONS = sorted({action for actions in METHODS.values() for action in actions})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=8), st.lists(st.sampled_from(ACTIONS), max_size=2))
def test_what_it_finds_in_allowed_and_denied_actions_is_found_here(allowed: list[str], denied: list[str]) -> None:
    denials = [{"Effect": "Deny", "Action": denied, "Resource": "*"}] if denied else []
    policy = document(allow(allowed), *denials)
    if methods(policy) - NOT_ENOUGH:
        assert ways(policy)


@pytest.mark.parametrize("service", ["s3", "iam", "ec2"])
def test_whole_services_are_found_by_both(service: str) -> None:
    policy = document(allow([f"{service}:*"]))
    assert PolicyDocument(policy).service_wildcard == [service]
    assert Concern.SERVICE_WILDCARD in concerns(policy)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (allow(["sqs:SendMessage"], "arn:aws:sqs:*:*:*"), "it takes every ARN for a limit, even one of wildcards"),
        (
            allow(["sqs:SendMessage"], Condition={"Bool": {"aws:SecureTransport": "true"}}),
            "it takes every condition for a limit, even one that says nothing of the resource",
        ),
    ],
)
def test_what_only_this_analysis_finds(statement: dict[str, Any], reason: str) -> None:
    policy = document(statement)
    assert PolicyDocument(policy).infrastructure_modification == [], reason
    assert Concern.WRITE_ON_ALL in concerns(policy)


def test_what_both_accept() -> None:
    policy = document(
        allow(["sqs:SendMessage"], "arn:aws:sqs:eu-west-1:222222222222:orders"),
        allow(["xray:PutTraceSegments"]),
        allow(["kms:Decrypt"], Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
    )
    theirs = PolicyDocument(policy)
    assert theirs.infrastructure_modification == theirs.allows_privilege_escalation == []
    assert concerns(policy) == set()
    assert ways(policy) == set()
