"""The table of AWS's managed policies is what their documents say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from mesh_guardrails.iam import generate_managed
from mesh_guardrails.iam.escalation import is_administrator, open_ways
from mesh_guardrails.iam.managed import TABLE, granted
from mesh_guardrails.iam.rights import Attached, Rights


@pytest.fixture(scope="module")
def attachable() -> Mapping[str, Rights]:
    return generate_managed.attachable()


def read(name: str) -> Rights:
    """The rights that the table gives a policy."""
    return Rights((Attached(name, granted(name)),))


def test_the_committed_table_is_what_the_pinned_moto_gives() -> None:
    assert TABLE.read_text(encoding="utf-8") == generate_managed.table(), (
        "run: python -m mesh_guardrails.iam.generate_managed"
    )


def test_each_policy_opens_the_ways_that_its_document_opens(attachable: Mapping[str, Rights]) -> None:
    assert len(attachable) > 1000
    opened = {name: {way.id for way, _ in open_ways(rights)} for name, rights in attachable.items()}
    assert {name: {way.id for way, _ in open_ways(read(name))} for name in attachable} == opened
    assert len([name for name, ways in opened.items() if ways]) > 50


def test_what_a_policy_has_of_a_way_counts_together_with_the_rest(attachable: Mapping[str, Rights]) -> None:
    for action in ("lambda:InvokeFunction", "ec2:RunInstances", "iam:PassRole", "sts:AssumeRole"):
        for name, rights in attachable.items():
            assert bool(read(name).of(action)) == bool(rights.of(action)) or action == "iam:PassRole", name


@pytest.mark.parametrize("name", ["AWSLambdaBasicExecutionRole", "CloudWatchReadOnlyAccess", "no-such-policy"])
def test_a_policy_without_any_part_of_a_way_grants_nothing(name: str) -> None:
    assert granted(name) == ()


def test_an_administrator_is_known_as_such() -> None:
    assert is_administrator(read("AdministratorAccess"))
    assert not is_administrator(read("PowerUserAccess"))
