"""What happens is written down, kept, and kept long enough."""

from collections.abc import Iterator

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import Expectation, PropertyControl, expect, includes, is_, is_set
from mesh_guardrails.resource import Resource

_F = "logging"
_UNSEEN = "An attack or a fault that nobody wrote down cannot be found, explained or proved."

_DESTINATIONS = (
    "extendedS3",
    "elasticsearch",
    "httpEndpoint",
    "iceberg",
    "opensearch",
    "opensearchserverless",
    "redshift",
    "snowflake",
    "splunk",
)


def _logged(
    id_: str, title: str, types: str, *expectations: Expectation, fix: str, severity: Severity = Severity.MEDIUM
) -> PropertyControl:
    return expect(id_, title, severity, types, *expectations, why=_UNSEEN, fix=fix, family=_F)


def _retention(resource: Resource, facts: Facts) -> Iterator[Finding]:
    least = facts.setting("log-retention", "days", 90)
    days = resource.props.get("retentionInDays")
    if resource.props.get("logGroupClass") == "DELIVERY":
        return  # CloudWatch itself sets two days, on the way to where the logs are kept
    if days is None:
        yield Finding("retentionInDays is not set, so the logs are kept, and paid for, for ever", "retentionInDays")
    elif isinstance(days, int | float) and 0 < days < least:
        yield Finding(f"retentionInDays has to be at least {least}", "retentionInDays")


