"""Roles: the smallest documents, IAM's quotas, and a ceiling that every grant fits under."""

import json

import pytest

from components.foundation import trust
from components.foundation.boundary import BoundaryPolicy, BoundaryPolicyArgs, boundary_document
from components.foundation.grants import Grant, grant
from components.foundation.policy import size
from components.foundation.roles import (
    INLINE_LIMIT,
    MANAGED_LIMIT,
    Documents,
    Role,
    RoleArgs,
    permission_documents,
    trust_document,
)
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT, GRANTS
from tests.components.harness import make_account, run

LAMBDA = trust.by_service(ACCOUNT, "lambda.amazonaws.com")


def distinct(count: int, length: int = 100) -> list[Grant]:
    """Grants that cannot be merged, each about `length` characters."""
    return [grant("test", [f"s3:Get{number}"], [f"arn:aws:s3:::{'x' * length}{number}"]) for number in range(count)]


def test_no_grants_give_no_document() -> None:
    assert permission_documents([]) == Documents()


def test_all_grants_of_foundation_fit_into_one_inline_policy() -> None:
    documents = permission_documents(list(GRANTS.values()))
    assert documents.inline
    assert documents.managed == ()


def test_the_same_grant_twice_is_one_statement() -> None:
    once, twice = permission_documents([GRANTS["tracing"]]), permission_documents([GRANTS["tracing"]] * 2)
    assert once == twice


def test_too_much_for_inline_is_split_over_managed_policies_without_loss() -> None:
    wanted = distinct(100)
    documents = permission_documents(wanted)
    assert documents.inline is None
    assert len(documents.managed) == 3
    assert all(size(text) <= MANAGED_LIMIT for text in documents.managed)
    found = {one["Resource"] for text in documents.managed for one in json.loads(text)["Statement"]}
    assert found == {statement.resources[0] for one in wanted for statement in one.statements}


def test_the_inline_quota_is_used_to_the_last_character() -> None:
    (statement,) = json.loads(permission_documents(distinct(1, 0)).inline or "")["Statement"]
    fixed = size(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    fitting = permission_documents(distinct(1, INLINE_LIMIT - fixed))
    assert size(fitting.inline or "") == INLINE_LIMIT
    with pytest.raises(ValueError, match=r"^grants: one statement exceeds"):
        permission_documents(distinct(1, INLINE_LIMIT - fixed + 1))


def test_more_than_a_role_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^grants: \d+ managed policies"):
        permission_documents(distinct(1000))


def test_a_trust_policy_over_the_quota_is_refused() -> None:
    arns = [f"arn:aws:iam::111111111111:role/acme-{'x' * 40}-{number}" for number in range(30)]
    with pytest.raises(ValueError, match=r"^trust: .* 2048"):
        trust_document([trust.by_roles(ACCOUNT, arns)])


def test_a_role_carries_its_trust_its_grants_and_the_boundary() -> None:
    args = RoleArgs(account=ACCOUNT, what="ingest", trust=[LAMBDA], grants=[GRANTS["tracing"]])
    made = run(lambda: Role("ingest", args))
    role, policy = made.one("iam.Role"), made.one("iam.RolePolicy")
    assert role.inputs["name"] == "acme-sales-prod-ingest"
    assert role.inputs["permissionsBoundary"] == "arn:aws:iam::222222222222:policy/acme-boundary"
    assert role.document("assumeRolePolicy")["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}},
        }
    ]
    assert policy.document("policy")["Statement"][0]["Action"] == list(GRANTS["tracing"].statements[0].actions)
    assert policy.inputs["role"] == "acme-sales-prod-ingest"


def test_a_large_role_attaches_what_it_splits() -> None:
    args = RoleArgs(account=ACCOUNT, what="large", trust=[LAMBDA], grants=distinct(100))
    made = run(lambda: Role("large", args))
    assert [one.inputs["name"] for one in made.of("iam.Policy")] == [f"acme-sales-prod-large-{n}" for n in (1, 2, 3)]
    assert len(made.of("iam.RolePolicyAttachment")) == 3
    assert made.of("iam.RolePolicy") == []


def test_a_role_offers_itself() -> None:
    role: list[Role] = []
    run(lambda: role.append(Role("r", RoleArgs(account=ACCOUNT, what="r", trust=[LAMBDA]))))
    assert role[0].assuming().statements[0].resources == (role[0].arn,)
    assert role[0].passing("glue.amazonaws.com").statements[0].actions == ("iam:PassRole",)


@pytest.mark.parametrize("kind", sorted(GRANTS))
def test_every_grant_fits_under_the_boundary(kind: str) -> None:
    boundary = boundary_document(ACCOUNT)
    inside = {"aws:ResourceOrgID": "o-acme000001"}
    for statement in GRANTS[kind].statements:
        for action in statement.actions:
            for resource in statement.resources:
                assert matching(boundary, inside, action=action, resource=resource) == ["Allow"], (action, resource)


@pytest.mark.parametrize("action", ["iam:CreateUser", "iam:PutRolePolicy", "organizations:LeaveOrganization"])
def test_no_role_rises_above_the_boundary(action: str) -> None:
    assert "Allow" not in matching(boundary_document(ACCOUNT), {}, action=action)
    assert "Deny" in matching(boundary_document(ACCOUNT), {}, action=action)


def test_the_boundary_ends_at_the_organisation() -> None:
    boundary = boundary_document(ACCOUNT)
    strange = {"aws:ResourceOrgID": "o-other00001"}
    bucket = "arn:aws:s3:::acme-sales-prod-landing-222222222222-eu-west-1/x"
    assert matching(boundary, strange, action="s3:PutObject", resource=bucket) == []
    assert matching(boundary, strange, action="kms:Decrypt", resource="arn:aws:kms:eu-west-1:9:key/1") == []
    assert matching(boundary, {}, action="sqs:SendMessage", resource="arn:aws:sqs:eu-west-1:9:other") == []


def test_the_boundary_is_the_primary_stacks() -> None:
    made = run(lambda: BoundaryPolicy("boundary", BoundaryPolicyArgs(account=ACCOUNT)))
    assert made.one("iam.Policy").inputs["name"] == "acme-boundary"
    with pytest.raises(ValueError, match=r"^account: "):
        run(lambda: BoundaryPolicy("b", BoundaryPolicyArgs(account=make_account(region="eu-central-1"))))
