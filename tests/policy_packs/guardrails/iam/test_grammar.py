"""The grammar: what a document says is read in full, and nothing breaks the reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam import Concern, Context, analyse
from mesh_guardrails.iam.grammar import _WITH_RCPS, Condition, Statement, parse
from mesh_guardrails.iam.reference import services

CONTEXT = Context("o-acme000001", frozenset({"222222222222"}), frozenset({"999999999999"}), "222222222222")
ELEMENTS = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"),
    "Other",
)
TEXTS = (
    *(
        "*",
        "Allow",
        "Deny",
        "s3:GetObject",
        "s3:*",
        "iam:PassRole",
        "ec2:*Network*",
        "a:b:c",
        "arn:aws:s3:::b/*",
        "arn:",
    ),
    *("arn:aws:iam::999999999999:root", "a:root", "lambda.amazonaws.com", "${aws:username}", "::", "é", "222222222222"),
    *("arn:aws:iam::222222222222:oidc-provider/x", "arn:aws:iam::222222222222:saml-provider/x", "o-acme000001", "?"),
)
OPERATORS = (
    "StringEquals",
    "ForAnyValue:ArnLike",
    "StringNotLike",
    "Null",
    "Bool",
    "NumericLessThanIfExists",
    "NoSuch",
)
KEYS = ("aws:SourceArn", "aws:PrincipalOrgID", "sts:ExternalId", "x:sub", "kms:ViaService", "iam:PassedToService", "")
texts = st.sampled_from(TEXTS)
leaves = texts | st.sampled_from([None, True, 1, 2.5, "", [], {}])
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(OPERATORS), inner, max_size=2)
)
listed = texts | st.lists(texts, min_size=1, max_size=3)
principals = st.just("*") | st.dictionaries(
    st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"]), listed, min_size=1, max_size=2
)
conditions = st.dictionaries(
    st.sampled_from(OPERATORS), st.dictionaries(st.sampled_from(KEYS), listed, min_size=1, max_size=2), max_size=2
)
well_formed = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        **dict.fromkeys(("Action", "NotAction", "Resource", "NotResource"), listed),
        **dict.fromkeys(("Principal", "NotPrincipal"), principals),
        "Condition": conditions,
        "Sid": texts,
    },
)
statements = well_formed | st.dictionaries(st.sampled_from(ELEMENTS), anything) | anything
documents = st.fixed_dictionaries(
    {"Statement": statements | st.lists(statements, max_size=4)},
    optional={"Version": leaves, "Id": leaves, "More": anything},
)


@settings(max_examples=400, deadline=None)
@given(documents | anything, st.sampled_from(Kind))
def test_no_document_breaks_the_analysis(content: Any, kind: Kind) -> None:
    for finding in analyse(json.dumps(content), kind, CONTEXT):
        assert finding.key
        assert finding.message


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '"Allow"', "null", "{}{}", '{"Statement": []}', "NaN"])
def test_what_is_no_policy_is_a_finding_of_grammar(text: str) -> None:
    (finding,) = analyse(text, Kind.IDENTITY, CONTEXT)
    assert finding.concern is Concern.GRAMMAR


def test_a_statement_is_read_in_one_form_however_it_is_written() -> None:
    short = {"Effect": "Allow", "Action": "s3:GetObject", "Principal": "*", "Resource": "*"}
    full = {"Effect": "Allow", "Action": ["s3:GetObject"], "Principal": {"AWS": ["*"]}, "Resource": ["*"]}
    one, many = (parse(json.dumps({"Statement": statement}), Kind.RESOURCE) for statement in (short, [full]))
    assert one == many
    assert one.statements == (Statement(0, True, ("s3:GetObject",), resources=("*",), principals=(("AWS", "*"),)),)


@pytest.mark.parametrize(
    ("operator", "values", "read"),
    [
        ("stringequals", "v", Condition("StringEquals", "aws:x", ("v",))),
        (
            "ForAnyValue:StringLikeIfExists",
            ["v", "w"],
            Condition("StringLike", "aws:x", ("v", "w"), "foranyvalue", True),
        ),
        ("Bool", True, Condition("Bool", "aws:x", ("true",))),
        ("NumericLessThan", 1.2, Condition("NumericLessThan", "aws:x", ("1.2",))),
    ],
)
def test_a_condition_is_read_with_its_qualifiers(operator: str, values: Any, read: Condition) -> None:
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {"AWS:x": values}}}
    assert parse(json.dumps({"Statement": statement}), Kind.IDENTITY).statements[0].conditions == (read,)


@pytest.mark.parametrize("kind", [Kind.SCP, Kind.ENDPOINT, Kind.BOUNDARY])
def test_a_ceiling_may_be_wide(kind: Kind) -> None:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": ["s3:*", "sqs:*"], "Resource": "*"}
    if kind is Kind.ENDPOINT:
        statement |= {"Principal": "*", "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-acme000001"}}}
    assert analyse(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), kind, CONTEXT) == ()


def test_the_services_that_resource_control_policies_apply_to_exist() -> None:
    assert services() >= _WITH_RCPS
