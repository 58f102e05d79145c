"""Runtimes, images, containers, environments and the retention of logs."""

import json

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, facts, refused, resource

FUNCTION = "aws:lambda/function:Function"
JOB = "aws:batch/jobDefinition:JobDefinition"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
FIREWALL = "aws:wafv2/webAcl:WebAcl"
RULES = "aws:wafv2/webAclRuleGroupAssociation:WebAclRuleGroupAssociation"
ZONE = "aws:route53/zone:Zone"
QUERIES = "aws:route53/queryLog:QueryLog"
MACHINE = "aws:ec2/instance:Instance"
DEFAULTS = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
BROKER = "aws:mq/broker:Broker"
GOOD = {"name": "app", "image": "app:1.2", "readonlyRootFilesystem": True, "logConfiguration": {"logDriver": "awslogs"}}


def task(**changes: object) -> dict[str, object]:
    return {"containerDefinitions": json.dumps([{**GOOD, **changes}])}


def job(**container: object) -> Resource:
    return resource(JOB, {"containerProperties": json.dumps(container)})


def environment(**variables: str) -> dict[str, object]:
    return {"environment": {"variables": variables}}


def machine(**metadata: object) -> Resource:
    return resource(MACHINE, {"metadataOptions": metadata})


def kafka(**logs: object) -> Resource:
    return resource("aws:msk/cluster:Cluster", {"loggingInfo": {"brokerLogs": logs}})


def migration(settings: object) -> Resource:
    return resource("aws:dms/replicationTask:ReplicationTask", {"replicationTaskSettings": settings})


