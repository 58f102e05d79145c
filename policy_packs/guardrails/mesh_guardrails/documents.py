"""Where IAM documents sit in resources, and their statements in one regular form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from mesh_guardrails.resource import UNKNOWN, Resource, Unknown


class Kind(StrEnum):
    """What a document does, which decides how it is to be read."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    TRUST = "trust"
    RESOURCE = "resource"
    KEY = "key"
    ENDPOINT = "endpoint"
    PERMISSION_SET = "permission-set"
    SCP = "scp"
    RCP = "rcp"


MANAGED_POLICY: Final = "aws:iam/policy:Policy"
ORGANISATION_POLICY: Final = "aws:organizations/policy:Policy"
# The types of organisation policies that are in the policy language. The others, such as tag, backup and declarative
# policies, have languages of their own (AWS Organizations user guide, "Managing organization policies").
_OF_ORGANISATION: Final[Mapping[str, Kind]] = {
    "SERVICE_CONTROL_POLICY": Kind.SCP,
    "RESOURCE_CONTROL_POLICY": Kind.RCP,
}


def _table() -> dict[str, tuple[tuple[str, Kind], ...]]:
    """Every type of pulumi-aws that carries IAM documents, with the properties they are in.

    Left out on purpose: documents that only share the name, such as lifecycle policies of ECR, data protection
    policies of SNS and CloudWatch Logs, OpenSearch Serverless access policies, Cedar policies and core network
    policies.
    """
    at: dict[Kind, Sequence[str]] = {
        Kind.IDENTITY: (
            "aws:iam/groupPolicy:GroupPolicy policy",
            "aws:iam/policy:Policy policy",
            "aws:iam/role:Role inlinePolicies[].policy",
            "aws:iam/rolePolicy:RolePolicy policy",
            "aws:iam/userPolicy:UserPolicy policy",
            "aws:eks/podIdentityAssociation:PodIdentityAssociation policy",
            "aws:iot/policy:Policy policy",
            "aws:rolesanywhere/profile:Profile sessionPolicy",
            "aws:transfer/access:Access policy",
            "aws:transfer/user:User policy",
        ),
        Kind.TRUST: ("aws:iam/role:Role assumeRolePolicy",),
        Kind.KEY: (
            "aws:kms/externalKey:ExternalKey policy",
            "aws:kms/key:Key policy",
            "aws:kms/keyPolicy:KeyPolicy policy",
            "aws:kms/replicaExternalKey:ReplicaExternalKey policy",
            "aws:kms/replicaKey:ReplicaKey policy",
        ),
        Kind.ENDPOINT: (
            "aws:ec2/vpcEndpoint:VpcEndpoint policy",
            "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy policy",
            "aws:transfer/webApp:WebApp webAppEndpointPolicy",
        ),
        Kind.PERMISSION_SET: ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy inlinePolicy",),
        Kind.SCP: (f"{ORGANISATION_POLICY} content",),  # or what its type says, see `documents`
        Kind.RESOURCE: (
            "aws:acmpca/policy:Policy policy",
            "aws:amp/resourcePolicy:ResourcePolicy policyDocument",
            "aws:apigateway/domainName:DomainName policy",
            "aws:apigateway/restApi:RestApi policy",
            "aws:apigateway/restApiPolicy:RestApiPolicy policy",
            "aws:backup/vaultPolicy:VaultPolicy policy",
            "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy policy",
            "aws:cloudsearch/domainServiceAccessPolicy:DomainServiceAccessPolicy accessPolicy",
            "aws:cloudwatch/eventBusPolicy:EventBusPolicy policy",
            "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy deliveryDestinationPolicy",
            "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy accessPolicy",
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy policyDocument",
            "aws:codeartifact/domainPermissions:DomainPermissions policyDocument",
            "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy policyDocument",
            "aws:codebuild/resourcePolicy:ResourcePolicy policy",
            "aws:dsql/clusterPolicy:ClusterPolicy policy",
            "aws:dynamodb/resourcePolicy:ResourcePolicy policy",
            "aws:ecr/registryPolicy:RegistryPolicy policy",
            "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate repositoryPolicy",
            "aws:ecr/repositoryPolicy:RepositoryPolicy policy",
            "aws:ecrpublic/repositoryPolicy:RepositoryPolicy policy",
            "aws:efs/fileSystemPolicy:FileSystemPolicy policy",
            "aws:elasticsearch/domain:Domain accessPolicies",
            "aws:elasticsearch/domainPolicy:DomainPolicy accessPolicies",
            "aws:fsx/s3AccessPointAttachment:S3AccessPointAttachment s3AccessPoint?.policy",
            "aws:glacier/vault:Vault accessPolicy",
            "aws:glacier/vaultLock:VaultLock policy",
            "aws:glue/resourcePolicy:ResourcePolicy policy",
            "aws:kinesis/resourcePolicy:ResourcePolicy policy",
            "aws:lambda/resourcePolicy:ResourcePolicy policy",
            "aws:mediastore/containerPolicy:ContainerPolicy policy",
            "aws:msk/clusterPolicy:ClusterPolicy policy",
            "aws:networkfirewall/resourcePolicy:ResourcePolicy policy",
            "aws:oam/sinkPolicy:SinkPolicy policy",
            "aws:odb/network:Network kmsPolicyDocument",
            "aws:odb/network:Network s3PolicyDocument",
            "aws:odb/network:Network stsPolicyDocument",
            "aws:opensearch/domain:Domain accessPolicies",
            "aws:opensearch/domainPolicy:DomainPolicy accessPolicies",
            "aws:opensearchingest/resourcePolicy:ResourcePolicy policy",
            "aws:organizations/resourcePolicy:ResourcePolicy content",
            "aws:pinpoint/smsvoicev2ResourcePolicy:Smsvoicev2ResourcePolicy policy",
            "aws:redshift/resourcePolicy:ResourcePolicy policy",
            "aws:redshiftserverless/resourcePolicy:ResourcePolicy policy",
            "aws:s3/accessPoint:AccessPoint policy",
            "aws:s3/bucketPolicy:BucketPolicy policy",
            "aws:s3/filesFileSystemPolicy:FilesFileSystemPolicy policy",
            "aws:s3/vectorsVectorBucketPolicy:VectorsVectorBucketPolicy policy",
            "aws:s3control/accessGrantsInstanceResourcePolicy:AccessGrantsInstanceResourcePolicy policy",
            "aws:s3control/accessPointPolicy:AccessPointPolicy policy",
            "aws:s3control/bucketPolicy:BucketPolicy policy",
            "aws:s3control/multiRegionAccessPointPolicy:MultiRegionAccessPointPolicy details.policy",
            "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy policy",
            "aws:s3tables/tableBucketPolicy:TableBucketPolicy resourcePolicy",
            "aws:s3tables/tablePolicy:TablePolicy resourcePolicy",
            "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy resourcePolicy",
            "aws:schemas/registryPolicy:RegistryPolicy policy",
            "aws:secretsmanager/secret:Secret policy",
            "aws:secretsmanager/secretPolicy:SecretPolicy policy",
            "aws:ses/identityPolicy:IdentityPolicy policy",
            "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy policy",
            "aws:sns/topic:Topic policy",
            "aws:sns/topicPolicy:TopicPolicy policy",
            "aws:sqs/queue:Queue policy",
            "aws:sqs/queuePolicy:QueuePolicy policy",
            "aws:vpclattice/authPolicy:AuthPolicy policy",
            "aws:vpclattice/resourcePolicy:ResourcePolicy policy",
            "aws:xray/resourcePolicy:ResourcePolicy policyDocument",
        ),
    }
    table: dict[str, tuple[tuple[str, Kind], ...]] = {}
    for kind, entries in at.items():
        for entry in entries:
            type_, path = entry.split(" ")
            table[type_] = (*table.get(type_, ()), (path, kind))
    return table


