"""What is really created in the local cloud; every other resource type lives in the engine's state alone.

Where moto would keep a resource but not do what handlers rely on, the type is left out rather than pretended.
"""

from collections.abc import Mapping

from localcloud.cloud.materialise import cloudwatch, functions, iam, kms, s3, sqs
from localcloud.cloud.materialise.kind import Kind, Props
from localcloud.cloud.target import Target

__all__ = ["KINDS", "Kind", "Props", "Target"]

KINDS: Mapping[str, Kind] = {
    "aws:cloudwatch/logGroup:LogGroup": cloudwatch.LOG_GROUP,
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.METRIC_ALARM,
    "aws:iam/policy:Policy": iam.POLICY,
    "aws:iam/role:Role": iam.ROLE,
    "aws:iam/rolePolicy:RolePolicy": iam.ROLE_POLICY,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.ROLE_POLICY_ATTACHMENT,
    "aws:kms/alias:Alias": kms.ALIAS,
    "aws:kms/key:Key": kms.KEY,
    "aws:kms/replicaKey:ReplicaKey": kms.REPLICA,
    "aws:lambda/alias:Alias": functions.ALIAS,
    "aws:lambda/eventSourceMapping:EventSourceMapping": functions.EVENT_SOURCE_MAPPING,
    "aws:lambda/function:Function": functions.FUNCTION,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": functions.EVENT_INVOKE_CONFIG,
    "aws:lambda/layerVersion:LayerVersion": functions.LAYER_VERSION,
    "aws:lambda/permission:Permission": functions.PERMISSION,
    "aws:s3/bucket:Bucket": s3.BUCKET,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.LIFECYCLE,
    "aws:s3/bucketLogging:BucketLogging": s3.LOGGING,
    "aws:s3/bucketNotification:BucketNotification": s3.NOTIFICATION,
    "aws:s3/bucketObjectv2:BucketObjectv2": s3.OBJECT,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.OWNERSHIP,
    "aws:s3/bucketPolicy:BucketPolicy": s3.POLICY,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.PUBLIC_ACCESS_BLOCK,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": s3.REPLICATION,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": s3.ENCRYPTION,
    "aws:s3/bucketVersioning:BucketVersioning": s3.VERSIONING,
    "aws:sqs/queue:Queue": sqs.QUEUE,
    "aws:sqs/queuePolicy:QueuePolicy": sqs.QUEUE_POLICY,
    "aws:sqs/redrivePolicy:RedrivePolicy": sqs.REDRIVE_POLICY,
}
"""By resource type token."""
