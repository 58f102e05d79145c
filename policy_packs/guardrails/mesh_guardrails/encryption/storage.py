"""Objects, blocks, files and backups."""

from mesh_guardrails.encryption.rows import at_rest, customer_key, in_transit, row

_KMS = ("aws:kms", "aws:kms:dsse")

ROWS = (
    row(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration "
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
        "Bucket encryption settings that ask for KMS",
        # Without KMS, S3 encrypts with its own key. Which buckets may do so is for the control `encryption-s3-bucket`.
        customer_key(
            "rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId",
            when="rules[].applyServerSideEncryptionByDefault.sseAlgorithm=aws:kms|aws:kms:dsse",
        ),
    ),
    row(
        "aws:s3/bucketObject:BucketObject aws:s3/bucketObjectv2:BucketObjectv2 aws:s3/objectCopy:ObjectCopy",
        "Objects that choose their own encryption",
        customer_key("serverSideEncryption", *_KMS, when="serverSideEncryption"),
        customer_key("kmsKeyId", when="serverSideEncryption=aws:kms|aws:kms:dsse"),
    ),
    row(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "Replicas that choose their own encryption",
        customer_key("rules[].destination.encryptionConfiguration?.replicaKmsKeyId"),
    ),
    row(
        "aws:s3/inventory:Inventory",
        "Inventories that choose their own encryption",
        customer_key("destination.bucket.encryption?.sseKms.keyId"),
    ),
    row(
        "aws:s3/bucketMetadataConfiguration:BucketMetadataConfiguration",
        "Metadata tables of buckets",
        customer_key("metadataConfiguration.inventoryTableConfiguration?.encryptionConfiguration.kmsKeyArn"),
        customer_key("metadataConfiguration.journalTableConfiguration?.encryptionConfiguration.kmsKeyArn"),
    ),
    row("aws:s3/filesFileSystem:FilesFileSystem", "File systems over buckets", customer_key("kmsKeyId")),
    row(
        "aws:s3/vectorsVectorBucket:VectorsVectorBucket",
        "Vector buckets",
        customer_key("encryptionConfigurations[+].kmsKeyArn"),
    ),
    row(
        "aws:s3/vectorsIndex:VectorsIndex",
        "Vector indexes that choose their own encryption",
        customer_key("encryptionConfigurations[].kmsKeyArn"),
    ),
    row(
        "aws:s3tables/tableBucket:TableBucket",
        "Table buckets",
        customer_key("encryptionConfiguration.kmsKeyArn"),
    ),
    row(
        "aws:s3tables/table:Table",
        "Tables that choose their own encryption",
        customer_key("encryptionConfiguration?.kmsKeyArn"),
    ),
    row("aws:ebs/volume:Volume", "EBS volumes", at_rest("encrypted"), customer_key("kmsKeyId")),
    row(
        "aws:ebs/snapshotCopy:SnapshotCopy aws:ebs/snapshotImport:SnapshotImport",
        "EBS snapshots",
        at_rest("encrypted"),
        customer_key("kmsKeyId"),
    ),
    row("aws:efs/fileSystem:FileSystem", "EFS file systems", at_rest("encrypted"), customer_key("kmsKeyId")),
    row(
        "aws:efs/replicationConfiguration:ReplicationConfiguration",
        "EFS replicas",
        customer_key("destination.kmsKeyId", unless=("destination.fileSystemId",)),
    ),
    row(
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "Persistent Lustre file systems",
        customer_key("kmsKeyId", when="deploymentType=PERSISTENT_1|PERSISTENT_2"),
    ),
    row("aws:fsx/ontapFileSystem:OntapFileSystem", "ONTAP file systems", customer_key("kmsKeyId")),
    row("aws:fsx/openZfsFileSystem:OpenZfsFileSystem", "OpenZFS file systems", customer_key("kmsKeyId")),
    row("aws:fsx/windowsFileSystem:WindowsFileSystem", "Windows file systems", customer_key("kmsKeyId")),
    row("aws:fsx/fileCache:FileCache", "File caches", customer_key("kmsKeyId")),
    row("aws:backup/vault:Vault", "Backup vaults", customer_key("kmsKeyArn")),
    row(
        "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault",
        "Air-gapped backup vaults",
        customer_key("encryptionKeyArn"),
    ),
    row(
        "aws:dlm/lifecyclePolicy:LifecyclePolicy",
        "Snapshot copies made by lifecycle policies",
        at_rest("policyDetails.schedules[].crossRegionCopyRules[].encrypted"),
        customer_key("policyDetails.schedules[].crossRegionCopyRules[].cmkArn"),
        at_rest("policyDetails.action?.crossRegionCopies[].encryptionConfiguration.encrypted"),
        customer_key("policyDetails.action?.crossRegionCopies[].encryptionConfiguration.cmkArn"),
    ),
    row(
        "aws:drs/replicationConfigurationTemplate:ReplicationConfigurationTemplate",
        "Replicated disks of Elastic Disaster Recovery",
        at_rest("ebsEncryption", "DEFAULT", "CUSTOM"),
        customer_key("ebsEncryptionKeyArn"),
    ),
    row(
        "aws:storagegateway/cachesIscsiVolume:CachesIscsiVolume aws:storagegateway/storedIscsiVolume:StoredIscsiVolume",
        "Storage Gateway volumes",
        customer_key("kmsEncrypted", True),
        customer_key("kmsKey", when="kmsEncrypted=True"),
    ),
    row(
        "aws:storagegateway/nfsFileShare:NfsFileShare aws:storagegateway/smbFileShare:SmbFileShare",
        "Storage Gateway shares",
        customer_key("kmsEncrypted", True),
        customer_key("kmsKeyArn", when="kmsEncrypted=True"),
    ),
    row(
        "aws:datasync/efsLocation:EfsLocation",
        "DataSync transfers with EFS",
        in_transit("inTransitEncryption", "TLS1_2"),
    ),
    row(
        "aws:datasync/locationObjectStorage:LocationObjectStorage",
        "DataSync transfers with object stores",
        in_transit("serverProtocol", "HTTPS", default=True),
    ),
    row(
        "aws:datasync/locationHdfs:LocationHdfs",
        "DataSync transfers with HDFS",
        # Hadoop's levels are AUTHENTICATION, INTEGRITY and PRIVACY; only the last encrypts, and it is the default.
        in_transit("qopConfiguration.dataTransferProtection", "PRIVACY", default=True),
        in_transit("qopConfiguration.rpcProtection", "PRIVACY", default=True),
    ),
    row(
        "aws:dataexchange/eventAction:EventAction",
        "Data Exchange exports that choose their own encryption",
        customer_key("action.exportRevisionToS3?.encryption?.kmsKeyArn"),
    ),
)
