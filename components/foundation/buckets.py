"""Buckets: versioned, encrypted under the account's key, closed to the public, reached over TLS, access logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from components.foundation import grants as grant
from components.foundation.account import Account
from components.foundation.grants import Grant
from components.foundation.keys import Key
from components.foundation.naming import Names
from components.foundation.policy import Statement
from components.foundation.resource_policies import bucket_policy
from components.foundation.tags import data_tags

_ABANDONED_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """What happens to current objects under `prefix`, in days after they were written."""

    prefix: str = ""
    archive_after_days: int | None = None
    """Moves them to Glacier Instant Retrieval, which bills 90 days at least (S3 pricing)."""
    expire_after_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    account: Account
    what: str
    """The bucket's part of its name, e.g. "landing"."""
    key: Key
    noncurrent_days: int = 90
    """How long replaced and deleted versions can be brought back."""
    lifecycle: Sequence[Lifecycle] = ()
    shared: Sequence[Statement] = ()
    """Roles of other accounts and services that may use it: resource_policies.role_use, service_use."""
    data_product: str = ""
    protect: bool = True


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One wish to be told of new objects; made by triggers.on_bucket, carried out by Bucket.notify."""

    function_arn: pulumi.Input[str]
    permission: aws.lambda_.Permission
    prefix: str = ""
    suffix: str = ""
    events: Sequence[str] = ("s3:ObjectCreated:*",)


class Bucket(pulumi.ComponentResource):
    """An S3 bucket. `name` and `arn` are known at preview; `resource` carries the outputs.

    Its access logs go to the account's log bucket of the same region (log_buckets.LogBucket), which must exist. In
    every environment but "prod" destroying the stack empties it.
    """

    name: str
    arn: str
    resource: aws.s3.Bucket
    versioning: aws.s3.BucketVersioning

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Bucket", name, None, opts)
        names = Names(args.account)
        self._name, self._account, self._alias = name, args.account, args.key.alias
        self._notified = False
        self.name = names.bucket(args.what)
        self.arn = names.arns.bucket(self.name)
        closed = closed_bucket(
            name,
            account=args.account,
            physical=self.name,
            policy=bucket_policy(args.account, self.name, key_encrypted=True, shared=args.shared),
            key_arn=args.key.arn,
            lifecycle=args.lifecycle,
            noncurrent_days=args.noncurrent_days,
            tags=data_tags(args.key.classification, args.data_product),
            protect=args.protect,
            parent=self,
        )
        self.resource, self.versioning = closed
        aws.s3.BucketLogging(
            name,
            bucket=self.resource.bucket,
            target_bucket=names.bucket("logs"),
            target_prefix=f"s3/{self.name}/",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"arn": self.arn, "name": self.name})

    def reading(self, prefix: str = "") -> Grant:
        """List and get objects under `prefix`."""
        return grant.bucket_reading(self._account, self.name, prefix, alias=self._alias)

    def writing(self, prefix: str = "") -> Grant:
        """Put objects under `prefix`."""
        return grant.bucket_writing(self._account, self.name, prefix, alias=self._alias)

    def deleting(self, prefix: str = "") -> Grant:
        """Delete objects under `prefix`; versions stay."""
        return grant.bucket_deleting(self._account, self.name, prefix)

    def notify(self, *deliveries: Delivery, event_bridge: bool = False) -> aws.s3.BucketNotification:
        """Tell functions, and EventBridge if asked, of new objects. S3 keeps one such configuration for a bucket, so
        this can be called once: ValueError the second time, and when two deliveries overlap, which S3 refuses."""
        if self._notified:
            raise ValueError(f"deliveries: {self.name} already has its notifications, name all of them in one call")
        require_disjoint(deliveries)
        self._notified = True
        return aws.s3.BucketNotification(
            self._name,
            bucket=self.resource.bucket,
            eventbridge=event_bridge or None,
            lambda_functions=[
                {
                    "lambda_function_arn": each.function_arn,
                    "events": list(each.events),
                    "filter_prefix": each.prefix,
                    "filter_suffix": each.suffix,
                }
                for each in deliveries
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[each.permission for each in deliveries]),
        )


def require_disjoint(deliveries: Sequence[Delivery]) -> None:
    """ValueError when one new object could match two deliveries of the same event: S3 user guide, "Configuring event
    notifications using object key name filtering"."""
    for position, one in enumerate(deliveries):
        for other in deliveries[position + 1 :]:
            prefixes = one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
            suffixes = one.suffix.endswith(other.suffix) or other.suffix.endswith(one.suffix)
            if prefixes and suffixes and set(one.events) & set(other.events):
                raise ValueError(
                    f"deliveries: {one.prefix}*{one.suffix} and {other.prefix}*{other.suffix} overlap, S3 refuses both"
                )


