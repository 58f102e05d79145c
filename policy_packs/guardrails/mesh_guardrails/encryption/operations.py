"""Logs, trails, secrets, configuration and the security services themselves."""

from mesh_guardrails.control import Severity
from mesh_guardrails.encryption.rows import customer_key, row

_CENTRAL_LOGS = "rule.destination.destinationLogsConfiguration?"

ROWS = (
    row("aws:cloudwatch/logGroup:LogGroup", "Log groups", customer_key("kmsKeyId")),
    row("aws:cloudwatch/logAnomalyDetector:LogAnomalyDetector", "Log anomaly detectors", customer_key("kmsKeyId")),
    row("aws:cloudtrail/trail:Trail", "Trails", customer_key("kmsKeyId"), severity=Severity.HIGH),
    row("aws:cloudtrail/eventDataStore:EventDataStore", "Event data stores", customer_key("kmsKeyId")),
    row("aws:cfg/deliveryChannel:DeliveryChannel", "Deliveries of AWS Config", customer_key("s3KmsKeyArn")),
    row(
        "aws:secretsmanager/secret:Secret",
        "Secrets",
        customer_key("kmsKeyId"),
        customer_key("replicas[].kmsKeyId"),
        severity=Severity.HIGH,
    ),
    row("aws:ssm/parameter:Parameter", "Secret parameters", customer_key("keyId", when="type=SecureString")),
    row(
        "aws:ssm/resourceDataSync:ResourceDataSync",
        "Inventories of managed machines",
        customer_key("s3Destination.kmsKeyArn"),
    ),
    row(
        "aws:ssmincidents/replicationSet:ReplicationSet",
        "Incident records",
        customer_key("regions[].kmsKeyArn"),
    ),
    row(
        "aws:appconfig/configurationProfile:ConfigurationProfile",
        "Hosted configurations",
        customer_key("kmsKeyIdentifier", when="locationUri=hosted"),
    ),
    row("aws:appconfig/deployment:Deployment", "Deployed configurations", customer_key("kmsKeyIdentifier")),
    row(
        "aws:cognito/userPool:UserPool",
        "Codes that user pools hand to their own senders",
        customer_key("lambdaConfig?.kmsKeyId", when="lambdaConfig.customEmailSender"),
        customer_key("lambdaConfig?.kmsKeyId", when="lambdaConfig.customSmsSender"),
    ),
    row(
        "aws:macie2/classificationExportConfiguration:ClassificationExportConfiguration",
        "Results of Macie",
        customer_key("s3Destination.kmsKeyArn"),
    ),
    row(
        "aws:guardduty/publishingDestination:PublishingDestination", "Findings of GuardDuty", customer_key("kmsKeyArn")
    ),
    row(
        "aws:auditmanager/accountRegistration:AccountRegistration",
        "Collections of audit evidence",
        customer_key("kmsKey"),
    ),
    row("aws:securityhub/connectorV2:ConnectorV2", "Security Hub connectors", customer_key("kmsKeyArn")),
    row(
        "aws:securitylake/dataLake:DataLake",
        "Security lakes",
        customer_key("configuration.encryptionConfigurations[+].kmsKeyId"),
    ),
    row(
        "aws:networkfirewall/firewall:Firewall aws:networkfirewall/firewallPolicy:FirewallPolicy "
        "aws:networkfirewall/ruleGroup:RuleGroup",
        "Network firewalls and their rules",
        customer_key("encryptionConfiguration.keyId"),
        severity=Severity.LOW,
    ),
    row(
        "aws:networkfirewall/tlsInspectionConfiguration:TlsInspectionConfiguration",
        "TLS inspection settings",
        customer_key("encryptionConfigurations[+].keyId"),
        severity=Severity.LOW,
    ),
    row(
        "aws:verifiedaccess/endpoint:Endpoint aws:verifiedaccess/trustProvider:TrustProvider",
        "Verified Access endpoints and trust providers",
        customer_key("sseSpecification.kmsKeyArn"),
        severity=Severity.LOW,
    ),
    row(
        "aws:verifiedaccess/group:Group",
        "Verified Access groups",
        customer_key("sseConfiguration.kmsKeyArn"),
        severity=Severity.LOW,
    ),
    row(
        "aws:devopsguru/serviceIntegration:ServiceIntegration",
        "Insights of DevOps Guru",
        customer_key("kmsServerSideEncryption.kmsKeyId"),
        severity=Severity.LOW,
    ),
    row("aws:devopsagent/agentSpace:AgentSpace", "DevOps agent spaces", customer_key("kmsKeyArn")),
    row(
        "aws:resiliencehub/v2Policy:V2Policy aws:resiliencehub/v2Service:V2Service aws:resiliencehub/v2System:V2System",
        "Resilience Hub records",
        customer_key("kmsKeyId"),
        severity=Severity.LOW,
    ),
    row(
        "aws:cloudwatchomni/space:Space",
        "CloudWatch spaces",
        customer_key("encryptionConfiguration.kmsKeyArn"),
    ),
    row(
        "aws:observabilityadmin/centralizationRuleForOrganization:CentralizationRuleForOrganization",
        "Centralised logs",
        customer_key(f"{_CENTRAL_LOGS}.logsEncryptionConfiguration.kmsKeyArn"),
        customer_key(f"{_CENTRAL_LOGS}.backupConfiguration?.kmsKeyArn"),
    ),
    row(
        "aws:observabilityadmin/s3TableIntegration:S3TableIntegration",
        "Logs in table buckets",
        customer_key("encryption.kmsKeyArn"),
    ),
    row("aws:xray/encryptionConfig:EncryptionConfig", "Traces", customer_key("keyId")),
    row(
        "aws:synthetics/canary:Canary",
        "Canaries and their artifacts",
        customer_key("artifactConfig.s3Encryption.kmsKeyArn"),
        customer_key("kmsKeyArn", when="runConfig.environmentVariables"),
    ),
)
