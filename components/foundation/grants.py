"""Typed grants: what a principal may do with one resource, and nothing else.

Every function is pure and takes the account that owns the resource, so a grant on another account's resource needs
only names. A component that owns something offers the same grants as methods. `alias` is the owner's key alias for the
resource: its key is granted too, but only through the service that stores the data (kms:ViaService), and by alias
because a key's ARN is random (KMS developer guide, "Use aliases to control access to KMS keys").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from components.foundation.account import Account
from components.foundation.naming import Arns
from components.foundation.policy import Condition, Statement

_DECRYPT = ("kms:Decrypt", "kms:DescribeKey")
# A multipart or batched write decrypts the data key it made, so writers decrypt as well
# (S3 user guide, "Multipart upload API and permissions"; SQS developer guide, "Key management").
_ENCRYPT = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
)


@dataclass(frozen=True)
class Grant:
    """Statements for an identity policy and why they are needed. Grants add up with `+`."""

    statements: tuple[Statement, ...]
    reason: str

    def __add__(self, other: "Grant") -> "Grant":
        return Grant(self.statements + other.statements, f"{self.reason}; {other.reason}")


def grant(reason: str, actions: Iterable[str], resources: Iterable[str], *conditions: Condition) -> Grant:
    """A grant of a kind that has no function here; `resources` are full ARNs."""
    return Grant((Statement(actions=tuple(actions), resources=tuple(resources), conditions=conditions),), reason)


class _KeyGrant(Protocol):
    def __call__(self, owner: Account, alias: str, *, service: str = "") -> Grant: ...


# --- keys


def key_decrypting(owner: Account, alias: str, *, service: str = "") -> Grant:
    """Decrypt under the owner's key of this alias; `service` ("s3") limits it to calls made through that service."""
    return _key(owner, alias, service, _DECRYPT, "decrypt")


def key_encrypting(owner: Account, alias: str, *, service: str = "") -> Grant:
    """Encrypt (and decrypt what was just encrypted) under the owner's key of this alias."""
    return _key(owner, alias, service, _ENCRYPT, "encrypt")


def _key(owner: Account, alias: str, service: str, actions: tuple[str, ...], verb: str) -> Grant:
    conditions = [Condition.of("ForAnyValue:StringEquals", "kms:ResourceAliases", alias)]
    if service:
        conditions.append(Condition.of("StringEquals", "kms:ViaService", f"{service}.{owner.region}.amazonaws.com"))
    return grant(f"{verb} with {alias}", actions, [Arns.of(owner).any_key()], *conditions)


# --- storage


def bucket_reading(owner: Account, bucket: str, prefix: str = "", *, alias: str | None) -> Grant:
    """List and get objects under `prefix`, also the version that a notification names. `alias` is None only for buckets
    that S3 itself must encrypt (logs)."""
    arns = Arns.of(owner)
    only = (Condition.of("StringLike", "s3:prefix", f"{prefix}*"),) if prefix else ()
    reading = grant(f"read {bucket}/{prefix}", ["s3:GetObject", "s3:GetObjectVersion"], [arns.objects(bucket, prefix)])
    listing = grant(f"list {bucket}/{prefix}", ["s3:ListBucket"], [arns.bucket(bucket)], *only)
    return _with_key(reading + listing, owner, alias, "s3", key_decrypting)


def bucket_writing(owner: Account, bucket: str, prefix: str = "", *, alias: str | None) -> Grant:
    """Put objects under `prefix`, in parts as well."""
    actions = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
    writing = grant(f"write {bucket}/{prefix}", actions, [Arns.of(owner).objects(bucket, prefix)])
    return _with_key(writing, owner, alias, "s3", key_encrypting)


def bucket_deleting(owner: Account, bucket: str, prefix: str = "") -> Grant:
    """Delete objects under `prefix`; versions stay, so what was deleted can come back."""
    return grant(f"delete {bucket}/{prefix}", ["s3:DeleteObject"], [Arns.of(owner).objects(bucket, prefix)])


