"""Nothing is shared with everybody: buckets, objects, snapshots, images, endpoints, the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mesh_guardrails.control import Finding, Severity, StackControl
from mesh_guardrails.documents import Kind
from mesh_guardrails.facts import Facts
from mesh_guardrails.iam.grammar import Statement, parse
from mesh_guardrails.properties import excludes, expect, is_, is_not, is_set
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_F = "exposure"

_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


_CANNED = ("public-read", "public-read-write", "authenticated-read")


_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)

_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
_ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
# AWS PrivateLink guide, "Gateway endpoints" and "Access AWS services through AWS PrivateLink": these two have policies.
_TYPES_WITH_POLICY: Final = ("Gateway", "Interface")
# Services whose endpoints take no policy: AWS PrivateLink guide, "View endpoint policy support", and what the guides of
# the services say of their interface endpoints.
_WITHOUT_POLICY: Final = frozenset(
    {
        "appmesh-envoy-management",
        "apprunner.requests",
        "appstream.api",
        "appstream.streaming",
        "awsconnector",
        "cleanrooms",
        "cleanrooms-ml",
        "codeguru-reviewer",
        "deviceadvisor.iot",
        "email-smtp",
        "inspector2",
        "iot.credentials",
        "iot.data",
        "iotwireless.api",
        "lorawan.cups",
        "lorawan.lns",
        "mpa",
        "neptune-graph",
        "refactor-spaces",
        "sagemaker.runtime-fips",
        "transfer.server",
        "workspaces-fips",
    }
)
_SERVICE: Final = re.compile(r"(?:com|cn\.com|aws)\.[a-z.]+?\.[a-z]{2}(?:-[a-z]+)+-\d\.(.+)")
"""Finds the service in an endpoint's: com.amazonaws.eu-west-1.s3, aws.sagemaker.eu-west-1.notebook."""
# What AWS gives an endpoint without a policy: AWS PrivateLink guide, "Default endpoint policy".
_FULL_ACCESS: Final = Statement(0, True, ("*",), resources=("*",), principals=(("AWS", "*"),))


def _endpoint_policies(stack: Stack, facts: Facts) -> Iterator[Finding]:
    id_ = facts.organisation.id if facts.organisation else "<organisation>"
    for endpoint in stack.of(_ENDPOINT):
        policies = [endpoint, *stack.naming(endpoint, "vpcEndpointId", _ENDPOINT_POLICY)]
        if _takes_policy(endpoint) and not any(_has_policy(each) for each in policies):
            service = endpoint.props.get("serviceName")
            yield Finding(
                f"the endpoint of {service if isinstance(service, str) else 'the service'} has no policy, so that "
                "anybody's credentials reach anybody's resources through it; set one that allows with the condition "
                f'"StringEquals": {{"aws:PrincipalOrgID": "{id_}", "aws:ResourceOrgID": "{id_}"}}',
                "policy",
                urn=endpoint.urn,
            )


def _takes_policy(endpoint: Resource) -> bool:
    """Whether AWS evaluates policies at an endpoint."""
    type_, service = endpoint.props.get("vpcEndpointType"), endpoint.props.get("serviceName")
    if type_ not in (None, "", UNKNOWN, *_TYPES_WITH_POLICY):
        return False
    if not isinstance(service, str):
        return True
    found = _SERVICE.fullmatch(service)
    # What is no service of AWS is an endpoint service of somebody's: com.amazonaws.vpce.eu-west-1.vpce-svc-…
    return found is not None and not found[1].startswith("vpce-svc-") and found[1] not in _WITHOUT_POLICY


def _has_policy(resource: Resource) -> bool:
    """Whether the program gives a policy; what AWS gives comes back as an output, in a preview as one not known yet."""
    policy, given = resource.props.get("policy"), resource.property_dependencies
    if policy is UNKNOWN:
        return not given or "policy" in given
    return bool(policy) and ("policy" in given or not _is_full_access(policy))


def _is_full_access(policy: Any) -> bool:
    return isinstance(policy, str) and parse(policy, Kind.ENDPOINT).statements == (_FULL_ACCESS,)


