"""Buckets, whose settings live in resources of their own: each has its encryption, policy, versions, log and lifecycle.

The deprecated inputs of the bucket itself are not counted: its outputs show what S3 has now, also what a companion set
that the program no longer declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, Severity
from mesh_guardrails.controls.companions import BUCKETS, LOG_COMPONENTS, stack_control
from mesh_guardrails.documents import parse, principals, statements
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack
from mesh_guardrails.tags import needs_own_key

_ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
_LOGGING: Final = ("aws:s3/bucketLogging:BucketLogging", "aws:s3/bucketLoggingV2:BucketLoggingV2")
_VERSIONING: Final = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")

_LIFECYCLE: Final = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_BALANCERS: Final = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)
# Services that deliver logs, and cannot write to a bucket whose default key is in KMS:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html,
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html and
# https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html
_LOG_SERVICES: Final = ("logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com")


def _receives_logs(stack: Stack, bucket: Resource) -> bool:
    """Whether a bucket is there to take delivery of logs that cannot be delivered to one under KMS."""
    if bucket.ancestry and bucket.ancestry[-1] in LOG_COMPONENTS:
        return True
    if stack.naming(bucket, "targetBucket", *_LOGGING):
        return True
    if stack.naming(bucket, "bucketName", "aws:redshift/logging:Logging") or _logs_of_balancers(stack, bucket):
        return True
    return any(
        ("Service", service) in principals(statement)
        for policy in stack.naming(bucket, "bucket", "aws:s3/bucketPolicy:BucketPolicy")
        for statement in _statements(policy.props.get("policy"))
        for service in _LOG_SERVICES
    )


def _logs_of_balancers(stack: Stack, bucket: Resource) -> bool:
    """Whether a load balancer logs to the bucket; in older regions, the bucket's policy names an account of AWS."""
    names = [name for name in (bucket.props.get("bucket"), bucket.props.get("id")) if isinstance(name, str)]
    return bool(stack.naming(bucket, "accessLogs", *_BALANCERS)) or any(
        balancer.get("accessLogs.bucket") in names for balancer in stack.of(*_BALANCERS)
    )


def _statements(document: Any) -> list[Mapping[str, Any]]:
    content = parse(document) if isinstance(document, str) else document
    return statements(content) if isinstance(content, Mapping) else []


def _bucket_encrypted(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for bucket in stack.of(*BUCKETS):
        if not needs_own_key(bucket, facts):
            continue
        settings = stack.naming(bucket, "bucket", *_ENCRYPTION)
        path = "rules[].applyServerSideEncryptionByDefault.sseAlgorithm"
        algorithms = [value for each in settings for _, value in each.values(path)]
        if any(value is UNKNOWN or str(value).startswith("aws:kms") for value in algorithms):
            continue
        if not _receives_logs(stack, bucket):
            yield Finding("no encryption setting puts the bucket under a key of KMS", "kms", urn=bucket.urn)


def _bucket_has(key: str, told: str, *types: str) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for bucket in stack.of(*BUCKETS):
            if not stack.naming(bucket, "bucket", *types):
                yield Finding(told, key, urn=bucket.urn)

    return check


def _bucket_logs(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for bucket in stack.of(*BUCKETS):
        if not stack.naming(bucket, "bucket", *_LOGGING) and not _receives_logs(stack, bucket):
            yield Finding("no access logging for the bucket", "logging", urn=bucket.urn)


def _public_access(stack: Stack, facts: Facts) -> Iterator[Finding]:
    # The control `s3-block-public-access` holds both kinds of block to all four settings.
    for bucket in stack.of(*BUCKETS):
        if not stack.by_type.get(_ACCOUNT_BLOCK) and not stack.naming(bucket, "bucket", _BLOCK):
            yield Finding("no public access block for the bucket", "public-access-block", urn=bucket.urn)


_HIGH, _MEDIUM = Severity.HIGH, Severity.MEDIUM

CONTROLS = (
    stack_control(
        "encryption-s3-bucket",
        "Buckets are under a customer-managed key where their data is classified",
        _HIGH,
        "encryption",
        "Only a key of one's own has a policy, a log of its use and a switch that ends access.",
        "Add a BucketServerSideEncryptionConfiguration with aws:kms and the key of the data's classification.",
        _bucket_encrypted,
    ),
    stack_control(
        "bucket-public-access-blocked",
        "Every bucket, or the account, has a public access block",
        _MEDIUM,
        "exposure",
        "S3 blocks new buckets, but no preview would show that somebody opened one.",
        "Add a BucketPublicAccessBlock with all four set.",
        _public_access,
    ),
    stack_control(
        "bucket-policy-tls",
        "Every bucket has a policy, which the control tls-only-s3 holds to TLS",
        _HIGH,
        "transport",
        "S3 answers plain HTTP as well; only the bucket's policy can refuse it.",
        "Add a BucketPolicy that denies requests without TLS.",
        _bucket_has("policy", "no policy for the bucket", "aws:s3/bucketPolicy:BucketPolicy"),
    ),
    stack_control(
        "bucket-has-versioning",
        "Every bucket keeps what is overwritten",
        _HIGH,
        "durability",
        "What was overwritten by mistake, or by an attacker, is gone.",
        "Add a BucketVersioning with status Enabled, and a lifecycle that expires old versions.",
        _bucket_has("versioning", "no versioning for the bucket", *_VERSIONING),
    ),
    stack_control(
        "bucket-logs",
        "Every bucket logs who used it",
        _MEDIUM,
        "logging",
        "Nobody would see who was there.",
        "Add a BucketLogging with the account's log bucket as its target.",
        _bucket_logs,
    ),
    stack_control(
        "bucket-lifecycle",
        "Every bucket says how long it keeps what",
        _MEDIUM,
        "durability",
        "Old versions and unfinished uploads pile up; and personal data must not be kept without a decision.",
        "Add a BucketLifecycleConfiguration.",
        _bucket_has("lifecycle", "no lifecycle for the bucket", *_LIFECYCLE),
    ),
)
