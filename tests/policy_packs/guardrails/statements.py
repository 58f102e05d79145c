"""Statements of IAM documents, and the resources that hold them, for the tests of the pack."""

from __future__ import annotations

from typing import Any

from mesh_guardrails.resource import Resource

from tests.policy_packs.guardrails.building import policy, resource

POLICY = "aws:iam/policy:Policy"
ROLE = "aws:iam/role:Role"
BUCKET = "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/key:Key"
PERMISSION_SET = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"
SCP = "aws:organizations/policy:Policy"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
PARTNER = "999999999999"
OBJECTS = "arn:aws:s3:::acme-sales-prod-products/*"
ANY_KEY = "arn:aws:kms:eu-west-1:222222222222:key/*"
GITHUB = "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com"
NETWORK = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]


def document(*statements: dict[str, Any], type_: str = POLICY, property_: str = "policy", **more: Any) -> Resource:
    """A resource with a document of these statements."""
    return resource(type_, {property_: policy(*statements), **more})


def allow(action: object, on: object = "*", **more: object) -> dict[str, Any]:
    """A statement of an identity policy."""
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def deny(action: object, on: object = "*", **more: object) -> dict[str, Any]:
    """A statement that forbids."""
    return {"Effect": "Deny", "Action": action, "Resource": on, **more}


def when(operator: str, **tests: object) -> dict[str, Any]:
    """A Condition; `__` in a key stands for a colon."""
    return {"Condition": {operator: {key.replace("__", ":"): value for key, value in tests.items()}}}


def trust(principal: object, action: str = "sts:AssumeRole", **more: object) -> Resource:
    """A role with a trust policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return document(statement, type_=ROLE, property_="assumeRolePolicy")


def shared(principal: object, action: object = "s3:PutObject", *others: dict[str, Any], **more: object) -> Resource:
    """A bucket policy that lets a principal in."""
    return document({**allow(action, OBJECTS), "Principal": principal, **more}, *others, type_=BUCKET)


def endpoint(*statements: dict[str, Any]) -> Resource:
    """An endpoint with a policy for everybody."""
    everybody = [{**statement, "Principal": "*"} for statement in statements]
    return document(*everybody, type_=VPC_ENDPOINT)


def github(subject: str, operator: str = "StringLike") -> Resource:
    """A role for GitHub Actions."""
    issuer = "token.actions.githubusercontent.com"
    conditions = {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    conditions.setdefault(operator, {})[f"{issuer}:sub"] = subject
    return trust({"Federated": GITHUB}, "sts:AssumeRoleWithWebIdentity", Condition=conditions)
