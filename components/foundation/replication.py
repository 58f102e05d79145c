"""Replication of a bucket into the recovery region, owned by the pilot light.

S3 takes a replication rule only when its target exists, and the pilot light deploys after the primary. So the recovery
stack, which makes the target, also puts the rule on the primary bucket, in the primary's region.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import grants, trust
from components.foundation.account import Account
from components.foundation.buckets import Bucket
from components.foundation.grants import Grant, grant
from components.foundation.keys import Key
from components.foundation.naming import Arns, Names
from components.foundation.roles import Role, RoleArgs

REPLICA_WRITING = ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
_MINUTES = 15  # the only value of S3 Replication Time Control: S3 API, ReplicationTimeValue


@dataclass(frozen=True, kw_only=True)
class BucketReplicationArgs:
    account: Account
    """In its recovery region."""
    what: str
    """The same part of both buckets' names."""
    target: Bucket
    key: Key
    """The target's."""


class BucketReplication(pulumi.ComponentResource):
    """Every new object of the primary bucket, within 15 minutes, in the recovery region under the replica key."""

    role: Role

    def __init__(self, name: str, args: BucketReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:BucketReplication", name, None, opts)
        if not args.account.is_recovery:
            raise ValueError("account: the recovery stack owns the replication, not the primary")
        primary = args.account.in_region(args.account.primary_region)
        source = Names(primary).bucket(args.what)
        self.role = Role(
            name,
            RoleArgs(
                account=args.account,
                what=f"{args.what}-replication",
                trust=[trust.by_service(args.account, "s3.amazonaws.com")],
                grants=[
                    replicating(primary, source, args.target.name),
                    grants.key_decrypting(primary, Names(primary).key_alias(args.key.classification), service="s3"),
                    args.key.encrypting("s3"),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.s3.BucketReplicationConfig(
            name,
            region=primary.region,
            bucket=source,
            role=self.role.resource.arn,
            rules=[
                {
                    "id": "recovery",
                    "priority": 1,
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "delete_marker_replication": {"status": "Enabled"},
                    "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                    "destination": {
                        "bucket": args.target.arn,
                        "encryption_configuration": {"replica_kms_key_id": args.key.arn},
                        "replication_time": {"status": "Enabled", "time": {"minutes": _MINUTES}},
                        "metrics": {"status": "Enabled", "event_threshold": {"minutes": _MINUTES}},
                    },
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self.role.permissions, args.target.versioning]),
        )
        self.register_outputs({"source": source, "target": args.target.name})


def replicating(owner: Account, source: str, target: str) -> Grant:
    """What S3 needs to replicate one bucket into another, beside the keys (S3 user guide, "Setting up permissions for
    live replication")."""
    arns = Arns.of(owner)
    versions = (
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
    )
    return (
        grant(f"replicate {source}", ("s3:GetReplicationConfiguration", "s3:ListBucket"), [arns.bucket(source)])
        + grant(f"read versions of {source}", versions, [arns.objects(source)])
        + grant(f"write replicas to {target}", REPLICA_WRITING, [arns.objects(target)])
    )
