"""Machines, containers, functions, images, builds and desktops."""

from mesh_guardrails.control import Severity
from mesh_guardrails.encryption.rows import at_rest, customer_key, in_transit, row

_TRUE = (True, "true")
_NO_NEW_DISK = tuple(f"blockDeviceMappings[].{each}" for each in ("ebs.snapshotId", "noDevice", "virtualName"))
_SPOT_SNAPSHOT = "launchSpecifications[].ebsBlockDevices[].snapshotId"

ROWS = (
    row(
        "aws:ec2/instance:Instance aws:ec2/spotInstanceRequest:SpotInstanceRequest",
        "Disks of instances",
        at_rest("rootBlockDevice.encrypted", unless=("launchTemplate",)),
        customer_key("rootBlockDevice?.kmsKeyId"),
        # A disk made from a snapshot has the snapshot's encryption; AWS refuses to be told another.
        at_rest("ebsBlockDevices[].encrypted", unless=("ebsBlockDevices[].snapshotId",)),
        customer_key("ebsBlockDevices[].kmsKeyId", unless=("ebsBlockDevices[].snapshotId",)),
    ),
    row(
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "Disks of launch configurations",
        at_rest("rootBlockDevice.encrypted"),
        at_rest("ebsBlockDevices[].encrypted", unless=("ebsBlockDevices[].noDevice=True",)),
    ),
    row(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "Disks of launch templates",
        # Without a mapping, machines have the disk of their image, in the clear.
        at_rest("blockDeviceMappings[+].ebs.encrypted", *_TRUE, unless=_NO_NEW_DISK),
        customer_key("blockDeviceMappings[+].ebs.kmsKeyId", unless=_NO_NEW_DISK),
    ),
    row(
        "aws:ec2/spotFleetRequest:SpotFleetRequest",
        "Disks of spot fleets",
        at_rest("launchSpecifications[].rootBlockDevices[].encrypted"),
        customer_key("launchSpecifications[].rootBlockDevices[].kmsKeyId"),
        at_rest("launchSpecifications[].ebsBlockDevices[].encrypted", unless=(_SPOT_SNAPSHOT,)),
        customer_key("launchSpecifications[].ebsBlockDevices[].kmsKeyId", unless=(_SPOT_SNAPSHOT,)),
    ),
    row("aws:ec2/amiCopy:AmiCopy", "Copies of machine images", at_rest("encrypted"), customer_key("kmsKeyId")),
    row(
        "aws:imagebuilder/imageRecipe:ImageRecipe",
        "Disks of image recipes",
        at_rest("blockDeviceMappings[].ebs?.encrypted", *_TRUE),
        customer_key("blockDeviceMappings[].ebs?.kmsKeyId"),
    ),
    row(
        "aws:imagebuilder/containerRecipe:ContainerRecipe",
        "Container recipes and the disks they are built on",
        customer_key("kmsKeyId"),
        at_rest("instanceConfiguration.blockDeviceMappings[].ebs?.encrypted", *_TRUE),
        customer_key("instanceConfiguration.blockDeviceMappings[].ebs?.kmsKeyId"),
    ),
    row(
        "aws:imagebuilder/component:Component aws:imagebuilder/workflow:Workflow",
        "Image Builder components and workflows",
        customer_key("kmsKeyId"),
        severity=Severity.LOW,
    ),
    row(
        "aws:imagebuilder/distributionConfiguration:DistributionConfiguration",
        "Distributed machine images",
        customer_key("distributions[].amiDistributionConfiguration?.kmsKeyId"),
    ),
    row(
        "aws:ecr/repository:Repository aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "Container repositories",
        customer_key("encryptionConfigurations[+].kmsKey"),
    ),
    row(
        "aws:ecs/cluster:Cluster",
        "Sessions and scratch disks of ECS clusters",
        customer_key("configuration?.executeCommandConfiguration?.kmsKeyId"),
        at_rest(
            "configuration?.executeCommandConfiguration?.logConfiguration?.cloudWatchEncryptionEnabled",
            when="configuration.executeCommandConfiguration.logConfiguration.cloudWatchLogGroupName",
        ),
        at_rest(
            "configuration?.executeCommandConfiguration?.logConfiguration?.s3BucketEncryptionEnabled",
            when="configuration.executeCommandConfiguration.logConfiguration.s3BucketName",
        ),
        customer_key("configuration?.managedStorageConfiguration?.fargateEphemeralStorageKmsKeyId"),
    ),
    row(
        "aws:ecs/service:Service",
        "Volumes and connections of ECS services",
        at_rest("volumeConfiguration?.managedEbsVolume.encrypted", default=True),
        customer_key("volumeConfiguration?.managedEbsVolume.kmsKeyId"),
        customer_key("serviceConnectConfiguration?.services[].tls?.kmsKey"),
    ),
    row(
        "aws:ecs/taskDefinition:TaskDefinition",
        "File systems of ECS tasks",
        in_transit("volumes[].efsVolumeConfiguration?.transitEncryption", "ENABLED"),
    ),
    row(
        "aws:eks/cluster:Cluster",
        "Secrets of Kubernetes clusters",
        # EKS encrypts what Kubernetes stores in any case, since version 1.28.
        customer_key("encryptionConfig.provider.keyArn"),
    ),
    row("aws:apprunner/service:Service", "App Runner services", customer_key("encryptionConfiguration.kmsKey")),
    row(
        "aws:lambda/function:Function",
        "Environments of Lambda functions",
        customer_key("kmsKeyArn", when="environment.variables"),
    ),
    row(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "Filters of event source mappings",
        customer_key("kmsKeyArn", when="filterCriteria"),
        severity=Severity.LOW,
    ),
    row("aws:lambda/capacityProvider:CapacityProvider", "Lambda capacity providers", customer_key("kmsKeyArn")),
    row(
        "aws:apigateway/methodSettings:MethodSettings",
        "Caches of API Gateway",
        at_rest("settings.cacheDataEncrypted", when="settings.cachingEnabled=True"),
    ),
    row(
        "aws:appsync/apiCache:ApiCache",
        "Caches of AppSync",
        at_rest("atRestEncryptionEnabled"),
        in_transit("transitEncryptionEnabled"),
    ),
    row(
        "aws:codebuild/project:Project",
        "Build artifacts and logs",
        at_rest("artifacts.encryptionDisabled", False, default=True, unless=("artifacts.type=NO_ARTIFACTS",)),
        at_rest("secondaryArtifacts[].encryptionDisabled", False, default=True),
        at_rest("logsConfig.s3Logs.encryptionDisabled", False, default=True),
        customer_key("encryptionKey", unless=("artifacts.type=NO_ARTIFACTS",)),
        customer_key("encryptionKey", when="cache.type=S3"),
    ),
    row(
        "aws:codebuild/reportGroup:ReportGroup",
        "Build reports",
        at_rest("exportConfig.s3Destination?.encryptionDisabled", False, default=True),
        customer_key("exportConfig.s3Destination?.encryptionKey"),
    ),
    row("aws:codeartifact/domain:Domain", "Package repositories", customer_key("encryptionKey")),
    row("aws:codecommit/repository:Repository", "Code repositories", customer_key("kmsKeyId")),
    row(
        "aws:codepipeline/pipeline:Pipeline",
        "Artifacts of pipelines",
        customer_key("artifactStores[].encryptionKey.id"),
    ),
    row(
        "aws:codegurureviewer/repositoryAssociation:RepositoryAssociation",
        "Repositories under review",
        customer_key("kmsKeyDetails.kmsKeyId"),
    ),
    row("aws:m2/application:Application", "Mainframe applications", customer_key("kmsKeyId")),
    row("aws:m2/environment:Environment", "Mainframe environments", customer_key("kmsKeyId")),
    row("aws:elastictranscoder/pipeline:Pipeline", "Transcoding pipelines", customer_key("awsKmsKeyArn")),
    row(
        "aws:workspaces/workspace:Workspace",
        "Desktops",
        at_rest("rootVolumeEncryptionEnabled"),
        at_rest("userVolumeEncryptionEnabled"),
        customer_key("volumeEncryptionKey"),
    ),
    row(
        "aws:workspacesweb/browserSettings:BrowserSettings "
        "aws:workspacesweb/dataProtectionSettings:DataProtectionSettings "
        "aws:workspacesweb/ipAccessSettings:IpAccessSettings aws:workspacesweb/portal:Portal "
        "aws:workspacesweb/sessionLogger:SessionLogger aws:workspacesweb/userSettings:UserSettings",
        "Secure browser settings",
        customer_key("customerManagedKey"),
        severity=Severity.LOW,
    ),
    row(
        "aws:directconnect/connection:Connection",
        "Direct Connect lines ordered with MACsec",
        in_transit("encryptionMode", "must_encrypt", when="requestMacsec=True"),
    ),
)
