"""Passwords and access keys, which live for long and leak, are replaced by roles or kept by AWS."""

from __future__ import annotations

from mesh_guardrails.control import Severity
from mesh_guardrails.properties import at_least, expect, is_, is_absent

_F = "iam"
_FORGED = "With version 1, any request forgery on the machine reads the credentials of its role."

CONTROLS = (
    expect(
        "password-kept-by-aws",
        "Database passwords are made and rotated by Secrets Manager",
        Severity.MEDIUM,
        "aws:rds/instance:Instance aws:rds/cluster:Cluster aws:docdb/cluster:Cluster aws:redshift/cluster:Cluster "
        "aws:redshiftserverless/namespace:Namespace",
        is_absent("password"),
        is_absent("masterPassword"),
        is_absent("adminUserPassword"),
        why="A password in the program is in its state, in its history and in somebody's head.",
        # Not for global databases, nor for most sources of replicas:
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
        fix="Drop the password and set manageMasterUserPassword, or what the service calls it. Where AWS cannot keep "
        "it, set passwordWo or masterPasswordWo, which stay out of the state.",
        family=_F,
    ),
    expect(
        "imds-v2-default",
        "The account's machines answer metadata requests only with a session token by default",
        Severity.MEDIUM,
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        is_("httpTokens", "required", unless=("httpEndpoint=disabled",)),
        why=_FORGED,
        fix='Set httpTokens to "required".',
        family="exposure",
    ),
    expect(
        "image-builder-imds-v2",
        "Machines that build images answer metadata requests only with a session token",
        Severity.MEDIUM,
        "aws:imagebuilder/infrastructureConfiguration:InfrastructureConfiguration",
        is_("instanceMetadataOptions.httpTokens", "required"),
        why=_FORGED,
        fix='Set instanceMetadataOptions.httpTokens to "required".',
        family="exposure",
    ),
    expect(
        "no-access-keys",
        "Nobody has access keys that never expire",
        Severity.HIGH,
        "aws:iam/accessKey:AccessKey",
        is_("status", "Inactive"),
        why="Keys leak, through repositories, laptops and logs, and work for whoever finds them.",
        fix="Use a role: of the service, through OIDC, or IAM Roles Anywhere.",
        family=_F,
    ),
    expect(
        "no-console-passwords",
        "Nobody logs in with an IAM password",
        Severity.HIGH,
        "aws:iam/userLoginProfile:UserLoginProfile",
        is_absent("user"),
        why="Accounts made by hand outlive the people they were made for.",
        fix="Use IAM Identity Center.",
        family=_F,
    ),
    expect(
        "no-user-policies",
        "Users get their rights through groups or roles",
        Severity.LOW,
        "aws:iam/userPolicy:UserPolicy aws:iam/userPolicyAttachment:UserPolicyAttachment",
        is_absent("user"),
        why="Rights given one by one are never taken away.",
        fix="Attach the policy to a role or a group.",
        family=_F,
    ),
    expect(
        "password-policy",
        "Passwords are long and not reused",
        Severity.MEDIUM,
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        at_least("minimumPasswordLength", 14),
        at_least("passwordReusePrevention", 24),
        why="Short and reused passwords are guessed.",
        fix="Set minimumPasswordLength to 14 and passwordReusePrevention to 24.",
        family=_F,
    ),
)
