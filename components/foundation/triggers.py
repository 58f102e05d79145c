"""What makes a function run: small functions that connect a source to it, each checking the grant it needs first."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.foundation.buckets import Bucket, Delivery
from components.foundation.bus import EventBus
from components.foundation.functions import Function
from components.foundation.naming import Names
from components.foundation.queues import Queue
from components.foundation.tables import Table

_PARTIAL_FAILURES = ["ReportBatchItemFailures"]
_STREAM_RETRIES = 3


def on_bucket(name: str, function: Function, bucket: Bucket, *, prefix: str = "", suffix: str = "") -> Delivery:
    """New objects under `prefix` ending in `suffix`. S3 keeps one configuration for a bucket, so the result goes to
    Bucket.notify together with the bucket's other deliveries."""
    permission = aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function.resource.name,
        principal="s3.amazonaws.com",
        source_arn=bucket.arn,
        source_account=function.account.account_id,
        opts=pulumi.ResourceOptions(parent=function),
    )
    return Delivery(function_arn=function.resource.arn, permission=permission, prefix=prefix, suffix=suffix)


def on_queue(
    name: str, function: Function, queue: Queue, *, batch: int = 10, window_seconds: int = 0
) -> aws.lambda_.EventSourceMapping:
    """Messages in batches; the handler reports the ones that failed, and only they come again. The function needs
    queue.consuming()."""
    _require(function, "sqs:ReceiveMessage", queue.arn, "queue.consuming()")
    return aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=queue.resource.arn,
        function_name=function.resource.arn,
        batch_size=batch,
        maximum_batching_window_in_seconds=window_seconds or None,
        function_response_types=_PARTIAL_FAILURES,
        opts=pulumi.ResourceOptions(parent=function),
    )


def on_stream(
    name: str, function: Function, stream: pulumi.Input[str], arn: str, *, batch: int = 100
) -> aws.lambda_.EventSourceMapping:
    """Records of a Kinesis stream from its oldest on. `stream` is the ARN that waits for the stream, `arn` the same
    computed from names. The function needs grants.stream_reading."""
    _require(function, "kinesis:GetRecords", arn, "grants.stream_reading()")
    return _follow(name, function, stream, batch)


def on_table(name: str, function: Function, table: Table, *, batch: int = 100) -> aws.lambda_.EventSourceMapping:
    """Changes of a table's items. The function needs table.following()."""
    _require(function, "dynamodb:GetRecords", f"{table.arn}/stream/*", "table.following()")
    return _follow(name, function, table.resource.stream_arn, batch)


def on_schedule(
    name: str, function: Function, what: str, expression: str, *, event: Mapping[str, Any] | None = None
) -> aws.cloudwatch.EventRule:
    """At set times: `expression` is "rate(1 hour)" or "cron(0 6 * * ? *)" in UTC; `event` is what the handler gets
    instead of EventBridge's own."""
    rule = aws.cloudwatch.EventRule(
        name,
        name=Names(function.account).rule(what),
        schedule_expression=expression,
        opts=pulumi.ResourceOptions(parent=function),
    )
    _target(name, function, rule, what, bus=None, text=json.dumps(event) if event is not None else None)
    return rule


def on_rule(
    name: str, function: Function, what: str, pattern: Mapping[str, Any], *, bus: EventBus | None = None
) -> aws.cloudwatch.EventRule:
    """Events that match `pattern` on the bus, by default the account's own."""
    rule = aws.cloudwatch.EventRule(
        name,
        name=Names(function.account).rule(what),
        event_bus_name=bus.resource.name if bus else None,
        event_pattern=json.dumps(pattern),
        opts=pulumi.ResourceOptions(parent=function),
    )
    _target(name, function, rule, what, bus=bus, text=None)
    return rule


def _target(
    name: str, function: Function, rule: aws.cloudwatch.EventRule, what: str, *, bus: EventBus | None, text: str | None
) -> None:
    names = Names(function.account)
    child = pulumi.ResourceOptions(parent=function)
    permission = aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function.resource.name,
        principal="events.amazonaws.com",
        source_arn=names.arns.rule(names.rule(what), bus=bus.name if bus else "default"),
        opts=child,
    )
    aws.cloudwatch.EventTarget(
        name,
        rule=rule.name,
        event_bus_name=bus.resource.name if bus else None,
        target_id="function",
        arn=function.resource.arn,
        input=text,
        dead_letter_config={"arn": function.failures.resource.arn},
        opts=pulumi.ResourceOptions(parent=function, depends_on=[permission]),
    )


def _follow(name: str, function: Function, stream_arn: pulumi.Input[str], batch: int) -> aws.lambda_.EventSourceMapping:
    return aws.lambda_.EventSourceMapping(
        name,
        event_source_arn=stream_arn,
        function_name=function.resource.arn,
        starting_position="TRIM_HORIZON",
        batch_size=batch,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=_STREAM_RETRIES,
        function_response_types=_PARTIAL_FAILURES,
        destination_config={"on_failure": {"destination_arn": function.failures.resource.arn}},
        opts=pulumi.ResourceOptions(parent=function),
    )


def _require(function: Function, action: str, resource: str, needed: str) -> None:
    if not function.may(action, resource):
        raise ValueError(f"grants: {function.name} may not {action} on {resource}, give it {needed}")
