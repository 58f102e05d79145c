"""What could not be processed is kept, so that it can be looked at and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mesh_guardrails.control import Finding, ResourceControl, Severity
from mesh_guardrails.controls.companions import stack_control
from mesh_guardrails.facts import Facts
from mesh_guardrails.properties import expect, is_set
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_F: Final = "durability"
_LOST: Final = "What fails too often, or too late, is dropped, and nobody hears of it."
_FUNCTION: Final = "aws:lambda/function:Function"
_INVOCATION: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"


def _function(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for function in stack.of(_FUNCTION):
        settings = stack.naming(function, "functionName", _INVOCATION)
        destinations = [config.get("destinationConfig.onFailure.destination") for config in settings]
        if not any(destinations) and not function.get("deadLetterConfig.targetArn"):
            yield Finding("no destination takes the events the function fails on", "on-failure", urn=function.urn)


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
        "function-failures",
        "Events that functions fail on are kept",
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
