"""Models, training, agents and language services."""

from mesh_guardrails.encryption.rows import Row, customer_key, in_transit, row

_JOB = "validationSpecification.validationProfiles?.trainingJobDefinition"
_TUNING = ("trainingJobDefinition?", "trainingJobDefinitions[]")
# Machines with disks of their own encrypt them in hardware and take no key:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
_OWN_DISKS = "ml.[cmr]*d.*|ml.g4dn.*|ml.g[56]*|ml.p3dn.*|ml.p[45]*|ml.trn*"
_MONITORED = "monitoringScheduleConfig.monitoringJobDefinition?"


def _named(types: str, what: str, path: str) -> Row:
    """The many types whose only input is the key."""
    return row(types, what, customer_key(path))


ROWS = (
    _named("aws:bedrock/agentAgent:AgentAgent", "Bedrock agents", "customerEncryptionKeyArn"),
    _named("aws:bedrock/agentFlow:AgentFlow", "Bedrock flows", "customerEncryptionKeyArn"),
    _named("aws:bedrock/agentPrompt:AgentPrompt", "Bedrock prompts", "customerEncryptionKeyArn"),
    _named(
        "aws:bedrock/agentDataSource:AgentDataSource",
        "Data sources of knowledge bases",
        "serverSideEncryptionConfiguration.kmsKeyArn",
    ),
    _named(
        "aws:bedrock/agentKnowledgeBase:AgentKnowledgeBase",
        "Managed knowledge bases",
        "knowledgeBaseConfiguration.managedKnowledgeBaseConfiguration?.serverSideEncryptionConfiguration.kmsKeyArn",
    ),
    _named("aws:bedrock/agentcoreEvaluator:AgentcoreEvaluator", "AgentCore evaluators", "kmsKeyArn"),
    _named("aws:bedrock/agentcoreGateway:AgentcoreGateway", "AgentCore gateways", "kmsKeyArn"),
    _named(
        "aws:bedrock/agentcoreHarness:AgentcoreHarness",
        "Memories of AgentCore harnesses",
        "memory?.managedMemoryConfiguration?.encryptionKeyArn",
    ),
    _named("aws:bedrock/agentcoreMemory:AgentcoreMemory", "AgentCore memories", "encryptionKeyArn"),
    _named("aws:bedrock/agentcorePolicyEngine:AgentcorePolicyEngine", "AgentCore policy engines", "encryptionKeyArn"),
    _named(
        "aws:bedrock/agentcoreTokenVaultCmk:AgentcoreTokenVaultCmk",
        "AgentCore token vaults",
        "kmsConfiguration.kmsKeyArn",
    ),
    _named("aws:bedrock/customModel:CustomModel", "Custom models of Bedrock", "customModelKmsKeyId"),
    _named("aws:bedrock/evaluationJob:EvaluationJob", "Bedrock evaluations", "customerEncryptionKeyId"),
    _named("aws:bedrock/guardrail:Guardrail", "Bedrock guardrails", "kmsKeyArn"),
    _named(
        "aws:bedrockmodel/invocationJob:InvocationJob",
        "Outputs of batch inference",
        "outputDataConfig.s3OutputDataConfig.s3EncryptionKeyId",
    ),
    _named(
        "aws:agentregistry/registry:Registry",
        "Agent registries",
        "encryptionConfiguration.kmsKeyArn",
    ),
    row(
        "aws:comprehend/documentClassifier:DocumentClassifier",
        "Document classifiers",
        customer_key("modelKmsKeyId"),
        customer_key("volumeKmsKeyId"),
        customer_key("outputDataConfig?.kmsKeyId"),
    ),
    row(
        "aws:comprehend/entityRecognizer:EntityRecognizer",
        "Entity recognisers",
        customer_key("modelKmsKeyId"),
        customer_key("volumeKmsKeyId"),
    ),
    _named("aws:rekognition/streamProcessor:StreamProcessor", "Video stream processors", "kmsKeyId"),
    row(
        "aws:lex/botAlias:BotAlias",
        "Recorded conversations of bots",
        # Only recordings in S3 take a key here; transcripts are in log groups.
        customer_key("conversationLogs?.logSettings[].kmsKeyArn", when="conversationLogs.logSettings[].destination=S3"),
    ),
    _named(
        "aws:lex/v2modelsSlotType:V2modelsSlotType",
        "Grammars of bots",
        "externalSourceSettings[].grammarSlotTypeSettings[].sources[].kmsKeyArn",
    ),
    _named("aws:qbusiness/application:Application", "Q Business applications", "encryptionConfiguration.kmsKeyId"),
    row(
        "aws:sagemaker/algorithm:Algorithm",
        "Jobs that validate algorithms",
        customer_key(f"{_JOB}.outputDataConfig.kmsKeyId"),
        customer_key(
            f"{_JOB}.resourceConfig.volumeKmsKeyId", unless=(f"{_JOB}.resourceConfig.instanceType={_OWN_DISKS}",)
        ),
    ),
    row(
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        "Data quality jobs",
        customer_key("dataQualityJobOutputConfig.kmsKeyId"),
        customer_key(
            "jobResources.clusterConfig.volumeKmsKeyId",
            unless=(f"jobResources.clusterConfig.instanceType={_OWN_DISKS}",),
        ),
        in_transit("networkConfig.enableInterContainerTrafficEncryption"),
    ),
    _named("aws:sagemaker/deviceFleet:DeviceFleet", "Outputs of device fleets", "outputConfig.kmsKeyId"),
    row(
        "aws:sagemaker/domain:Domain",
        "SageMaker domains",
        customer_key("kmsKeyId"),
        customer_key(
            "defaultUserSettings.sharingSettings?.s3KmsKeyId",
            when="defaultUserSettings.sharingSettings.notebookOutputOption=Allowed",
        ),
        customer_key("defaultUserSettings.canvasAppSettings?.workspaceSettings?.s3KmsKeyId"),
    ),
    row(
        "aws:sagemaker/userProfile:UserProfile",
        "Shared notebooks of user profiles",
        customer_key(
            "userSettings?.sharingSettings?.s3KmsKeyId",
            when="userSettings.sharingSettings.notebookOutputOption=Allowed",
        ),
        customer_key("userSettings?.canvasAppSettings?.workspaceSettings?.s3KmsKeyId"),
    ),
    row(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "Endpoints and what they capture",
        customer_key(
            "kmsKeyArn",
            unless=("productionVariants[].serverlessConfig", f"productionVariants[].instanceType={_OWN_DISKS}"),
        ),
        customer_key("dataCaptureConfig?.kmsKeyId"),
        customer_key("asyncInferenceConfig?.outputConfig.kmsKeyId"),
        customer_key("productionVariants[].coreDumpConfig?.kmsKeyId"),
        customer_key("shadowProductionVariants[].coreDumpConfig?.kmsKeyId"),
    ),
    row(
        "aws:sagemaker/featureGroup:FeatureGroup",
        "Feature stores",
        customer_key("offlineStoreConfig?.s3StorageConfig.kmsKeyId"),
        customer_key("onlineStoreConfig?.securityConfig.kmsKeyId"),
    ),
    _named("aws:sagemaker/flowDefinition:FlowDefinition", "Outputs of human review", "outputConfig.kmsKeyId"),
    row(
        "aws:sagemaker/hyperParameterTuningJob:HyperParameterTuningJob",
        "Tuning jobs",
        *(customer_key(f"{job}.outputDataConfig.kmsKeyId") for job in _TUNING),
        *(
            customer_key(
                f"{job}.resourceConfig?.volumeKmsKeyId", unless=(f"{job}.resourceConfig.instanceType={_OWN_DISKS}",)
            )
            for job in _TUNING
        ),
        *(customer_key(f"{job}.hyperParameterTuningResourceConfig?.volumeKmsKeyId") for job in _TUNING),
        *(in_transit(f"{job}.enableInterContainerTrafficEncryption") for job in _TUNING),
    ),
    row(
        "aws:sagemaker/labelingJob:LabelingJob",
        "Labelling jobs",
        customer_key("outputConfig.kmsKeyId"),
        customer_key("labelingJobAlgorithmsConfig?.labelingJobResourceConfig?.volumeKmsKeyId"),
    ),
    _named("aws:sagemaker/modelCard:ModelCard", "Model cards", "securityConfig.kmsKeyId"),
    row(
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        "Monitoring jobs",
        customer_key(f"{_MONITORED}.monitoringOutputConfig.kmsKeyId"),
        customer_key(f"{_MONITORED}.monitoringResources.clusterConfig.volumeKmsKeyId"),
        in_transit(f"{_MONITORED}.networkConfig.enableInterContainerTrafficEncryption"),
    ),
    _named("aws:sagemaker/notebookInstance:NotebookInstance", "Notebooks", "kmsKeyId"),
    row(
        "aws:sagemaker/trainingJob:TrainingJob",
        "Training jobs",
        customer_key("outputDataConfig.kmsKeyId"),
        customer_key("resourceConfig?.volumeKmsKeyId", unless=(f"resourceConfig.instanceType={_OWN_DISKS}",)),
        in_transit("enableInterContainerTrafficEncryption"),
    ),
)
