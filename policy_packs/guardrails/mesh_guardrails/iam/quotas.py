"""How long policy documents may be, by resource type and property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mesh_guardrails.documents import Kind
from mesh_guardrails.iam.attached import GROUP, ROLE, USER

CHARACTERS: Final[Mapping[tuple[str, str], int]] = {
    # IAM user guide, "IAM and AWS STS quotas". Inline policies share their quota; `attached` adds them up.
    ("aws:iam/policy:Policy", "policy"): 6144,
    ("aws:iam/groupPolicy:GroupPolicy", "policy"): 5120,
    ("aws:iam/rolePolicy:RolePolicy", "policy"): 10240,
    ("aws:iam/userPolicy:UserPolicy", "policy"): 2048,
    ("aws:iam/role:Role", "assumeRolePolicy"): 2048,
    # Session policies: the same page.
    ("aws:rolesanywhere/profile:Profile", "sessionPolicy"): 2048,
    ("aws:transfer/user:User", "policy"): 2048,
    ("aws:transfer/access:Access", "policy"): 2048,
    # AWS Organizations user guide, "Quotas and service limits": the resource-based delegation policy.
    ("aws:organizations/resourcePolicy:ResourcePolicy", "content"): 40000,
    # IAM Identity Center user guide, "Quotas".
    ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy"): 32768,
    # AWS KMS developer guide, "Resource quotas".
    ("aws:kms/key:Key", "policy"): 32768,
    ("aws:kms/replicaKey:ReplicaKey", "policy"): 32768,
    ("aws:kms/keyPolicy:KeyPolicy", "policy"): 32768,
    # Amazon S3 user guide, "Bucket policies" (20 KB).
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): 20480,
    ("aws:s3/accessPoint:AccessPoint", "policy"): 20480,
    # AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies".
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"): 20480,
    ("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", "policy"): 20480,
    # Secrets Manager user guide, "Quotas".
    ("aws:secretsmanager/secretPolicy:SecretPolicy", "policy"): 20480,
    # EventBridge user guide, "Quotas" (event bus policy size).
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"): 10240,
    # CloudWatch Logs API reference, PutResourcePolicy.
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"): 5120,
    # Amazon ECR user guide, "Service quotas".
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"): 10240,
    # AWS Glue API reference, PutResourcePolicy.
    ("aws:glue/resourcePolicy:ResourcePolicy", "policy"): 10240,
}
"""Characters by resource type and property; IAM does not count white space, and others are sent none."""

# AWS Organizations user guide, "Quotas and service limits".
_OF_ORGANISATION: Final[Mapping[Kind, int]] = {Kind.SCP: 10240, Kind.RCP: 5120}
AS_WRITTEN: Final = frozenset(_OF_ORGANISATION)
"""Kinds of which every character counts: the provider sends them as they are, and AWS Organizations keeps them so."""

# IAM user guide, "IAM and AWS STS quotas".
INLINE: Final[Mapping[str, int]] = {ROLE: 10240, USER: 2048, GROUP: 5120}
"""Characters of all inline policies of a principal together, by its type."""

MANAGED: Final = 10
"""Managed policies attached to a principal, by default."""


def quota(type_: str, property_: str, kind: Kind) -> int | None:
    """How many characters AWS takes of a document; None when no limit is known here."""
    return _OF_ORGANISATION.get(kind) or CHARACTERS.get((type_, property_))


def characters(document: str, kind: Kind) -> int:
    """The length of a document as AWS counts it."""
    return len(document) if kind in AS_WRITTEN else len("".join(document.split()))
