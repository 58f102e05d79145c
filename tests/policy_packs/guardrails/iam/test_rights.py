"""What a principal may do, against the evaluation of single requests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.grammar import Parsed, Statement, parse
from mesh_guardrails.iam.patterns import covers
from mesh_guardrails.iam.reference import everything, expand
from mesh_guardrails.iam.rights import Attached, Rights
from mesh_guardrails.iam.scope import speaks_of

from tests.policy_packs.guardrails.iam.evaluator import Request, decide, glob

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy", "sqs:SendMessage", "iam:PassRole")
PATTERNS = (*ACTIONS, "*", "s3:*", "s3:Put*", "S3:getobject", "*:*e*", "iam:Pass????", "sqs:Receive*")
RESOURCES = (
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::b?",
    "arn:aws:sqs:eu-west-1:1:q",
)
NAMED = ("arn:aws:s3:::a", "arn:aws:s3:::a/x", "arn:aws:s3:::b1", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:iam::1:role/r")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"StringEquals": {"aws:ResourceAccount": "1"}},
    {"StringNotEquals": {"aws:ResourceAccount": "1"}},
    {"Bool": {"aws:SecureTransport": "true"}},
)
CONTEXTS = ({}, {"aws:resourceaccount": "1"}, {"aws:resourceaccount": "2", "aws:securetransport": "true"})


@st.composite
def statements(draw: st.DrawFn, conditions: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """A statement of an identity policy."""
    action, resource = (
        draw(st.sampled_from(["Action", "NotAction"])),
        draw(st.sampled_from(["Resource", "NotResource"])),
    )
    made = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        action: draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2)),
        resource: draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)),
    }
    if condition := draw(st.sampled_from(conditions)):
        made["Condition"] = condition
    return made


def policies(*conditions: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A policy of up to four statements."""
    drawn = statements(conditions or CONDITIONS)
    return st.builds(
        lambda listed: {"Version": "2012-10-17", "Statement": listed}, st.lists(drawn, min_size=1, max_size=4)
    )


# There is no request for an object of a queue.
POSSIBLE = [(action, arn) for action in ACTIONS for arn in NAMED if arn.split(":")[2] == action.partition(":")[0]]
requests = st.builds(
    lambda what, context: Request(*what, context), st.sampled_from(POSSIBLE), st.sampled_from(CONTEXTS)
)


def read(policy: dict[str, Any]) -> Parsed:
    parsed = parse(json.dumps(policy), Kind.IDENTITY)
    assert parsed.problems == ()
    return parsed


def rights(given_: list[dict[str, Any]], boundary: dict[str, Any] | None = None) -> Rights:
    """The rights that a principal has by these policies."""
    attached = tuple(Attached(str(number), read(policy).statements) for number, policy in enumerate(given_))
    return Rights(attached, read(boundary).statements if boundary else None)


@settings(max_examples=200, deadline=None)
@given(st.lists(policies(), min_size=1, max_size=3), st.none() | policies(), requests)
def test_nothing_that_is_allowed_is_missed(
    given_: list[dict[str, Any]], boundary: dict[str, Any] | None, request: Request
) -> None:
    if decide(given_, request, boundary):
        grants = rights(given_, boundary).of(request.action)
        assert any(grant.reaches(request.resource) for grant in grants)


@settings(max_examples=200, deadline=None)
@given(st.lists(policies({}), min_size=1, max_size=3), requests)
def test_a_grant_that_nothing_limits_is_real(given_: list[dict[str, Any]], request: Request) -> None:
    """Without denials, conditions and NotResource, what is reached is allowed."""
    for policy in given_:
        for each in policy["Statement"]:
            each["Effect"] = "Allow"
            each["Resource"] = each.pop("NotResource", None) or each["Resource"]
    reached = any(grant.reaches(request.resource) for grant in rights(given_).of(request.action))
    assert reached == decide(given_, request)


def test_nothing_is_granted_on_what_an_action_is_not_about() -> None:
    allow = {"Effect": "Allow", "Action": ["s3:GetObject", "sts:AssumeRole"], "Resource": list(NAMED)}
    granted = rights([{"Version": "2012-10-17", "Statement": allow}])
    assert [grant.resource for grant in granted.of("s3:GetObject")] == ["arn:aws:s3:::a", "arn:aws:s3:::a/x", NAMED[2]]
    assert [grant.resource for grant in granted.of("sts:AssumeRole")] == ["arn:aws:iam::1:role/r"]


@settings(max_examples=150, deadline=None)
@given(policies({}), requests)
def test_what_is_wholly_denied_is_not_granted(policy: dict[str, Any], request: Request) -> None:
    denial = {"Effect": "Deny", "Action": request.action, "Resource": "*"}
    denying = {"Version": "2012-10-17", "Statement": [denial]}
    assert rights([policy, denying]).of(request.action) == ()
    assert not decide([policy, denying], request)


@settings(max_examples=150, deadline=None)
@given(policies(), policies({}), requests)
def test_a_boundary_grants_nothing(policy: dict[str, Any], boundary: dict[str, Any], request: Request) -> None:
    below = {(g.resource, g.policy, g.statement.index) for g in rights([policy], boundary).of(request.action)}
    free = {(g.resource, g.policy, g.statement.index) for g in rights([policy]).of(request.action)}
    assert below <= free


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from((*PATTERNS, "iam:*", "?am:*", "*:Get*")), min_size=1, max_size=4))
def test_action_and_not_action_share_all_actions_between_them(listed: list[str]) -> None:
    named = Statement(0, True, tuple(listed))
    others = Statement(0, True, tuple(listed), not_action=True)
    meant = {action.name for action in everything() if speaks_of(named, action.name)}
    rest = {action.name for action in everything() if speaks_of(others, action.name)}
    assert meant == {action.name for pattern in listed for action in expand(pattern)}
    assert rest == {action.name for action in everything()} - meant


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(RESOURCES), st.sampled_from(RESOURCES[:-1]), st.sampled_from(NAMED))
def test_denying_a_pattern_denies_what_it_covers(wide: str, narrow: str, arn: str) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": narrow},
            {"Effect": "Deny", "Action": "s3:*", "Resource": wide},
        ],
    }
    assert bool(rights([policy]).of("s3:GetObject")) == (not covers(wide, narrow))
    if covers(wide, narrow) and glob(narrow, arn):
        assert not decide([policy], Request("s3:GetObject", arn))
