"""Running what is due: EventBridge rules with a schedule, and EventBridge Scheduler's schedules."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.backends import get_backend
from moto.events.models import Rule

from localcloud.runtime import rules, schedules
from localcloud.runtime.destinations import Invoke, Message, UndeliverableError, send
from localcloud.runtime.timing import Timing

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Scheduled:
    """Something with a schedule: what identifies it as deployed, when it runs, and what then happens.

    since       when it was deployed, None if moto does not know
    """

    arn: str
    expression: str
    zone: str
    run: Callable[[], None]
    since: datetime | None = None
    begins: datetime | None = None
    ends: datetime | None = None


class Clock:
    """Remembers when each schedule is due; one that is new or changed counts from its deployment."""

    def __init__(self, invoke: Invoke, timing: Timing) -> None:
        self._invoke = invoke
        self._timing = timing
        self._due: dict[tuple[str, str, str], datetime | None] = {}

    def run_due(self, now: float) -> None:
        """Run what is due at `now` (Unix time). A schedule that fails keeps no other from running."""
        moment = datetime.fromtimestamp(now, UTC)
        deployed = {(found.arn, found.expression, found.zone): found for found in self._scheduled()}
        self._due = {key: due for key, due in self._due.items() if key in deployed}
        for key, found in deployed.items():
            try:
                if key not in self._due:
                    self._due[key] = self._next(found, found.since or moment)
                due = self._due[key]
                if due is not None and due <= moment:
                    self._due[key] = self._next(found, moment)
                    found.run()
            except Exception as error:
                self._due.setdefault(key, None)
                _log.warning("schedule %s: %s", found.arn, error)

    def _next(self, found: _Scheduled, moment: datetime) -> datetime | None:
        schedule = schedules.parse(found.expression, found.zone, self._timing.schedule_scale)
        after = max(moment, found.begins) if found.begins is not None else moment
        due = schedule.next_after(after)
        return None if due is None or (found.ends is not None and due > found.ends) else due

    def _scheduled(self) -> Iterator[_Scheduled]:
        events: Any = get_backend("events")
        for backend in _backends(events):
            for rule in list(backend.event_buses["default"].rules.values()):
                if rule.scheduled_expression and rule.state == "ENABLED":
                    yield _Scheduled(rule.arn, rule.scheduled_expression, "UTC", partial(self._run_rule, rule))
        scheduler: Any = get_backend("scheduler")
        for backend in _backends(scheduler):
            for group in list(backend.schedule_groups.values()):
                for schedule in list(group.schedules.values()):
                    if schedule.state == "ENABLED":
                        yield self._of_scheduler(group, schedule)

    def _of_scheduler(self, group: Any, schedule: Any) -> _Scheduled:
        return _Scheduled(
            arn=schedule.arn,
            expression=schedule.schedule_expression,
            zone=schedule.schedule_expression_timezone or "UTC",
            run=partial(self._run_schedule, group, schedule),
            since=_moment(schedule.last_modified_date),
            begins=_moment(schedule.start_date),
            ends=_moment(schedule.end_date),
        )

    def _run_rule(self, rule: Rule) -> None:
        rules.run_targets(rule, rule.targets, rules.scheduled_event(rule), self._invoke)

    def _run_schedule(self, group: Any, schedule: Any) -> None:
        """Send the schedule's input to its target, or to its dead-letter queue.

        https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
        """
        target = schedule.target
        text = scheduler_input(target, schedule.arn)
        sqs = target.get("SqsParameters") or {}
        kinesis = target.get("KinesisParameters") or {}
        message = Message(
            body=text,
            source=schedule.arn,
            group=sqs.get("MessageGroupId"),
            partition=kinesis.get("PartitionKey", schedule.name),
            event=_bus_event(target, schedule.arn, text),
        )
        try:
            send(message, target["Arn"], self._invoke)
        except UndeliverableError as error:
            _log.warning("schedule %s: %s", schedule.arn, error)
            queue = (target.get("DeadLetterConfig") or {}).get("Arn")
            if queue:
                attributes = {
                    "SCHEDULE_ARN": ("String", schedule.arn),
                    "TARGET_ARN": ("String", target["Arn"]),
                    "ERROR_MESSAGE": ("String", str(error)),
                }
                send(Message(body=text, source=schedule.arn, attributes=attributes), queue, self._invoke)
        if schedule.action_after_completion == "DELETE" and schedule.schedule_expression.startswith("at("):
            group.schedules.pop(schedule.name, None)


def scheduler_input(target: dict[str, Any], schedule_arn: str) -> str:
    """The target's `Input` with Scheduler's context attributes put in.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    text = target.get("Input") or "{}"
    for name, value in (
        ("schedule-arn", schedule_arn),
        ("scheduled-time", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("execution-id", uuid.uuid4().hex[:16]),
        ("attempt-number", "1"),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _backends(service: Any) -> list[Any]:
    """moto's backends of a service, of all accounts and regions."""
    return [backend for account in list(service.values()) for backend in list(account.values())]


def _bus_event(target: dict[str, Any], schedule_arn: str, text: str) -> dict[str, Any] | None:
    parameters = target.get("EventBridgeParameters")
    if not parameters:
        return None
    return {
        "Source": parameters["Source"],
        "DetailType": parameters["DetailType"],
        "Resources": [schedule_arn],
        "Detail": text,
    }


def _moment(value: Any) -> datetime | None:
    """moto keeps dates as they came: Unix time or ISO 8601."""
    if not value:
        return None
    if isinstance(value, str) and not value.replace(".", "").isdigit():
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value), UTC)
