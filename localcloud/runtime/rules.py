"""EventBridge: which rules an event matches is moto's, what their targets get is here.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html

A target that cannot be reached (it does not exist, or is of a kind that is not run here) gets no retry: EventBridge,
too, sends such events to the target's dead-letter queue at once.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from moto.backends import get_backend
from moto.events.models import Rule
from moto.events.utils import EventMessageType

from localcloud.runtime.arns import Arn
from localcloud.runtime.destinations import Invoke, Message, UndeliverableError, send
from localcloud.runtime.inputs import target_input

FORWARDED = "localcloud-forwarded"
"""Marks, within moto, an event that came from another bus: it is not sent on to a third one.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html"""

_log = logging.getLogger(__name__)


def event_put(rule: Rule, event: EventMessageType, invoke: Invoke) -> None:
    """Send an event that was put to the rule's bus to the rule's targets, if it is enabled and its pattern matches."""
    scheduled = not rule.event_pattern.get_pattern()
    if rule.state == "DISABLED" or scheduled or not rule.event_pattern.matches_event(event):
        return
    targets = [target for target in rule.targets if FORWARDED not in event or not _is_bus(target)]
    run_targets(rule, targets, delivered(event), invoke)


def run_targets(rule: Rule, targets: Iterable[Mapping[str, Any]], event: Mapping[str, Any], invoke: Invoke) -> None:
    """Give the event to each target; one that fails keeps it from no other."""
    for target in targets:
        text = json.dumps(event)
        try:
            text = target_input(target, event, rule.name, rule.arn)
            _send(rule, target, event, text, invoke)
        except (UndeliverableError, ValueError) as error:
            _log.warning("rule %s did not reach %s: %s", rule.arn, target["Arn"], error)
            dead_letter(rule, target, text, error, invoke)


def delivered(event: EventMessageType) -> dict[str, Any]:
    """The event as targets see it, from moto's inner form: ISO 8601 time, no additions.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    put_at = event["time"]
    if not isinstance(put_at, str):
        put_at = datetime.fromtimestamp(float(put_at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inner = ("ingestion-time", FORWARDED)
    return {**{name: value for name, value in event.items() if name not in inner}, "time": put_at}


def scheduled_event(rule: Rule) -> dict[str, Any]:
    """The event of a rule that runs on a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def _send(rule: Rule, target: Mapping[str, Any], event: Mapping[str, Any], text: str, invoke: Invoke) -> None:
    arn = Arn.parse(target["Arn"])
    if _is_bus(target):
        _forward(arn, event)
    elif arn.service == "logs":
        _log_event(arn, text)
    else:
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        send(Message(body=text, source=rule.arn, group=group, partition=event["id"]), target["Arn"], invoke)


def _is_bus(target: Mapping[str, Any]) -> bool:
    return ":event-bus/" in target["Arn"]


def _forward(bus: Arn, event: Mapping[str, Any]) -> None:
    """Hand the whole event, its id, account and time unchanged, to the rules of another bus."""
    buses = get_backend("events")[bus.account][bus.region].event_buses
    if bus.name not in buses:
        raise UndeliverableError(f"event bus {bus.name} does not exist in {bus.account} {bus.region}")
    for rule in list(buses[bus.name].rules.values()):
        rule.send_to_targets(cast(EventMessageType, {**event, "ingestion-time": time.time(), FORWARDED: True}))


def _log_event(group: Arn, text: str) -> None:
    name = group.resource.removeprefix("log-group:").removesuffix(":*")
    backend = get_backend("logs")[group.account][group.region]
    if name not in backend.groups:
        raise UndeliverableError(f"log group {name} does not exist")
    stream = str(uuid.uuid4())
    backend.create_log_stream(name, stream)
    backend.put_log_events(name, stream, [{"timestamp": int(time.time() * 1000), "message": text}])


def dead_letter(rule: Rule, target: Mapping[str, Any], text: str, error: Exception, invoke: Invoke) -> None:
    """Keep what a target did not get in its dead-letter queue, if it has one."""
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "RULE_ARN": ("String", rule.arn),
        "TARGET_ARN": ("String", target["Arn"]),
        "ERROR_CODE": ("String", "NO_RESOURCE"),
        "ERROR_MESSAGE": ("String", str(error) or type(error).__name__),
        "RETRY_ATTEMPTS": ("Number", "0"),
    }
    try:
        send(Message(body=text, source=rule.arn, attributes=attributes), queue, invoke)
    except UndeliverableError as failure:
        _log.warning("rule %s lost an event: %s", rule.arn, failure)
