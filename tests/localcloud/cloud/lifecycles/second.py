import json
from tests.localcloud.cloud.lifecycles.first import *

PATTERN = json.dumps({"source": ["orders"]})


def bus_with_rule(target):
    client = target.client("events")
    client.create_event_bus(Name="b")
    client.put_rule(Name="r", EventBusName="b", EventPattern=PATTERN)
    return {**queue(target), "bus": f"arn:aws:events:{target.region}:{target.account}:event-bus/b"}


def topic(target):
    arn = target.client("sns").create_topic(Name="t")["TopicArn"]
    return {"topic": arn, "queue": queue(target)["arn"]}


def secret(target):
    return {"secret": target.client("secretsmanager").create_secret(Name="s")["ARN"]}


def catalogue(target):
    """A hub account's catalogue with a database and a table."""
    hub = Target(target.endpoint, str(int(target.account) + 10000), target.region)
    client = hub.client("glue")
    client.create_database(DatabaseInput={"Name": "db"})
    client.create_table(DatabaseName="db", TableInput={"Name": "t"})
    lf = hub.client("lakeformation")
    lf.create_lf_tag(TagKey="domain", TagValues=["sales", "hr"])
    lf.create_lf_tag(TagKey="class", TagValues=["public", "internal"])
    return {"hub": hub.account}


def registry(target):
    return {"registry": target.client("glue").create_registry(RegistryName="r")["RegistryArn"]}


def server(target):
    client = target.client("transfer")
    server_id = client.create_server()["ServerId"]
    client.create_user(ServerId=server_id, UserName="partner", Role=role(target)["arn"])
    return {"server": server_id, "role": f"arn:aws:iam::{target.account}:role/other"}


def api(target):
    client = target.client("apigatewayv2")
    api_id = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    return {"api": api_id}


def pool(target):
    return {"pool": target.client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]}


def columns(*names):
    return [{"name": name, "type": "string", "comment": f"the {name}"} for name in names]


DEFINITION = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
AVRO = {"type": "record", "name": "o", "fields": [{"name": "id", "type": "string"}]}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkH0000000000000000000000000000000000000000 partner"

