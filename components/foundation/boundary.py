"""The permissions boundary: the ceiling over every role that the mesh creates in an account."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.naming import Names
from components.foundation.policy import Condition, Statement, document, size
from components.foundation.roles import MANAGED_LIMIT

# What workloads use by name, as (service, resource pattern after the account id); `{org}` is the organisation.
_NAMED = (
    ("dynamodb", "table/{org}-*"),
    ("events", "event-bus/{org}-*"),
    ("firehose", "deliverystream/{org}-*"),
    ("kinesis", "stream/{org}-*"),
    ("lambda", "function:{org}-*"),
    ("secretsmanager", "secret:{org}/*"),
    ("sns", "{org}-*"),
    ("sqs", "{org}-*"),
    ("ssm", "parameter/{org}/*"),
    ("states", "*:{org}-*"),
)
# Services whose resources are not named by us, or whose actions name none; the organisation's perimeter holds them.
_BY_PERIMETER = (
    "athena:*",
    "cloudwatch:PutMetricData",
    "ec2:*NetworkInterface*",
    "ec2:*PrivateIpAddresses",
    "ec2:DescribeSubnets",
    "glue:*",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "lakeformation:GetDataAccess",
    "logs:*",
    "xray:*",
)
# What no workload may ever do, whatever it was granted: change who it is, or what watches it.
_NEVER = (
    "account:*",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:Delete*",
    "config:StopConfigurationRecorder",
    "guardduty:Delete*",
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Set*",
    "iam:Update*",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "organizations:*",
)


@dataclass(frozen=True, kw_only=True)
class BoundaryPolicyArgs:
    account: Account


class BoundaryPolicy(pulumi.ComponentResource):
    """The managed policy `<organisation>-boundary`. IAM is global: only the account's primary stack creates it, the
    pilot light's roles name it."""

    arn: str
    resource: aws.iam.Policy

    def __init__(self, name: str, args: BoundaryPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:BoundaryPolicy", name, None, opts)
        if args.account.is_recovery:
            raise ValueError("account: the primary stack owns the permissions boundary, not the recovery stack")
        names = Names(args.account)
        self.arn = names.arns.managed_policy(names.boundary())
        self.resource = aws.iam.Policy(
            name,
            name=names.boundary(),
            description="Ceiling of every role of the mesh in this account",
            policy=boundary_document(args.account),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.arn})


def boundary_document(account: Account) -> str:
    """Allow the services that workloads use, on the organisation's own resources; deny identity and audit changes."""
    organisation, partition = account.organisation, account.partition
    named = [
        Statement(
            actions=(f"{service}:*",),
            resources=(f"arn:{partition}:{service}:*:*:{pattern.format(org=organisation)}",),
        )
        for service, pattern in _NAMED
    ]
    buckets = f"arn:{partition}:s3:::{organisation}-*"
    inside = Condition.of("StringEquals", "aws:ResourceOrgID", account.organisation_id)
    roles = f"arn:{partition}:iam::*:role/{organisation}-*"
    text = document(
        [
            *named,
            Statement(actions=("s3:*",), resources=(buckets,), conditions=(inside,)),
            Statement(actions=_BY_PERIMETER, resources=("*",), conditions=(_unless_elsewhere(account),)),
            Statement(actions=("iam:PassRole", "sts:AssumeRole"), resources=(roles,)),
            Statement(effect="Deny", actions=_NEVER, resources=("*",)),
        ]
    )
    if size(text) > MANAGED_LIMIT:
        raise ValueError(f"boundary: {size(text)} characters, IAM takes {MANAGED_LIMIT}")
    return text


def _unless_elsewhere(account: Account) -> Condition:
    # Actions without a resource carry no aws:ResourceOrgID, hence IfExists.
    return Condition.of("StringEqualsIfExists", "aws:ResourceOrgID", account.organisation_id)
