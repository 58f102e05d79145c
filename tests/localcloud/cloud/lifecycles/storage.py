"""Buckets, tables, streams, secrets and parameters."""

from tests.localcloud.cloud.lifecycles.case import TAGS, Lifecycle, policy
from tests.localcloud.cloud.lifecycles.needs import bucket, key, log_bucket, queue, role, secret

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
                },
                {
                    "id": "old",
                    "queueArn": n["queue"],
                    "events": ["s3:ObjectRemoved:*"],
                    "filterPrefix": "",
                    "filterSuffix": "",
                },
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
        "aws:dynamodb/table:Table",
        lambda n: {
            "name": "lineage",
            "billingMode": "PAY_PER_REQUEST",
            "hashKey": "pk",
            "rangeKey": "sk",
            "attributes": [{"name": n, "type": "S"} for n in ("pk", "sk", "by")],
            "globalSecondaryIndexes": [
                {
                    "name": "by-who",
                    "hashKey": "by",
                    "rangeKey": "pk",
                    "projectionType": "INCLUDE",
                    "nonKeyAttributes": ["x"],
                }
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
]
