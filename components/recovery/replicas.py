"""Data in the second region: buckets that primary buckets replicate into, and replicas of tables.

The pilot light's stack owns the replication as well as its targets, so a primary never waits for its pilot light: it is
deployed first, and the pilot light connects to it when it comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.buckets import Bucket, BucketArgs
from components.foundation.keys import Key
from components.foundation.naming import Arns
from components.foundation.replication import BucketReplication, BucketReplicationArgs


@dataclass(frozen=True, kw_only=True)
class ReplicaBucketsArgs:
    account: Account
    """Seen from the recovery region."""
    key: Key
    """The replica of the key that encrypts the primary buckets."""
    purposes: Sequence[str]
    """The buckets' parts of their names, the same in both regions."""
    protect: bool = True


class ReplicaBuckets(pulumi.ComponentResource):
    """For each of the account's primary buckets one here, and the rule that replicates into it within 15 minutes."""

    buckets: Mapping[str, Bucket]
    """By purpose."""

    def __init__(self, name: str, args: ReplicaBucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:recovery:ReplicaBuckets", name, None, opts)
        if not args.account.is_recovery:
            raise ValueError("account: replicas belong in the recovery region")
        child = pulumi.ResourceOptions(parent=self)
        self.buckets = {
            purpose: Bucket(
                f"{name}-{purpose}",
                BucketArgs(account=args.account, what=purpose, key=args.key, protect=args.protect),
                child,
            )
            for purpose in args.purposes
        }
        for purpose, bucket in self.buckets.items():
            BucketReplication(
                f"{name}-{purpose}",
                BucketReplicationArgs(account=args.account, what=purpose, target=bucket, key=args.key),
                child,
            )
        self.register_outputs({purpose: bucket.arn for purpose, bucket in self.buckets.items()})


@dataclass(frozen=True, kw_only=True)
class ReplicaTablesArgs:
    account: Account
    """Seen from the recovery region."""
    key: Key
    tables: Mapping[str, str]
    """Names of the primary tables by purpose."""
    protect: bool = True


class ReplicaTables(pulumi.ComponentResource):
    """Replicas of DynamoDB tables, recoverable to any second like their primaries."""

    def __init__(self, name: str, args: ReplicaTablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:recovery:ReplicaTables", name, None, opts)
        if not args.account.is_recovery:
            raise ValueError("account: replicas belong in the recovery region")
        primary = Arns.of(args.account.in_region(args.account.primary_region))
        for purpose, table in args.tables.items():
            aws.dynamodb.TableReplica(
                f"{name}-{purpose}",
                global_table_arn=primary.table(table),
                kms_key_arn=args.key.arn,
                point_in_time_recovery=True,
                deletion_protection_enabled=args.protect,
                opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            )
        self.register_outputs({"tables": dict(args.tables)})
