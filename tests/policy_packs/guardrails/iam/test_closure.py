"""Who gets more rights through whom."""

from __future__ import annotations

from typing import Any

import pytest
from mesh_guardrails.iam.attached import principals
from mesh_guardrails.iam.closure import escalations
from mesh_guardrails.resource import Resource, Stack

from tests.policy_packs.guardrails.building import policy, resource, sdk_lacks
from tests.policy_packs.guardrails.cases.escalation import ACCOUNT, CREATE, TO_LAMBDA, inline, managed, role
from tests.policy_packs.guardrails.statements import allow, when


def found(*resources: Resource) -> dict[str, list[str]]:
    """The keys of the findings, by name of the principal."""
    keys: dict[str, list[str]] = {}
    for escalation in escalations(principals(Stack(resources), "222222222222")):
        keys.setdefault(escalation.principal.resource.name, []).append(escalation.key)
    return keys


MIGHTY = (role("acme-c", {"AWS": f"{ACCOUNT}:role/acme-b"}), inline(allow("*"), of="acme-c"))
MIDDLE = (role("acme-b"), inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-c"), of="acme-b"))
PASSING = inline(CREATE, allow("iam:PassRole", f"{ACCOUNT}:role/acme-b", **TO_LAMBDA), of="acme-a")


def test_rights_are_followed_over_several_roles() -> None:
    assert found(role("acme-a"), PASSING, *MIDDLE, *MIGHTY) == {
        "acme-a": ["through:acme-c"],
        "acme-b": ["through:acme-c"],
    }


def test_rights_are_followed_where_the_account_is_not_known() -> None:
    stack = Stack([role("acme-a"), PASSING, *MIDDLE, *MIGHTY])
    assert [each.principal.resource.name for each in escalations(principals(stack, None))] == ["acme-a", "acme-b"]


def test_a_link_that_is_missing_ends_the_chain() -> None:
    unable = inline(allow("iam:PassRole", f"{ACCOUNT}:role/acme-b", **TO_LAMBDA), of="acme-a")
    assert found(role("acme-a"), unable, *MIDDLE, *MIGHTY) == {"acme-b": ["through:acme-c"]}
    assert found(role("acme-a"), PASSING, *MIDDLE) == {}


def test_roles_that_assume_each_other_are_no_endless_chain() -> None:
    assert (
        found(
            role("acme-a", {"AWS": "222222222222"}),
            inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-b"), of="acme-a"),
            role("acme-b", {"AWS": "222222222222"}),
            inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-a"), of="acme-b"),
        )
        == {}
    )


def test_one_statement_that_opens_many_ways_is_one_finding() -> None:
    assert found(role("acme-a"), inline(allow("iam:*"), of="acme-a")) == {"acme-a": ["acme-a-inline/1"]}


def test_the_message_names_the_statement_the_way_and_the_change() -> None:
    stack = Stack([role("acme-a"), inline(allow("iam:PutRolePolicy", Sid="Own"), of="acme-a")])
    (escalation,) = escalations(principals(stack, "222222222222"))
    for told in ("statement Own", "acme-a-inline", "iam-005", "name other resources than * for iam:PutRolePolicy"):
        assert told in escalation.message


def test_a_user_has_the_rights_of_its_groups_too() -> None:
    user = resource("aws:iam/user:User", {"name": "u"}, name="u")
    group = resource("aws:iam/group:Group", {"name": "g"}, name="g")
    own = resource("aws:iam/userPolicy:UserPolicy", {"user": "u", "policy": policy(CREATE)}, name="u-inline")
    shared = resource(
        "aws:iam/groupPolicy:GroupPolicy",
        {"group": "g", "policy": policy(allow("iam:PassRole", **TO_LAMBDA))},
        name="g-inline",
    )
    joined = resource("aws:iam/userGroupMembership:UserGroupMembership", {"user": "u", "groups": ["g"]})
    assert found(user, group, own, shared) == {}
    assert found(user, group, own, shared, joined) == {"u": ["g-inline/1"]}


def test_a_part_of_a_way_may_be_a_roles() -> None:
    calling = allow("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:222222222222:function:acme-*")
    making = allow("lambda:CreateFunction", "arn:aws:lambda:eu-west-1:222222222222:function:acme-*")
    maker = (
        role("acme-b", {"AWS": f"{ACCOUNT}:role/acme-a"}),
        inline(making, allow("iam:PassRole", Sid="Pass", **TO_LAMBDA), of="acme-b"),
    )
    stack = Stack([role("acme-a"), inline(calling, of="acme-a"), *maker])
    (escalation,) = escalations(principals(stack, "222222222222"))
    assert (escalation.principal.resource.name, escalation.key) == ("acme-a", "together:lambda-001")
    for told in ("acme-b has the first", "statement Pass of policy acme-b-inline", "acme-b (sts:AssumeRole)"):
        assert told in escalation.message
    assert found(role("acme-a"), *maker) == {}


def test_roles_in_a_circle_have_each_others_parts() -> None:
    changing = allow(["ec2:ModifyInstanceAttribute", "ec2:StopInstances"])
    starting = allow("ec2:StartInstances", "arn:aws:ec2:eu-west-1:222222222222:instance/*")
    assert found(
        role("acme-a", {"AWS": f"{ACCOUNT}:role/acme-b"}),
        inline(changing, of="acme-a"),
        role("acme-b", {"AWS": f"{ACCOUNT}:role/acme-a"}),
        inline(starting, of="acme-b"),
    ) == {"acme-a": ["together:ec2-002"], "acme-b": ["together:ec2-002"]}


WIDE = f"{ACCOUNT}:policy/wide"
SET = "arn:aws:sso:::permissionSet/x"


@pytest.mark.parametrize(
    ("holder", "attachment", "props"),
    [
        ("aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "x", "policyArn": WIDE}),
        (
            "aws:iam/role:Role",
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            {"roleName": "x", "policyArns": [WIDE]},
        ),
        (
            "aws:iam/user:User",
            "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
            {"userName": "x", "policyArns": [WIDE]},
        ),
        (
            "aws:iam/group:Group",
            "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
            {"groupName": "x", "policyArns": [WIDE]},
        ),
        ("aws:iam/group:Group", "aws:iam/policyAttachment:PolicyAttachment", {"groups": ["x"], "policyArn": WIDE}),
        (
            "aws:ssoadmin/permissionSet:PermissionSet",
            "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive",
            {"permissionSetArn": SET, "managedPolicyArns": [WIDE]},
        ),
        (
            "aws:ssoadmin/permissionSet:PermissionSet",
            "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment",
            {"permissionSetArn": SET, "customerManagedPolicyReference": {"name": "wide"}},
        ),
        (
            "aws:ssoadmin/permissionSet:PermissionSet",
            "aws:ssoadmin/customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive",
            {"permissionSetArn": SET, "customerManagedPolicyReferences": [{"name": "wide"}]},
        ),
    ],
    ids=lambda given: given.rpartition(":")[2] if isinstance(given, str) else "",
)
def test_a_policy_is_its_holders_however_it_is_attached(holder: str, attachment: str, props: dict[str, Any]) -> None:
    about = {"name": "x"} if holder.startswith("aws:iam/") else {"arn": SET}
    policies = (managed("wide", allow("iam:*")), resource(attachment, props))
    assert found(resource(holder, about, name="x"), *policies) == {"x": ["wide/1"]}
    assert sdk_lacks(attachment, *_paths(props)) == []


def _paths(props: dict[str, Any]) -> list[str]:
    """The paths of the properties that are set."""
    nested = {"customerManagedPolicyReference": ".name", "customerManagedPolicyReferences": "[].name"}
    return [key + nested.get(key, "") for key in props]


def test_of_a_policy_of_aws_one_can_only_take_another() -> None:
    full = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "acme-a", "policyArn": "arn:aws:iam::aws:policy/AWSLambda_FullAccess"},
    )
    for escalation in (told := list(escalations(principals(Stack([role("acme-a"), full]), "222222222222")))):
        assert escalation.key.startswith("AWSLambda_FullAccess/")
        assert "attach a policy of one's own without" in escalation.message
    assert told
    reading = resource(full.type, {"role": "acme-a", "policyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"})
    assert found(role("acme-a"), reading) == {}


def test_a_policy_of_aws_and_ones_own_open_a_way_together() -> None:
    stacks = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "acme-a", "policyArn": "arn:aws:iam::aws:policy/AWSAppMeshFullAccess"},
    )
    to_stacks = when("StringEquals", iam__PassedToService="cloudformation.amazonaws.com")
    passing = inline(allow("iam:PassRole", **to_stacks), of="acme-a")
    assert found(role("acme-a"), passing) == found(role("acme-a"), stacks) == {}
    assert found(role("acme-a"), stacks, passing) == {"acme-a": ["acme-a-inline/1"]}
