"""What the lifecycle test does with each resource type: what it needs, how it is created and what is changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from localcloud.cloud.materialise import Props, Target
from localcloud.cloud.materialise.archive import ARCHIVE, SIGNATURE, text_asset

TAGS = {"owner": "alice", "environment": "prod"}
ASSUMED_BY_LAMBDA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def policy(resource: str, action: str = "s3:GetObject", **more: object) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code(source: str = "def handler(event, context):\n    return event\n") -> Props:
    return {SIGNATURE: ARCHIVE, "assets": {"index.py": text_asset(source)}}


@dataclass(frozen=True)
class Lifecycle:
    """inputs and changes may hold what `needs` returns: their functions are given it."""

    token: str
    inputs: Callable[[Props], Props]
    changes: Callable[[Props], Props] = lambda needs: {}
    needs: Callable[[Target], Props] = lambda target: {}
    id: Callable[[Props, Target], str] | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    remains: bool = False  # its deletion turns it off; there is no being without it


def bucket(target: Target) -> Props:
    name = f"bucket-{target.account}-{target.region}"
    client = target.client("s3")
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": target.region})
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return {"bucket": name, "arn": f"arn:aws:s3:::{name}"}


def role(target: Target) -> Props:
    made = target.client("iam").create_role(RoleName=f"r-{target.region}", AssumeRolePolicyDocument=ASSUMED_BY_LAMBDA)
    return {"role": made["Role"]["RoleName"], "arn": made["Role"]["Arn"]}


def key(target: Target) -> Props:
    made = target.client("kms").create_key(MultiRegion=True)["KeyMetadata"]
    return {"key": made["KeyId"], "arn": made["Arn"]}


def queue(target: Target) -> Props:
    url = target.client("sqs").create_queue(QueueName="source")["QueueUrl"]
    return {"url": url, "arn": f"arn:aws:sqs:{target.region}:{target.account}:source"}


def primary_elsewhere(target: Target) -> Props:
    return key(Target(target.endpoint, target.account, "us-east-1"))


def function(target: Target) -> Props:
    from localcloud.cloud.materialise import KINDS

    made = KINDS["aws:lambda/function:Function"]
    inputs = {"name": "f", "role": role(target)["arn"], "handler": "index.handler", "runtime": "python3.12"}
    id_, outputs = made.create(target, {**inputs, "code": code()})
    target.client("lambda").publish_version(FunctionName=id_)
    return {"function": id_, "arn": outputs["arn"], "queue": queue(target)["arn"], "bucket": "arn:aws:s3:::some"}


S3 = "aws:s3/bucket"
LIFECYCLES = [
    Lifecycle(
        "aws:s3/bucket:Bucket",
        lambda n: {"bucket": n["name"], "tags": TAGS, "forceDestroy": True},
        lambda n: {"tags": {"owner": "bob"}},
        needs=lambda t: {"name": f"made-{t.account}-{t.region}"},
        id=lambda i, t: i["bucket"],
        outputs={"arn": "arn:aws:s3:::made-{account}-{region}"},
    ),
    Lifecycle(
        "aws:s3/bucketVersioning:BucketVersioning",
        lambda n: {"bucket": n["bucket"], "versioningConfiguration": {"status": "Enabled"}},
        needs=bucket,
        remains=True,
    ),
    Lifecycle(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        lambda n: {
            "bucket": n["bucket"],
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/one"},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        lambda n: {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/two"},
                    "bucketKeyEnabled": True,
                }
            ]
        },
        bucket,
    ),
    Lifecycle(
        "aws:s3/bucketPolicy:BucketPolicy",
        lambda n: {"bucket": n["bucket"], "policy": policy(n["arn"] + "/*", Principal="*")},
        lambda n: {"policy": policy(n["arn"] + "/*", "s3:PutObject", Principal="*")},
        bucket,
    ),
    Lifecycle(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        lambda n: {
            "bucket": n["bucket"],
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        lambda n: {"blockPublicAcls": False},
        bucket,
    ),
    Lifecycle(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        lambda n: {
            "bucket": n["bucket"],
            "rules": [
                {
                    "id": "age",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
                    "noncurrentVersionExpiration": {"noncurrentDays": 90},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                }
            ],
        },
        lambda n: {
            "rules": [{"id": "age", "status": "Enabled", "filter": {"prefix": "a/"}, "expiration": {"days": 10}}]
        },
        bucket,
    ),
    Lifecycle(
        "aws:s3/bucketNotification:BucketNotification",
        lambda n: {
            "bucket": n["bucket"],
            "eventbridge": True,
            "queues": [
                {
                    "id": "new",
                    "queueArn": n["queue"],
                    "events": ["s3:ObjectCreated:*"],
                    "filterPrefix": "orders/",
                    "filterSuffix": ".csv",
                }
            ],
        },
        lambda n: {"eventbridge": False, "queues": [{"queueArn": n["queue"], "events": ["s3:ObjectRemoved:*"]}]},
        lambda t: {**bucket(t), "queue": queue(t)["arn"]},
    ),
    Lifecycle(
        "aws:s3/bucketLogging:BucketLogging",
        lambda n: {"bucket": n["bucket"], "targetBucket": n["bucket"], "targetPrefix": "logs/"},
        lambda n: {"targetPrefix": "access/"},
        lambda t: log_bucket(t),
    ),
    Lifecycle(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        lambda n: {
            "bucket": n["bucket"],
            "role": n["role"],
            "rules": [
                {
                    "id": "all",
                    "status": "Enabled",
                    "priority": 1,
                    "filter": {"prefix": ""},
                    "deleteMarkerReplication": {"status": "Enabled"},
                    "sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Enabled"}},
                    "destination": {
                        "bucket": "arn:aws:s3:::elsewhere",
                        "storageClass": "STANDARD",
                        "encryptionConfiguration": {"replicaKmsKeyId": "arn:aws:kms:eu-west-1:111111111111:key/a"},
                        "metrics": {"status": "Enabled", "eventThreshold": {"minutes": 15}},
                        "replicationTime": {"status": "Enabled", "time": {"minutes": 15}},
                    },
                }
            ],
        },
        lambda n: {
            "rules": [
                {
                    "id": "all",
                    "status": "Disabled",
                    "priority": 1,
                    "filter": {"prefix": ""},
                    "deleteMarkerReplication": {"status": "Disabled"},
                    "destination": {"bucket": "arn:aws:s3:::elsewhere"},
                }
            ]
        },
        lambda t: {**bucket(t), "role": role(t)["arn"]},
    ),
    Lifecycle(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        lambda n: {"bucket": n["bucket"], "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        lambda n: {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        bucket,
    ),
    Lifecycle(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        lambda n: {"bucket": n["bucket"], "key": "a/b.json", "content": "{}", "contentType": "application/json"},
        lambda n: {"content": '{"a": 1}'},
        bucket,
        id=lambda i, t: f"{i['bucket']}/a/b.json",
    ),
    Lifecycle(
        "aws:kms/key:Key",
        lambda n: {
            "description": "internal",
            "enableKeyRotation": True,
            "multiRegion": True,
            "deletionWindowInDays": 7,
            "tags": TAGS,
        },
        lambda n: {"description": "restricted", "enableKeyRotation": False, "isEnabled": False, "tags": {"a": "b"}},
    ),
    Lifecycle(
        "aws:kms/replicaKey:ReplicaKey",
        lambda n: {"primaryKeyArn": n["arn"], "description": "copy", "deletionWindowInDays": 7, "tags": TAGS},
        lambda n: {"description": "other"},
        primary_elsewhere,
    ),
    Lifecycle(
        "aws:kms/alias:Alias",
        lambda n: {"name": "alias/a", "targetKeyId": n["key"]},
        lambda n: {"targetKeyId": n["other"]},
        lambda t: {**key(t), "other": key(t)["key"]},
        id=lambda i, t: "alias/a",
    ),
    Lifecycle(
        "aws:iam/role:Role",
        lambda n: {
            "name": n["name"],
            "assumeRolePolicy": ASSUMED_BY_LAMBDA,
            "description": "runs",
            "maxSessionDuration": 3600,
            "inlinePolicies": [{"name": "read", "policy": policy("*")}],
            "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "forceDetachPolicies": True,
            "tags": TAGS,
        },
        lambda n: {
            "description": "walks",
            "maxSessionDuration": 7200,
            "inlinePolicies": [],
            "permissionsBoundary": None,
            "tags": {"owner": "alice"},
        },
        lambda t: {"name": f"made-{t.region}"},
        id=lambda i, t: i["name"],
        outputs={"arn": "arn:aws:iam::{account}:role/made-{region}"},
    ),
    Lifecycle(
        "aws:iam/policy:Policy",
        lambda n: {"name": n["name"], "policy": policy("*"), "description": "d", "tags": TAGS},
        lambda n: {"policy": policy("*", "s3:PutObject")},
        lambda t: {"name": f"p-{t.region}"},
        id=lambda i, t: f"arn:aws:iam::{t.account}:policy/{i['name']}",
    ),
    Lifecycle(
        "aws:iam/rolePolicy:RolePolicy",
        lambda n: {"role": n["role"], "name": "inline", "policy": policy("*")},
        lambda n: {"policy": policy("*", "s3:PutObject")},
        role,
        id=lambda i, t: f"{i['role']}:inline",
    ),
    Lifecycle(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        lambda n: {"role": n["role"], "policyArn": n["policy"]},
        needs=lambda t: {**role(t), "policy": managed_policy(t)},
    ),
    Lifecycle(
        "aws:lambda/function:Function",
        lambda n: {
            "name": "ingest",
            "role": n["arn"],
            "handler": "index.handler",
            "runtime": "python3.12",
            "code": code(),
            "memorySize": 512,
            "timeout": 60,
            "architectures": ["arm64"],
            "environment": {"variables": {"A": "1"}},
            "layers": ["arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-arm64:7"],
            "deadLetterConfig": {"targetArn": n["queue"]},
            "loggingConfig": {"logFormat": "JSON", "logGroup": "/aws/lambda/ingest"},
            "tracingConfig": {"mode": "Active"},
            "reservedConcurrentExecutions": 5,
            "tags": TAGS,
        },
        lambda n: {
            "memorySize": 1024,
            "environment": {"variables": {"A": "2", "B": "3"}},
            "code": code("def handler(event, context):\n    return 2\n"),
            "loggingConfig": {"logFormat": "Text", "logGroup": "/other"},
            "tracingConfig": {"mode": "PassThrough"},
            "reservedConcurrentExecutions": -1,
            "tags": {},
        },
        lambda t: {**role(t), "queue": queue(t)["arn"]},
        id=lambda i, t: "ingest",
        outputs={
            "arn": "arn:aws:lambda:{region}:{account}:function:ingest",
            "qualifiedArn": "arn:aws:lambda:{region}:{account}:function:ingest:$LATEST",
            "version": "$LATEST",
        },
    ),
    Lifecycle(
        "aws:lambda/layerVersion:LayerVersion",
        lambda n: {"layerName": "lib", "code": code(), "compatibleRuntimes": ["python3.12"], "description": "d"},
        id=lambda i, t: f"arn:aws:lambda:{t.region}:{t.account}:layer:lib:1",
        outputs={"layerArn": "arn:aws:lambda:{region}:{account}:layer:lib", "version": "1"},
    ),
    Lifecycle(
        "aws:lambda/alias:Alias",
        lambda n: {"name": "live", "functionName": "f", "functionVersion": "1", "description": "d"},
        lambda n: {"functionVersion": "$LATEST"},
        function,
        id=lambda i, t: f"arn:aws:lambda:{t.region}:{t.account}:function:f:live",
    ),
    Lifecycle(
        "aws:lambda/permission:Permission",
        lambda n: {
            "function": n["function"],
            "statementId": "from-bucket",
            "action": "lambda:InvokeFunction",
            "principal": "s3.amazonaws.com",
            "sourceArn": n["bucket"],
            "sourceAccount": "111111111111",
        },
        needs=function,
        id=lambda i, t: "from-bucket",
    ),
    Lifecycle(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        lambda n: {
            "functionName": n["arn"],
            "eventSourceArn": n["queue"],
            "batchSize": 5,
            "enabled": True,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "filterCriteria": {"filters": [{"pattern": '{"body": {"a": [1]}}'}]},
        },
        lambda n: {"batchSize": 7, "enabled": False},
        function,
    ),
    Lifecycle(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        lambda n: {
            "functionName": n["function"],
            "maximumRetryAttempts": 1,
            "maximumEventAgeInSeconds": 600,
            "destinationConfig": {"onFailure": {"destination": n["queue"]}},
        },
        lambda n: {"maximumRetryAttempts": 2},
        function,
        id=lambda i, t: "f",
    ),
    Lifecycle(
        "aws:cloudwatch/logGroup:LogGroup",
        lambda n: {"name": "/aws/lambda/x", "retentionInDays": 30, "kmsKeyId": n["arn"], "tags": TAGS},
        lambda n: {"retentionInDays": 7, "kmsKeyId": n["other"], "tags": {"a": "b"}},
        lambda t: {**key(t), "other": key(t)["arn"]},
        id=lambda i, t: "/aws/lambda/x",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:/aws/lambda/x"},
    ),
    Lifecycle(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        lambda n: {
            "name": "errors",
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 1,
            "metricName": "Errors",
            "namespace": "AWS/Lambda",
            "period": 60,
            "statistic": "Sum",
            "threshold": 0,
            "dimensions": {"FunctionName": "f"},
            "alarmActions": ["arn:aws:sns:eu-west-1:111111111111:alarms"],
            "treatMissingData": "notBreaching",
            "tags": TAGS,
        },
        lambda n: {"threshold": 5, "tags": {}},
        id=lambda i, t: "errors",
    ),
    Lifecycle(
        "aws:sqs/queue:Queue",
        lambda n: {
            "name": "orders.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "visibilityTimeoutSeconds": 120,
            "messageRetentionSeconds": 86400,
            "kmsMasterKeyId": "alias/a",
            "redrivePolicy": json.dumps({"deadLetterTargetArn": n["arn"], "maxReceiveCount": 3}),
            "tags": TAGS,
        },
        lambda n: {"visibilityTimeoutSeconds": 240, "kmsMasterKeyId": None, "tags": {"a": "b"}},
        lambda t: {"arn": fifo_queue(t)},
        id=lambda i, t: f"{t.endpoint}/{t.account}/orders.fifo",
        outputs={"arn": "arn:aws:sqs:{region}:{account}:orders.fifo"},
    ),
    Lifecycle(
        "aws:sqs/queuePolicy:QueuePolicy",
        lambda n: {"queueUrl": n["url"], "policy": policy(n["arn"], "sqs:SendMessage", Principal="*")},
        lambda n: {"policy": policy(n["arn"], "sqs:ReceiveMessage", Principal="*")},
        queue,
        id=lambda i, t: i["queueUrl"],
    ),
    Lifecycle(
        "aws:sqs/redrivePolicy:RedrivePolicy",
        lambda n: {"queueUrl": n["url"], "redrivePolicy": redrive(n["dead"], 3)},
        lambda n: {"redrivePolicy": redrive(n["dead"], 4)},
        lambda t: {**queue(t), "dead": dead_letters(t)},
    ),
]


def redrive(arn: str, times: int) -> str:
    return json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": times})


def dead_letters(target: Target) -> str:
    target.client("sqs").create_queue(QueueName="dead")
    return f"arn:aws:sqs:{target.region}:{target.account}:dead"


def fifo_queue(target: Target) -> str:
    target.client("sqs").create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})
    return f"arn:aws:sqs:{target.region}:{target.account}:dead.fifo"


def managed_policy(target: Target) -> str:
    made = target.client("iam").create_policy(PolicyName=f"m-{target.region}", PolicyDocument=policy("*"))
    return str(made["Policy"]["Arn"])


def log_bucket(target: Target) -> Props:
    made = bucket(target)
    allowed = policy(made["arn"] + "/*", "s3:PutObject", Principal={"Service": "logging.s3.amazonaws.com"})
    target.client("s3").put_bucket_policy(Bucket=made["bucket"], Policy=allowed)
    return made
