"""Schedules: when they are due, and that they run."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.runtime import schedules

from .conftest import ACCOUNT, Cloud, eventually

TELL = "def handler(event, context): tell(event)"


def after(expression: str, moment: str, zone: str = "UTC") -> str | None:
    found = schedules.parse(expression, zone).next_after(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    return None if found is None else found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("expression", "moment", "due"),
    [
        ("rate(5 minutes)", "2024-01-01T00:00", "2024-01-01T00:05"),
        ("rate(1 hour)", "2024-01-01T00:00", "2024-01-01T01:00"),
        ("rate(2 days)", "2024-01-01T00:00", "2024-01-03T00:00"),
        ("at(2024-03-01T12:00:00)", "2024-01-01T00:00", "2024-03-01T12:00"),
        ("at(2024-03-01T12:00:00)", "2024-03-01T12:00", None),
        ("cron(0 10 * * ? *)", "2024-01-01T09:59", "2024-01-01T10:00"),
        ("cron(0 10 * * ? *)", "2024-01-01T10:00", "2024-01-02T10:00"),
        ("cron(15 12 ? * MON-FRI *)", "2024-01-05T12:15", "2024-01-08T12:15"),
        ("cron(0/15 * * * ? *)", "2024-01-01T00:16", "2024-01-01T00:30"),
        ("cron(0/10 8-9 ? * SUN,2 *)", "2024-01-06T00:00", "2024-01-07T08:00"),
        ("cron(0 8 1 * ? *)", "2024-01-01T09:00", "2024-02-01T08:00"),
        ("cron(0 8 L * ? *)", "2024-02-01T00:00", "2024-02-29T08:00"),
        ("cron(0 8 LW * ? *)", "2024-03-01T00:00", "2024-03-29T08:00"),
        ("cron(0 8 6W * ? *)", "2024-01-01T00:00", "2024-01-05T08:00"),
        ("cron(0 8 7W * ? *)", "2024-01-01T00:00", "2024-01-08T08:00"),
        ("cron(0 8 1W * ? *)", "2024-06-01T00:00", "2024-06-03T08:00"),
        ("cron(0 8 31 * ? *)", "2024-02-01T00:00", "2024-03-31T08:00"),
        ("cron(0 8 ? * 3#2 *)", "2024-01-01T00:00", "2024-01-09T08:00"),
        ("cron(0 8 ? * FRI#5 *)", "2024-01-01T00:00", "2024-03-29T08:00"),
        ("cron(0 8 ? * 6L *)", "2024-01-01T00:00", "2024-01-26T08:00"),
        ("cron(0 8 ? * L *)", "2024-01-01T00:00", "2024-01-27T08:00"),
        ("cron(0 0 29 FEB ? *)", "2024-03-01T00:00", "2028-02-29T00:00"),
        ("cron(0 0 1 JAN ? 2023-2024)", "2024-06-01T00:00", None),
    ],
)
def test_when_it_is_due(expression: str, moment: str, due: str | None) -> None:
    assert after(expression, moment) == due


def test_cron_is_local_time_of_its_zone() -> None:
    assert after("cron(0 8 * * ? *)", "2024-01-10T00:00", "Europe/Berlin") == "2024-01-10T07:00"
    assert after("cron(0 8 * * ? *)", "2024-07-10T00:00", "Europe/Berlin") == "2024-07-10T06:00"


@pytest.mark.parametrize(
    "wrong",
    [
        "every day",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "cron(0 8 * * *)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(60 8 * * ? *)",
        "cron(0 8-30 * * ? *)",
        "cron(0 8 ? * XYZ *)",
        "at(tomorrow)",
    ],
)
def test_what_is_no_schedule_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        schedules.parse(wrong).next_after(datetime(2024, 1, 1, tzinfo=UTC))


def test_a_rules_schedule_runs_again_and_again_until_disabled(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    name = f"rule-{uuid.uuid4().hex[:8]}"
    events = cloud.client("events")
    events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")  # 0.1 s here
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function.arn}])
    eventually(lambda: len(function.told()) >= 2)
    events.disable_rule(Name=name)
    event = function.told()[0]
    assert event["detail-type"] == "Scheduled Event"
    assert event["source"] == "aws.events"
    assert event["resources"] == [f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{name}"]
    cloud.settle()


def schedule(cloud: Cloud, expression: str, target: dict[str, Any], **settings: Any) -> str:
    name = f"schedule-{uuid.uuid4().hex[:8]}"
    cloud.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": "arn:aws:iam::222222222222:role/scheduler", **target},
        **settings,
    )
    return name


def test_a_schedule_gives_its_target_its_input_once_and_is_gone(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    soon = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")
    text = json.dumps({"schedule": "<aws.scheduler.schedule-arn>", "n": 1})
    target = {"Arn": function.arn, "Input": text}
    name = schedule(cloud, f"at({soon})", target, ActionAfterCompletion="DELETE")
    eventually(function.told)
    cloud.settle()
    arn = f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule/default/{name}"
    assert function.told() == [{"schedule": arn, "n": 1}]
    assert name not in [found["Name"] for found in cloud.client("scheduler").list_schedules()["Schedules"]]


def test_a_schedule_whose_target_is_gone_tells_its_dead_letter_queue(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    gone = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:gone"
    name = schedule(cloud, "rate(1 minutes)", {"Arn": gone, "Input": "kept", "DeadLetterConfig": {"Arn": queue}})
    message = cloud.received(url)[0]
    cloud.client("scheduler").delete_schedule(Name=name)
    assert message["Body"] == "kept"
    assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == gone


def test_a_schedule_that_cannot_be_read_keeps_no_other_from_running(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    names = [
        schedule(cloud, "rate(1 fortnight)", {"Arn": function.arn}),
        schedule(cloud, "rate(1 minutes)", {"Arn": function.arn, "Input": '"ran"'}),
    ]
    eventually(function.told)
    for name in names:
        cloud.client("scheduler").delete_schedule(Name=name)
    assert function.told()[0] == "ran"
    cloud.settle()


def test_a_schedule_that_has_ended_or_not_begun_does_not_run(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    now = datetime.now(UTC)
    later = schedule(cloud, "rate(1 minutes)", {"Arn": function.arn}, StartDate=now + timedelta(days=1))
    ended = schedule(cloud, "rate(1 minutes)", {"Arn": function.arn}, EndDate=now - timedelta(days=1))
    marker = cloud.function(TELL)
    running = schedule(cloud, "rate(1 minutes)", {"Arn": marker.arn})
    eventually(lambda: len(marker.told()) > 2)
    for name in (later, ended, running):
        cloud.client("scheduler").delete_schedule(Name=name)
    cloud.settle()
    assert function.told() == []
