"""What holds for every component: known policies, properties that pulumi-aws has, a parent, protection."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data, get_actions_for_service

from tests.components.foundation.one_of_each import PROGRAMS, deployed, previewed
from tests.components.harness import UNKNOWN, Registration

every_program = pytest.mark.parametrize("which", sorted(PROGRAMS))

WITH_CREDENTIALS = ("aws:", "lambda:SourceFunctionArn")
HOLDS_DATA = {"kms.Key", "kms.ReplicaKey", "s3.Bucket", "dynamodb.Table"}


def policies(one: Registration) -> Iterator[tuple[str, Any]]:
    for name, value in one.inputs.items():
        if "policy" in name.lower():
            yield name, value


@every_program
def test_no_policy_is_unknown_at_preview(which: str) -> None:
    found = [(one.urn, name, value) for one in previewed(which).registrations for name, value in policies(one)]
    assert found
    assert [each for each in found if UNKNOWN in json.dumps(each)] == []


@every_program
def test_preview_and_deployment_register_the_same(which: str) -> None:
    assert sorted(one.urn for one in previewed(which).registrations) == sorted(
        one.urn for one in deployed(which).registrations
    )


def test_the_preview_really_has_unknowns() -> None:
    """Otherwise the test of policies would prove nothing."""
    assert UNKNOWN in json.dumps([one.inputs for one in previewed("domain").registrations])


@every_program
def test_policies_are_the_same_at_preview_and_deployment(which: str) -> None:
    after = {one.urn: dict(policies(one)) for one in deployed(which).registrations}
    assert {one.urn: dict(policies(one)) for one in previewed(which).registrations} == after


@every_program
def test_every_child_belongs_to_its_component(which: str) -> None:
    made = deployed(which)
    components = {one.urn for one in made.registrations if one.type.startswith("mesh:")}
    for one in made.registrations:
        if one.type.startswith(("aws:", "awsx:")):
            assert one.parent in components, one.urn


@every_program
def test_every_component_registers_its_outputs(which: str) -> None:
    made = deployed(which)
    for one in made.registrations:
        if one.type.startswith("mesh:"):
            assert made.outputs.get(one.urn), one.urn


@every_program
def test_what_holds_data_is_protected_and_nothing_else(which: str) -> None:
    assert {one.kind for one in deployed(which).registrations if one.protect} <= HOLDS_DATA
    assert [one.urn for one in deployed(which).registrations if one.kind in HOLDS_DATA and not one.protect] == []


@every_program
def test_every_role_has_the_boundary(which: str) -> None:
    for role in deployed(which).of("iam.Role"):
        assert role.inputs["permissionsBoundary"].endswith(":policy/acme-boundary")


@every_program
def test_no_name_is_left_to_chance(which: str) -> None:
    """A physical name is explicit wherever the type has one."""
    named = {"name", "bucket"}
    for one in deployed(which).registrations:
        if one.kind in {"s3.Bucket", "sqs.Queue", "sns.Topic", "lambda.Function", "iam.Role", "dynamodb.Table"}:
            assert named & one.inputs.keys(), one.urn


def statements(which: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in deployed(which).registrations:
        for name, value in policies(one):
            if isinstance(value, str) and '"Statement"' in value:
                yield f"{one.urn} {name}", json.loads(value)["Statement"]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


@every_program
def test_policies_speak_of_real_actions_and_of_condition_keys_they_know(which: str) -> None:
    """By the Service Authorization Reference. Keys that come with the caller's credentials are known to all actions."""
    for where, found in statements(which):
        for statement in found:
            actions = listed(statement["Action"])
            known = {key for action in actions for key in condition_keys(action)}
            for block in statement.get("Condition", {}).values():
                for key in block:
                    general = re.sub(r"^(kms:EncryptionContext):.*", r"\1:${EncryptionContextKey}", key)
                    assert key.startswith(WITH_CREDENTIALS) or general in known, f"{where}: {key} with {actions}"


@cache
def condition_keys(action: str) -> frozenset[str]:
    """The keys an action knows, or for a pattern, those of any action it matches; no match is an error."""
    service, name = action.split(":")
    matching = (
        [name]
        if "*" not in name
        else [
            each.split(":")[1]
            for each in get_actions_for_service(service)
            if fnmatchcase(each.split(":")[1].lower(), name.lower())
        ]
    )
    assert matching, f"{action} matches nothing"
    rows = [row for each in matching for row in (get_action_data(service, each) or {service: []})[service]]
    assert rows, f"{action} is no action of {service}"
    return frozenset(key for row in rows for key in row["condition_keys"])
