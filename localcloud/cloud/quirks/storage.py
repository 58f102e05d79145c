"""Quirks of DynamoDB, Kinesis and S3."""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from moto.dynamodb.models.table import StreamRecord
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.kinesis.models import KinesisBackend
from moto.s3.models import FakeBucket

from localcloud.cloud.quirks.patching import replace


def name_the_region_of_stream_records() -> None:
    """Records of every DynamoDB stream said they came from us-east-1."""

    def regional(original: Callable[..., None]) -> Callable[..., None]:
        def init(self: Any, table: Any, *args: Any, **kwargs: Any) -> None:
            original(self, table, *args, **kwargs)
            self.record["awsRegion"] = table.table_arn.split(":")[3]

        return init

    replace(StreamRecord, "__init__", regional)


def resolve_iterators_by_stream_arn() -> None:
    """A Kinesis shard iterator that was asked for by the stream's ARN belonged to no stream."""

    def named(original: Callable[..., str]) -> Callable[..., str]:
        def get_shard_iterator(self: Any, stream_arn: str | None, stream_name: str | None, *rest: Any) -> str:
            stream = self.describe_stream(stream_arn=stream_arn, stream_name=stream_name)
            return original(self, stream_arn, stream.stream_name, *rest)

        return get_shard_iterator

    replace(KinesisBackend, "get_shard_iterator", named)


def ignore_conditional_bucket_policy_statements() -> None:
    """A Deny `unless TLS` denied everything: conditions and principals of bucket policies were ignored.

    Only a statement that is about everybody under no condition is applied; see the module's description.
    """

    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        statements = json.loads(self.policy)["Statement"]
        applied = [
            statement
            for statement in (statements if isinstance(statements, list) else [statements])
            if "Condition" not in statement and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        ]
        return IAMPolicy(json.dumps({"Statement": applied})).is_action_permitted(action, resource)

    replace(FakeBucket, "get_permission", lambda _: get_permission)


def read_the_policies_of_log_buckets() -> None:
    """A log bucket's policy was not understood when a statement was about everybody, or about several prefixes."""

    def allowed(target_bucket: Any, target_prefix: str | None) -> bool:
        statements = json.loads(target_bucket.policy)["Statement"] if target_bucket.policy else []
        delivered = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}"
        return any(
            statement["Effect"] == "Allow"
            and isinstance(statement.get("Principal"), dict)
            and "logging.s3.amazonaws.com" in _listed(statement["Principal"].get("Service"))
            and any(fnmatchcase("s3:PutObject", action) for action in _listed(statement.get("Action")))
            and any(fnmatchcase(delivered, resource) for resource in _listed(statement.get("Resource")))
            for statement in statements
        )

    replace(FakeBucket, "_log_permissions_enabled_policy", lambda _: staticmethod(allowed))


def _listed(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