LIFECYCLES = LIFECYCLES + [
    Lifecycle(
        "aws:cloudwatch/eventBus:EventBus",
        lambda n: {"name": "mesh", "description": "d", "kmsKeyIdentifier": n["arn"], "tags": TAGS},
        lambda n: {"description": "e", "tags": {}},
        needs=key,
        id=lambda i, t: "mesh",
        outputs={"arn": "arn:aws:events:{region}:{account}:event-bus/mesh"},
    ),
    Lifecycle(
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        lambda n: {"eventBusName": "b", "policy": policy(n["bus"], "events:PutEvents", Principal="*")},
        lambda n: {"policy": policy(n["bus"], "events:*", Principal="*")},
        needs=bus_with_rule,
        id=lambda i, t: "b",
    ),
    Lifecycle(
        "aws:cloudwatch/eventRule:EventRule",
        lambda n: {
            "name": "orders",
            "eventBusName": n["bus"],
            "eventPattern": PATTERN,
            "description": "d",
            "state": "ENABLED",
            "tags": TAGS,
        },
        lambda n: {"eventPattern": json.dumps({"source": ["other"]}), "state": "DISABLED", "tags": {"a": "b"}},
        needs=bus_with_rule,
        id=lambda i, t: "b/orders",
        outputs={"arn": "arn:aws:events:{region}:{account}:rule/b/orders"},
    ),
    Lifecycle(
        "aws:cloudwatch/eventTarget:EventTarget",
        lambda n: {
            "rule": "r",
            "eventBusName": "b",
            "targetId": "q",
            "arn": n["arn"],
            "inputTransformer": {"inputPaths": {"a": "$.detail.a"}, "inputTemplate": '{"a": <a>}'},
            "retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 60},
            "deadLetterConfig": {"arn": n["arn"]},
        },
        lambda n: {"retryPolicy": {"maximumRetryAttempts": 4, "maximumEventAgeInSeconds": 60}},
        needs=bus_with_rule,
        id=lambda i, t: "b-r-q",
    ),
    Lifecycle(
        "aws:cloudwatch/eventArchive:EventArchive",
        lambda n: {"name": "all", "eventSourceArn": n["bus"], "retentionDays": 7, "eventPattern": PATTERN},
        lambda n: {"retentionDays": 30, "description": "d"},
        needs=bus_with_rule,
        id=lambda i, t: "all",
    ),
    Lifecycle(
        "aws:scheduler/schedule:Schedule",
        lambda n: {
            "name": "nightly",
            "scheduleExpression": "rate(1 day)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "flexibleTimeWindow": {"mode": "OFF"},
            "state": "ENABLED",
            "target": {
                "arn": n["arn"],
                "roleArn": n["role"],
                "input": "{}",
                "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
            },
        },
        lambda n: {"scheduleExpression": "rate(1 hour)", "state": "DISABLED"},
        needs=lambda t: {**queue(t), "role": role(t)["arn"]},
        id=lambda i, t: "default/nightly",
        outputs={"arn": "arn:aws:scheduler:{region}:{account}:schedule/default/nightly"},
    ),
    Lifecycle(
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        lambda n: {"name": "g", "tags": TAGS},
        lambda n: {"tags": {"a": "b"}},
        id=lambda i, t: "g",
    ),
    Lifecycle(
        "aws:sns/topic:Topic",
        lambda n: {"name": "alarms", "displayName": "d", "kmsMasterKeyId": "alias/a", "tags": TAGS},
        lambda n: {"displayName": "e", "tags": {}},
        id=lambda i, t: f"arn:aws:sns:{t.region}:{t.account}:alarms",
    ),
    Lifecycle(
        "aws:sns/topicPolicy:TopicPolicy",
        lambda n: {"arn": n["topic"], "policy": policy(n["topic"], "sns:Publish", Principal="*")},
        lambda n: {"policy": policy(n["topic"], "sns:Subscribe", Principal="*")},
        needs=topic,
        id=lambda i, t: i["arn"],
    ),
    Lifecycle(
        "aws:sns/topicSubscription:TopicSubscription",
        lambda n: {
            "topic": n["topic"],
            "protocol": "sqs",
            "endpoint": n["queue"],
            "rawMessageDelivery": True,
            "filterPolicy": '{"a": ["b"]}',
        },
        lambda n: {"filterPolicy": '{"a": ["c"]}', "rawMessageDelivery": False},
        needs=topic,
    ),
    Lifecycle(
        "aws:dynamodb/table:Table",
        lambda n: {
            "name": "lineage",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "pk",
            "rangeKey": "sk",
            "attributes": [{"name": n, "type": "S"} for n in ("pk", "sk", "by")],
            "globalSecondaryIndexes": [
                {"name": "by-who", "hashKey": "by", "rangeKey": "pk", "projectionType": "INCLUDE", "nonKeyAttributes": ["x"]}
            ],
            "localSecondaryIndexes": [{"name": "local", "rangeKey": "by", "projectionType": "ALL"}],
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "ttl": {"enabled": True, "attributeName": "expires"},
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": n["arn"]},
            "deletionProtectionEnabled": False,
            "tags": TAGS,
        },
        lambda n: {
            "globalSecondaryIndexes": [{"name": "by-who", "hashKey": "by", "projectionType": "ALL"}],
            "streamEnabled": False,
            "streamViewType": None,
            "ttl": {"enabled": False, "attributeName": "expires"},
            "pointInTimeRecovery": {"enabled": False},
            "tags": {"a": "b"},
        },
        needs=key,
        id=lambda i, t: "lineage",
        outputs={"arn": "arn:aws:dynamodb:{region}:{account}:table/lineage"},
    ),
    Lifecycle(
        "aws:kinesis/stream:Stream",
        lambda n: {
            "name": "clicks",
            "shardCount": 2,
            "retentionPeriod": 48,
            "encryptionType": "KMS",
            "kmsKeyId": n["arn"],
            "streamModeDetails": {"streamMode": "PROVISIONED"},
            "tags": TAGS,
        },
        lambda n: {"retentionPeriod": 24, "shardCount": 4, "tags": {}},
        needs=key,
        id=lambda i, t: f"arn:aws:kinesis:{t.region}:{t.account}:stream/clicks",
    ),
    Lifecycle(
        "aws:secretsmanager/secret:Secret",
        lambda n: {
            "name": "db",
            "description": "d",
            "kmsKeyId": n["arn"],
            "recoveryWindowInDays": 7,
            "replicas": [{"region": "us-east-1"}],
            "tags": TAGS,
        },
        lambda n: {"description": "e", "tags": {"a": "b"}},
        needs=key,
    ),
    Lifecycle(
        "aws:secretsmanager/secretVersion:SecretVersion",
        lambda n: {"secretId": n["secret"], "secretString": "swordfish"},
        needs=secret,
        remains=True,  # AWSCURRENT cannot be taken from a secret
    ),
    Lifecycle(
        "aws:ssm/parameter:Parameter",
        lambda n: {"name": "/mesh/a", "type": "SecureString", "value": "v", "description": "d", "tags": TAGS},
        lambda n: {"value": "w", "tags": {}},
        id=lambda i, t: "/mesh/a",
        outputs={"arn": "arn:aws:ssm:{region}:{account}:parameter/mesh/a"},
    ),
    Lifecycle(
        "aws:glue/catalogDatabase:CatalogDatabase",
        lambda n: {
            "catalogId": n["hub"],
            "name": "sales",
            "description": "d",
            "locationUri": "s3://b/",
            "parameters": {"a": "b"},
        },
        lambda n: {"description": "e"},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:glue/catalogTable:CatalogTable",
        lambda n: {
            "catalogId": n["hub"],
            "databaseName": "db",
            "name": "orders",
            "tableType": "EXTERNAL_TABLE",
            "parameters": {"classification": "parquet"},
            "partitionKeys": columns("order_month"),
            "storageDescriptor": {
                "location": "s3://b/orders/",
                "inputFormat": "i",
                "outputFormat": "o",
                "columns": columns("id", "amount"),
                "serDeInfo": {"serializationLibrary": "l", "parameters": {"serialization.format": "1"}},
            },
        },
        lambda n: {"storageDescriptor": {"location": "s3://b/orders/", "columns": columns("id", "amount", "more")}},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:glue/registry:Registry",
        lambda n: {"registryName": "mesh", "description": "d", "tags": TAGS},
        lambda n: {"tags": {"a": "b"}},
        id=lambda i, t: f"arn:aws:glue:{t.region}:{t.account}:registry/mesh",
    ),
    Lifecycle(
        "aws:glue/schema:Schema",
        lambda n: {
            "schemaName": "orders",
            "registryArn": n["registry"],
            "dataFormat": "AVRO",
            "compatibility": "BACKWARD",
            "schemaDefinition": json.dumps(AVRO),
            "tags": TAGS,
        },
        lambda n: {"compatibility": "FULL", "schemaDefinition": json.dumps({**AVRO, "doc": "more"})},
        needs=registry,
        id=lambda i, t: f"arn:aws:glue:{t.region}:{t.account}:schema/r/orders",
    ),
    Lifecycle(
        "aws:lakeformation/dataLakeSettings:DataLakeSettings",
        lambda n: {
            "admins": ["arn:aws:iam::111111111111:role/a"],
            "createTableDefaultPermissions": [{"principal": "IAM_ALLOWED_PRINCIPALS", "permissions": ["ALL"]}],
            "parameters": {"CROSS_ACCOUNT_VERSION": "4"},
        },
        lambda n: {"admins": ["arn:aws:iam::111111111111:role/b", "arn:aws:iam::111111111111:role/a"]},
    ),
    Lifecycle(
        "aws:lakeformation/resource:Resource",
        lambda n: {"arn": "arn:aws:s3:::products", "roleArn": n["arn"], "hybridAccessEnabled": True},
        needs=role,
        id=lambda i, t: "arn:aws:s3:::products",
    ),
    Lifecycle(
        "aws:lakeformation/lfTag:LfTag",
        lambda n: {"key": "class", "values": ["public", "internal"]},
        lambda n: {"values": ["internal", "secret"]},
        id=lambda i, t: f"{t.account}:class",
    ),
    Lifecycle(
        "aws:lakeformation/resourceLfTags:ResourceLfTags",
        lambda n: {
            "catalogId": n["hub"],
            "table": {"databaseName": "db", "name": "t"},
            "lfTags": [{"key": "domain", "value": "sales"}, {"key": "class", "value": "public"}],
        },
        lambda n: {"lfTags": [{"key": "domain", "value": "hr"}]},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:lakeformation/resourceLfTag:ResourceLfTag",
        lambda n: {
            "catalogId": n["hub"],
            "tableWithColumns": {"databaseName": "db", "name": "t", "columnNames": ["id"]},
            "lfTag": {"key": "domain", "value": "sales"},
        },
        needs=catalogue,
    ),
    Lifecycle(
        "aws:lakeformation/permissions:Permissions",
        lambda n: {
            "catalogId": n["hub"],
            "principal": "222222222222",
            "permissions": ["SELECT", "DESCRIBE"],
            "permissionsWithGrantOptions": ["SELECT"],
            "lfTagPolicy": {
                "resourceType": "TABLE",
                "expressions": [{"key": "domain", "values": ["sales"]}],
            },
        },
        lambda n: {"permissions": ["SELECT"]},
        needs=catalogue,
    ),
    Lifecycle(
        "aws:transfer/server:Server",
        lambda n: {
            "protocols": ["SFTP"],
            "identityProviderType": "SERVICE_MANAGED",
            "endpointType": "PUBLIC",
            "domain": "S3",
            "loggingRole": n["arn"],
            "securityPolicyName": "TransferSecurityPolicy-2024-01",
        },
        lambda n: {"securityPolicyName": "TransferSecurityPolicy-2023-05"},
        needs=role,
    ),
    Lifecycle(
        "aws:transfer/user:User",
        lambda n: {
            "serverId": n["server"],
            "userName": "other",
            "role": n["role"],
            "homeDirectoryType": "LOGICAL",
            "homeDirectoryMappings": [{"entry": "/", "target": "/bucket/orders"}],
        },
        lambda n: {"homeDirectoryMappings": [{"entry": "/", "target": "/bucket/other"}]},
        needs=server,
        id=lambda i, t: f"{i['serverId']}/other",
    ),
    Lifecycle(
        "aws:transfer/sshKey:SshKey",
        lambda n: {"serverId": n["server"], "userName": "partner", "body": KEY},
        needs=server,
    ),
    Lifecycle(
        "aws:sfn/stateMachine:StateMachine",
        lambda n: {
            "name": "m",
            "roleArn": n["arn"],
            "definition": DEFINITION,
            "type": "STANDARD",
            "loggingConfiguration": {"level": "ALL", "includeExecutionData": True},
            "tracingConfiguration": {"enabled": True},
            "tags": TAGS,
        },
        lambda n: {"definition": DEFINITION.replace("Pass", "Succeed").replace(', "End": true', ""), "tags": {}},
        needs=role,
        id=lambda i, t: f"arn:aws:states:{t.region}:{t.account}:stateMachine:m",
    ),
    Lifecycle(
        "aws:cognito/userPool:UserPool",
        lambda n: {
            "name": "consumers",
            "mfaConfiguration": "OFF",
            "passwordPolicy": {"minimumLength": 12, "requireSymbols": True},
            "usernameAttributes": ["email"],
            "deletionProtection": "INACTIVE",
        },
        lambda n: {"passwordPolicy": {"minimumLength": 16, "requireSymbols": True}},
    ),
    Lifecycle(
        "aws:cognito/userPoolClient:UserPoolClient",
        lambda n: {
            "userPoolId": n["pool"],
            "name": "c",
            "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "callbackUrls": ["https://example.com/"],
        },
        lambda n: {"callbackUrls": ["https://example.org/"]},
        needs=pool,
    ),
    Lifecycle(
        "aws:apigatewayv2/api:Api",
        lambda n: {
            "name": "a",
            "protocolType": "HTTP",
            "description": "d",
            "corsConfiguration": {"allowOrigins": ["*"], "maxAge": 60},
            "tags": TAGS,
        },
        lambda n: {"description": "e", "tags": {"a": "b"}},
    ),
    Lifecycle(
        "aws:apigatewayv2/integration:Integration",
        lambda n: {
            "apiId": n["api"],
            "integrationType": "AWS_PROXY",
            "integrationUri": "arn:aws:lambda:eu-west-1:111111111111:function:f",
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 5000,
        },
        lambda n: {"timeoutMilliseconds": 6000},
        needs=api,
    ),
    Lifecycle(
        "aws:apigatewayv2/route:Route",
        lambda n: {"apiId": n["api"], "routeKey": "GET /a", "target": "integrations/x", "authorizationType": "NONE"},
        lambda n: {"target": "integrations/y"},
        needs=api,
    ),
    Lifecycle(
        "aws:apigatewayv2/authorizer:Authorizer",
        lambda n: {
            "apiId": n["api"],
            "authorizerType": "JWT",
            "name": "j",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"audiences": ["a"], "issuer": "https://example.com"},
        },
        lambda n: {"name": "k"},
        needs=api,
    ),
    Lifecycle(
        "aws:apigatewayv2/stage:Stage",
        lambda n: {"apiId": n["api"], "name": "$default", "autoDeploy": True, "stageVariables": {"a": "b"}},
        needs=api,
        id=lambda i, t: "$default",
    ),
]
