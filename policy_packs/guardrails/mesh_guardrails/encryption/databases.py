"""Databases and caches."""

from mesh_guardrails.encryption.rows import Aspect, at_rest, customer_key, in_transit, row

_MANAGED_PASSWORD = "manageMasterUserPassword=True"
_INSIGHTS = "performanceInsightsEnabled=True"
_RESTORED = ("snapshotIdentifier", "restoreToPointInTime")


def _tls(*engines: str) -> tuple[Aspect, ...]:
    """DMS verifies nothing and encrypts nothing unless told to."""
    return tuple(in_transit(f"settings.{e}?.sslMode", "require", "verify-ca", "verify-full") for e in engines)


ROWS = (
    row(
        "aws:rds/instance:Instance",
        "RDS instances",
        # A replica has the encryption of what it replicates, and what is restored has the key of its backup.
        at_rest("storageEncrypted", unless=("replicateSourceDb",)),
        customer_key("kmsKeyId", unless=("replicateSourceDb", *_RESTORED)),
        customer_key("masterUserSecretKmsKeyId", when=_MANAGED_PASSWORD),
        customer_key("performanceInsightsKmsKeyId", when=_INSIGHTS),
    ),
    row(
        "aws:rds/cluster:Cluster",
        "RDS clusters",
        at_rest("storageEncrypted", unless=("engineMode=serverless", "replicationSourceIdentifier", *_RESTORED)),
        *(at_rest("storageEncrypted", default=True, when=source) for source in _RESTORED),
        at_rest("storageEncrypted", default=True, when="replicationSourceIdentifier"),
        customer_key("kmsKeyId", unless=_RESTORED),
        customer_key("masterUserSecretKmsKeyId", when=_MANAGED_PASSWORD),
        customer_key("performanceInsightsKmsKeyId", when=_INSIGHTS),
    ),
    row(
        "aws:rds/clusterInstance:ClusterInstance",
        "Performance insights of cluster instances",
        customer_key("performanceInsightsKmsKeyId", when=_INSIGHTS),
    ),
    row(
        "aws:rds/globalCluster:GlobalCluster aws:docdb/globalCluster:GlobalCluster "
        "aws:neptune/globalCluster:GlobalCluster",
        "Global database clusters",
        # Made from a cluster, a global one has that cluster's encryption.
        at_rest("storageEncrypted", unless=("sourceDbClusterIdentifier",)),
    ),
    row("aws:rds/clusterActivityStream:ClusterActivityStream", "Activity streams", customer_key("kmsKeyId")),
    row(
        "aws:rds/snapshotCopy:SnapshotCopy aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
        "Copies of database snapshots",
        customer_key("kmsKeyId"),
    ),
    row("aws:rds/customDbEngineVersion:CustomDbEngineVersion", "Custom database engines", customer_key("kmsKeyId")),
    row("aws:rds/exportTask:ExportTask", "Exports of database snapshots", customer_key("kmsKeyId")),
    row(
        "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
        "Replicated backups of RDS",
        customer_key("kmsKeyId"),
    ),
    row(
        "aws:rds/integration:Integration aws:redshift/integration:Integration",
        "Zero-ETL integrations",
        customer_key("kmsKeyId"),
    ),
    row("aws:docdb/cluster:Cluster", "DocumentDB clusters", at_rest("storageEncrypted"), customer_key("kmsKeyId")),
    row(
        "aws:docdb/clusterInstance:ClusterInstance",
        "Performance insights of DocumentDB",
        customer_key("performanceInsightsKmsKeyId", when="enablePerformanceInsights=True"),
    ),
    row("aws:docdb/elasticCluster:ElasticCluster", "DocumentDB elastic clusters", customer_key("kmsKeyId")),
    row("aws:neptune/cluster:Cluster", "Neptune clusters", at_rest("storageEncrypted"), customer_key("kmsKeyArn")),
    row("aws:neptunegraph/graph:Graph", "Neptune graphs", customer_key("kmsKeyIdentifier")),
    row("aws:dsql/cluster:Cluster", "Aurora DSQL clusters", customer_key("kmsEncryptionKey")),
    row(
        "aws:odb/autonomousDatabase:AutonomousDatabase",
        "Autonomous databases",
        customer_key("kmsKeyId"),
    ),
    row(
        "aws:dynamodb/table:Table",
        "DynamoDB tables",
        customer_key("serverSideEncryption.kmsKeyArn"),
        customer_key("serverSideEncryption?.enabled", True),
        customer_key("replicas[].kmsKeyArn"),
    ),
    row("aws:dynamodb/tableReplica:TableReplica", "Replicas of DynamoDB tables", customer_key("kmsKeyArn")),
    row("aws:dynamodb/tableExport:TableExport", "Exports of DynamoDB tables", customer_key("s3SseKmsKeyId")),
    row(
        "aws:dax/cluster:Cluster",
        "DAX clusters",
        at_rest("serverSideEncryption.enabled"),
        in_transit("clusterEndpointEncryptionType", "TLS"),
    ),
    row(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "ElastiCache replication groups",
        at_rest("atRestEncryptionEnabled", True, "true", unless=("engine=valkey", "globalReplicationGroupId")),
        at_rest("atRestEncryptionEnabled", True, "true", default=True, when="engine=valkey"),
        customer_key("kmsKeyId"),
        in_transit("transitEncryptionEnabled", unless=("globalReplicationGroupId",)),
        in_transit("transitEncryptionMode", "required", default=True),
    ),
    row(
        "aws:elasticache/cluster:Cluster",
        "Memcached clusters",
        # Others of their own cannot: the control `cache-group`.
        in_transit("transitEncryptionEnabled", unless=("replicationGroupId", "engine=redis|valkey")),
    ),
    row("aws:elasticache/serverlessCache:ServerlessCache", "Serverless caches", customer_key("kmsKeyId")),
    row(
        "aws:memorydb/cluster:Cluster",
        "MemoryDB clusters",
        customer_key("kmsKeyArn"),
        in_transit("tlsEnabled", default=True),
    ),
    row("aws:memorydb/snapshot:Snapshot", "MemoryDB snapshots", customer_key("kmsKeyArn")),
    row(
        "aws:keyspaces/table:Table",
        "Keyspaces tables",
        customer_key("encryptionSpecification.kmsKeyIdentifier"),
    ),
    row("aws:qldb/ledger:Ledger", "QLDB ledgers", customer_key("kmsKey")),
    row("aws:timestreamwrite/database:Database", "Timestream databases", customer_key("kmsKeyId")),
    row(
        "aws:timestreamwrite/table:Table",
        "Records that Timestream rejected",
        customer_key(
            "magneticStoreWriteProperties?.magneticStoreRejectedDataLocation?.s3Configuration?.kmsKeyId",
        ),
    ),
    row(
        "aws:timestreamquery/scheduledQuery:ScheduledQuery",
        "Scheduled queries of Timestream",
        customer_key("kmsKeyId"),
        customer_key("errorReportConfiguration.s3Configuration.encryptionOption", "SSE_KMS"),
    ),
    row("aws:finspace/kxEnvironment:KxEnvironment", "FinSpace environments", customer_key("kmsKeyId")),
    row(
        "aws:redshift/cluster:Cluster",
        "Redshift clusters",
        at_rest("encrypted", True, "true", default=True),
        customer_key("kmsKeyId"),
        customer_key("masterPasswordSecretKmsKeyId", when="manageMasterPassword=True"),
    ),
    row(
        "aws:redshift/snapshotCopyGrant:SnapshotCopyGrant",
        "Cross-region snapshots of Redshift",
        customer_key("kmsKeyId"),
    ),
    row(
        "aws:redshiftserverless/namespace:Namespace",
        "Redshift Serverless namespaces",
        customer_key("kmsKeyId"),
        customer_key("adminPasswordSecretKmsKeyId", when="manageAdminPassword=True"),
    ),
    row(
        "aws:dms/dataProvider:DataProvider",
        "DMS data providers",
        *_tls(
            "docDbSettings",
            "mariaDbSettings",
            "microsoftSqlServerSettings",
            "mongoDbSettings",
            "mysqlSettings",
            "oracleSettings",
            "postgresqlSettings",
        ),
    ),
    row(
        "aws:dms/endpoint:Endpoint",
        "DMS endpoints",
        customer_key("kmsKeyArn"),
        in_transit("kafkaSettings?.securityProtocol", "ssl-encryption", "ssl-authentication", "sasl-ssl"),
        in_transit("redisSettings?.sslSecurityProtocol", "ssl-encryption", default=True),
        in_transit(
            "sslMode",
            "require",
            "verify-ca",
            "verify-full",
            when="engineName=aurora|aurora-postgresql|aurora-postgresql-serverless|aurora-serverless|azuredb"
            "|azure-sql-managed-instance|babelfish|db2|db2-zos|docdb|mariadb|mongodb|mysql|oracle|postgres|sqlserver"
            "|sybase",
        ),
    ),
    row("aws:dms/instanceProfile:InstanceProfile", "DMS instance profiles", customer_key("kmsKeyArn")),
    row("aws:dms/replicationConfig:ReplicationConfig", "DMS replications", customer_key("computeConfig.kmsKeyId")),
    row("aws:dms/replicationInstance:ReplicationInstance", "DMS instances", customer_key("kmsKeyArn")),
    row(
        "aws:dms/s3Endpoint:S3Endpoint",
        "Files that DMS writes to S3",
        # Of a source, DMS reads what is there already.
        customer_key("encryptionMode", "SSE_KMS", unless=("endpointType=source",)),
        customer_key("serverSideEncryptionKmsKeyId", when="encryptionMode=SSE_KMS"),
    ),
)
