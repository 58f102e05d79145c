"""Settings that can live in other resources: whether each queue, network, function or database has its companions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from mesh_guardrails.control import Finding, Severity, StackControl
from mesh_guardrails.controls.transport import denies_plain_http
from mesh_guardrails.documents import documents
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
"""What a bucket is called."""

LOG_COMPONENTS: Final = ("mesh:foundation:LogBucket", "mesh:foundation:LogArchive")
"""Components whose buckets take delivery of logs."""


def _has_policy(
    type_: str, property_: str, policy_type: str, service: str
) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        for resource in stack.of(type_):
            # SNS gives every topic a default policy, which comes back as an output; it denies nothing.
            if not stack.naming(resource, property_, policy_type) and not _denies_plain(resource, service):
                yield Finding("no policy turns away requests without TLS", "policy", urn=resource.urn)

    return check


def _denies_plain(resource: Resource, service: str) -> bool:
    """Whether a queue's or topic's own policy turns away plain HTTP, or is not known yet."""
    contents = [document.content for document in documents(resource)]
    return any(
        content is UNKNOWN or (isinstance(content, Mapping) and denies_plain_http(content, service))
        for content in contents
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
        stated = [s.props.get("availabilityZone") or s.props.get("availabilityZoneId") for s in subnets]
        zones = [zone for zone in stated if isinstance(zone, str)]  # the others are for AWS to choose, or not known yet
        if subnets and len(zones) == len(subnets) and len(set(zones)) < 3:
            yield Finding(f"the network's subnets are in {len(set(zones))} of three zones", "zones", urn=vpc.urn)


def _backed_up(stack: Stack, facts: Facts) -> Iterator[Finding]:
    selected = [selection.props.get("resources") for selection in stack.of(_SELECTION)]
    arns = [arn for resources in selected if isinstance(resources, list) for arn in resources if isinstance(arn, str)]
    for system in stack.of("aws:efs/fileSystem:FileSystem"):
        of_its_own = stack.naming(system, "fileSystemId", "aws:efs/backupPolicy:BackupPolicy")
        planned = stack.naming(system, "resources", _SELECTION) or system.props.get("arn") in arns
        if not of_its_own and not planned:
            yield Finding("no backup policy for the file system", "backup", urn=system.urn)


def _distribution_logs(stack: Stack, facts: Facts) -> Iterator[Finding]:
    # Delivery through CloudWatch, or the older one, which needs a bucket that has its access control lists on:
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
    for distribution in stack.of("aws:cloudfront/distribution:Distribution"):
        delivered = stack.naming(distribution, "resourceArn", "aws:cloudwatch/logDeliverySource:LogDeliverySource")
        if not delivered and not distribution.get("loggingConfig.bucket"):
            yield Finding("nothing logs the requests of the distribution", "logging", urn=distribution.urn)


def _images_scanned(stack: Stack, facts: Facts) -> Iterator[Finding]:
    registries = list(stack.of("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"))
    filters = [value for each in registries for _, value in each.values("rules[].repositoryFilters[].filter") if value]
    for repository in stack.of("aws:ecr/repository:Repository"):
        name = str(repository.props.get("name", repository.name))
        by_registry = any(each is UNKNOWN or fnmatchcase(name, f"*{each}*") for each in filters)
        by_itself = repository.get("imageScanningConfiguration.scanOnPush")
        if by_itself is not True and by_itself is not UNKNOWN and not by_registry:
            yield Finding("nothing scans the images of the repository", "scan", urn=repository.urn)


def _machines_watched(stack: Stack, facts: Facts) -> Iterator[Finding]:
    # A cluster can have it for all its instances.
    watched = {
        instance.urn
        for cluster in stack.of("aws:rds/cluster:Cluster")
        if cluster.props.get("monitoringInterval")
        for instance in stack.naming(cluster, "clusterIdentifier", _CLUSTER_INSTANCE)
    }
    for instance in stack.of("aws:rds/instance:Instance", _CLUSTER_INSTANCE):
        if not instance.props.get("monitoringInterval") and instance.urn not in watched:
            yield Finding("nothing reports on the instance's operating system", "monitoring", urn=instance.urn)


def _queries_logged(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for zone in stack.of("aws:route53/zone:Zone"):
        # The names of a private zone are asked within its networks, whose resolver has a log of its own.
        if not zone.props.get("vpcs") and not stack.naming(zone, "zoneId", "aws:route53/queryLog:QueryLog"):
            yield Finding("nothing logs what the zone is asked", "logging", urn=zone.urn)


def _session_tokens(stack: Stack, facts: Facts) -> Iterator[Finding]:
    # What an instance does not say is as the account has it:
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
    defaults = [each.props.get("httpTokens") for each in stack.of(_METADATA_DEFAULTS)]
    enough = ("required", UNKNOWN, *((None,) if "required" in defaults or UNKNOWN in defaults else ()))
    for machine in stack.of(*_MACHINES):
        off = machine.get("metadataOptions.httpEndpoint") == "disabled"
        if not off and not machine.props.get("launchTemplate") and machine.get(_TOKENS) not in enough:
            yield Finding(f"{_TOKENS} has to be required", _TOKENS, urn=machine.urn)


_TOKENS: Final = "metadataOptions.httpTokens"
_METADATA_DEFAULTS: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
_MACHINES: Final = (
    "aws:ec2/instance:Instance",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
)


def at_edge(stack: Stack) -> frozenset[str]:
    """The URNs of the functions that CloudFront runs at its edge, where they have no tracing and no dead letters.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
    """
    behaviours = ("defaultCacheBehavior", "orderedCacheBehaviors")
    return frozenset(
        urn
        for distribution in stack.of("aws:cloudfront/distribution:Distribution")
        for behaviour in behaviours
        for urn in distribution.property_dependencies.get(behaviour, ())
    )


def _traced(stack: Stack, facts: Facts) -> Iterator[Finding]:
    edge = at_edge(stack)
    for function in stack.of("aws:lambda/function:Function"):
        if function.get("tracingConfig.mode") not in ("Active", UNKNOWN) and function.urn not in edge:
            yield Finding("the function does not trace its calls", "tracing", urn=function.urn)


_SELECTION: Final = "aws:backup/selection:Selection"
_CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"


def _has_rules(stack: Stack, facts: Facts) -> Iterator[Finding]:
    companions = ("aws:wafv2/webAclRule:WebAclRule", "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation")
    for firewall in stack.of("aws:wafv2/webAcl:WebAcl"):
        of_its_own = firewall.props.get("rules") or firewall.props.get("ruleJson")
        if not of_its_own and not stack.naming(firewall, "webAclArn", *companions):
            yield Finding("the firewall has no rules", "rules", urn=firewall.urn)


def _function_zones(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for function in stack.of("aws:lambda/function:Function"):
        subnets = function.get("vpcConfig.subnetIds")
        if isinstance(subnets, list) and len(subnets) == 1:
            yield Finding("the function is in one subnet", "zones", urn=function.urn)


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


_MEDIUM = Severity.MEDIUM
_UNSEEN = "Nobody would see who was there, or that something is wrong."

CONTROLS = (
    stack_control(
        "queue-policy-tls",
        "Every queue turns away whoever does not use TLS",
        _MEDIUM,
        "transport",
        "SQS answers plain HTTP as well; only the queue's policy can refuse it.",
        "Add a QueuePolicy that denies requests without TLS.",
        _has_policy("aws:sqs/queue:Queue", "queueUrl", "aws:sqs/queuePolicy:QueuePolicy", "sqs"),
    ),
    stack_control(
        "topic-policy-tls",
        "Every topic turns away whoever does not use TLS",
        _MEDIUM,
        "transport",
        "SNS answers plain HTTP as well; only the topic's policy can refuse it.",
        "Add a TopicPolicy that denies publishing without TLS.",
        _has_policy("aws:sns/topic:Topic", "arn", "aws:sns/topicPolicy:TopicPolicy", "sns"),
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
        "Every elastic file system has a backup policy, or is in a backup plan",
        _MEDIUM,
        "durability",
        "What was deleted by mistake is gone.",
        "Add a BackupPolicy, or name the file system in a backup selection.",
        _backed_up,
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
        "firewall-has-rules",
        "Web application firewalls have rules",
        _MEDIUM,
        "exposure",
        "What a firewall lets pass without a look might as well not meet it.",
        "Add rules, such as AWS's managed groups.",
        _has_rules,
    ),
    stack_control(
        "distribution-logs",
        "Distributions log their requests",
        _MEDIUM,
        "logging",
        _UNSEEN,
        "Add a LogDeliverySource with the distribution's ARN, or set loggingConfig.bucket.",
        _distribution_logs,
    ),
    stack_control(
        "imds-v2",
        "Instances answer metadata requests only with a session token",
        Severity.HIGH,
        "exposure",
        "With version 1, any request forgery on the machine reads the credentials of its role.",
        'Set metadataOptions.httpTokens to "required", or the default of the account with InstanceMetadataDefaults.',
        _session_tokens,
    ),
    stack_control(
        "zone-logs",
        "Public zones log what they are asked",
        Severity.LOW,
        "logging",
        _UNSEEN,
        "Add a QueryLog with the zone's zoneId.",
        _queries_logged,
    ),
    stack_control(
        "image-scan",
        "Container images are scanned for known holes",
        _MEDIUM,
        "upkeep",
        "Most of an image is other people's code, with other people's holes.",
        "Set imageScanningConfiguration.scanOnPush, or scan the registry with a RegistryScanningConfiguration.",
        _images_scanned,
    ),
    stack_control(
        "instance-monitoring",
        "Database instances report on their operating system",
        Severity.LOW,
        "logging",
        _UNSEEN,
        "Set monitoringInterval and monitoringRoleArn, on the cluster or on each instance.",
        _machines_watched,
    ),
    stack_control(
        "function-tracing",
        "Functions trace their calls",
        Severity.LOW,
        "logging",
        _UNSEEN,
        "Set tracingConfig.mode to Active.",
        _traced,
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
