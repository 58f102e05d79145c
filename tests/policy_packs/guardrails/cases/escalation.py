"""What is attached to principals, together: boundaries, quotas and ways to more rights."""

from __future__ import annotations

from typing import Any

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, policy, refused, resource
from tests.policy_packs.guardrails.statements import POLICY, ROLE, allow, deny, document, when

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
ACCOUNT = "arn:aws:iam::222222222222"
BOUNDARY = f"{ACCOUNT}:policy/acme-boundary"
TO_LAMBDA = when("StringEquals", iam__PassedToService="lambda.amazonaws.com")


def role(name: str = "acme-x", *trusts: object, **more: object) -> Resource:
    """A role; without more it trusts Lambda."""
    principal = trusts[0] if trusts else {"Service": "lambda.amazonaws.com"}
    trust = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    return resource(ROLE, {"name": name, "assumeRolePolicy": trust, **more}, name=name)


def inline(*statements: dict[str, Any], of: str = "acme-x") -> Resource:
    """An inline policy of a role."""
    return resource(ROLE_POLICY, {"role": of, "policy": policy(*statements)}, name=f"{of}-inline")


def managed(name: str, *statements: dict[str, Any]) -> Resource:
    """A managed policy."""
    return resource(POLICY, {"name": name, "policy": policy(*statements)}, name=name)


def attached(name: str, of: str = "acme-x") -> Resource:
    """A managed policy of the account attached to a role."""
    return resource(ATTACHMENT, {"role": of, "policyArn": f"{ACCOUNT}:policy/{name}"}, name=f"{of}-{name}")


def exclusive(*policies: str, of: str = "acme-x") -> Resource:
    """All the managed policies of a role."""
    return resource(EXCLUSIVE, {"roleName": of, "policyArns": list(policies)}, name=f"{of}-all")


FUNCTIONS = "arn:aws:lambda:eu-west-1:222222222222:function:acme-*"
CREATE = allow(["lambda:CreateFunction", "lambda:InvokeFunction"], FUNCTIONS)
MACHINES = "arn:aws:ec2:eu-west-1:222222222222:instance/*"
ASSUME_Y = allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-y")


def trusting(*statements: dict[str, Any], name: str = "acme-y") -> Resource:
    """A role with a trust policy of several statements, which may do everything by `mighty`."""
    return resource(ROLE, {"name": name, "assumeRolePolicy": policy(*statements)}, name=name)


def lets_in(principal: object, effect: str = "Allow", action: str = "sts:AssumeRole", **more: object) -> dict[str, Any]:
    """A statement of a trust policy."""
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