CONTROLS = (
    expect(
        "s3-block-public-access",
        "Buckets and accounts block public access in all four ways",
        Severity.CRITICAL,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock "
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        *(is_(path) for path in _BLOCKS),
        why="One wrong policy or ACL would otherwise publish every object.",
        fix="Set all four to true.",
        family=_F,
    ),
    expect(
        "s3-no-public-acl",
        "No access control list opens a bucket to everybody",
        Severity.CRITICAL,
        "aws:s3/bucketAcl:BucketAcl aws:s3/bucketAclV2:BucketAclV2",
        is_not("acl", *_CANNED),
        is_not("accessControlPolicy?.grants[].grantee?.uri", *_EVERYBODY),
        why="A public ACL publishes the bucket to the world, or to every AWS customer.",
        fix="Drop the ACL; grant access with the bucket's policy.",
        family=_F,
    ),
    expect(
        "s3-no-public-object",
        "No object is published by its access control list",
        Severity.HIGH,
        "aws:s3/bucketObject:BucketObject aws:s3/bucketObjectv2:BucketObjectv2 aws:s3/objectCopy:ObjectCopy",
        is_not("acl", *_CANNED),
        why="The object is readable by everybody, whatever the bucket's policy says.",
        fix="Drop the ACL.",
        family=_F,
    ),
    expect(
        "s3-acl-disabled",
        "Buckets have their access control lists switched off",
        Severity.MEDIUM,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        is_("rule.objectOwnership", "BucketOwnerEnforced"),
        why="Lists on single objects escape the bucket's policy, and another account can own what it writes.",
        fix="Set rule.objectOwnership to BucketOwnerEnforced.",
        family=_F,
    ),
    expect(
        "s3-access-point-private",
        "Access points block public access",
        Severity.HIGH,
        "aws:s3/accessPoint:AccessPoint",
        *(is_(f"publicAccessBlockConfiguration?.{path}", default=True) for path in _BLOCKS),
        why="An access point is one more door to the bucket.",
        fix="Leave publicAccessBlockConfiguration out, or set all four to true.",
        family=_F,
    ),
    expect(
        "image-not-shared",
        "Machine images are not shared with everybody",
        Severity.CRITICAL,
        "aws:ec2/amiLaunchPermission:AmiLaunchPermission",
        is_not("group", "all"),
        why="Everybody can start the image and read what is on it.",
        fix="Share it with an account or the organisation.",
        family=_F,
    ),
    expect(
        "snapshot-not-shared",
        "Database snapshots are not shared with everybody",
        Severity.CRITICAL,
        "aws:rds/snapshot:Snapshot aws:rds/clusterSnapshot:ClusterSnapshot aws:rds/snapshotCopy:SnapshotCopy "
        "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
        excludes("sharedAccounts", "all"),
        why="Everybody can restore the database and read all of it.",
        fix="Share it with accounts of the organisation.",
        family=_F,
    ),
    expect(
        "snapshot-block-public",
        "The account shares no disk snapshot with everybody",
        Severity.HIGH,
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        is_("state", "block-all-sharing", "block-new-sharing"),
        why="One wrong click would publish a disk.",
        fix="Set state to block-all-sharing.",
        family=_F,
    ),
    expect(
        "image-block-public",
        "The account shares no machine image with everybody",
        Severity.HIGH,
        "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        is_("state", "block-new-sharing"),
        why="One wrong click would publish an image.",
        fix="Set state to block-new-sharing.",
        family=_F,
    ),
    expect(
        "endpoint-service-accepts",
        "Endpoint services accept each consumer by hand",
        Severity.MEDIUM,
        "aws:ec2/vpcEndpointService:VpcEndpointService",
        is_("acceptanceRequired"),
        excludes("allowedPrincipals", "*"),
        why="Otherwise every account that is allowed, or all of AWS, connects on its own.",
        fix="Set acceptanceRequired, and name the principals.",
        family=_F,
    ),
    expect(
        "transit-gateway-accepts",
        "Transit gateways accept no attachment by themselves",
        Severity.HIGH,
        "aws:ec2transitgateway/transitGateway:TransitGateway",
        is_("autoAcceptSharedAttachments", "disable", default=True),
        why="Any VPC the gateway is shared with would join the network unseen.",
        fix="Leave autoAcceptSharedAttachments disabled.",
        family=_F,
    ),
    expect(
        "distribution-origin-access",
        "Distributions sign their requests to buckets",
        Severity.MEDIUM,
        "aws:cloudfront/distribution:Distribution",
        is_set("origins[].originAccessControlId", when="origins[].s3OriginConfig"),
        why="Without it, the bucket has to be public for the distribution to read it.",
        fix="Set originAccessControlId on the bucket's origin.",
        family=_F,
    ),
    expect(
        "share-within",
        "Resources are shared within the organisation only",
        Severity.HIGH,
        "aws:ram/resourceShare:ResourceShare",
        is_("allowExternalPrincipals", False, default=True),
        why="A share with the outside is access that no policy here shows.",
        fix="Leave allowExternalPrincipals false.",
        family="accounts",
    ),
    expect(
        "catalog-defaults-closed",
        "New catalog databases and tables are not open to everybody with IAM rights",
        Severity.HIGH,
        "aws:lakeformation/dataLakeSettings:DataLakeSettings",
        # Left out, both stay as the account has them, which is IAM_ALLOWED_PRINCIPALS.
        is_not("createDatabaseDefaultPermissions[+].principal", "IAM_ALLOWED_PRINCIPALS", default=False),
        is_not("createTableDefaultPermissions[+].principal", "IAM_ALLOWED_PRINCIPALS", default=False),
        why="The default opens them to everybody with IAM rights on Glue, past Lake Formation.",
        fix="Name in both the administrator instead of IAM_ALLOWED_PRINCIPALS; an empty list never reaches AWS.",
        family="mesh",
    ),
    expect(
        "catalog-roles-only",
        "Nobody gets at the catalog past Lake Formation",
        Severity.HIGH,
        "aws:lakeformation/permissions:Permissions",
        is_not("principal", "IAM_ALLOWED_PRINCIPALS", "EVERYONE"),
        why="Such a grant opens the database or table to everybody with IAM rights on Glue.",
        fix="Name a role or an account of the organisation.",
        family="mesh",
    ),
    expect(
        "lake-registration",
        "Registered data is reached through Lake Formation only",
        Severity.HIGH,
        "aws:lakeformation/resource:Resource",
        is_("hybridAccessEnabled", False, default=True),
        why="In hybrid mode, IAM and bucket policies let readers in whom no grant names.",
        fix="Leave hybridAccessEnabled false.",
        family="mesh",
    ),
    StackControl(
        id="endpoint-policy",
        title="Endpoints say who may use them for what",
        severity=Severity.MEDIUM,
        rationale="An endpoint without a policy lets everything through: data leaves to a bucket of anybody's.",
        remediation="Set a policy that admits the organisation's principals and resources only, with conditions on "
        "aws:PrincipalOrgID and aws:ResourceOrgID.",
        family=_F,
        check=_endpoint_policies,
    ),
    expect(
        "multi-region-access-point-private",
        "Multi-region access points block public access",
        Severity.HIGH,
        "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",
        *(is_(f"details.publicAccessBlock?.{path}", default=True) for path in _BLOCKS),
        why="An access point is one more door to its buckets, and its settings can never be changed.",
        fix="Leave details.publicAccessBlock out, or set all four to true.",
        family=_F,
    ),
    expect(
        "file-access-point-confined",
        "Access points of file systems show a folder, as a user",
        Severity.MEDIUM,
        "aws:efs/accessPoint:AccessPoint",
        is_not("rootDirectory.path", "/", default=False),
        is_set("posixUser"),
        why="Otherwise a client sees everybody's files, as whoever it says it is.",
        fix="Set rootDirectory.path and posixUser.",
        family=_F,
    ),
)