def table_reading(owner: Account, table: str, *, alias: str) -> Grant:
    """Get and query items, of the table's indexes too. Scans are a grant of their own."""
    actions = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query")
    reading = grant(f"read {table}", actions, _table_and_indexes(owner, table))
    return _with_key(reading, owner, alias, "dynamodb", key_decrypting)


def table_scanning(owner: Account, table: str, *, alias: str) -> Grant:
    """Read everything in the table and its indexes."""
    scanning = grant(f"scan {table}", ["dynamodb:Scan"], _table_and_indexes(owner, table))
    return _with_key(scanning, owner, alias, "dynamodb", key_decrypting)


def table_writing(owner: Account, table: str, *, alias: str) -> Grant:
    """Put, update and delete items."""
    actions = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
    writing = grant(f"write {table}", actions, [Arns.of(owner).table(table)])
    return _with_key(writing, owner, alias, "dynamodb", key_encrypting)


def table_stream_reading(owner: Account, table: str, *, alias: str) -> Grant:
    """Read the change stream of a table."""
    arn = Arns.of(owner).table(table)
    actions = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
    # Lambda asks for ListStreams as well, which names no stream (Service Authorization Reference, DynamoDB).
    listing = grant("list streams", ["dynamodb:ListStreams"], ["*"])
    reading = grant(f"follow {table}", actions, [f"{arn}/stream/*"]) + listing
    return _with_key(reading, owner, alias, "dynamodb", key_decrypting)


# --- messages


def queue_consuming(owner: Account, queue: str, *, alias: str) -> Grant:
    """Receive, extend and delete messages."""
    actions = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    return _with_key(
        grant(f"consume {queue}", actions, [Arns.of(owner).queue(queue)]), owner, alias, "sqs", key_decrypting
    )


def queue_sending(owner: Account, queue: str, *, alias: str) -> Grant:
    """Send messages, singly or in batches."""
    sending = grant(f"send to {queue}", ["sqs:SendMessage"], [Arns.of(owner).queue(queue)])
    return _with_key(sending, owner, alias, "sqs", key_encrypting)


def topic_publishing(owner: Account, topic: str, *, alias: str) -> Grant:
    """Publish messages, singly or in batches."""
    publishing = grant(f"publish to {topic}", ["sns:Publish"], [Arns.of(owner).topic(topic)])
    return _with_key(publishing, owner, alias, "sns", key_encrypting)


def bus_publishing(owner: Account, bus: str) -> Grant:
    """Put events on a bus; EventBridge encrypts them with the bus's key by itself."""
    return grant(f"publish to {bus}", ["events:PutEvents"], [Arns.of(owner).bus(bus)])


def stream_reading(owner: Account, stream: str, *, alias: str) -> Grant:
    """Read a Kinesis stream by shard iterators."""
    actions = (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    )
    reading = grant(f"read {stream}", actions, [Arns.of(owner).stream(stream)])
    return _with_key(reading, owner, alias, "kinesis", key_decrypting)


def stream_writing(owner: Account, stream: str, *, alias: str) -> Grant:
    """Put records on a Kinesis stream, singly or in batches."""
    actions = ("kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords")
    writing = grant(f"write {stream}", actions, [Arns.of(owner).stream(stream)])
    return _with_key(writing, owner, alias, "kinesis", key_encrypting)


# --- configuration


def secret_reading(owner: Account, secret: str, *, alias: str) -> Grant:
    """Read one secret's current value; `secret` is its name."""
    actions = ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")
    reading = grant(f"read secret {secret}", actions, [Arns.of(owner).secret(secret)])
    return _with_key(reading, owner, alias, "secretsmanager", key_decrypting)


def parameter_reading(owner: Account, parameter: str, *, alias: str | None = None) -> Grant:
    """Read one parameter and those below it; `alias` for SecureString ones."""
    arn = Arns.of(owner).parameter(parameter)
    actions = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath")
    return _with_key(grant(f"read {parameter}", actions, [arn, f"{arn}/*"]), owner, alias, "ssm", key_decrypting)


# --- catalog


