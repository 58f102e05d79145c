"""Settings that live in resources of their own: whether each bucket, queue, network or database has its companions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, Severity, StackControl
from mesh_guardrails.documents import conditions, parse, principals, statements
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack
from mesh_guardrails.tags import needs_own_key

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
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

_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
_REDRIVE_ALLOW: Final = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"

LOG_COMPONENTS: Final = ("mesh:foundation:LogBucket", "mesh:foundation:LogArchive")
# Services that deliver logs, and cannot write to a bucket whose default key is in KMS:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html and
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
_LOG_SERVICES: Final = ("logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com")


def receives_logs(stack: Stack, bucket: Resource) -> bool:
    """Whether a bucket is there to take delivery of logs that cannot be delivered to one under KMS."""
    if bucket.ancestry and bucket.ancestry[-1] in LOG_COMPONENTS:
        return True
    if stack.naming(bucket, "targetBucket", *_LOGGING):
        return True
    return any(
        ("Service", service) in principals(statement)
        for policy in stack.naming(bucket, "bucket", "aws:s3/bucketPolicy:BucketPolicy")
        for statement in _statements(policy.props.get("policy"))
        for service in _LOG_SERVICES
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
        if not receives_logs(stack, bucket):
            yield Finding("no encryption setting puts the bucket under a key of KMS", "kms", urn=bucket.urn)


def _bucket_has(key: str, told: str, *types: str) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for bucket in stack.of(*BUCKETS):
            if not stack.naming(bucket, "bucket", *types):
                yield Finding(told, key, urn=bucket.urn)

    return check


def _bucket_logs(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for bucket in stack.of(*BUCKETS):
        if not stack.naming(bucket, "bucket", *_LOGGING) and not receives_logs(stack, bucket):
            yield Finding("no access logging for the bucket", "logging", urn=bucket.urn)


def _has_policy(
    type_: str, property_: str, policy_type: str, inline: str
) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for resource in stack.of(type_):
            # SNS gives every topic a default policy, which comes back as an output; it denies nothing.
            if not stack.naming(resource, property_, policy_type) and not _denies_plain(resource.props.get(inline)):
                yield Finding("no policy turns away requests without TLS", "policy", urn=resource.urn)

    return check


def _denies_plain(document: Any) -> bool:
    return document is UNKNOWN or any(
        statement.get("Effect") == "Deny" and any(key == "aws:securetransport" for _, key, _ in conditions(statement))
        for statement in _statements(document)
    )


def _needs(
    type_: str, companion: str, property_: str, key: str, told: str
) -> Callable[[Stack, Facts], Iterator[Finding]]:
    """Every resource of a type is named by a property of a companion."""

    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for resource in stack.of(type_):
            if not stack.naming(resource, property_, companion):
                yield Finding(told, key, urn=resource.urn)

    return check


def _zones(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for vpc in stack.of("aws:ec2/vpc:Vpc"):
        subnets = stack.naming(vpc, "vpcId", "aws:ec2/subnet:Subnet")
        zones = [s.props.get("availabilityZone") or s.props.get("availabilityZoneId") for s in subnets]
        if subnets and UNKNOWN not in zones and len(set(zones)) < 3:
            yield Finding(f"the network's subnets are in {len(set(zones))} zones", "zones", urn=vpc.urn)


def _function_zones(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for function in stack.of("aws:lambda/function:Function"):
        subnets = function.get("vpcConfig.subnetIds")
        if isinstance(subnets, list) and len(subnets) == 1:
            yield Finding("the function is in one subnet", "zones", urn=function.urn)


def _dead_letters(stack: Stack, facts: Facts) -> Iterator[Finding]:
    queues = list(stack.of("aws:sqs/queue:Queue"))
    targets = {_target(queue.props.get("redrivePolicy")) for queue in queues} - {None}
    for queue in queues:
        has_own = queue.props.get("redrivePolicy") or stack.naming(queue, "queueUrl", _REDRIVE)
        allows = queue.props.get("redriveAllowPolicy") or stack.naming(queue, "queueUrl", _REDRIVE_ALLOW)
        is_target = allows or queue.props.get("arn") in targets or _named_as_target(queue)
        if not has_own and not is_target:
            yield Finding("no queue takes the messages that cannot be processed", "redrive", urn=queue.urn)


def _target(redrive: Any) -> Any:
    content = parse(redrive) if isinstance(redrive, str) else None
    return content.get("deadLetterTargetArn") if content else None


def _named_as_target(queue: Resource) -> bool:
    """Whether a queue is one that nothing processes: a dead-letter queue, or a destination of failures."""
    name = str(queue.props.get("name", queue.name)).removesuffix(".fifo")
    return name.endswith(("-dlq", "-dead-letter", "-dead-letters", "-failed", "-failures"))


def stack_control(
    id_: str,
    title: str,
    severity: Severity,
    family: str,
    why: str,
    fix: str,
    check: Callable[[Stack, Facts], Iterator[Finding]],
) -> StackControl:
    """A control over several resources, as one line of a table."""
    return StackControl(
        id=id_, title=title, severity=severity, rationale=why, remediation=fix, family=family, check=check
    )


_HIGH, _MEDIUM = Severity.HIGH, Severity.MEDIUM
_UNSEEN = "Nobody would see who was there, or that something is wrong."

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
        "Every bucket has a public access block",
        _HIGH,
        "exposure",
        "One wrong policy or ACL would otherwise publish every object.",
        "Add a BucketPublicAccessBlock with all four set.",
        _bucket_has(
            "public-access-block",
            "no public access block for the bucket",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        ),
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
        _UNSEEN,
        "Add a BucketLogging with the account's log bucket as its target.",
        _bucket_logs,
    ),
    stack_control(
        "queue-policy-tls",
        "Every queue turns away whoever does not use TLS",
        _MEDIUM,
        "transport",
        "SQS answers plain HTTP as well; only the queue's policy can refuse it.",
        "Add a QueuePolicy that denies requests without TLS.",
        _has_policy("aws:sqs/queue:Queue", "queueUrl", "aws:sqs/queuePolicy:QueuePolicy", "policy"),
    ),
    stack_control(
        "topic-policy-tls",
        "Every topic turns away whoever does not use TLS",
        _MEDIUM,
        "transport",
        "SNS answers plain HTTP as well; only the topic's policy can refuse it.",
        "Add a TopicPolicy that denies publishing without TLS.",
        _has_policy("aws:sns/topic:Topic", "arn", "aws:sns/topicPolicy:TopicPolicy", "policy"),
    ),
    stack_control(
        "network-flow-logs",
        "Every network logs its traffic",
        _MEDIUM,
        "logging",
        _UNSEEN,
        "Add a FlowLog with the network's vpcId.",
        _needs(
            "aws:ec2/vpc:Vpc",
            "aws:ec2/flowLog:FlowLog",
            "vpcId",
            "flow-log",
            "no flow log records the network's traffic",
        ),
    ),
    stack_control(
        "network-default-group",
        "Every network has its default security group closed",
        _MEDIUM,
        "exposure",
        "Whatever is started without a group of its own gets the default one.",
        "Add a DefaultSecurityGroup without rules.",
        _needs(
            "aws:ec2/vpc:Vpc",
            "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
            "vpcId",
            "default",
            "the network's default security group is left as it is, open within",
        ),
    ),
    stack_control(
        "network-zones",
        "Every network spans three zones",
        _MEDIUM,
        "durability",
        "With two, the loss of one leaves no room for anything else to fail; quorums need three.",
        "Give it subnets in three zones.",
        _zones,
    ),
    stack_control(
        "file-system-backup-policy",
        "Every elastic file system has a backup policy",
        _MEDIUM,
        "durability",
        "What was deleted by mistake is gone.",
        "Add a BackupPolicy.",
        _needs(
            "aws:efs/fileSystem:FileSystem",
            "aws:efs/backupPolicy:BackupPolicy",
            "fileSystemId",
            "backup",
            "no backup policy for the file system",
        ),
    ),
    stack_control(
        "warehouse-logs",
        "Every Redshift cluster has an audit log",
        _MEDIUM,
        "logging",
        _UNSEEN,
        "Add a redshift.Logging for the cluster.",
        _needs(
            "aws:redshift/cluster:Cluster",
            "aws:redshift/logging:Logging",
            "clusterIdentifier",
            "logging",
            "no audit log for the cluster",
        ),
    ),
    stack_control(
        "firewall-logs",
        "Every web application firewall logs",
        _MEDIUM,
        "logging",
        _UNSEEN,
        "Add a WebAclLoggingConfiguration.",
        _needs(
            "aws:wafv2/webAcl:WebAcl",
            "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
            "resourceArn",
            "logging",
            "no log of what the firewall matched",
        ),
    ),
    stack_control(
        "network-firewall-logs",
        "Every network firewall logs",
        _MEDIUM,
        "logging",
        _UNSEEN,
        "Add a networkfirewall.LoggingConfiguration.",
        _needs(
            "aws:networkfirewall/firewall:Firewall",
            "aws:networkfirewall/loggingConfiguration:LoggingConfiguration",
            "firewallArn",
            "logging",
            "no log of what the firewall dropped",
        ),
    ),
    stack_control(
        "queue-dead-letters",
        "Every queue that is processed has one for what cannot be processed",
        _MEDIUM,
        "durability",
        "One bad message is otherwise retried until it expires, and lost.",
        "Set redrivePolicy, or redriveAllowPolicy on the queue that takes what failed.",
        _dead_letters,
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
    stack_control(
        "function-zones",
        "Functions in a network are in two zones or more",
        _MEDIUM,
        "durability",
        "In one subnet, the function fails with its zone.",
        "Give vpcConfig.subnetIds of at least two zones.",
        _function_zones,
    ),
)
