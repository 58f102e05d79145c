"""What conditions guarantee, against requests that outsiders could make."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.conditions import effective, guarantees, narrows, of_members
from mesh_guardrails.iam.finding import Context
from mesh_guardrails.iam.grammar import Condition, Parsed, parse

from tests.policy_packs.guardrails.iam.evaluator import Request, decide, holds

OURS, THEIRS = "222222222222", "999999999999"
CONTEXT = Context("o-acme000001", frozenset({OURS, "111111111111"}), frozenset(), OURS)
OPERATORS = (
    *("StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase"),
    *("ArnEquals", "ArnLike", "ArnNotLike", "Null", "Bool"),
)
QUALIFIERS = ("", "ForAnyValue:", "ForAllValues:")
VALUES = (
    *("o-acme000001", "o-other00001", "o-*", "o-acme000001/*", "*", OURS, THEIRS, "2222*", "true", "false"),
    *(f"arn:aws:iam::{OURS}:role/x", f"arn:aws:iam::{THEIRS}:role/x", "arn:aws:iam::*:role/x", "arn:aws:s3:::b"),
    *(f"arn:*:iam::{OURS}:role/x", f"*:{OURS}:*", f"arn:aws:iam::{OURS}:*", "${aws:ResourceAccount}"),
)
KEYS = (
    *("aws:PrincipalOrgID", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgPaths", "aws:SourceAccount"),
    *("aws:SourceArn", "aws:SourceOrgID", "kms:CallerAccount", "aws:SecureTransport", "aws:PrincipalIsAWSService"),
    *("aws:ViaAWSService", "aws:VpceOrgID"),
)
# A path of a role may have colons in it (IAM API reference, CreateRole).
TRICKY = f"arn:aws:iam::{THEIRS}:role/x:iam::{OURS}:role/x"
OUTSIDE: dict[str, list[Any]] = {
    "aws:principalorgid": [None, "o-other00001"],
    "aws:principalaccount": [None, THEIRS],
    "aws:principalarn": [None, f"arn:aws:iam::{THEIRS}:role/x", TRICKY],
    "aws:principalorgpaths": [None, ["o-other00001/r-1/"]],
    "aws:sourceaccount": [None, THEIRS],
    "aws:sourcearn": [None, f"arn:aws:iam::{THEIRS}:role/x", "arn:aws:s3:::b", TRICKY],
    "aws:sourceorgid": [None, "o-other00001"],
    "kms:calleraccount": [None, THEIRS],
    "aws:securetransport": ["true", "false"],
    "aws:principalisawsservice": [None, "false"],
    "aws:viaawsservice": ["true", "false"],
    "aws:vpceorgid": [None, "o-other00001"],
}


@st.composite
def outsiders(draw: st.DrawFn) -> dict[str, Any]:
    """The context of a request by, or for, somebody of another organisation."""
    drawn = {key: draw(st.sampled_from(values)) for key, values in OUTSIDE.items()}
    return {key: value for key, value in drawn.items() if value is not None}


@st.composite
def blocks(draw: st.DrawFn, most: int = 2) -> dict[str, Any]:
    """A Condition block."""
    block: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, most))):
        operator = draw(st.sampled_from(OPERATORS))
        values: Any = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=2))
        if operator in ("Null", "Bool"):
            values = draw(st.sampled_from(["true", "false"]))
        else:
            operator = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"])) + operator
            operator += draw(st.sampled_from(["", "", "IfExists"]))
        block.setdefault(operator, {})[draw(st.sampled_from(KEYS))] = values
    return block


def read(*statements: dict[str, Any]) -> Parsed:
    parsed = parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), Kind.RESOURCE)
    assert parsed.problems == ()
    return parsed


def read_condition(operator: str, key: str, value: str) -> Condition | None:
    """A condition as the analysis has it; None where the grammar refuses it."""
    parsed = parse(json.dumps({"Statement": public(Condition={operator: {key: value}})}), Kind.RESOURCE)
    return None if parsed.problems else parsed.statements[0].conditions[0]


def public(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", **more}


@pytest.mark.parametrize("key", KEYS)
def test_a_condition_that_only_members_meet_is_not_met_by_outsiders(key: str) -> None:
    met = 0
    for operator, qualifier, exists, value in product(OPERATORS, QUALIFIERS, ("", "IfExists"), VALUES):
        condition = read_condition(f"{qualifier}{operator}{exists}", key, value)
        if condition and of_members(condition, CONTEXT):
            # A variable of the resource's account has this account for its value, which no outsider's is.
            meant = value.replace("${aws:ResourceAccount}", OURS)
            met += 1
            for sent in OUTSIDE[key.lower()]:
                assert not holds(f"{qualifier}{operator}{exists}", [meant], sent), (operator, value, sent)
    assert met or key in ("aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:ViaAWSService")


@settings(max_examples=400, deadline=None)
@given(blocks(), blocks(), outsiders())
def test_what_a_deny_leaves_is_not_left_to_outsiders(
    of_allow: dict[str, Any], of_deny: dict[str, Any], who: dict[str, Any]
) -> None:
    allow, deny = public(Condition=of_allow), public(Effect="Deny", Action="s3:*", Condition=of_deny)
    document = read(allow, deny).statements
    if any(of_members(condition, CONTEXT) for condition in effective(document[0], document)):
        policy = json.loads(json.dumps({"Statement": [allow, deny]}).replace("${aws:ResourceAccount}", OURS))
        assert not decide([policy], Request("s3:GetObject", "arn:aws:s3:::b/x", who))


@settings(max_examples=200, deadline=None)
@given(blocks())
def test_a_guarantee_does_not_hold_for_a_request_that_sends_nothing(block: dict[str, Any]) -> None:
    (statement,) = read(public(Condition=block)).statements
    for condition in statement.conditions:
        if guarantees(condition):
            assert not holds(f"{condition.qualifier and 'ForAnyValue:'}{condition.operator}", condition.values, None)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(OPERATORS),
    st.sampled_from(QUALIFIERS),
    st.sampled_from(["aws:ResourceAccount", "aws:ResourceTag/Team", "kms:ResourceAliases", "kms:ViaService"]),
    st.sampled_from(["sales", "*", "true"]),
)
def test_a_condition_that_narrows_leaves_some_resource_out(operator: str, qualifier: str, key: str, value: str) -> None:
    if operator in ("Null", "Bool"):
        qualifier = ""
    (statement,) = read(public(Condition={f"{qualifier}{operator}": {key: value}})).statements
    if narrows(statement.conditions[0], "kms"):
        assert not holds(f"{qualifier}{operator}", [value], "arn:aws:x:::another")


ORGANISATION = {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme000001"}}


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        (ORGANISATION, True),
        (ORGANISATION | {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}, True),
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme000001"}}, True),
        ({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}}, True),
        ({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}}, False),
        # Anonymous callers do not have the key, and a stranger may have a service call.
        (ORGANISATION | {"Bool": {"aws:PrincipalIsAWSService": "false"}}, False),
        (ORGANISATION | {"BoolIfExists": {"aws:ViaAWSService": "false"}}, False),
        (ORGANISATION | {"Bool": {"aws:PrincipalIsAWSService": "true"}}, False),
        (ORGANISATION | {"Bool": {"aws:SecureTransport": "false"}}, False),
        (ORGANISATION | {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-other00001"}}, False),
    ],
)
def test_a_deny_leaves_members_only_where_nothing_else_spares_outsiders(condition: dict[str, Any], left: bool) -> None:
    document = read(public(), public(Effect="Deny", Condition=condition)).statements
    assert any(of_members(each, CONTEXT) for each in effective(document[0], document)) is left


@pytest.mark.parametrize(
    "deny",
    [
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::b/x"},
        {"Principal": {"AWS": OURS}},
    ],
    ids=str,
)
def test_a_deny_of_less_leaves_the_rest_as_it_was(deny: dict[str, Any]) -> None:
    document = read(public(), public(Effect="Deny", Condition=ORGANISATION, **deny)).statements
    assert list(effective(document[0], document)) == []


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ({"StringLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}}, True),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}, "Null": "false"}, True),
        ({"StringLikeIfExists": {"aws:PrincipalOrgPaths": "o-acme000001/*"}, "Null": "false"}, True),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}, "Null": "true"}, False),
        ({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}}, False),
        ({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-acme000001/*"}, "Null": "false"}, False),
    ],
)
def test_a_condition_that_holds_without_its_key_needs_another_on_the_key(condition: dict[str, Any], left: bool) -> None:
    if null := condition.pop("Null", None):
        condition["Null"] = {"aws:principalOrgPaths": null}
    (statement,) = read(public(Condition=condition)).statements
    assert any(of_members(each, CONTEXT) for each in effective(statement, [statement])) is left


@pytest.mark.parametrize(
    ("operator", "key", "value", "narrow"),
    [
        ("StringLike", "kms:ViaService", "s3.*.amazonaws.com", True),
        ("StringLike", "kms:ViaService", "*.amazonaws.com", False),
        ("StringLike", "kms:ResourceAliases", "*?*", False),
        ("Bool", "kms:GrantIsForAWSResource", "true", True),
        ("Bool", "kms:GrantIsForAWSResource", "false", False),
        ("NumericLessThan", "s3:max-keys", "10", False),
        ("StringEquals", "sts:ExternalId", "4711", False),
        ("StringEquals", "kms:SigningAlgorithm", "ECDSA_SHA_256", False),
    ],
)
def test_what_leaves_nothing_out_narrows_nothing(operator: str, key: str, value: str, narrow: bool) -> None:
    (statement,) = read(public(Condition={operator: {key: value}})).statements
    assert narrows(statement.conditions[0], key.partition(":")[0]) is narrow