def catalog_reading(owner: Account, database: str, table: str = "*") -> Grant:
    """Read table and partition definitions in the owner's Glue catalog; Glue asks for all three levels of ARN
    (Glue developer guide, "Specifying AWS Glue resource ARNs")."""
    actions = (
        "glue:BatchGetPartition",
        "glue:GetDatabase",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:GetTables",
    )
    return grant(f"read catalog {database}.{table}", actions, _catalog(owner, database, table))


def catalog_partition_writing(owner: Account, database: str, table: str) -> Grant:
    """Add and change partitions of one table, and read what is needed to do so."""
    actions = (
        "glue:BatchCreatePartition",
        "glue:BatchGetPartition",
        "glue:BatchUpdatePartition",
        "glue:CreatePartition",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:UpdatePartition",
    )
    return grant(f"write partitions of {database}.{table}", actions, _catalog(owner, database, table))


def lake_data_access() -> Grant:
    """Ask Lake Formation for temporary credentials; what they open is decided by its own grants. The action takes no
    resource (Service Authorization Reference, Lake Formation)."""
    return grant("data access through Lake Formation", ["lakeformation:GetDataAccess"], ["*"])


# --- compute and observation


def function_invoking(owner: Account, function: str) -> Grant:
    """Invoke a function, any version or alias of it."""
    arn = Arns.of(owner).function(function)
    return grant(f"invoke {function}", ["lambda:InvokeFunction"], [arn, f"{arn}:*"])


def state_machine_starting(owner: Account, state_machine: str) -> Grant:
    """Start executions of a state machine."""
    return grant(f"start {state_machine}", ["states:StartExecution"], [Arns.of(owner).state_machine(state_machine)])


def role_passing(owner: Account, role: str, service: str) -> Grant:
    """Hand a role to one service ("glue.amazonaws.com"), and to no other."""
    only = Condition.of("StringEquals", "iam:PassedToService", service)
    return grant(f"pass {role} to {service}", ["iam:PassRole"], [Arns.of(owner).role(role)], only)


def role_assuming(owner: Account, role: str) -> Grant:
    """Assume a role, in another account as well; the role's trust decides too."""
    return grant(f"assume {role}", ["sts:AssumeRole"], [Arns.of(owner).role(role)])


def log_writing(owner: Account, log_group: str) -> Grant:
    """Write to an existing log group; creating one would bypass its key and retention."""
    arn = Arns.of(owner).log_group(log_group)
    return grant(f"log to {log_group}", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{arn}:log-stream:*"])


def tracing() -> Grant:
    """Send traces. X-Ray names no resource for these actions (Service Authorization Reference, X-Ray)."""
    actions = (
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    )
    return grant("trace", actions, ["*"])


def metrics_writing(namespace: str) -> Grant:
    """Put metrics into one namespace. The action takes no resource; CloudWatch limits it by namespace instead."""
    only = Condition.of("StringEquals", "cloudwatch:namespace", namespace)
    return grant(f"metrics in {namespace}", ["cloudwatch:PutMetricData"], ["*"], only)


def network_interfaces(owner: Account, function: str) -> Grant:
    """What Lambda needs to put a function into a VPC; the function's own code is denied the same calls
    (Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC", which asks for `*`)."""
    actions = (
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    )
    by_code = Condition.of("ArnEquals", "lambda:SourceFunctionArn", Arns.of(owner).function(function))
    return Grant(
        (
            Statement(actions=actions, resources=("*",)),
            Statement(effect="Deny", actions=actions, resources=("*",), conditions=(by_code,)),
        ),
        f"network interfaces of {function}",
    )


def _catalog(owner: Account, database: str, table: str) -> list[str]:
    arns = Arns.of(owner)
    return [arns.glue_catalog(), arns.glue_database(database), arns.glue_table(database, table)]


def _table_and_indexes(owner: Account, table: str) -> list[str]:
    arn = Arns.of(owner).table(table)
    return [arn, f"{arn}/index/*"]


def _with_key(base: Grant, owner: Account, alias: str | None, service: str, on_key: _KeyGrant) -> Grant:
    return base + on_key(owner, alias, service=service) if alias else base