WHERE: Final[Mapping[str, Sequence[tuple[str, Kind]]]] = _table()
"""Property paths and kinds of the IAM documents of each resource type."""


@dataclass(frozen=True)
class Document:
    """One IAM document of a resource.

    Attributes:
        path: the property it is in.
        kind: what it does.
        content: the parsed document, `UNKNOWN` until the update, or None when it is no JSON object.
        text: the document as it was written, or as JSON when the program gave an object.
    """

    path: str
    kind: Kind
    content: Mapping[str, Any] | Unknown | None
    text: str = ""


def names_boundary(name: Any) -> bool:
    """Whether the name or ARN of a managed policy says that it is a permissions boundary."""
    return isinstance(name, str) and "boundary" in name.lower()


def documents(resource: Resource) -> Iterator[Document]:
    """The IAM documents of a resource; a property that is not set has none."""
    for path, usual in WHERE.get(resource.type, ()):
        kind = _kind(resource, usual)
        if kind is None:
            continue
        for where, value in resource.values(path):
            if value is None or value == "":
                continue
            if _unknown_in(value) or _unclear(resource):
                yield Document(where, kind, UNKNOWN)
            elif isinstance(value, str):
                yield Document(where, kind, parse(value), value)
            elif isinstance(value, Mapping):
                yield Document(where, kind, value, json.dumps(value))
            else:
                yield Document(where, kind, None)


