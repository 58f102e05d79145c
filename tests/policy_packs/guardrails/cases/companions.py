"""Resources that need others beside them."""

from __future__ import annotations

from typing import Any

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import KEY, Case, accepted, policy, provider, refused, resource
from tests.policy_packs.guardrails.cases.transport import deny

BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
QUEUE = "aws:sqs/queue:Queue"
FUNCTION = "aws:lambda/function:Function"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
VPC = "aws:ec2/vpc:Vpc"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FILES = "aws:efs/fileSystem:FileSystem"
SELECTION = "aws:backup/selection:Selection"
IMAGES = "aws:ecr/repository:Repository"
MACHINE = "aws:sfn/stateMachine:StateMachine"
MEMBER = "aws:rds/clusterInstance:ClusterInstance"


def bucket(**more: Any) -> Resource:
    return resource(BUCKET, {"bucket": "b", "arn": "arn:aws:s3:::b", "id": "b"}, **more)


def of_bucket(type_: str, **props: Any) -> Resource:
    return resource(type_, {"bucket": "b", **props}, name="companion")


def encrypted(algorithm: object, **props: Any) -> Resource:
    default = {"sseAlgorithm": algorithm, "kmsMasterKeyId": KEY}
    return of_bucket(ENCRYPTION, rules=[{"applyServerSideEncryptionByDefault": default}], **props)


def depending(type_: str, property_: str, on: Resource, **props: Any) -> Resource:
    """A resource whose property is an output of another that is not known yet."""
    return resource(
        type_, {property_: UNKNOWN, **props}, name="companion", property_dependencies={property_: (on.urn,)}
    )


def pair(type_: str, identity: dict[str, Any], companion: str, good: dict[str, Any], key: str) -> list[Case]:
    """A type that needs a companion: by its identity, by dependency, without, and with another's."""
    subject = resource(type_, identity)
    (property_,) = good
    return [
        accepted("by its identity", [subject, resource(companion, good)]),
        accepted("by dependency", [subject, depending(companion, property_, subject)]),
        refused("none", [subject], key),
        refused("another's", [subject, resource(companion, {property_: "another"})], key),
    ]


def alarm(**dimensions: object) -> Resource:
    return resource(ALARM, {"dimensions": dimensions, "alarmActions": ["arn:topic"]}, name="alarm")


def alarmed(type_: str, dimension: str, identity: dict[str, Any]) -> list[Case]:
    subject = resource(type_, identity)
    (name,) = identity.values()
    metric = {"metricQueries": [{"metric": {"dimensions": {dimension: name}}}], "alarmActions": ["arn:topic"]}
    return [
        accepted("an alarm", [subject, alarm(**{dimension: name})]),
        accepted("an alarm over a calculation", [subject, resource(ALARM, metric)]),
        accepted("an alarm on what is not known yet", [subject, alarm(**{dimension: UNKNOWN})]),
        accepted("an alarm that is not known yet", [subject, resource(ALARM, {"dimensions": UNKNOWN})]),
        refused("none", [subject], "alarm"),
        refused("an alarm on another", [subject, alarm(**{dimension: "another"})], "alarm"),
    ]


def subnets(*zones: object) -> list[Resource]:
    vpc = resource(VPC, {"id": "vpc-1"})
    return [
        vpc,
        *(
            resource("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1", "availabilityZone": zone}, name=f"subnet-{number}")
            for number, zone in enumerate(zones)
        ),
    ]


def invocations(function: str, destination: object) -> Resource:
    return resource(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        {"functionName": function, "destinationConfig": {"onFailure": {"destination": destination}}},
    )


def caller(principal: str, name: str = "caller", **more: Any) -> Resource:
    return resource("aws:lambda/permission:Permission", {"function": "f", "principal": principal, **more}, name=name)


def scanning(filter_: str) -> Resource:
    rule = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": filter_, "filterType": "WILDCARD"}]}
    return resource("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", {"rules": [rule]})


def mapping(source: object, destination: object, retries: object) -> Resource:
    return resource(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "eventSourceArn": source,
            "destinationConfig": {"onFailure": {"destinationArn": destination}},
            "maximumRetryAttempts": retries,
        },
    )


