"""Policies of the organisation: service control and resource control policies."""

from __future__ import annotations

from typing import Any

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, policy, refused, resource

ORGANISATION_POLICY = "aws:organizations/policy:Policy"
OURS, OTHER = "o-acme000001", "o-other00001"
NOT_OURS = {"aws:PrincipalOrgID": OURS}
NO_SERVICE = {"aws:PrincipalIsAWSService": "false"}
A_SERVICE = {"aws:PrincipalIsAWSService": "true"}
TELLS = {"aws:SourceAccount": "false"}


def deny(action: object = "s3:*", **condition: object) -> dict[str, Any]:
    """A statement that denies everybody; `__` in an operator stands for a colon."""
    statement: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    if condition:
        statement["Condition"] = {operator.replace("__", ":"): tests for operator, tests in condition.items()}
    return statement


def rcp(*statements: dict[str, Any], **more: object) -> Resource:
    """A resource control policy."""
    return resource(
        ORGANISATION_POLICY, {"type": "RESOURCE_CONTROL_POLICY", "content": policy(*statements), **more}, name="rcp"
    )


def scp(*statements: dict[str, Any], **more: object) -> Resource:
    """A service control policy, which is what an organisation policy is unless it says otherwise."""
    return resource(ORGANISATION_POLICY, {"content": policy(*statements), **more}, name="scp")


