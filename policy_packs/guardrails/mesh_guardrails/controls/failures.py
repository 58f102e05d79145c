"""What could not be processed is kept, so that it can be looked at and tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.controls.companions import at_edge, stack_control
from mesh_guardrails.documents import parse
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import expect, is_set
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_F: Final = "durability"
_LOST: Final = "What fails too often, or too late, is dropped, and nobody hears of it."
_FUNCTION: Final = "aws:lambda/function:Function"
_INVOCATION: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
# Who waits for the function's answer, and so hears of its failure:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
_WAITING: Final = (
    "alexa-appkit.amazon.com",
    "apigateway.amazonaws.com",
    "cloudfront.amazonaws.com",
    "cognito-idp.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "firehose.amazonaws.com",
    "lex.amazonaws.com",
    "lexv2.amazonaws.com",
    "vpc-lattice.amazonaws.com",
)
_CALLING_BY_ROLE: Final = {
    "aws:sfn/stateMachine:StateMachine": "definition",
    "aws:appsync/dataSource:DataSource": "lambdaConfig",
}
_QUEUE: Final = "aws:sqs/queue:Queue"
_REDRIVE: Final = "aws:sqs/redrivePolicy:RedrivePolicy"
_REDRIVE_ALLOW: Final = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
# Where resources name the queue that takes what failed; the first is a JSON document.
_FAILED_INTO: Final = ("redrivePolicy", "deadLetterConfig", "destinationConfig")
_FAILED: Final = re.compile(r"(^|[^a-z])(dlq|dead-?letters?(-?queue)?|failed|failures?)$")
_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")


def _function(stack: Stack, facts: Facts) -> Iterator[Finding]:
    edge = at_edge(stack)
    for function in stack.of(_FUNCTION):
        settings = stack.naming(function, "functionName", _INVOCATION)
        destinations = [config.get("destinationConfig.onFailure.destination") for config in settings]
        kept = any(destinations) or function.get("deadLetterConfig.targetArn")
        if not kept and function.urn not in edge and not _only_waited_for(stack, function):
            yield Finding("no destination takes the events the function fails on", "on-failure", urn=function.urn)


def _only_waited_for(stack: Stack, function: Resource) -> bool:
    """Whether the stack shows who calls the function, and all of them hear of its failure themselves."""
    permissions = stack.naming(function, "function", _PERMISSION)
    callers = [each.props.get("principal") for each in permissions if not each.props.get("functionUrlAuthType")]
    shown = permissions or stack.naming(function, "functionName", _MAPPING) or _named_by_callers(stack, function)
    return bool(shown) and all(caller in _WAITING for caller in callers)


def _named_by_callers(stack: Stack, function: Resource) -> bool:
    """Whether something that calls with its own role, and waits, is made of the function."""
    return any(
        function.urn in caller.property_dependencies.get(property_, ())
        for type_, property_ in _CALLING_BY_ROLE.items()
        for caller in stack.of(type_)
    )


def _dead_letters(stack: Stack, facts: Facts) -> Iterator[Finding]:
    urns, arns = _taking_failures(stack)
    for queue in stack.of(_QUEUE):
        has_own = queue.props.get("redrivePolicy") or stack.naming(queue, "queueUrl", _REDRIVE)
        allows = queue.props.get("redriveAllowPolicy") or stack.naming(queue, "queueUrl", _REDRIVE_ALLOW)
        is_target = allows or queue.urn in urns or queue.props.get("arn") in arns or _named_for_failures(queue)
        if not has_own and not is_target:
            yield Finding("no queue takes the messages that cannot be processed", "redrive", urn=queue.urn)


def _taking_failures(stack: Stack) -> tuple[set[str], set[str]]:
    """The URNs and the ARNs of what other resources name as the place for what failed."""
    urns: set[str] = set()
    arns: set[str] = set()
    for resource in stack.resources:
        for name in _FAILED_INTO:
            urns.update(resource.property_dependencies.get(name, ()))
            value = resource.props.get(name)
            arns.update(_texts(parse(value) if isinstance(value, str) else value))
    return urns, arns


def _texts(value: Any) -> Iterator[str]:
    """The texts anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for element in value.values():
            yield from _texts(element)


def _named_for_failures(queue: Resource) -> bool:
    """Whether a queue's name, in the program or in AWS, says that it takes what failed."""
    names = (queue.name, str(queue.props.get("name", "")).removesuffix(".fifo"))
    return any(_FAILED.search(_CAPITALS.sub("-", name).lower()) for name in names)


def _stream(resource: Resource, facts: Facts) -> Iterator[Finding]:
    source = resource.props.get("eventSourceArn")
    if source is UNKNOWN or not str(source).startswith(("arn:aws:kinesis:", "arn:aws:dynamodb:")):
        return
    if resource.get("destinationConfig.onFailure.destinationArn") is None:
        yield Finding("destinationConfig.onFailure has to name where failed batches are told of", "on-failure")
    attempts = resource.props.get("maximumRetryAttempts")
    if attempts in (None, -1):
        yield Finding("maximumRetryAttempts has to be set: one bad record stops its shard for as long", "retries")


CONTROLS = (
    stack_control(
        "queue-dead-letters",
        "Every queue that is processed has one for what cannot be processed",
        Severity.MEDIUM,
        _F,
        "One bad message is otherwise retried until it expires, and lost.",
        "Set redrivePolicy, or redriveAllowPolicy on the queue that takes what failed.",
        _dead_letters,
    ),
    stack_control(
        "function-failures",
        "Events that functions fail on are kept, where nobody waits for the answer",
        Severity.MEDIUM,
        _F,
        _LOST,
        "Add a FunctionEventInvokeConfig with destinationConfig.onFailure, or set deadLetterConfig.",
        _function,
    ),
    ResourceControl(
        id="stream-failures",
        title="A bad record stops no stream, and is told of",
        severity=Severity.MEDIUM,
        rationale="Streams keep their order: a record that always fails blocks all behind it until it expires.",
        remediation="Set destinationConfig.onFailure and maximumRetryAttempts.",
        family=_F,
        types=("aws:lambda/eventSourceMapping:EventSourceMapping",),
        check=_stream,
    ),
    expect(
        "event-target-failures",
        "Events that cannot be delivered are kept",
        Severity.MEDIUM,
        "aws:cloudwatch/eventTarget:EventTarget",
        is_set("deadLetterConfig.arn"),
        why=_LOST,
        fix="Set deadLetterConfig.arn to a queue.",
        family=_F,
    ),
    expect(
        "schedule-failures",
        "Schedules that cannot be run are kept",
        Severity.LOW,
        "aws:scheduler/schedule:Schedule",
        is_set("target.deadLetterConfig.arn"),
        why=_LOST,
        fix="Set target.deadLetterConfig.arn to a queue.",
        family=_F,
    ),
)