CASES: dict[str, list[Case]] = {
    "encryption-s3-bucket": [
        accepted("KMS", [bucket(), encrypted("aws:kms")]),
        accepted("KMS twice", [bucket(), encrypted("aws:kms:dsse")]),
        accepted("by dependency", [bucket(), depending(ENCRYPTION, "bucket", bucket(), rules=UNKNOWN)]),
        accepted("not known yet", [bucket(), encrypted(UNKNOWN)]),
        accepted("public data", [bucket(provider=provider(defaultTags={"tags": {"Classification": "public"}}))]),
        accepted(
            "where logs are delivered",
            [bucket(), encrypted("AES256"), resource(LOGGING, {"bucket": "another", "targetBucket": "b"})],
        ),
        accepted(
            "where the log service may write",
            [
                bucket(),
                encrypted("AES256"),
                of_bucket(
                    POLICY,
                    policy=policy(
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "logging.s3.amazonaws.com"},
                            "Action": "s3:PutObject",
                        }
                    ),
                ),
            ],
        ),
        accepted(
            "where a load balancer logs",
            [bucket(), encrypted("AES256"), resource(BALANCER, {"accessLogs": {"bucket": "b", "enabled": True}})],
        ),
        accepted(
            "where a load balancer logs, by dependency",
            [bucket(), encrypted("AES256"), depending(BALANCER, "accessLogs", bucket())],
        ),
        accepted(
            "where a warehouse logs",
            [bucket(), encrypted("AES256"), resource("aws:redshift/logging:Logging", {"bucketName": "b"})],
        ),
        accepted("the archive of logs", [bucket(within="mesh:foundation:LogArchive"), encrypted("AES256")]),
        refused("S3's own key", [bucket(), encrypted("AES256")], "kms"),
        refused("no setting", [bucket()], "kms"),
        refused("another bucket's", [bucket(), encrypted("aws:kms", bucket="c")], "kms"),
    ],
    "bucket-public-access-blocked": [
        *pair(
            BUCKET,
            {"bucket": "b"},
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {"bucket": "b"},
            "public-access-block",
        ),
        accepted("the account's", [bucket(), resource("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock")]),
    ],
    "bucket-policy-tls": pair(BUCKET, {"bucket": "b"}, POLICY, {"bucket": "b"}, "policy"),
    "bucket-has-versioning": pair(
        BUCKET, {"bucket": "b"}, "aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b"}, "versioning"
    ),
    "bucket-logs": [
        accepted("logs", [bucket(), of_bucket(LOGGING, targetBucket="logs")]),
        accepted("the log bucket itself", [bucket(), resource(LOGGING, {"bucket": "another", "targetBucket": "b"})]),
        refused("none", [bucket()], "logging"),
    ],
    "queue-policy-tls": [
        *pair(
            QUEUE, {"url": "https://sqs/q"}, "aws:sqs/queuePolicy:QueuePolicy", {"queueUrl": "https://sqs/q"}, "policy"
        ),
        accepted("a policy of its own", [resource(QUEUE, {"policy": policy(deny("sqs:*", "*"))})]),
        accepted("a policy of its own, not known yet", [resource(QUEUE, {"policy": UNKNOWN})]),
        refused(
            "a policy on reading only", [resource(QUEUE, {"policy": policy(deny("sqs:ReceiveMessage", "*"))})], "policy"
        ),
    ],
    "topic-policy-tls": [
        *pair("aws:sns/topic:Topic", {"arn": "arn:t"}, "aws:sns/topicPolicy:TopicPolicy", {"arn": "arn:t"}, "policy"),
        refused(
            "the policy SNS gives it",
            [
                resource(
                    "aws:sns/topic:Topic",
                    {"policy": policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "SNS:Publish"})},
                )
            ],
            "policy",
        ),
    ],
    "network-flow-logs": pair(VPC, {"id": "vpc-1"}, "aws:ec2/flowLog:FlowLog", {"vpcId": "vpc-1"}, "flow-log"),
    "network-default-group": pair(
        VPC, {"id": "vpc-1"}, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": "vpc-1"}, "default"
    ),
    "network-zones": [
        accepted("three", subnets("a", "b", "c", "a")),
        accepted("not known yet", subnets(UNKNOWN, UNKNOWN)),
        accepted("no subnets here", subnets()),
        accepted("zones that AWS chooses", subnets(None, None)),
        refused("two", subnets("a", "b", "a"), "zones"),
    ],
    "file-system-backup-policy": [
        *pair(FILES, {"id": "fs-1"}, "aws:efs/backupPolicy:BackupPolicy", {"fileSystemId": "fs-1"}, "backup"),
        accepted("in a plan", [resource(FILES, {"arn": "arn:fs"}), resource(SELECTION, {"resources": ["arn:fs"]})]),
        accepted("in a plan, by dependency", [resource(FILES), depending(SELECTION, "resources", resource(FILES))]),
        refused(
            "another in a plan",
            [resource(FILES, {"arn": "arn:fs"}), resource(SELECTION, {"resources": ["arn:other", UNKNOWN]})],
            "backup",
        ),
    ],
    "distribution-logs": [
        *pair(
            DISTRIBUTION,
            {"arn": "arn:d"},
            "aws:cloudwatch/logDeliverySource:LogDeliverySource",
            {"resourceArn": "arn:d"},
            "logging",
        ),
        accepted("the older way", [resource(DISTRIBUTION, {"loggingConfig": {"bucket": UNKNOWN}})]),
    ],
    "image-scan": [
        accepted("on push", [resource(IMAGES, {"imageScanningConfiguration": {"scanOnPush": True}})]),
        accepted("not known yet", [resource(IMAGES, {"imageScanningConfiguration": UNKNOWN})]),
        accepted("by the registry", [resource(IMAGES, {"name": "prod/orders"}), scanning("*")]),
        accepted("by the registry, for some", [resource(IMAGES, {"name": "prod/orders"}), scanning("prod")]),
        refused("by the registry, for others", [resource(IMAGES, {"name": "dev/orders"}), scanning("prod")], "scan"),
        refused("nothing", [resource(IMAGES)], "scan"),
    ],
    "instance-monitoring": [
        accepted("an instance", [resource("aws:rds/instance:Instance", {"monitoringInterval": 60})]),
        accepted("a member", [resource(MEMBER, {"clusterIdentifier": "c", "monitoringInterval": UNKNOWN})]),
        accepted(
            "its cluster",
            [
                resource("aws:rds/cluster:Cluster", {"clusterIdentifier": "c", "monitoringInterval": 60}, name="c"),
                resource(MEMBER, {"clusterIdentifier": "c"}),
            ],
        ),
        refused(
            "neither",
            [
                resource("aws:rds/cluster:Cluster", {"clusterIdentifier": "c", "monitoringInterval": 0}, name="c"),
                resource(MEMBER, {"clusterIdentifier": "c"}),
            ],
            "monitoring",
        ),
        refused("an instance without", [resource("aws:rds/instance:Instance")], "monitoring"),
    ],
    "function-tracing": [
        accepted("traced", [resource(FUNCTION, {"tracingConfig": {"mode": "Active"}})]),
        accepted("not known yet", [resource(FUNCTION, {"tracingConfig": UNKNOWN})]),
        accepted(
            "at the edge", [resource(FUNCTION), depending(DISTRIBUTION, "defaultCacheBehavior", resource(FUNCTION))]
        ),
        refused("not traced", [resource(FUNCTION, {"tracingConfig": {"mode": "PassThrough"}})], "tracing"),
        refused(
            "behind a distribution",
            [resource(FUNCTION), depending(DISTRIBUTION, "origins", resource(FUNCTION))],
            "tracing",
        ),
    ],
    "warehouse-logs": pair(
        "aws:redshift/cluster:Cluster",
        {"clusterIdentifier": "w"},
        "aws:redshift/logging:Logging",
        {"clusterIdentifier": "w"},
        "logging",
    ),
    "firewall-logs": pair(
        "aws:wafv2/webAcl:WebAcl",
        {"arn": "arn:acl"},
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        {"resourceArn": "arn:acl"},
        "logging",
    ),
    "network-firewall-logs": pair(
        "aws:networkfirewall/firewall:Firewall",
        {"arn": "arn:fw"},
        "aws:networkfirewall/loggingConfiguration:LoggingConfiguration",
        {"firewallArn": "arn:fw"},
        "logging",
    ),
    "queue-dead-letters": [
        accepted(
            "with its dead-letter queue",
            [
                resource(QUEUE, {"name": "q", "redrivePolicy": '{"deadLetterTargetArn":"arn:d","maxReceiveCount":5}'}),
                resource(QUEUE, {"name": "other", "arn": "arn:d"}, name="other"),
            ],
        ),
        accepted("not known yet", [resource(QUEUE, {"name": "q", "redrivePolicy": UNKNOWN})]),
        accepted("a queue for what failed", [resource(QUEUE, {"name": "orders-dlq"})]),
        accepted("named by the engine", [resource(QUEUE, {"name": "orders-dlq-1a2b3c4"}, name="orders-dlq")]),
        accepted("in camel case", [resource(QUEUE, {"name": "q"}, name="ordersDeadLetterQueue")]),
        accepted(
            "of another queue, by dependency",
            [
                resource(QUEUE, {"name": "q"}, name="rest"),
                resource(
                    QUEUE,
                    {"redrivePolicy": UNKNOWN},
                    property_dependencies={"redrivePolicy": (resource(QUEUE, name="rest").urn,)},
                ),
            ],
        ),
        accepted(
            "of a function",
            [resource(QUEUE, {"arn": "arn:q"}), resource(FUNCTION, {"deadLetterConfig": {"targetArn": "arn:q"}})],
        ),
        refused("of failing tests only by the sound of it", [resource(QUEUE, {"name": "unfailed"})], "redrive"),
        accepted("a queue others may fail into", [resource(QUEUE, {"name": "q", "redriveAllowPolicy": "{}"})]),
        accepted(
            "in a resource of its own",
            [resource(QUEUE, {"url": "u"}), resource("aws:sqs/redrivePolicy:RedrivePolicy", {"queueUrl": "u"})],
        ),
        refused("none", [resource(QUEUE, {"name": "q"})], "redrive"),
        refused(
            "none, as AWS reports it", [resource(QUEUE, {"redrivePolicy": "", "redriveAllowPolicy": ""})], "redrive"
        ),
    ],
    "alarm-function": alarmed("aws:lambda/function:Function", "FunctionName", {"name": "f"}),
    "alarm-state-machine": alarmed("aws:sfn/stateMachine:StateMachine", "StateMachineArn", {"arn": "arn:m"}),
    "alarm-database": alarmed("aws:rds/cluster:Cluster", "DBClusterIdentifier", {"clusterIdentifier": "c"}),
    "alarm-database-instance": alarmed("aws:rds/instance:Instance", "DBInstanceIdentifier", {"identifier": "d"}),
    "alarm-stream": alarmed("aws:kinesis/stream:Stream", "StreamName", {"name": "s"}),
    "alarm-actions": [
        accepted("a topic", [alarm(FunctionName="f")]),
        accepted("not known yet", [resource(ALARM, {"alarmActions": UNKNOWN})]),
        refused("nobody", [resource(ALARM, {"alarmActions": []})], "actions"),
        refused("switched off", [resource(ALARM, {"alarmActions": ["arn:t"], "actionsEnabled": False})], "actions"),
    ],
    "bucket-lifecycle": pair(
        BUCKET,
        {"bucket": "b"},
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {"bucket": "b"},
        "lifecycle",
    ),
    "function-zones": [
        accepted("two", [resource(FUNCTION, {"vpcConfig": {"subnetIds": ["a", "b"]}})]),
        accepted("no network", [resource(FUNCTION)]),
        accepted("not known yet", [resource(FUNCTION, {"vpcConfig": {"subnetIds": UNKNOWN}})]),
        refused("one", [resource(FUNCTION, {"vpcConfig": {"subnetIds": ["a"]}})], "zones"),
    ],
    "function-failures": [
        accepted("a destination", [resource(FUNCTION, {"name": "f"}), invocations("f", "arn:queue")]),
        accepted("not known yet", [resource(FUNCTION, {"name": "f"}), invocations("f", UNKNOWN)]),
        accepted("a dead-letter queue", [resource(FUNCTION, {"deadLetterConfig": {"targetArn": "arn:queue"}})]),
        refused("none", [resource(FUNCTION, {"name": "f"})], "on-failure"),
        accepted("an API waits", [resource(FUNCTION, {"name": "f"}), caller("apigateway.amazonaws.com")]),
        accepted(
            "whoever has its URL waits", [resource(FUNCTION, {"name": "f"}), caller("*", functionUrlAuthType="AWS_IAM")]
        ),
        accepted(
            "a queue keeps what failed",
            [
                resource(FUNCTION, {"name": "f"}),
                resource("aws:lambda/eventSourceMapping:EventSourceMapping", {"functionName": "f"}),
            ],
        ),
        accepted(
            "at the edge", [resource(FUNCTION), depending(DISTRIBUTION, "orderedCacheBehaviors", resource(FUNCTION))]
        ),
        accepted("a state machine waits", [resource(FUNCTION), depending(MACHINE, "definition", resource(FUNCTION))]),
        refused("S3 does not wait", [resource(FUNCTION, {"name": "f"}), caller("s3.amazonaws.com")], "on-failure"),
        refused(
            "an API waits, but a topic does not",
            [
                resource(FUNCTION, {"name": "f"}),
                caller("apigateway.amazonaws.com"),
                caller("sns.amazonaws.com", name="topic"),
            ],
            "on-failure",
        ),
        refused("another's", [resource(FUNCTION, {"name": "f"}), invocations("g", "arn:queue")], "on-failure"),
        refused("for successes only", [resource(FUNCTION, {"name": "f"}), invocations("f", None)], "on-failure"),
    ],
    "stream-failures": [
        accepted("told of, and not for ever", mapping("arn:aws:kinesis:eu-west-1:2:stream/s", "arn:queue", 5)),
        accepted("a queue, which has its own", mapping("arn:aws:sqs:eu-west-1:2:q", None, None)),
        accepted("not known yet", mapping(UNKNOWN, None, None)),
        refused("not told of", mapping("arn:aws:dynamodb:eu-west-1:2:table/t/stream/x", None, 5), "on-failure"),
        refused("for ever", mapping("arn:aws:kinesis:eu-west-1:2:stream/s", "arn:queue", -1), "retries"),
    ],
}