def _kind(resource: Resource, usual: Kind) -> Kind | None:
    """What the documents of a resource do; None when they are not in the policy language."""
    if resource.type == MANAGED_POLICY and names_boundary(resource.props.get("name") or resource.name):
        return Kind.BOUNDARY  # a ceiling, which grants nothing; the control `iam-boundary-attached` holds it to that
    stated = resource.props.get("type") if resource.type == ORGANISATION_POLICY else None
    return _OF_ORGANISATION.get(stated) if isinstance(stated, str) and stated else usual


def _unclear(resource: Resource) -> bool:
    """Whether it is not known yet what the documents of a resource do."""
    return resource.type == ORGANISATION_POLICY and resource.props.get("type") is UNKNOWN


def _unknown_in(value: Any) -> bool:
    """Whether anything inside a value is not known yet."""
    if isinstance(value, Mapping):
        return any(_unknown_in(element) for element in value.values())
    return any(_unknown_in(element) for element in value) if isinstance(value, list) else value is UNKNOWN


@lru_cache(maxsize=1024)
def parse(text: str) -> Mapping[str, Any] | None:
    """The document in a text; None when the text is no JSON object. Do not change what it returns: it is shared."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def statements(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A document's statements; a lone one may be written without its list."""
    found = content.get("Statement", [])
    return [s for s in (found if isinstance(found, list) else [found]) if isinstance(s, Mapping)]


def strings(value: Any) -> list[str]:
    """One text or a list of texts, as the policy language allows in most places, as a list."""
    if isinstance(value, str):
        return [value]
    return [element for element in value if isinstance(element, str)] if isinstance(value, list) else []


def principals(statement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who a statement speaks of, as (AWS, Service, Federated or CanonicalUser, value); everyone is ("AWS", "*")."""
    principal = statement.get("Principal")
    if isinstance(principal, str):
        return [("AWS", principal)]
    if not isinstance(principal, Mapping):
        return []
    return [(type_, name) for type_, names in principal.items() for name in strings(names)]


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """A statement's conditions as (operator, key in lower case, values as texts)."""
    block = statement.get("Condition")
    for operator, tests in block.items() if isinstance(block, Mapping) else ():
        for key, value in tests.items() if isinstance(tests, Mapping) else ():
            listed = value if isinstance(value, list) else [value]
            yield operator, key.lower(), [_text(element) for element in listed]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
