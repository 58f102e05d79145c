"""Somebody hears when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mesh_guardrails.control import Finding, Severity
from mesh_guardrails.controls.companions import stack_control
from mesh_guardrails.facts import Facts
from mesh_guardrails.resource import UNKNOWN, Resource, Stack

_MEDIUM, _LOW = Severity.MEDIUM, Severity.LOW

_UNSEEN = "Nobody would notice that it fails, or that it does nothing any more."


def _alarmed(type_: str, what: str, dimension: str, *identifiers: str) -> Callable[[Stack, Facts], Iterator[Finding]]:
    def check(stack: Stack, facts: Facts) -> Iterator[Finding]:
        watched = list(_watched(stack, dimension))
        for resource in stack.of(type_):
            names = [resource.props.get(identifier) for identifier in identifiers]
            named = any(value is UNKNOWN or value in names for _, value in watched)
            depended = any(resource.urn in alarm.property_dependencies.get("dimensions", ()) for alarm, _ in watched)
            if not named and not depended:
                yield Finding(f"no alarm watches the {what}", "alarm", urn=resource.urn)

    return check


def _watched(stack: Stack, dimension: str) -> Iterator[tuple[Resource, Any]]:
    for alarm in stack.of("aws:cloudwatch/metricAlarm:MetricAlarm"):
        for path in ("dimensions", "metricQueries[].metric.dimensions"):
            for _, dimensions in alarm.values(path):
                if dimensions is UNKNOWN:
                    yield alarm, UNKNOWN
                elif isinstance(dimensions, Mapping) and dimension in dimensions:
                    yield alarm, dimensions[dimension]


def _silent_alarms(stack: Stack, facts: Facts) -> Iterator[Finding]:
    for alarm in stack.of("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"):
        if not alarm.props.get("alarmActions") or alarm.props.get("actionsEnabled") is False:
            yield Finding("the alarm tells nobody", "actions", urn=alarm.urn)


CONTROLS = (
    stack_control(
        "alarm-function",
        "Every function has an alarm",
        _MEDIUM,
        "mesh",
        _UNSEEN,
        "Add a MetricAlarm with the dimension FunctionName.",
        _alarmed("aws:lambda/function:Function", "function", "FunctionName", "name", "id"),
    ),
    stack_control(
        "alarm-state-machine",
        "Every state machine has an alarm",
        _MEDIUM,
        "mesh",
        _UNSEEN,
        "Add a MetricAlarm with the dimension StateMachineArn.",
        _alarmed("aws:sfn/stateMachine:StateMachine", "state machine", "StateMachineArn", "arn", "id"),
    ),
    stack_control(
        "alarm-database",
        "Every database cluster has an alarm",
        _MEDIUM,
        "mesh",
        _UNSEEN,
        "Add a MetricAlarm with the dimension DBClusterIdentifier.",
        _alarmed("aws:rds/cluster:Cluster", "database", "DBClusterIdentifier", "clusterIdentifier", "id"),
    ),
    stack_control(
        "alarm-database-instance",
        "Every database instance of its own has an alarm",
        _MEDIUM,
        "mesh",
        _UNSEEN,
        "Add a MetricAlarm with the dimension DBInstanceIdentifier.",
        _alarmed("aws:rds/instance:Instance", "database", "DBInstanceIdentifier", "identifier"),
    ),
    stack_control(
        "alarm-stream",
        "Every stream has an alarm",
        _LOW,
        "mesh",
        _UNSEEN,
        "Add a MetricAlarm with the dimension StreamName.",
        _alarmed("aws:kinesis/stream:Stream", "stream", "StreamName", "name", "id"),
    ),
    stack_control(
        "alarm-actions",
        "Every alarm tells somebody",
        _MEDIUM,
        "mesh",
        "An alarm that nobody hears is none.",
        "Set alarmActions to a topic.",
        _silent_alarms,
    ),
)
