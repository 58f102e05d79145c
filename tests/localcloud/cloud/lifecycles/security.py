"""Identities, keys and users."""

from tests.localcloud.cloud.lifecycles.case import ASSUMED_BY_LAMBDA, TAGS, Lifecycle, policy
from tests.localcloud.cloud.lifecycles.needs import key, managed_policy, pool, primary_elsewhere, role

LIFECYCLES = [
    Lifecycle(
        "aws:kms/key:Key",
        lambda n: {
            "description": "internal",
            "enableKeyRotation": True,
            "multiRegion": True,
            "deletionWindowInDays": 7,
            "tags": TAGS,
        },
        lambda n: {"description": "restricted", "enableKeyRotation": False, "isEnabled": False, "tags": {"a": "b"}},
    ),
    Lifecycle(
        "aws:kms/replicaKey:ReplicaKey",
        lambda n: {
            "primaryKeyArn": n["arn"],
            "description": "copy",
            "policy": policy("*", "kms:*", Principal="*"),
            "deletionWindowInDays": 7,
            "tags": TAGS,
            "tagsAll": {**TAGS, "default": "d"},
        },
        lambda n: {"description": "other"},
        primary_elsewhere,
    ),
    Lifecycle(
        "aws:kms/alias:Alias",
        lambda n: {"name": "alias/a", "targetKeyId": n["key"]},
        lambda n: {"targetKeyId": n["other"]},
        lambda t: {**key(t), "other": key(t)["key"]},
        id=lambda i, t: "alias/a",
    ),
    Lifecycle(
        "aws:iam/role:Role",
        lambda n: {
            "name": n["name"],
            "assumeRolePolicy": ASSUMED_BY_LAMBDA,
            "description": "runs",
            "maxSessionDuration": 3600,
            "inlinePolicies": [{"name": "read", "policy": policy("*")}],
            "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "forceDetachPolicies": True,
            "tags": TAGS,
        },
        lambda n: {
            "description": "walks",
            "maxSessionDuration": 7200,
            "inlinePolicies": [],
            "permissionsBoundary": None,
            "tags": {"owner": "alice"},
        },
        lambda t: {"name": f"made-{t.region}"},
        id=lambda i, t: i["name"],
        outputs={"arn": "arn:aws:iam::{account}:role/made-{region}"},
    ),
    Lifecycle(
        "aws:iam/policy:Policy",
        lambda n: {"name": n["name"], "policy": policy("*"), "description": "d", "tags": TAGS},
        lambda n: {"policy": policy("*", "s3:PutObject")},
        lambda t: {"name": f"p-{t.region}"},
        id=lambda i, t: f"arn:aws:iam::{t.account}:policy/{i['name']}",
    ),
    Lifecycle(
        "aws:iam/rolePolicy:RolePolicy",
        lambda n: {"role": n["role"], "name": "inline", "policy": policy("*")},
        lambda n: {"policy": policy("*", "s3:PutObject")},
        role,
        id=lambda i, t: f"{i['role']}:inline",
    ),
    Lifecycle(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda n: {"role": n["role"], "policyArn": n["policy"]},
        needs=lambda t: {**role(t), "policy": managed_policy(t)},
    ),
    Lifecycle(
        "aws:cognito/userPool:UserPool",
        lambda n: {
            "name": "consumers",
            "mfaConfiguration": "OFF",
            "passwordPolicy": {"minimumLength": 12, "requireSymbols": True},
            "usernameAttributes": ["email"],
            "deletionProtection": "INACTIVE",
        },
        lambda n: {"passwordPolicy": {"minimumLength": 16, "requireSymbols": True}},
    ),
    Lifecycle(
        "aws:cognito/userPoolClient:UserPoolClient",
        lambda n: {
            "userPoolId": n["pool"],
            "name": "c",
            "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "callbackUrls": ["https://example.com/"],
        },
        lambda n: {"callbackUrls": ["https://example.org/"]},
        needs=pool,
    ),
]
