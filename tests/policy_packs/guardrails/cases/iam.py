"""Whom policies let in."""

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, facts, policy, refused, resource

BUCKET = "aws:s3/bucketPolicy:BucketPolicy"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PERMISSION = "aws:lambda/permission:Permission"
LAYER = "aws:lambda/layerVersionPermission:LayerVersionPermission"
LAKE = "aws:lakeformation/permissions:Permissions"
RAM = "aws:ram/principalAssociation:PrincipalAssociation"
STRANGER = "999999999999"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


def allow(principal: object, **more: object) -> dict[str, object]:
    """Lets a principal read."""
    return {
        "policy": policy({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more})
    }


def trust(principal: object, **more: object) -> dict[str, object]:
    """Lets a principal assume a role."""
    return {"assumeRolePolicy": policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})}


def assuming(*roles: str, action: object = "sts:AssumeRole", **more: object) -> Resource:
    """A policy that lets one assume roles."""
    return resource(POLICY, {"policy": policy({"Effect": "Allow", "Action": action, "Resource": list(roles), **more})})


def when(operator: str, key: str, value: object) -> dict[str, object]:
    """The Condition of a statement."""
    return {"Condition": {operator: {key: value}}}


HUB = "arn:aws:iam::111111111111"
CASES: dict[str, list[Case]] = {
    "iam-roles-across": [
        accepted("a role by name", assuming(f"{HUB}:role/acme-catalogue")),
        accepted("roles of the account itself, by a prefix", assuming("arn:aws:iam::222222222222:role/acme-*")),
        accepted(
            "the role of one name in every account of the organisation",
            assuming("arn:aws:iam::*:role/acme-reader", **when("StringEquals", "aws:ResourceOrgID", "o-acme000001")),
        ),
        accepted(
            "the role of one name in some members",
            assuming(
                "arn:aws:iam::*:role/acme-reader",
                **when("StringEquals", "aws:ResourceAccount", ["111111111111", "333333333333"]),
            ),
        ),
        accepted(
            "the caller's own account, in other words",
            assuming("arn:aws:iam::*:role/acme-*", **when("StringEquals", "aws:ResourceAccount", "222222222222")),
        ),
        accepted(
            "the caller's own account, by a variable",
            assuming(
                "arn:aws:iam::*:role/acme-*", **when("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}")
            ),
        ),
        accepted(
            "roles that are marked", assuming(f"{HUB}:role/acme-*", **when("StringEquals", "aws:ResourceTag/for", "x"))
        ),
        accepted("a role by name on any path", assuming(f"{HUB}:role/*/acme-catalogue")),
        accepted("every role, which is another control's", assuming("*", f"{HUB}:role/*")),
        accepted("other rights on roles over there", assuming(f"{HUB}:role/acme-*", action="iam:GetRole")),
        accepted("no right at all", assuming(f"{HUB}:role/acme-*", Effect="Deny")),
        accepted(
            "a ceiling", resource(POLICY, {**assuming("arn:aws:iam::*:role/acme-*").props, "name": "acme-boundary"})
        ),
        refused("roles of another account by a prefix", assuming(f"{HUB}:role/acme-*", Sid="Hub"), "policy/Hub"),
        refused("a role of whatever account", assuming("arn:aws:iam::*:role/acme-reader"), "policy/1"),
        refused("by a wildcard in the action", assuming(f"{HUB}:role/acme-*", action="sts:Assume*"), "policy/1"),
        refused("one of several", assuming(f"{HUB}:role/acme-catalogue", f"{HUB}:role/acme-?"), "policy/1"),
        refused(
            "all of a prefix in every account of the organisation",
            assuming("arn:aws:iam::*:role/acme-*", **when("StringEquals", "aws:ResourceOrgID", "o-acme000001")),
            "policy/1",
        ),
        refused(
            "a role of whatever account of another organisation",
            assuming("arn:aws:iam::*:role/acme-reader", **when("StringEquals", "aws:ResourceOrgID", "o-other00001")),
            "policy/1",
        ),
        refused(
            "a role of a stranger's account",
            assuming("arn:aws:iam::*:role/x", **when("StringEquals", "aws:ResourceAccount", STRANGER)),
            "policy/1",
        ),
        refused(
            "a role of whatever account but one",
            assuming("arn:aws:iam::*:role/x", **when("StringNotEquals", "aws:ResourceAccount", "111111111111")),
            "policy/1",
        ),
    ],
    "iam-whole-account": [
        accepted("a role of another account", resource(ROLE, trust({"AWS": f"{HUB}:role/deploy"}))),
        accepted("the role's own account, whose policies decide", resource(ROLE, trust({"AWS": "222222222222"}))),
        accepted(
            "a role by condition",
            resource(
                ROLE, trust({"AWS": f"{HUB}:root"}, **when("ArnEquals", "aws:PrincipalArn", f"{HUB}:role/deploy"))
            ),
        ),
        accepted(
            "roles of a prefix",
            resource(
                ROLE, trust({"AWS": "111111111111"}, **when("ArnLike", "aws:PrincipalArn", f"{HUB}:role/deploy-*"))
            ),
        ),
        accepted(
            "principals that are marked",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("StringEquals", "aws:PrincipalTag/for", "x"))),
        ),
        accepted(
            "whoever knows a secret",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("StringEquals", "sts:ExternalId", "4711"))),
        ),
        accepted(
            "everybody of the role's own account",
            resource(ROLE, trust("*", **when("StringEquals", "aws:PrincipalAccount", "222222222222"))),
        ),
        accepted(
            "a role, by what a Deny leaves",
            resource(
                ROLE,
                {
                    "assumeRolePolicy": policy(
                        {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"},
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "sts:AssumeRole",
                            **when("ArnNotEquals", "aws:PrincipalArn", f"{HUB}:role/deploy"),
                        },
                    )
                },
            ),
        ),
        accepted("everybody, who is another control's", resource(ROLE, trust("*"))),
        accepted(
            "a partner's account, which is another control's",
            resource(ROLE, trust({"AWS": STRANGER})),
            facts=facts(settings={"cross-account": {"trustedAccounts": [STRANGER]}}),
        ),
        refused("another account", resource(ROLE, trust({"AWS": f"{HUB}:root"})), "assumeRolePolicy/1"),
        refused(
            "another account by its number, among roles",
            resource(ROLE, trust({"AWS": [f"{HUB}:role/deploy", "333333333333"]})),
            "assumeRolePolicy/1",
        ),
        refused(
            "everybody of the organisation",
            resource(ROLE, trust("*", **when("StringEquals", "aws:PrincipalOrgID", "o-acme000001"))),
            "assumeRolePolicy/1",
        ),
        refused(
            "every role of another account",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("ArnLike", "aws:PrincipalArn", f"{HUB}:role/*"))),
            "assumeRolePolicy/1",
        ),
        refused(
            "all but a role",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("ArnNotEquals", "aws:PrincipalArn", f"{HUB}:role/x"))),
            "assumeRolePolicy/1",
        ),
        refused(
            "principals that are not marked otherwise",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("StringEqualsIfExists", "aws:PrincipalTag/for", "x"))),
            "assumeRolePolicy/1",
        ),
        refused(
            "a network",
            resource(ROLE, trust({"AWS": "111111111111"}, **when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))),
            "assumeRolePolicy/1",
        ),
    ],
    "cross-account": [
        accepted("a member", resource(BUCKET, allow({"AWS": "arn:aws:iam::111111111111:root"}))),
        accepted("a member by number", resource(BUCKET, allow({"AWS": ["111111111111", "222222222222"]}))),
        accepted("a service", resource(BUCKET, allow({"Service": "logging.s3.amazonaws.com"}))),
        accepted(
            "everybody of the organisation",
            resource(BUCKET, allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme000001"}})),
        ),
        accepted(
            "everybody from here",
            resource(BUCKET, allow("*", Condition={"StringEquals": {"AWS:SourceAccount": "222222222222"}})),
        ),
        accepted(
            "nobody",
            resource(
                BUCKET, {"policy": policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"})}
            ),
        ),
        accepted("an endpoint's usual policy", resource("aws:ec2/vpcEndpoint:VpcEndpoint", allow("*"))),
        accepted(
            "a stranger that is trusted for good",
            resource(BUCKET, allow({"AWS": STRANGER})),
            facts=facts(settings={"cross-account": {"trustedAccounts": [STRANGER]}}),
        ),
        accepted("trust within", resource(ROLE, trust({"AWS": "arn:aws:iam::222222222222:role/deploy"}))),
        refused("a stranger", resource(BUCKET, allow({"AWS": f"arn:aws:iam::{STRANGER}:root"})), f"account:{STRANGER}"),
        refused(
            "a stranger by number, in a list",
            resource(BUCKET, allow({"AWS": ["111111111111", STRANGER]})),
            f"account:{STRANGER}",
        ),
        refused("everybody", resource(BUCKET, allow("*")), "everybody"),
        refused(
            "another organisation",
            resource(BUCKET, allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-other00001"}})),
            "everybody",
        ),
        refused(
            "everybody but the organisation",
            resource(BUCKET, allow("*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-acme000001"}})),
            "everybody",
        ),
        refused(
            "only if it says so",
            resource(BUCKET, allow("*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-acme000001"}})),
            "everybody",
        ),
        refused(
            "trust of a stranger",
            resource(ROLE, trust({"AWS": f"arn:aws:iam::{STRANGER}:role/x"})),
            f"account:{STRANGER}",
        ),
        accepted(
            "everybody, less whom a Deny keeps out",
            resource(
                BUCKET,
                {
                    "policy": policy(
                        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": "*",
                            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme000001"}},
                        },
                    )
                },
            ),
        ),
        refused(
            "everybody, as callers without the key pass",
            resource(
                BUCKET, allow("*", Condition={"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-acme000001"}})
            ),
            "everybody",
        ),
        refused(
            "a pattern that reaches over colons",
            resource(
                BUCKET,
                allow("*", Condition={"StringLike": {"aws:PrincipalArn": "arn:*:iam::222222222222:role/x"}}),
            ),
            "everybody",
        ),
        accepted(
            "a canonical user that is trusted for good",
            resource(BUCKET, allow({"CanonicalUser": CANONICAL})),
            facts=facts(settings={"cross-account": {"trustedAccounts": [CANONICAL]}}),
        ),
        refused(
            "a canonical user, who may be anybody",
            resource(BUCKET, allow({"CanonicalUser": CANONICAL})),
            "id:79a59df9",
        ),
        accepted(
            "everybody in a network of one's own",
            resource(BUCKET, allow("*", **when("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"))),
        ),
        accepted(
            "everybody whom a Deny leaves in a network",
            resource(
                "aws:apigateway/restApiPolicy:RestApiPolicy",
                {
                    "policy": policy(
                        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"},
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "execute-api:Invoke",
                            "Resource": "*",
                            **when("StringNotEquals", "aws:SourceVpc", "vpc-0123456789abcdef0"),
                        },
                    )
                },
            ),
        ),
        accepted(
            "everybody to whom the file system is mounted",
            resource(
                "aws:efs/fileSystemPolicy:FileSystemPolicy",
                allow("*", **when("Bool", "elasticfilesystem:AccessedViaMountTarget", "true")),
            ),
        ),
        refused(
            "a stranger in a network of one's own",
            resource(BUCKET, allow({"AWS": STRANGER}, **when("StringEquals", "aws:SourceVpce", "vpce-1"))),
            f"account:{STRANGER}",
        ),
        refused(
            "a role for everybody in a network",
            resource(ROLE, trust("*", **when("StringEquals", "aws:SourceVpce", "vpce-1"))),
            "everybody",
        ),
        refused(
            "everybody in any network",
            resource(BUCKET, allow("*", **when("StringLike", "aws:SourceVpce", "vpce-*"))),
            "everybody",
        ),
        refused(
            "everybody but in a network",
            resource(BUCKET, allow("*", **when("StringNotEquals", "aws:SourceVpce", "vpce-1"))),
            "everybody",
        ),
        refused(
            "everybody to whom the file system is not mounted",
            resource(
                "aws:efs/fileSystemPolicy:FileSystemPolicy",
                allow("*", **when("Bool", "elasticfilesystem:AccessedViaMountTarget", "false")),
            ),
            "everybody",
        ),
        refused(
            "everybody at some addresses",
            resource(BUCKET, allow("*", **when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))),
            "everybody",
        ),
        refused(
            "a stranger's identity provider",
            resource(ROLE, trust({"Federated": f"arn:aws:iam::{STRANGER}:saml-provider/idp"})),
            f"account:{STRANGER}",
        ),
        refused("a role that is no more", resource(BUCKET, allow({"AWS": "AROADBQP57FF2AEXAMPLE"})), "id:AROADBQP"),
        refused("not known yet", resource(BUCKET, {"policy": UNKNOWN}), "principals", undetermined=True),
    ],
    "shared-within": [
        accepted("a member", resource(PERMISSION, {"principal": "111111111111"})),
        accepted("a service", resource(PERMISSION, {"principal": "s3.amazonaws.com"})),
        accepted("a member's role", resource(LAKE, {"principal": "arn:aws:iam::222222222222:role/x"})),
        accepted(
            "everybody of the organisation", resource(LAYER, {"principal": "*", "organizationId": "o-acme000001"})
        ),
        accepted(
            "an organisational unit",
            resource(RAM, {"principal": "arn:aws:organizations::111111111111:ou/o-acme000001/ou-1"}),
        ),
        accepted("not known yet", resource(LAKE, {"principal": UNKNOWN})),
        refused("a stranger", resource(RAM, {"principal": STRANGER}), f"account:{STRANGER}"),
        refused(
            "a stranger's role", resource(LAKE, {"principal": f"arn:aws:iam::{STRANGER}:role/x"}), f"account:{STRANGER}"
        ),
        refused(
            "one stranger among members",
            resource("aws:rds/snapshot:Snapshot", {"sharedAccounts": ["111111111111", STRANGER]}),
            f"account:{STRANGER}",
        ),
        refused("everybody", resource(PERMISSION, {"principal": "*"}), "everybody"),
        refused(
            "another organisation", resource(LAYER, {"principal": "*", "organizationId": "o-other00001"}), "everybody"
        ),
    ],
    "function-permission-source": [
        accepted(
            "a rule",
            resource(
                PERMISSION,
                {"principal": "events.amazonaws.com", "sourceArn": "arn:aws:events:eu-west-1:222222222222:rule/r"},
            ),
        ),
        accepted(
            "a bucket and its account",
            resource(
                PERMISSION,
                {"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::b", "sourceAccount": "222222222222"},
            ),
        ),
        accepted("not known yet", resource(PERMISSION, {"principal": "events.amazonaws.com", "sourceArn": UNKNOWN})),
        accepted("a member, not a service", resource(PERMISSION, {"principal": "111111111111"})),
        refused("no source", resource(PERMISSION, {"principal": "events.amazonaws.com"}), "on-behalf"),
        refused(
            "a bucket's name alone",
            resource(PERMISSION, {"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::b"}),
            "on-behalf",
        ),
    ],
    "iam-document-readable": [
        accepted("a document", resource(ROLE, trust({"AWS": "222222222222"}))),
        accepted(
            "one statement",
            resource(
                POLICY, {"policy": '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'}
            ),
        ),
        accepted("none is set", resource("aws:sqs/queue:Queue")),
        refused("no JSON", resource(POLICY, {"policy": "allow all"}), "malformed"),
        refused("no text", resource(POLICY, {"policy": [1]}), "malformed"),
        refused("a number", resource(POLICY, {"policy": 0}), "malformed"),
        refused("in part", resource(POLICY, {"policy": {"Statement": [UNKNOWN]}}), "unknown", undetermined=True),
        refused("in part of a list", resource(POLICY, {"policy": [UNKNOWN]}), "unknown", undetermined=True),
        refused("nothing but brackets", resource(POLICY, {"policy": "[" * 100_000}), "malformed"),
        refused("no statements", resource(POLICY, {"policy": "{}"}), "malformed"),
        refused("not known yet", resource(POLICY, {"policy": UNKNOWN}), "unknown", undetermined=True),
    ],
    "iam-boundary-attached": [
        accepted("a policy", resource(ATTACHMENT, {"policyArn": "arn:aws:iam::222222222222:policy/acme-orders"})),
        accepted(
            "as the ceiling", resource(ROLE, {"permissionsBoundary": "arn:aws:iam::222222222222:policy/acme-boundary"})
        ),
        accepted("not known yet", resource(ATTACHMENT, {"policyArn": UNKNOWN})),
        refused(
            "attached",
            resource(ATTACHMENT, {"policyArn": "arn:aws:iam::222222222222:policy/acme-boundary"}),
            "boundary",
        ),
        refused(
            "attached among others",
            resource(
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                {"roleName": "acme-x", "policyArns": ["arn:aws:iam::222222222222:policy/acme-boundary"]},
            ),
            "boundary",
        ),
        refused(
            "attached to a role",
            resource(ROLE, {"managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}),
            "administrator",
        ),
    ],
}