class Closed(NamedTuple):
    """A bucket that closed_bucket made; replication waits for its versioning."""

    resource: aws.s3.Bucket
    versioning: aws.s3.BucketVersioning


def closed_bucket(
    name: str,
    *,
    account: Account,
    physical: str,
    policy: str,
    key_arn: pulumi.Input[str] | None,
    lifecycle: Sequence[Lifecycle],
    noncurrent_days: int,
    tags: dict[str, str],
    protect: bool,
    parent: pulumi.Resource,
) -> Closed:
    """A bucket and the six resources that close it. Without `key_arn` S3's own key encrypts (SSE-S3), which is only
    for buckets that S3 delivers access logs to."""
    child = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        name,
        bucket=physical,
        force_destroy=account.environment != "prod",
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    versioning = aws.s3.BucketVersioning(
        name, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=child
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name, bucket=bucket.bucket, rules=[encryption_rule(key_arn)], opts=child
    )
    aws.s3.BucketOwnershipControls(
        name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
    )
    block = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    # S3 refuses to change a bucket's policy and its public access block at the same time, so one follows the other.
    aws.s3.BucketPolicy(
        name,
        bucket=bucket.bucket,
        policy=policy,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[block]),
    )
    # Rules for noncurrent versions need versioning first.
    aws.s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.bucket,
        rules=lifecycle_rules(lifecycle, noncurrent_days),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
    )
    return Closed(bucket, versioning)


def encryption_rule(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    """Default encryption; under a key with a bucket key, which spares nearly all calls to KMS."""
    if key_arn is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
        "bucket_key_enabled": True,
    }


def lifecycle_rules(
    lifecycle: Sequence[Lifecycle], noncurrent_days: int
) -> list[aws.s3.BucketLifecycleConfigurationRuleArgsDict]:
    """Upkeep for the whole bucket, then one rule for each wish. ValueError for days that S3 would refuse."""
    if noncurrent_days < 1:
        raise ValueError(f"noncurrent_days: {noncurrent_days} is less than a day")
    rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = [
        {
            "id": "upkeep",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": _ABANDONED_UPLOAD_DAYS},
            "noncurrent_version_expiration": {"noncurrent_days": noncurrent_days},
        }
    ]
    return rules + [_lifecycle_rule(each) for each in lifecycle]


def _lifecycle_rule(each: Lifecycle) -> aws.s3.BucketLifecycleConfigurationRuleArgsDict:
    archive, expire = each.archive_after_days, each.expire_after_days
    if archive is None and expire is None:
        raise ValueError(f"lifecycle: nothing happens to {each.prefix!r}, give archive_after_days or expire_after_days")
    if archive is not None and expire is not None and archive >= expire:
        raise ValueError(f"lifecycle: {each.prefix!r} would expire ({expire} days) before it is archived ({archive})")
    rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
        "id": f"keep-{each.prefix.strip('/').replace('/', '-') or 'all'}",
        "status": "Enabled",
        "filter": {"prefix": each.prefix},
    }
    if archive is not None:
        rule["transitions"] = [{"days": archive, "storage_class": "GLACIER_IR"}]
    if expire is not None:
        rule["expiration"] = {"days": expire}
    return rule