MIGHTY = inline(allow("*"), of="acme-y")
CASES: dict[str, list[Case]] = {
    "iam-boundary": [
        accepted("a role below one", role(permissionsBoundary=BOUNDARY)),
        accepted("below one that is not known yet", role(permissionsBoundary=UNKNOWN)),
        refused("a role", role(), "permissions-boundary"),
        refused("a user", resource(USER, {"name": "u", "permissionsBoundary": ""}), "permissions-boundary"),
    ],
    "iam-open-boundary": [
        accepted("services only", document(allow(["s3:*", "sqs:*"]), name="acme-boundary")),
        accepted(
            "everything but rights",
            document(allow("*"), deny(["iam:*", "organizations:*"]), name="acme-boundary"),
        ),
        accepted(
            "roles below the same boundary",
            document(
                allow("iam:CreateRole", **when("StringEquals", iam__PermissionsBoundary=BOUNDARY)), name="acme-boundary"
            ),
        ),
        accepted("what is no boundary", document(allow("iam:CreateRole"))),
        refused("everything", document(allow("*"), name="acme-boundary"), "policy/1"),
        refused(
            "all of IAM but the boundary itself",
            document(allow("iam:*"), deny("iam:*", BOUNDARY), name="acme-boundary"),
            "policy/1",
        ),
    ],
    "iam-attached-size": [
        accepted("short", [role(), inline(allow("s3:GetObject", "arn:aws:s3:::b/*"))]),
        accepted("ten policies", [role(), *(attached(f"p{n}") for n in range(10))]),
        accepted(
            "ten policies, of which some are attached twice",
            [
                role(),
                *(attached(f"p{n}") for n in range(10)),
                exclusive(*(f"{ACCOUNT}:policy/p{n}" for n in range(10))),
            ],
        ),
        refused("eleven", [role(), *(attached(f"p{n}") for n in range(11))], "managed"),
        refused(
            "two inline policies that are too long together",
            [
                role(),
                *(
                    resource(
                        ROLE_POLICY,
                        {
                            "role": "acme-x",
                            "policy": policy(deny("s3:*", [f"arn:aws:s3:::{n:060d}" for n in range(70)])),
                        },
                        name=f"i{which}",
                    )
                    for which in range(2)
                ),
            ],
            "inline",
        ),
    ],
    "iam-escalation": [
        accepted("rights to data", [role(), inline(allow("s3:GetObject", "arn:aws:s3:::b/*"))]),
        accepted("an administrator, who is reported as such", [role(), inline(allow("*"))]),
        accepted(
            "one role passed to Lambda",
            [role(), inline(CREATE, allow("iam:PassRole", f"{ACCOUNT}:role/acme-jobs-*", **TO_LAMBDA))],
        ),
        accepted(
            "every role, but to a service it starts nothing of",
            [
                role(),
                inline(CREATE, allow("iam:PassRole", **when("StringEquals", iam__PassedToService="ec2.amazonaws.com"))),
            ],
        ),
        accepted("every role, and nothing to pass it to", [role(), inline(allow("iam:PassRole", **TO_LAMBDA))]),
        accepted(
            "the half of a way, and the other half at somebody else",
            [role(), inline(CREATE), role("acme-y"), inline(allow("iam:PassRole", **TO_LAMBDA), of="acme-y")],
        ),
        accepted(
            "the code of one function",
            [
                role(),
                inline(allow("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:222222222222:function:acme-x")),
            ],
        ),
        accepted(
            "commands on tagged machines",
            [role(), inline(allow("ssm:SendCommand", Condition={"StringEquals": {"aws:ResourceTag/Team": "x"}}))],
        ),
        accepted("denied again", [role(), inline(allow("iam:Create*"), deny("iam:*"))]),
        accepted(
            "denied in another policy",
            [role(), inline(allow("iam:PutRolePolicy")), managed("no", deny("iam:Put*")), attached("no")],
        ),
        accepted(
            "under a boundary that has nothing of it",
            [
                role(permissionsBoundary=BOUNDARY),
                inline(allow("iam:PutRolePolicy")),
                managed("acme-boundary", allow(["s3:*", "sqs:*"])),
            ],
        ),
        accepted(
            "policies of other roles, by name",
            [role(), inline(allow("iam:PutRolePolicy", f"{ACCOUNT}:role/acme-jobs-*"))],
        ),
        accepted(
            "policies for those below the boundary",
            [role(), inline(allow("iam:PutRolePolicy", **when("StringEquals", iam__PermissionsBoundary=BOUNDARY)))],
        ),
        accepted(
            "one's own access keys",
            [
                resource(USER, {"name": "u"}),
                resource(
                    "aws:iam/userPolicy:UserPolicy",
                    {"user": "u", "policy": policy(allow("iam:CreateAccessKey", f"{ACCOUNT}:user/${{aws:username}}"))},
                ),
            ],
        ),
        accepted(
            "assuming a role of few rights",
            [
                role(),
                inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-y")),
                role("acme-y", {"AWS": "222222222222"}),
                inline(allow("s3:GetObject", "arn:aws:s3:::b/*"), of="acme-y"),
            ],
        ),
        accepted(
            "naming a mighty role that does not trust it",
            [
                role(),
                inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-y")),
                role("acme-y", {"AWS": "111111111111"}),
                inline(allow("*"), of="acme-y"),
            ],
        ),
        accepted(
            "trusted by the account, without the right to assume",
            [role(), trusting(lets_in({"AWS": "222222222222"})), MIGHTY],
        ),
        accepted(
            "trusted by name, and denied by a policy of its own",
            [role(), inline(deny("sts:*")), trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-x"})), MIGHTY],
        ),
        accepted(
            "trusted by name, under a boundary that has nothing of it",
            [
                role(permissionsBoundary=BOUNDARY),
                managed("acme-boundary", allow(["s3:*", "sqs:*"])),
                trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-x"})),
                MIGHTY,
            ],
        ),
        accepted(
            "another role trusted by name",
            [role(), inline(ASSUME_Y), trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-z"})), MIGHTY],
        ),
        accepted(
            "trusted with the account, and denied by name",
            [
                role(),
                inline(ASSUME_Y),
                trusting(
                    lets_in({"AWS": "222222222222"}),
                    lets_in({"AWS": f"{ACCOUNT}:role/acme-x"}, "Deny", "sts:*"),
                ),
                MIGHTY,
            ],
        ),
        accepted(
            "trusted with the account, of which a Deny leaves another role",
            [
                role(),
                inline(ASSUME_Y),
                trusting(
                    lets_in({"AWS": "222222222222"}),
                    lets_in("*", "Deny", **when("ArnNotEquals", aws__PrincipalArn=f"{ACCOUNT}:role/acme-z")),
                ),
                MIGHTY,
            ],
        ),
        accepted(
            "a right to assume what is no role",
            [
                role(),
                inline(allow(["ec2:StopInstances", "sts:AssumeRole"], MACHINES)),
                trusting(lets_in({"AWS": "222222222222"})),
                MIGHTY,
            ],
        ),
        accepted(
            "trusted to tag sessions only",
            [role(), inline(ASSUME_Y), trusting(lets_in({"AWS": "222222222222"}, action="sts:TagSession")), MIGHTY],
        ),
        accepted(
            "passing roles as somebody who starts nothing",
            [
                role(),
                inline(ASSUME_Y, CREATE),
                trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-x"})),
                inline(allow("iam:PassRole", **TO_LAMBDA), of="acme-y"),
            ],
        ),
        refused(
            "trusted by name, which is enough in one account",
            [role(), trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-x"})), MIGHTY],
            "through:acme-y",
        ),
        refused(
            "trusted by condition, with the right to assume",
            [
                role(),
                inline(ASSUME_Y),
                trusting(
                    lets_in({"AWS": "222222222222"}, **when("ArnLike", aws__PrincipalArn=f"{ACCOUNT}:role/acme-*"))
                ),
                MIGHTY,
            ],
            "through:acme-y",
        ),
        refused(
            "trusted with everybody but another",
            [
                role(),
                inline(ASSUME_Y),
                trusting(
                    {"Effect": "Allow", "NotPrincipal": {"AWS": f"{ACCOUNT}:role/acme-z"}, "Action": "sts:AssumeRole"}
                ),
                MIGHTY,
            ],
            "through:acme-y",
        ),
        refused(
            "denied to others",
            [
                role(),
                inline(ASSUME_Y),
                trusting(lets_in({"AWS": "222222222222"}), lets_in({"AWS": f"{ACCOUNT}:role/acme-z"}, "Deny", "sts:*")),
                MIGHTY,
            ],
            "through:acme-y",
        ),
        refused(
            "a function made as another role, and called as oneself",
            [
                role(),
                inline(ASSUME_Y, allow("lambda:InvokeFunction", FUNCTIONS)),
                trusting(lets_in({"AWS": f"{ACCOUNT}:role/acme-x"})),
                inline(allow("lambda:CreateFunction", FUNCTIONS), allow("iam:PassRole", **TO_LAMBDA), of="acme-y"),
            ],
            "together:lambda-001",
        ),
        refused(
            "machines changed as oneself, stopped and started through two roles",
            [
                role(),
                inline(ASSUME_Y, allow("ec2:ModifyInstanceAttribute")),
                trusting(lets_in({"AWS": "222222222222"})),
                inline(
                    allow("ec2:StopInstances", MACHINES), allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-z"), of="acme-y"
                ),
                trusting(lets_in({"AWS": "222222222222"}), name="acme-z"),
                inline(allow("ec2:StartInstances", MACHINES), of="acme-z"),
            ],
            "together:ec2-002",
        ),
        refused("a policy version", [role(), inline(allow("iam:CreatePolicyVersion"))], "acme-x-inline/1"),
        refused(
            "its own policies",
            [role(), inline(allow("iam:PutRolePolicy", f"{ACCOUNT}:role/acme-x"))],
            "acme-x-inline/1",
        ),
        refused(
            "its own policies, by pattern",
            [role(), inline(allow("iam:PutRolePolicy", f"{ACCOUNT}:role/acme-*"))],
            "acme-x-inline/1",
        ),
        refused(
            "all but some actions",
            [role(), inline({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})],
            "acme-x-inline/1",
        ),
        refused(
            "every role to a function of its own",
            [role(), inline(CREATE, allow("iam:PassRole", **TO_LAMBDA))],
            "acme-x-inline/2",
        ),
        refused(
            "a way whose parts are in two policies",
            [role(), inline(CREATE), managed("passing", allow("iam:PassRole", Sid="Pass")), attached("passing")],
            "passing/Pass",
        ),
        refused(
            "a policy of AWS",
            [role(), resource(ATTACHMENT, {"role": "acme-x", "policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"})],
            "IAMFullAccess/1",
        ),
        refused(
            "one's own policies, by the name one has",
            [
                resource(USER, {"name": "u"}),
                resource(
                    "aws:iam/userPolicy:UserPolicy",
                    {"user": "u", "policy": policy(allow("iam:PutUserPolicy", f"{ACCOUNT}:user/${{aws:userName}}"))},
                    name="u-inline",
                ),
            ],
            "u-inline/1",
        ),
        refused("a policy that others attach", [managed("shared", allow("iam:AttachRolePolicy"))], "shared/1"),
        refused(
            "through its group",
            [
                resource(USER, {"name": "u"}),
                resource(GROUP, {"name": "g"}),
                resource(
                    "aws:iam/groupPolicy:GroupPolicy",
                    {"group": "g", "policy": policy(allow("iam:AddUserToGroup"))},
                    name="g-inline",
                ),
                resource("aws:iam/userGroupMembership:UserGroupMembership", {"user": "u", "groups": ["g"]}),
            ],
            "g-inline/1",
        ),
        refused(
            "within a boundary that allows it",
            [
                role(permissionsBoundary=BOUNDARY),
                inline(allow("iam:PutRolePolicy")),
                managed("acme-boundary", allow("*")),
            ],
            "acme-x-inline/1",
        ),
        refused(
            "denied elsewhere only",
            [role(), inline(allow("iam:PutRolePolicy"), deny("iam:*", f"{ACCOUNT}:role/acme-y"))],
            "acme-x-inline/1",
        ),
        refused(
            "by assuming a mighty role",
            [
                role(),
                inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-y")),
                role("acme-y", {"AWS": f"{ACCOUNT}:root"}),
                inline(allow("iam:AttachRolePolicy"), of="acme-y"),
            ],
            "through:acme-y",
        ),
        refused(
            "by passing a role that can assume a mighty one",
            [
                role("acme-a", {"Service": "ec2.amazonaws.com"}),
                inline(CREATE, allow("iam:PassRole", f"{ACCOUNT}:role/acme-b", **TO_LAMBDA), of="acme-a"),
                role("acme-b"),
                inline(allow("sts:AssumeRole", f"{ACCOUNT}:role/acme-c"), of="acme-b"),
                role("acme-c", {"AWS": f"{ACCOUNT}:role/acme-b"}),
                inline(allow("*"), of="acme-c"),
            ],
            "through:acme-c",
        ),
        refused(
            "not known yet",
            [role(), resource(ROLE_POLICY, {"role": "acme-x", "policy": UNKNOWN})],
            "unknown",
            undetermined=True,
        ),
    ],
}
