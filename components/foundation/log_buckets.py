"""Where access logs go: a log bucket in each account and region, and the hub's archive that all of them feed.

S3 delivers server access logs only to a bucket of the same account and region, and only to one that S3's own key
encrypts (S3 user guide, "Enabling Amazon S3 server access logging"). So each account and region has such a bucket,
and its objects are replicated to the hub's archive, which no domain can write otherwise or delete from.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation import trust
from components.foundation.account import Account
from components.foundation.buckets import Lifecycle, closed_bucket
from components.foundation.classification import Classification
from components.foundation.naming import Arns, Names
from components.foundation.policy import Condition, Principals, Statement
from components.foundation.replication import REPLICA_WRITING, replicating
from components.foundation.resource_policies import bucket_policy
from components.foundation.roles import Role, RoleArgs
from components.foundation.tags import data_tags

_LOCAL_DAYS = 90
_ARCHIVE_DAYS = 7 * 365


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    account: Account
    protect: bool = True


class LogBucket(pulumi.ComponentResource):
    """The access logs of one account and region, for 90 days here and then in the hub's archive, which must exist."""

    name: str
    arn: str
    resource: aws.s3.Bucket

    def __init__(self, name: str, args: LogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:LogBucket", name, None, opts)
        names = Names(args.account)
        self.name = names.bucket("logs")
        self.arn = names.arns.bucket(self.name)
        closed = closed_bucket(
            name,
            account=args.account,
            physical=self.name,
            policy=bucket_policy(args.account, self.name, key_encrypted=False, shared=[log_delivery(args.account)]),
            key_arn=None,
            lifecycle=[Lifecycle(expire_after_days=_LOCAL_DAYS)],
            noncurrent_days=1,
            tags=data_tags(Classification.INTERNAL),
            protect=args.protect,
            parent=self,
        )
        self.resource = closed.resource
        self._forward(name, args.account, closed.versioning)
        self.register_outputs({"arn": self.arn, "name": self.name})

    def _forward(self, name: str, account: Account, versioning: aws.s3.BucketVersioning) -> None:
        archive = Names(account.hub).bucket("log-archive")
        role = Role(
            f"{name}-forward",
            RoleArgs(
                account=account,
                what="logs-forward",
                trust=[trust.by_service(account, "s3.amazonaws.com", self.arn)],
                grants=[replicating(account, self.name, archive)],
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.s3.BucketReplicationConfig(
            name,
            bucket=versioning.bucket,
            role=role.resource.arn,
            rules=[
                {
                    "id": "archive",
                    "priority": 1,
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "delete_marker_replication": {"status": "Disabled"},
                    # The archive owns what arrives, as its object ownership is enforced: no owner override is needed.
                    "destination": {"bucket": Arns.of(account).bucket(archive)},
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=role.permissions),
        )


@dataclass(frozen=True, kw_only=True)
class LogArchiveArgs:
    account: Account
    """The hub's."""
    source_accounts: Sequence[str]
    """Ids of the accounts whose log buckets may replicate to it."""
    protect: bool = True


class LogArchive(pulumi.ComponentResource):
    """The hub's archive of every account's access logs, for seven years, archived after 90 days."""

    name: str
    arn: str
    resource: aws.s3.Bucket

    def __init__(self, name: str, args: LogArchiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:LogArchive", name, None, opts)
        if not args.account.is_hub:
            raise ValueError(f"account: the log archive belongs in the hub, not in {args.account.name}")
        names = Names(args.account)
        self.name = names.bucket("log-archive")
        self.arn = names.arns.bucket(self.name)
        closed = closed_bucket(
            name,
            account=args.account,
            physical=self.name,
            policy=bucket_policy(
                args.account,
                self.name,
                key_encrypted=False,
                shared=[log_replication(args.account, args.source_accounts)],
            ),
            key_arn=None,
            lifecycle=[Lifecycle(archive_after_days=_LOCAL_DAYS, expire_after_days=_ARCHIVE_DAYS)],
            noncurrent_days=_ARCHIVE_DAYS,
            tags=data_tags(Classification.INTERNAL),
            protect=args.protect,
            parent=self,
        )
        self.resource = closed.resource
        self.register_outputs({"arn": self.arn, "name": self.name})


def log_delivery(account: Account) -> Statement:
    """S3's log delivery may write here for the account's own buckets."""
    names = Names(account)
    return Statement(
        sid="AccessLogs",
        actions=("s3:PutObject",),
        resources=(names.arns.objects(names.bucket("logs"), "s3/"),),
        principals=Principals(service=("logging.s3.amazonaws.com",)),
        conditions=(
            Condition.of("ArnLike", "aws:SourceArn", names.arns.bucket(f"{account.organisation}-*")),
            Condition.of("StringEquals", "aws:SourceAccount", account.account_id),
        ),
    )


def log_replication(hub: Account, source_accounts: Sequence[str]) -> Statement:
    """The accounts' forwarding roles may write replicas to the archive, and nothing else."""
    names = Names(hub)
    organisation, partition = hub.organisation, hub.partition
    return Statement(
        sid="Replicas",
        actions=REPLICA_WRITING,
        resources=(names.arns.objects(names.bucket("log-archive")),),
        principals=Principals(aws=tuple(sorted(f"arn:{partition}:iam::{each}:root" for each in source_accounts))),
        conditions=(
            Condition.of("ArnLike", "aws:PrincipalArn", f"arn:{partition}:iam::*:role/{organisation}-*-logs-forward*"),
            Condition.of("StringEquals", "aws:PrincipalOrgID", hub.organisation_id),
        ),
    )
