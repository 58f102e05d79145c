"""Query engines, catalogs, search and processing."""

from mesh_guardrails.encryption.rows import at_rest, customer_key, in_transit, row

_RESULTS = "configuration.resultConfiguration.encryptionConfiguration"

ROWS = (
    row(
        "aws:athena/database:Database",
        "Results of statements that choose their own encryption",
        customer_key("encryptionConfiguration?.kmsKey"),
    ),
    row(
        "aws:athena/workgroup:Workgroup",
        "Query results of Athena workgroups",
        # Without an option, results are under the key of the bucket they are written to.
        customer_key(f"{_RESULTS}.kmsKeyArn", when=f"{_RESULTS}.encryptionOption"),
        customer_key(
            "configuration.managedQueryResultsConfiguration?.encryptionConfiguration.kmsKey",
            when="configuration.managedQueryResultsConfiguration.enabled=True",
        ),
        customer_key("configuration.monitoringConfiguration?.s3LoggingConfiguration?.kmsKey"),
    ),
    row(
        "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
        "Glue catalogs and their connection passwords",
        at_rest(
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
            "SSE-KMS",
            "SSE-KMS-WITH-SERVICE-ROLE",
        ),
        customer_key("dataCatalogEncryptionSettings.encryptionAtRest.sseAwsKmsKeyId"),
        at_rest("dataCatalogEncryptionSettings.connectionPasswordEncryption.returnConnectionPasswordEncrypted"),
        customer_key("dataCatalogEncryptionSettings.connectionPasswordEncryption.awsKmsKeyId"),
    ),
    row(
        "aws:glue/securityConfiguration:SecurityConfiguration",
        "Glue jobs",
        at_rest("encryptionConfiguration.s3Encryption.s3EncryptionMode", "SSE-S3", "SSE-KMS"),
        customer_key("encryptionConfiguration.s3Encryption.kmsKeyArn"),
        at_rest("encryptionConfiguration.cloudwatchEncryption.cloudwatchEncryptionMode", "SSE-KMS"),
        customer_key("encryptionConfiguration.cloudwatchEncryption.kmsKeyArn"),
        at_rest("encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode", "CSE-KMS"),
        customer_key("encryptionConfiguration.jobBookmarksEncryption.kmsKeyArn"),
    ),
    row(
        "aws:glue/catalog:Catalog",
        "Managed stores of Glue catalogs",
        customer_key("catalogProperties?.dataLakeAccessProperties?.kmsKey"),
    ),
    row(
        "aws:glue/connection:Connection",
        "Glue connections",
        customer_key("authenticationConfiguration?.kmsKeyArn"),
        in_transit("connectionProperties.JDBC_ENFORCE_SSL", "true", when="connectionProperties.JDBC_CONNECTION_URL"),
    ),
    row("aws:emr/cluster:Cluster", "Logs of EMR clusters", customer_key("logEncryptionKmsKeyId", when="logUri")),
    row("aws:emr/studio:Studio", "EMR studios", customer_key("encryptionKeyArn")),
    row("aws:emrcontainers/jobTemplate:JobTemplate", "EMR job templates", customer_key("kmsKeyArn")),
    row(
        "aws:emrserverless/application:Application",
        "Logs of EMR Serverless applications",
        customer_key(
            "monitoringConfiguration.managedPersistenceMonitoringConfiguration?.encryptionKeyArn",
            unless=("monitoringConfiguration.managedPersistenceMonitoringConfiguration.enabled=False",),
        ),
        customer_key("monitoringConfiguration.s3MonitoringConfiguration?.encryptionKeyArn"),
        customer_key("monitoringConfiguration.cloudwatchLoggingConfiguration?.encryptionKeyArn"),
    ),
    row(
        "aws:kinesisanalyticsv2/application:Application",
        "Flink applications",
        customer_key("applicationConfiguration.applicationEncryptionConfiguration.keyId"),
    ),
    row(
        "aws:opensearch/domain:Domain aws:elasticsearch/domain:Domain",
        "OpenSearch domains",
        at_rest("encryptAtRest.enabled"),
        customer_key("encryptAtRest.kmsKeyId"),
        in_transit("nodeToNodeEncryption.enabled"),
        # HTTPS is enforced where the block is given, which the control `search-tls` asks for.
        in_transit("domainEndpointOptions.enforceHttps", default=True),
    ),
    row(
        "aws:opensearch/serverlessCollection:ServerlessCollection",
        "Search collections that choose their own encryption",
        customer_key("encryptionConfigs[].awsOwnedKey", False),
        customer_key("encryptionConfigs[].kmsKeyArn", when="encryptionConfigs[].awsOwnedKey=False"),
    ),
    row("aws:opensearch/application:Application", "OpenSearch applications", customer_key("kmsKeyArn")),
    row(
        "aws:opensearchingest/pipeline:Pipeline",
        "OpenSearch ingestion pipelines",
        customer_key("encryptionAtRestOptions.kmsKeyArn"),
    ),
    row(
        "aws:quicksight/dataSource:DataSource",
        "Connections of QuickSight to its sources",
        in_transit("sslProperties?.disableSsl", False, default=True),
    ),
    row("aws:kendra/index:Index", "Kendra indexes", customer_key("serverSideEncryptionConfiguration.kmsKeyId")),
    row("aws:mwaa/environment:Environment", "Airflow environments", customer_key("kmsKey")),
    row("aws:datazone/domain:Domain", "DataZone domains", customer_key("kmsKeyIdentifier")),
    row("aws:grafana/workspace:Workspace", "Grafana workspaces", customer_key("kmsKeyId")),
    row("aws:amp/workspace:Workspace", "Prometheus workspaces", customer_key("kmsKeyArn")),
    row("aws:location/geofenceCollection:GeofenceCollection", "Geofences", customer_key("kmsKeyId")),
    row("aws:location/tracker:Tracker", "Device trackers", customer_key("kmsKeyId")),
)
