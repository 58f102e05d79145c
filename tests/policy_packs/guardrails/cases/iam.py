"""Whom policies let in."""

from mesh_guardrails.resource import UNKNOWN

from tests.policy_packs.guardrails.building import Case, accepted, facts, policy, refused, resource

BUCKET = "aws:s3/bucketPolicy:BucketPolicy"
ROLE = "aws:iam/role:Role"
STRANGER = "999999999999"


def allow(principal: object, **more: object) -> dict[str, object]:
    """Lets a principal read."""
    return {
        "policy": policy({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more})
    }


def trust(principal: object, **more: object) -> dict[str, object]:
    """Lets a principal assume a role."""
    return {"assumeRolePolicy": policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})}


CASES: dict[str, list[Case]] = {
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
        refused("not known yet", resource(BUCKET, {"policy": UNKNOWN}), "principals", undetermined=True),
    ],
}