CONTROLS = (
    ResourceControl(
        id="log-retention",
        title="Log groups say how long they keep, and keep long enough",
        severity=Severity.MEDIUM,
        rationale="Intrusions are found after months; and personal data must not be kept for ever without a decision.",
        remediation="Set retentionInDays; 0 is a decision to keep for ever.",
        family=_F,
        types=("aws:cloudwatch/logGroup:LogGroup",),
        settings={"days": {"type": "number", "description": "the least retention, in days"}},
        check=_retention,
    ),
    _logged(
        "trail-complete",
        "Trails cover all regions and global services, and cannot be changed unseen",
        "aws:cloudtrail/trail:Trail",
        is_("isMultiRegionTrail"),
        is_("includeGlobalServiceEvents", default=True),
        is_("enableLogFileValidation"),
        is_("enableLogging", default=True),
        fix="Set isMultiRegionTrail and enableLogFileValidation.",
        severity=Severity.HIGH,
    ),
    _logged(
        "event-store-complete",
        "Event data stores cover all regions",
        "aws:cloudtrail/eventDataStore:EventDataStore",
        is_("multiRegionEnabled", default=True),
        is_("terminationProtectionEnabled", default=True),
        fix="Leave multiRegionEnabled and terminationProtectionEnabled true.",
    ),
    _logged(
        "config-recorder-complete",
        "AWS Config records every kind of resource",
        "aws:cfg/recorder:Recorder",
        is_(
            "recordingGroup.allSupported",
            default=True,
            unless=("recordingGroup.exclusionByResourceTypes", "recordingGroup.recordingStrategies"),
        ),
        fix="Set recordingGroup.allSupported.",
    ),
    _logged(
        "guardduty-on",
        "GuardDuty is on",
        "aws:guardduty/detector:Detector",
        is_("enable", default=True),
        fix="Leave enable true.",
        severity=Severity.HIGH,
    ),
    _logged(
        "flow-log-complete",
        "Flow logs record what was rejected too",
        "aws:ec2/flowLog:FlowLog",
        is_("trafficType", "ALL", "REJECT", unless=("transitGatewayId", "transitGatewayAttachmentId")),
        fix="Set trafficType to ALL.",
    ),
    _logged(
        "balancer-logs",
        "Load balancers log their requests",
        "aws:lb/loadBalancer:LoadBalancer aws:alb/loadBalancer:LoadBalancer",
        is_("accessLogs.enabled", unless=("loadBalancerType=network|gateway",)),
        fix="Set accessLogs with the log archive as its bucket.",
    ),
    _logged(
        "classic-balancer-logs",
        "Classic load balancers log their requests",
        "aws:elb/loadBalancer:LoadBalancer",
        is_set("accessLogs.bucket"),
        is_("accessLogs.enabled", default=True),
        fix="Set accessLogs.",
    ),
    _logged(
        "api-logs",
        "API stages log their requests",
        "aws:apigateway/stage:Stage aws:apigatewayv2/stage:Stage",
        is_set("accessLogSettings.destinationArn"),
        fix="Set accessLogSettings.",
    ),
    _logged(
        "api-execution-logs",
        "REST APIs log their errors, and not their bodies",
        "aws:apigateway/methodSettings:MethodSettings",
        is_("settings.loggingLevel", "ERROR", "INFO"),
        is_("settings.dataTraceEnabled", False, default=True),
        fix="Set loggingLevel to ERROR and leave dataTraceEnabled false: traces hold the data itself.",
    ),
    _logged(
        "api-tracing",
        "REST APIs trace their requests",
        "aws:apigateway/stage:Stage",
        is_("xrayTracingEnabled"),
        fix="Set xrayTracingEnabled.",
        severity=Severity.LOW,
    ),
    _logged(
        "graphql-logs",
        "GraphQL APIs log their errors",
        "aws:appsync/graphQLApi:GraphQLApi",
        is_("logConfig.fieldLogLevel", "ERROR", "ALL", "INFO", "DEBUG"),
        fix="Set logConfig.fieldLogLevel to ERROR.",
    ),
    _logged(
        "state-machine-logs",
        "State machines log what fails, and trace",
        "aws:sfn/stateMachine:StateMachine",
        is_("loggingConfiguration.level", "ERROR", "ALL", "FATAL"),
        is_("tracingConfiguration.enabled"),
        fix="Set loggingConfiguration.level to ERROR and tracingConfiguration.enabled.",
    ),
    _logged(
        "database-logs",
        "Databases export their logs",
        "aws:rds/instance:Instance aws:rds/cluster:Cluster",
        is_set("enabledCloudwatchLogsExports"),
        fix="Set enabledCloudwatchLogsExports to the engine's logs.",
    ),
    _logged(
        "docdb-logs",
        "DocumentDB exports its audit log",
        "aws:docdb/cluster:Cluster",
        includes("enabledCloudwatchLogsExports", "audit"),
        fix="Add audit to enabledCloudwatchLogsExports.",
    ),
    _logged(
        "neptune-logs",
        "Neptune exports its audit log",
        "aws:neptune/cluster:Cluster",
        includes("enableCloudwatchLogsExports", "audit"),
        fix="Add audit to enableCloudwatchLogsExports.",
    ),
    _logged(
        "search-logs",
        "Search domains publish their logs",
        "aws:opensearch/domain:Domain aws:elasticsearch/domain:Domain",
        is_set("logPublishingOptions[+].cloudwatchLogGroupArn"),
        is_("logPublishingOptions[].enabled", default=True),
        fix="Set logPublishingOptions with AUDIT_LOGS.",
    ),
    _logged(
        "kafka-logs",
        "Kafka brokers log",
        "aws:msk/cluster:Cluster",
        is_(
            "loggingInfo.brokerLogs.cloudwatchLogs.enabled",
            unless=("loggingInfo.brokerLogs.s3.enabled=True", "loggingInfo.brokerLogs.firehose.enabled=True"),
        ),
        fix="Set loggingInfo.brokerLogs.",
    ),
    _logged(
        "kubernetes-logs",
        "Kubernetes writes its audit log",
        "aws:eks/cluster:Cluster",
        includes("enabledClusterLogTypes", "api", "audit", "authenticator"),
        fix="Set enabledClusterLogTypes to at least api, audit and authenticator.",
    ),
    _logged(
        "broker-logs",
        "Message brokers log",
        "aws:mq/broker:Broker",
        is_("logs.general"),
        is_("logs.audit", unless=("engineType=RabbitMQ|RABBITMQ",)),
        fix="Set logs.general, and logs.audit with ActiveMQ.",
    ),
    _logged(
        "transfer-logs",
        "File transfer servers log",
        "aws:transfer/server:Server",
        is_set("structuredLogDestinations", unless=("loggingRole",)),
        fix="Set structuredLogDestinations.",
    ),
    _logged(
        "cluster-insights",
        "Container clusters report on their tasks",
        "aws:ecs/cluster:Cluster",
        is_("settings[+].value", "enabled", "enhanced"),
        fix="Set the setting containerInsights to enabled.",
        severity=Severity.LOW,
    ),
    _logged(
        "build-logs",
        "Builds log",
        "aws:codebuild/project:Project",
        is_("logsConfig.cloudwatchLogs.status", "ENABLED", default=True, unless=("logsConfig.s3Logs.status=ENABLED",)),
        fix="Leave logsConfig.cloudwatchLogs enabled.",
    ),
    _logged(
        "workgroup-metrics",
        "Athena workgroups report on their queries, and decide where results go",
        "aws:athena/workgroup:Workgroup",
        is_("configuration.publishCloudwatchMetricsEnabled", default=True),
        is_("configuration.enforceWorkgroupConfiguration", default=True),
        fix="Leave both true.",
        severity=Severity.LOW,
    ),
    _logged(
        "firewall-metrics",
        "Web application firewalls report what they match",
        "aws:wafv2/webAcl:WebAcl",
        is_("visibilityConfig.cloudwatchMetricsEnabled"),
        fix="Set visibilityConfig.cloudwatchMetricsEnabled.",
        severity=Severity.LOW,
    ),
    _logged(
        "airflow-logs",
        "Airflow logs what its tasks and scheduler do",
        "aws:mwaa/environment:Environment",
        is_("loggingConfiguration.taskLogs.enabled"),
        is_("loggingConfiguration.schedulerLogs.enabled"),
        fix="Set loggingConfiguration.taskLogs and schedulerLogs.",
    ),
    _logged(
        "stream-errors-logged",
        "Firehose logs what it cannot deliver",
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        *(is_(f"{destination}Configuration?.cloudwatchLoggingOptions.enabled") for destination in _DESTINATIONS),
        fix="Set cloudwatchLoggingOptions.",
    ),
)
