"""What a resource control policy does to typical calls, against the evaluation of single requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam import Concern, Context, analyse
from mesh_guardrails.iam.grammar import parse
from mesh_guardrails.iam.perimeter import holds

from tests.policy_packs.guardrails.iam import evaluator

OURS = "o-acme000001"
CONTEXT = Context(OURS, frozenset({"222222222222"}), frozenset(), "222222222222")
OPERATORS = (
    *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringNotEqualsIgnoreCase", "ArnNotLike"),
    *("Bool", "Null"),
)
KEYS = ("aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:PrincipalIsAWSService", "aws:SourceOrgID")
VALUES = (OURS, "o-other00001", "o-*", "222222222222", "true", "false", "*")


@st.composite
def conditions(draw: st.DrawFn, keys: tuple[str, ...] = KEYS) -> tuple[str, str, list[str]]:
    """Operator, key and values of one condition."""
    operator = draw(st.sampled_from(OPERATORS))
    if operator in ("Bool", "Null"):
        values = [draw(st.sampled_from(["true", "false"]))]
    else:
        values = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=2))
    if operator != "Null":
        operator = draw(st.sampled_from(["", "ForAnyValue:", "ForAllValues:"])) + operator
        operator += draw(st.sampled_from(["", "IfExists"]))
    return operator, draw(st.sampled_from(keys)), values


@settings(max_examples=400, deadline=None)
@given(conditions(), st.none() | st.sampled_from(VALUES))
def test_a_condition_holds_as_iam_evaluates_it(condition: tuple[str, str, list[str]], sent: str | None) -> None:
    operator, key, values = condition
    if "Arn" in operator and sent is not None:
        sent = f"arn:aws:iam::{sent}:role/x"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    content = {"Version": "2012-10-17", "Statement": {**statement, "Condition": {operator: {key: values}}}}
    (read,) = parse(json.dumps(content), Kind.RCP).statements
    call = {} if sent is None else {key.lower(): sent}
    assert holds(read.conditions[0], call) == evaluator.holds(operator, values, sent)


CALLS: dict[str, dict[str, str]] = {
    "anonymous-callers": {"aws:viaawsservice": "false"},
    "accounts-without-an-organisation": {
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:principalaccount": "000000000000",
    },
    "other-organisations": {
        "aws:viaawsservice": "false",
        "aws:principalisawsservice": "false",
        "aws:principalaccount": "000000000000",
        "aws:principalorgid": "o-stranger",
    },
}


@settings(max_examples=300, deadline=None)
@given(st.lists(conditions(KEYS[:3]), max_size=2))
def test_strangers_are_let_through_where_a_finding_says_so_and_nowhere_else(
    more: list[tuple[str, str, list[str]]],
) -> None:
    block: dict[str, Any] = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": [OURS]}}
    for operator, key, values in more:
        block.setdefault(operator, {}).setdefault(key, values)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": block}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    found = {f.key for f in analyse(content, Kind.RCP, CONTEXT)}
    for who, call in CALLS.items():
        denied = evaluator.applies(statement, evaluator.Request("s3:GetObject", "arn:aws:s3:::b/x", call))
        assert (f"1:{who}" in found) is not denied


def message(**condition: Any) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    (finding,) = (f for f in analyse(content, Kind.RCP, CONTEXT) if f.concern is Concern.RESOURCE_PERIMETER)
    return finding.change


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": OURS}}, '"BoolIfExists": {"aws:PrincipalIsAWSService"'),
        (
            {"StringNotEquals": {"aws:SourceOrgID": OURS}, "Bool": {"aws:PrincipalIsAWSService": "true"}},
            '"Null": {"aws:SourceAccount": "false"}',
        ),
        (
            {"StringNotEquals": {"aws:SourceOrgID": "o-other"}, "Bool": {"aws:PrincipalIsAWSService": "true"}},
            f"write {OURS} for aws:SourceOrgID",
        ),
        (
            {"StringNotEquals": {"aws:PrincipalOrgID": OURS}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
            "write BoolIfExists",
        ),
    ],
    ids=str,
)
def test_the_change_that_a_finding_gives_is_the_smallest(condition: dict[str, Any], change: str) -> None:
    assert change in message(**condition)


def test_nothing_is_said_where_the_organisation_is_not_known() -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    condition = {"StringNotEquals": {"aws:PrincipalOrgID": OURS}}
    content = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
    assert analyse(content, Kind.RCP, Context()) == ()