FULL_ACCESS = {"Sid": "Full", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
SPARING = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::open/*"}
FOR_PRINCIPALS = {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}
DECLARATIVE = resource(
    ORGANISATION_POLICY,
    {
        "type": "DECLARATIVE_POLICY_EC2",
        "content": '{"ec2_attributes": {"image_block_public_access": {"state": {"@@assign": "block_new_sharing"}}}}',
    },
)

CASES: dict[str, list[Case]] = {
    "iam-document-readable": [
        accepted("a declarative policy, which is no IAM policy", DECLARATIVE),
        accepted("a tag policy that is not known yet", resource(ORGANISATION_POLICY, {"type": "TAG_POLICY"})),
        refused("a resource control policy without statements", rcp(content="{}"), "malformed"),
        refused("a resource control policy that is not known yet", rcp(content=UNKNOWN), "unknown", undetermined=True),
        refused("a policy of a type that is not known yet", rcp(deny(), type=UNKNOWN), "unknown", undetermined=True),
    ],
    "iam-grammar": [
        accepted("a declarative policy", DECLARATIVE),
        accepted("a service control policy", scp(FOR_PRINCIPALS, type="SERVICE_CONTROL_POLICY")),
        accepted("a resource control policy", rcp(deny(["s3:*", "KMS:Decrypt"]))),
        accepted("one that spares some resources", rcp(SPARING)),
        accepted("the one that AWS attaches everywhere", rcp(FULL_ACCESS)),
        refused("a principal in a service control policy", scp({**FOR_PRINCIPALS, "Principal": "*"}), "content/1"),
        refused(
            "a service control policy of 2008",
            scp(content='{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}'),
            "content/version",
        ),
        refused("no principal", rcp(FOR_PRINCIPALS), "content/1"),
        refused("a principal by name", rcp({**deny(), "Principal": {"AWS": "222222222222"}}), "content/1"),
        refused("everybody in other words", rcp({**deny(), "Principal": {"AWS": "*"}}), "content/1"),
        refused("an Allow", rcp({**deny(), "Effect": "Allow"}), "content/1"),
        refused("every action of every service", rcp(deny("*")), "content/1"),
        refused("a wildcard for the service", rcp(deny("s*:GetObject")), "content/1"),
        refused("a service it does not apply to", rcp(deny(["s3:*", "lambda:InvokeFunction"])), "content/1"),
        refused(
            "all but some actions",
            rcp({"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}),
            "content/1",
        ),
        refused("no resource", rcp({"Effect": "Deny", "Principal": "*", "Action": "s3:*"}), "content/1"),
    ],
    "iam-action-spelling": [
        accepted(
            "a tag policy", resource(ORGANISATION_POLICY, {"type": "TAG_POLICY", "content": policy(deny("kmss:*"))})
        ),
        refused("a guardrail that guards nothing", rcp(deny("s3:DeleteBuckets")), "content/1:s3:DeleteBuckets"),
    ],
    "iam-size": [
        accepted("a long service control policy", scp(*[FOR_PRINCIPALS] * 100)),
        accepted("a long tag policy", resource(ORGANISATION_POLICY, {"type": "TAG_POLICY", "content": "[]" * 4000})),
        refused("a longer one", scp(*[FOR_PRINCIPALS] * 200), "content"),
        refused("a resource control policy as long", rcp(*[deny()] * 100), "content"),
        refused("white space, which counts here", rcp(content=policy(deny()) + " " * 5100), "content"),
    ],
    "iam-resource-perimeter": [
        accepted(
            "the organisation and AWS services",
            rcp(deny(StringNotEqualsIfExists=NOT_OURS, BoolIfExists=NO_SERVICE)),
        ),
        accepted(
            "partners and marked resources besides",
            rcp(
                deny(
                    StringNotEqualsIfExists={
                        **NOT_OURS,
                        "aws:PrincipalAccount": ["999999999999"],
                        "aws:ResourceTag/open": "true",
                    },
                    BoolIfExists=NO_SERVICE,
                )
            ),
        ),
        accepted(
            "the resource's own organisation",
            rcp(
                deny(
                    StringNotEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"},
                    BoolIfExists=NO_SERVICE,
                )
            ),
        ),
        accepted(
            "services for the organisation",
            rcp(deny(StringNotEqualsIfExists={"aws:SourceOrgID": OURS}, Bool=A_SERVICE, Null=TELLS)),
        ),
        accepted(
            "anonymous callers in a statement of their own",
            rcp(deny(StringNotEquals=NOT_OURS, Bool=NO_SERVICE), deny(Null={"aws:PrincipalIsAWSService": "true"})),
        ),
        accepted(
            "roles for principals of the organisation, and not for logins",
            rcp(
                deny(
                    ["s3:*", "sts:AssumeRole", "sts:GetFederationToken"],
                    StringNotEqualsIfExists=NOT_OURS,
                    BoolIfExists=NO_SERVICE,
                )
            ),
        ),
        accepted(
            "logins with the tokens of one provider",
            rcp(deny("sts:AssumeRoleWithWebIdentity", StringNotEqualsIfExists={"idp.acme.com:aud": "mesh"})),
        ),
        accepted(
            "logins of one provider, without a word on services, who never log in",
            rcp(
                deny(
                    "sts:AssumeRoleWithWebIdentity",
                    StringNotEqualsIfExists={"idp.acme.com:aud": "mesh", "aws:PrincipalTag/open": "true"},
                )
            ),
        ),
        accepted("principals that are marked", rcp(deny("sts:*", StringEquals={"aws:PrincipalTag/locked": "true"}))),
        accepted("logins without TLS", rcp(deny("sts:*", Bool={"aws:SecureTransport": "false"}))),
        accepted(
            "services that assume roles for others",
            rcp(deny("sts:*", StringNotEqualsIfExists={"aws:SourceOrgID": OURS}, Bool=A_SERVICE, Null=TELLS)),
        ),
        refused(
            "logins, by which nobody is of the organisation yet",
            rcp(deny(["s3:*", "sts:*"], StringNotEqualsIfExists=NOT_OURS, BoolIfExists=NO_SERVICE)),
            "content/1:logins",
        ),
        accepted(
            "logins from a network",
            rcp(
                deny(
                    "sts:AssumeRoleWithSAML",
                    StringNotEqualsIfExists={"aws:SourceVpc": "vpc-1"},
                    BoolIfExists=NO_SERVICE,
                )
            ),
        ),
        refused(
            "logins to roles that are not marked",
            rcp(
                deny(
                    "sts:AssumeRoleWith*",
                    StringNotEqualsIfExists={**NOT_OURS, "aws:ResourceTag/open": "true"},
                    BoolIfExists=NO_SERVICE,
                )
            ),
            "content/1:logins",
        ),
        accepted("requests without TLS", rcp(deny(BoolIfExists={"aws:SecureTransport": "false"}))),
        accepted("objects under another key", rcp(deny("s3:PutObject", Null={"s3:x-amz-acl": "false"}))),
        accepted("an action that nobody may use", rcp(deny("s3:PutBucketPublicAccessBlock"))),
        accepted(
            "a network, for principals that are marked",
            rcp(
                deny(
                    StringNotEqualsIfExists={"aws:SourceVpc": "vpc-1"},
                    StringEquals={"aws:PrincipalTag/network": "true"},
                )
            ),
        ),
        accepted(
            "one service for one purpose",
            rcp(deny(StringNotEquals={"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}, Bool=A_SERVICE)),
        ),
        accepted(
            "tags of sessions, unless an administrator sets them",
            rcp(
                deny(
                    "sts:TagSession",
                    StringNotEqualsIfExists={**NOT_OURS, "aws:PrincipalTag/team": "admin"},
                    ForAnyValue__StringLike={"aws:TagKeys": ["team"]},
                )
            ),
        ),
        refused("no exception for services", rcp(deny(StringNotEqualsIfExists=NOT_OURS)), "content/1:services"),
        refused(
            "an exception for services that act with somebody's rights only",
            rcp(deny(StringNotEquals=NOT_OURS, Bool={"aws:ViaAWSService": "false"})),
            "content/1:services",
        ),
        refused(
            "a network, and services have none",
            rcp(deny(StringNotEquals={"aws:SourceVpc": "vpc-1"})),
            "content/1:services",
        ),
        refused(
            "services that do not say for whom they act",
            rcp(deny(StringNotEqualsIfExists={"aws:SourceOrgID": OURS}, Bool=A_SERVICE)),
            "content/1:services",
        ),
        refused(
            "services for the organisation, under another's id",
            rcp(deny(StringNotEquals={"aws:SourceOrgID": OTHER}, Bool=A_SERVICE, Null=TELLS)),
            "content/1:services",
        ),
        refused(
            "everybody, by a wrong id",
            rcp(deny(StringNotEqualsIfExists={"aws:PrincipalOrgID": OTHER}, BoolIfExists=NO_SERVICE)),
            "content/1:members",
        ),
        refused(
            "anonymous callers, who have no key at all",
            rcp(deny(StringNotEqualsIfExists=NOT_OURS, Bool=NO_SERVICE)),
            "content/1:anonymous-callers",
        ),
        refused(
            "anonymous callers, whom another statement stops for one action only",
            rcp(
                deny(StringNotEquals=NOT_OURS, Bool=NO_SERVICE),
                deny("s3:GetObject", Null={"aws:PrincipalIsAWSService": "true"}),
            ),
            "content/1:anonymous-callers",
        ),
        refused(
            "anonymous callers, whom another statement stops on some days only",
            rcp(
                FULL_ACCESS,
                deny(StringNotEquals=NOT_OURS, Bool=NO_SERVICE),
                deny(
                    Null={"aws:PrincipalIsAWSService": "true"},
                    DateLessThan={"aws:CurrentTime": "2026-01-01T00:00:00Z"},
                ),
            ),
            "content/2:anonymous-callers",
        ),
        refused(
            "accounts on their own, for which no value is compared",
            rcp(deny(ForAnyValue__StringNotEquals=NOT_OURS, BoolIfExists=NO_SERVICE)),
            "content/1:accounts-without-an-organisation",
        ),
        refused(
            "strangers who have a service call",
            rcp(
                deny(
                    StringNotEqualsIfExists=NOT_OURS,
                    BoolIfExists={**NO_SERVICE, "aws:ViaAWSService": "false"},
                )
            ),
            "content/1:other-organisations-that-have-a-service-call",
        ),
        refused(
            "strangers whose role has a name of ours",
            rcp(
                deny(
                    StringNotEqualsIfExists=NOT_OURS,
                    ArnNotLikeIfExists={"aws:PrincipalArn": "arn:aws:iam::*:role/*"},
                    BoolIfExists=NO_SERVICE,
                )
            ),
            "content/1:other-organisations",
        ),
    ],
}