CASES: dict[str, list[Case]] = {
    "function-runtime": [
        accepted("patched", resource(FUNCTION, {"runtime": "python3.12"})),
        accepted("newer than the table", resource(FUNCTION, {"runtime": "python3.19"})),
        accepted("an image", resource(FUNCTION, {"packageType": "Image"})),
        accepted("not known yet", resource(FUNCTION, {"runtime": UNKNOWN})),
        refused("long ended", resource(FUNCTION, {"runtime": "nodejs14.x"}), "runtime"),
        refused("ended this year", resource(FUNCTION, {"runtime": "python3.10"}), "runtime"),
    ],
    "image-pinned": [
        accepted("a version", resource(TASK, task())),
        accepted("a digest", resource(FUNCTION, {"imageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:abc"})),
        accepted("a port in the registry's name", resource(TASK, task(image="registry:5000/app:1.2"))),
        accepted("a zip", resource(FUNCTION, {"runtime": "python3.12"})),
        accepted("not known yet", resource(FUNCTION, {"imageUri": UNKNOWN})),
        refused("latest", resource(TASK, task(image="app:latest")), "image"),
        refused("a job's latest", job(image="app"), "image"),
        refused(
            "no version, and a port in the registry's name", resource(TASK, task(image="registry:5000/app")), "image"
        ),
        refused("a function", resource(FUNCTION, {"imageUri": "1.dkr.ecr.eu-west-1.amazonaws.com/app"}), "image"),
    ],
    "container-confined": [
        accepted("confined", resource(TASK, task())),
        accepted("another user", resource(TASK, task(user="1000"))),
        accepted("a job", job(readonlyRootFilesystem=True, user="1000")),
        refused("a privileged job", job(readonlyRootFilesystem=True, privileged=True), "privileged"),
        refused(
            "a job not known yet", resource(JOB, {"containerProperties": UNKNOWN}), "containers", undetermined=True
        ),
        refused("privileged", resource(TASK, task(privileged=True)), "privileged"),
        accepted(
            "Windows, which knows no read-only file system",
            resource(
                TASK,
                {
                    **task(readonlyRootFilesystem=False),
                    "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
                },
            ),
        ),
        refused("writable", resource(TASK, task(readonlyRootFilesystem=False)), "read-only"),
        refused("root", resource(TASK, task(user="root")), "root"),
        refused("not known yet", resource(TASK, {"containerDefinitions": UNKNOWN}), "containers", undetermined=True),
    ],
    "container-logs": [
        accepted("logs", resource(TASK, task())),
        refused("silent", resource(TASK, task(logConfiguration=None)), "logs"),
    ],
    "environment-secrets": [
        accepted("settings", resource(FUNCTION, environment(LOG_LEVEL="INFO", MESH_CONTRACT="contract.json"))),
        accepted("where the secret is", resource(FUNCTION, environment(DB_SECRET_ARN="arn", API_TOKEN_PARAMETER="/x"))),
        accepted("a key's alias", resource(FUNCTION, environment(MESH_KMS_KEY_ALIAS="alias/x", PARTITION_KEY="id"))),
        accepted("not known yet", resource(FUNCTION, {"environment": {"variables": UNKNOWN}})),
        accepted(
            "a build that looks it up",
            resource(
                "aws:codebuild/project:Project",
                {
                    "environment": {
                        "environmentVariables": [{"name": "TOKEN", "value": "/x", "type": "SECRETS_MANAGER"}]
                    }
                },
            ),
        ),
        accepted(
            "the name of a secret",
            resource(FUNCTION, environment(DB_SECRET="arn:aws:secretsmanager:eu-west-1:2:secret:x")),
        ),
        accepted(
            "about secrets",
            resource(FUNCTION, environment(PASSWORD_MIN_LENGTH="12", TOKENIZER_MODEL="m", TOKEN_TTL="60")),
        ),
        refused(
            "a secret or its name",
            resource(FUNCTION, {"environment": {"variables": {"DB_SECRET": UNKNOWN}}}),
            "DB_SECRET",
            undetermined=True,
        ),
        refused("in camel case", resource(FUNCTION, environment(githubToken="x")), "githubToken"),
        refused("a password", resource(FUNCTION, environment(DB_PASSWORD="hunter2")), "DB_PASSWORD"),
        refused("in a job", job(environment=[{"name": "API_KEY", "value": "x"}]), "API_KEY"),
        refused("in a container", resource(TASK, task(environment=[{"name": "API_KEY", "value": "x"}])), "API_KEY"),
        refused(
            "in a build",
            resource(
                "aws:codebuild/project:Project",
                {"environment": {"environmentVariables": [{"name": "GITHUB_TOKEN", "value": "x"}]}},
            ),
            "GITHUB_TOKEN",
        ),
    ],
    "log-retention": [
        accepted("a year", resource(GROUP, {"retentionInDays": 365})),
        accepted("for ever, decided", resource(GROUP, {"retentionInDays": 0})),
        accepted("not known yet", resource(GROUP, {"retentionInDays": UNKNOWN})),
        accepted("a delivery, which CloudWatch keeps for two days", resource(GROUP, {"logGroupClass": "DELIVERY"})),
        accepted(
            "a week where that is enough",
            resource(GROUP, {"retentionInDays": 7}),
            facts=facts(settings={"log-retention": {"days": 7}}),
        ),
        refused("not said", resource(GROUP), "retentionInDays"),
        refused("a week", resource(GROUP, {"retentionInDays": 7}), "retentionInDays"),
    ],
    "minor-upgrades": [
        accepted("a cache, by default", resource("aws:elasticache/replicationGroup:ReplicationGroup")),
        refused(
            "a cache, switched off",
            resource("aws:elasticache/replicationGroup:ReplicationGroup", {"autoMinorVersionUpgrade": "false"}),
            "autoMinorVersionUpgrade",
        ),
    ],
    "windows-file-system-backups": [
        accepted("by default", resource("aws:fsx/windowsFileSystem:WindowsFileSystem")),
        refused(
            "switched off",
            resource("aws:fsx/windowsFileSystem:WindowsFileSystem", {"automaticBackupRetentionDays": 0}),
            "automaticBackupRetentionDays",
        ),
    ],
    "glue-version": [
        accepted("Spark", resource("aws:glue/job:Job", {"glueVersion": "5.0", "command": {"name": "glueetl"}})),
        accepted("a script, which has none", resource("aws:glue/job:Job", {"command": {"name": "pythonshell"}})),
        refused("Spark of 2020", resource("aws:glue/job:Job", {"glueVersion": "2.0"}), "glueVersion"),
    ],
    "firewall-has-rules": [
        accepted("rules", [resource(FIREWALL, {"rules": [{"name": "common"}]})]),
        accepted("as JSON", [resource(FIREWALL, {"ruleJson": "[]"})]),
        accepted("of their own", [resource(FIREWALL, {"arn": "arn:w"}), resource(RULES, {"webAclArn": "arn:w"})]),
        refused("none", [resource(FIREWALL, {"rules": []})], "rules"),
        refused("another's", [resource(FIREWALL, {"arn": "arn:w"}), resource(RULES, {"webAclArn": "arn:x"})], "rules"),
    ],
    "zone-logs": [
        accepted("logged", [resource(ZONE, {"zoneId": "Z1", "id": "Z1"}), resource(QUERIES, {"zoneId": "Z1"})]),
        accepted("private", [resource(ZONE, {"vpcs": [{"vpcId": "vpc-1"}]})]),
        refused(
            "public", [resource(ZONE, {"zoneId": "Z1", "id": "Z1"}), resource(QUERIES, {"zoneId": "Z2"})], "logging"
        ),
    ],
    "imds-v2": [
        accepted("required", [machine(httpTokens="required")]),
        accepted("not known yet", [machine(httpTokens=UNKNOWN)]),
        accepted("no metadata", [machine(httpEndpoint="disabled")]),
        accepted("as its template has it", [resource(MACHINE, {"launchTemplate": {"id": "lt-1"}})]),
        accepted("as the account has it", [machine(), resource(DEFAULTS, {"httpTokens": "required"})]),
        refused("as AWS has it", [machine()], "metadataOptions.httpTokens"),
        refused("as the account has it, which is open", [machine(), resource(DEFAULTS)], "metadataOptions.httpTokens"),
        refused(
            "not as the account has it",
            [machine(httpTokens="optional"), resource(DEFAULTS, {"httpTokens": "required"})],
            "metadataOptions.httpTokens",
        ),
    ],
    "kafka-logs": [
        accepted("to CloudWatch", kafka(cloudwatchLogs={"enabled": True, "logGroup": "g"})),
        accepted("to S3", kafka(s3={"enabled": True}, cloudwatchLogs={"enabled": False})),
        refused("switched off", kafka(s3={"enabled": False}), "loggingInfo.brokerLogs.cloudwatchLogs.enabled"),
    ],
    "broker-logs": [
        accepted("RabbitMQ", resource(BROKER, {"engineType": "RABBITMQ", "logs": {"general": True}})),
        refused("ActiveMQ", resource(BROKER, {"engineType": "ActiveMQ", "logs": {"general": True}}), "logs.audit"),
    ],
    "password-kept-by-aws": [
        accepted("kept", resource("aws:redshift/cluster:Cluster", {"manageMasterPassword": True})),
        refused(
            "a warehouse's", resource("aws:redshift/cluster:Cluster", {"masterPassword": "hunter2"}), "masterPassword"
        ),
    ],
    "migration-logs": [
        accepted("on", migration('{"Logging": {"EnableLogging": true}}')),
        accepted("not known yet", migration(UNKNOWN)),
        refused("off", migration('{"Logging": {"EnableLogging": false}}'), "logging"),
        refused("not said", migration("{}"), "logging"),
        refused("no settings", migration(None), "logging"),
    ],
}
