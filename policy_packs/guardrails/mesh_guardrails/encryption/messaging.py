"""Queues, topics, streams, buses, workflows, mail and telephony: data on the move."""

from mesh_guardrails.control import Severity
from mesh_guardrails.encryption.rows import at_rest, customer_key, in_transit, row

ROWS = (
    row(
        "aws:sqs/queue:Queue",
        "SQS queues",
        at_rest("sqsManagedSseEnabled", default=True, unless=("kmsMasterKeyId",)),
        customer_key("kmsMasterKeyId"),
    ),
    row("aws:sns/topic:Topic", "SNS topics", customer_key("kmsMasterKeyId"), severity=Severity.HIGH),
    row(
        "aws:kinesis/stream:Stream",
        "Kinesis data streams",
        at_rest("encryptionType", "KMS"),
        customer_key("kmsKeyId"),
    ),
    row("aws:kinesis/videoStream:VideoStream", "Kinesis video streams", customer_key("kmsKeyId")),
    row(
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        "Firehose streams that producers write to",
        # A stream that reads Kinesis or Kafka buffers nothing of its own.
        at_rest("serverSideEncryption.enabled", unless=("kinesisSourceConfiguration", "mskSourceConfiguration")),
        customer_key("serverSideEncryption.keyArn", unless=("kinesisSourceConfiguration", "mskSourceConfiguration")),
        # Without this type, Firehose takes a key of AWS whatever key is named.
        customer_key("serverSideEncryption.keyType", "CUSTOMER_MANAGED_CMK", when="serverSideEncryption.keyArn"),
    ),
    row(
        "aws:msk/cluster:Cluster",
        "Kafka clusters",
        customer_key("encryptionInfo.encryptionAtRestKmsKeyArn"),
        in_transit("encryptionInfo.encryptionInTransit.clientBroker", "TLS", default=True),
        in_transit("encryptionInfo.encryptionInTransit.inCluster", default=True),
    ),
    row("aws:msk/channel:Channel", "MSK channels", customer_key("encryptionConfiguration.kmsKeyArn")),
    row(
        "aws:mskconnect/connector:Connector",
        "Kafka connectors",
        in_transit("kafkaClusterEncryptionInTransit.encryptionType", "TLS"),
    ),
    row(
        "aws:mq/broker:Broker",
        "MQ brokers",
        customer_key("encryptionOptions.kmsKeyId"),
        customer_key("encryptionOptions?.useAwsOwnedKey", False),
    ),
    row("aws:cloudwatch/eventBus:EventBus", "EventBridge buses", customer_key("kmsKeyIdentifier")),
    row("aws:cloudwatch/eventArchive:EventArchive", "EventBridge archives", customer_key("kmsKeyIdentifier")),
    row("aws:cloudwatch/eventConnection:EventConnection", "EventBridge connections", customer_key("kmsKeyIdentifier")),
    row("aws:pipes/pipe:Pipe", "EventBridge pipes", customer_key("kmsKeyIdentifier")),
    row("aws:scheduler/schedule:Schedule", "EventBridge schedules", customer_key("kmsKeyArn")),
    row("aws:sfn/stateMachine:StateMachine", "State machines", customer_key("encryptionConfiguration.kmsKeyId")),
    row("aws:sfn/activity:Activity", "Step Functions activities", customer_key("encryptionConfiguration.kmsKeyId")),
    row("aws:appflow/flow:Flow", "AppFlow flows", customer_key("kmsArn")),
    row("aws:appflow/connectorProfile:ConnectorProfile", "AppFlow connector profiles", customer_key("kmsArn")),
    row("aws:appfabric/appBundle:AppBundle", "AppFabric bundles", customer_key("customerManagedKeyArn")),
    row(
        "aws:appintegrations/dataIntegration:DataIntegration",
        "AppIntegrations data integrations",
        customer_key("kmsKey"),
    ),
    row("aws:mailmanager/archive:Archive", "Mail archives", customer_key("kmsKeyArn")),
    row(
        "aws:mailmanager/ruleSet:RuleSet",
        "Mails that Mail Manager stores",
        customer_key("rules[].actions[].writeToS3?.s3SseKmsKeyId"),
    ),
    row("aws:workmail/organization:Organization", "WorkMail organisations", customer_key("kmsKeyArn")),
    row(
        "aws:connect/instanceStorageConfig:InstanceStorageConfig",
        "Stores of Amazon Connect",
        customer_key("storageConfig.s3Config?.encryptionConfig.keyId"),
        customer_key("storageConfig.kinesisVideoStreamConfig?.encryptionConfig.keyId"),
    ),
    row("aws:customerprofiles/domain:Domain", "Customer profile domains", customer_key("defaultEncryptionKey")),
    row(
        "aws:chime/sdkvoiceVoiceProfileDomain:SdkvoiceVoiceProfileDomain",
        "Voice profile domains",
        customer_key("serverSideEncryptionConfiguration.kmsKeyArn"),
    ),
    row("aws:chime/voiceConnector:VoiceConnector", "Voice connectors", in_transit("requireEncryption")),
    row(
        "aws:chimesdkmediapipelines/mediaInsightsPipelineConfiguration:MediaInsightsPipelineConfiguration",
        "Call analytics pipelines",
        customer_key(
            "elements[].amazonTranscribeCallAnalyticsProcessorConfiguration?"
            ".postCallAnalyticsSettings?.outputEncryptionKmsKeyId"
        ),
    ),
    row(
        "aws:transfer/connector:Connector",
        "AS2 connectors",
        # RFC 4130 leaves the choice open; NONE sends in the clear, DES is withdrawn (NIST SP 800-131A).
        in_transit("as2Config?.encryptionAlgorithm", "AES128_CBC", "AES192_CBC", "AES256_CBC"),
    ),
)
