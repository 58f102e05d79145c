"""Sending a message to whatever an ARN names: the last step of notifications, rules, schedules and destinations."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from moto.backends import get_backend

from localcloud.runtime.arns import Arn


class Invoke(Protocol):
    """Hands an event to a function's asynchronous queue; raises when there is no such function."""

    def __call__(self, function_arn: str, payload: str, *, trigger: str) -> str: ...


class UndeliverableError(Exception):
    """The target does not exist, or is of a kind that the local cloud does not reach."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is sent.

    body         text, JSON wherever the target asks for it
    source       ARN of the sender, the trigger of functions
    attributes   message attributes (SQS, SNS): name -> (data type, value)
    group        message group of a FIFO queue or topic
    event        the PutEvents entry if the target is an event bus; without one a bus is no possible target
    key          of the object if the target is a bucket; likewise
    partition    partition key if the target is a Kinesis stream
    """

    body: str
    source: str
    attributes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    group: str | None = None
    event: Mapping[str, Any] | None = None
    key: str | None = None
    partition: str = "localcloud"


def send(message: Message, target: str, invoke: Invoke) -> None:
    """Deliver once, in the account and region that the target's ARN names.

    Raises:
        UndeliverableError: it cannot be.
    """
    try:
        arn = Arn.parse(target)
        deliver = _BY_SERVICE.get(arn.service)
        if deliver is None:
            raise UndeliverableError(f"the local cloud delivers nothing to {arn.service}")
        deliver(message, target, arn, invoke)
    except UndeliverableError:
        raise
    except Exception as error:
        raise UndeliverableError(f"{target}: {type(error).__name__}: {error}") from error


def _to_function(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    invoke(target, message.body, trigger=message.source)


def _to_queue(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    get_backend("sqs")[arn.account][arn.region].send_message(
        queue_name=arn.resource,
        message_body=message.body,
        message_attributes={
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in message.attributes.items()
        },
        group_id=message.group,
        deduplication_id=str(uuid.uuid4()) if message.group else None,
    )


def _to_topic(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    get_backend("sns")[arn.account][arn.region].publish(
        message=message.body,
        arn=target,
        message_attributes={name: {"Type": kind, "Value": value} for name, (kind, value) in message.attributes.items()},
        group_id=message.group,
    )


def _to_bus(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    if message.event is None:
        raise UndeliverableError(f"{target} takes events only")
    sender = Arn.parse(message.source)
    backend = get_backend("events")[sender.account or arn.account][sender.region or arn.region]
    [entry] = backend.put_events([{**message.event, "EventBusName": target}])
    if "ErrorCode" in entry:
        raise UndeliverableError(f"{target}: {entry['ErrorCode']}: {entry['ErrorMessage']}")


def _to_bucket(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    if message.key is None:
        raise UndeliverableError(f"{target} takes records of failed invocations only")
    for account in list(get_backend("s3").values()):
        backend = account[arn.partition]
        if arn.resource in backend.buckets:
            backend.put_object(arn.resource, message.key, message.body.encode())
            return
    raise UndeliverableError(f"{target} does not exist")


def _to_stream(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    data = base64.b64encode(message.body.encode()).decode()
    streams: Any = get_backend("kinesis")[arn.account][arn.region]
    streams.put_record(target, None, message.partition, None, data)


def _to_firehose(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    data = base64.b64encode(message.body.encode())
    get_backend("firehose")[arn.account][arn.region].put_record(arn.name, {"Data": data})


def _to_state_machine(message: Message, target: str, arn: Arn, invoke: Invoke) -> None:
    get_backend("stepfunctions")[arn.account][arn.region].start_execution(target, str(uuid.uuid4()), message.body)


_BY_SERVICE = {
    "lambda": _to_function,
    "sqs": _to_queue,
    "sns": _to_topic,
    "events": _to_bus,
    "s3": _to_bucket,
    "kinesis": _to_stream,
    "firehose": _to_firehose,
    "states": _to_state_machine,
}


def invocation_message(record: Mapping[str, Any], destination: str, *, succeeded: bool) -> Message:
    """The message that carries an invocation record to a destination.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    body = json.dumps(record)
    function = record["requestContext"]["functionArn"]
    name = Arn.parse(function).resource.split(":")[1]
    now = datetime.now(UTC)
    result = "Success" if succeeded else "Failure"
    return Message(
        body=body,
        source=function,
        event={
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {result}",
            "Resources": [destination, function],
            "Detail": body,
        },
        key=f"aws/lambda/async/{name}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}",
    )
