"""EventBridge's rules, and what their targets are given."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.runtime.inputs import target_input, transformed

from .conftest import ACCOUNT, HUB, Cloud, eventually

TELL = "def handler(event, context): tell(event)"


def rule(
    cloud: Cloud, targets: list[dict[str, Any]], account: str = ACCOUNT, bus: str = "default", **settings: Any
) -> str:
    """A rule for this test's own source; its name is that source."""
    name = f"rule-{uuid.uuid4().hex[:8]}"
    events = cloud.client("events", account)
    events.put_rule(**{"Name": name, "EventBusName": bus, "EventPattern": json.dumps({"source": [name]}), **settings})
    events.put_targets(
        Rule=name, EventBusName=bus, Targets=[{"Id": str(index), **target} for index, target in enumerate(targets)]
    )
    return name


def put(cloud: Cloud, source: str, detail: Any = None, bus: str = "default") -> None:
    answer = cloud.client("events").put_events(
        Entries=[{"Source": source, "DetailType": "t", "Detail": json.dumps(detail or {}), "EventBusName": bus}]
    )
    assert answer["FailedEntryCount"] == 0


def test_targets_get_the_event(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    url, queue = cloud.queue()
    source = rule(cloud, [{"Arn": function.arn}, {"Arn": queue}])
    put(cloud, source, {"n": 1})
    [message] = cloud.received(url)
    cloud.settle()
    [event] = function.told()
    assert json.loads(message["Body"]) == event
    assert len(event.pop("id")) == 36
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "detail-type": "t",
        "source": source,
        "account": ACCOUNT,
        "region": "eu-west-1",
        "resources": [],
        "detail": {"n": 1},
    }


def test_an_event_goes_over_another_accounts_bus_with_its_sender(cloud: Cloud) -> None:
    function = cloud.function(TELL, account=HUB)
    bus = cloud.client("events", HUB).create_event_bus(Name=f"bus-{uuid.uuid4().hex[:8]}")["EventBusArn"]
    name = bus.rpartition("/")[2]
    source = rule(cloud, [{"Arn": function.arn}], HUB, name)
    put(cloud, source, {"way": "directly"}, bus)
    cloud.client("events").put_rule(Name="forward", EventPattern=json.dumps({"source": [source]}))
    cloud.client("events").put_targets(Rule="forward", Targets=[{"Id": "1", "Arn": bus}])
    put(cloud, source, {"way": "by a rule"})
    eventually(lambda: len(function.told()) == 2)
    by_way = {event["detail"]["way"]: event for event in function.told()}
    assert set(by_way) == {"directly", "by a rule"}
    assert {event["account"] for event in by_way.values()} == {ACCOUNT}


def test_an_event_is_forwarded_once_only(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    events, hub_events = cloud.client("events"), cloud.client("events", HUB)
    source = rule(cloud, [{"Arn": queue}])
    pattern = json.dumps({"source": [source]})
    ends = [
        (events, f"arn:aws:events:eu-west-1:{HUB}:event-bus/default"),
        (hub_events, f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"),
    ]
    for client, other in ends:
        client.put_rule(Name=f"to-{source}", EventPattern=pattern)
        client.put_targets(Rule=f"to-{source}", Targets=[{"Id": "1", "Arn": other}])
    put(cloud, source)
    assert len(cloud.received(url)) == 1
    cloud.settle()
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


def test_disabled_and_scheduled_rules_match_nothing(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    source = rule(cloud, [{"Arn": function.arn}], State="DISABLED")
    scheduled = f"scheduled-{uuid.uuid4().hex[:8]}"
    cloud.client("events").put_rule(Name=scheduled, ScheduleExpression="rate(1 day)")
    cloud.client("events").put_targets(Rule=scheduled, Targets=[{"Id": "1", "Arn": function.arn}])
    put(cloud, source)
    cloud.settle()
    assert function.told() == []


def test_topics_streams_and_log_groups_are_targets(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    topic = cloud.client("sns").create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    kinesis = cloud.client("kinesis")
    kinesis.create_stream(StreamName="target", ShardCount=1)
    stream = kinesis.describe_stream_summary(StreamName="target")["StreamDescriptionSummary"]["StreamARN"]
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/aws/events/target")
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/events/target"
    source = rule(cloud, [{"Arn": topic}, {"Arn": stream}, {"Arn": group}])
    put(cloud, source, {"n": 1})
    cloud.settle()
    [by_topic] = function.told()
    assert json.loads(by_topic["Records"][0]["Sns"]["Message"])["detail"] == {"n": 1}
    iterator = kinesis.get_shard_iterator(
        StreamName="target", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert json.loads(record["Data"])["source"] == source
    [line] = logs.filter_log_events(logGroupName="/aws/events/target")["events"]
    assert json.loads(line["message"])["source"] == source


def test_an_archive_still_keeps_events_and_replays_them(cloud: Cloud) -> None:
    events = cloud.client("events")
    bus = events.create_event_bus(Name=f"bus-{uuid.uuid4().hex[:8]}")["EventBusArn"]
    events.create_archive(ArchiveName="kept", EventSourceArn=bus)
    put(cloud, "anybody", {"n": 1}, bus)
    assert events.describe_archive(ArchiveName="kept")["EventCount"] == 1
    function = cloud.function(TELL)
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["anybody"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": function.arn}])
    now = datetime.now(UTC)
    events.start_replay(
        ReplayName="again",
        EventSourceArn=f"arn:aws:events:eu-west-1:{ACCOUNT}:archive/kept",
        EventStartTime=now - timedelta(hours=1),
        EventEndTime=now,
        Destination={"Arn": bus},
    )
    cloud.settle()
    [event] = function.told()
    assert (event["detail"], event["replay-name"]) == ({"n": 1}, "again")


def test_a_target_that_does_not_exist_sends_the_event_to_its_dead_letter_queue(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(TELL)
    gone = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:gone"
    source = rule(cloud, [{"Arn": gone, "DeadLetterConfig": {"Arn": queue}}, {"Arn": function.arn}])
    put(cloud, source, {"n": 1})
    [message] = cloud.received(url)
    assert json.loads(message["Body"])["detail"] == {"n": 1}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert "Function not found" in attributes.pop("ERROR_MESSAGE")
    assert attributes == {
        "RULE_ARN": f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/{source}",
        "TARGET_ARN": gone,
        "ERROR_CODE": "NO_RESOURCE",
        "RETRY_ATTEMPTS": "0",
    }
    cloud.settle()
    assert len(function.told()) == 1


def test_a_target_may_transform_the_event(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    transformer = {
        "InputPathsMap": {"n": "$.detail.n", "kind": "$.detail-type"},
        "InputTemplate": '{"text": "<kind> has <n>", "n": <n>, "rule": <aws.events.rule-name>}',
    }
    source = rule(
        cloud,
        [
            {"Arn": function.arn, "InputTransformer": transformer},
            {"Arn": function.arn, "InputPath": "$.detail"},
            {"Arn": function.arn, "Input": '"constant"'},
        ],
    )
    put(cloud, source, {"n": [1, 2]})
    eventually(lambda: len(function.told()) == 3)
    told = {json.dumps(event) for event in function.told()}
    assert told == {
        json.dumps({"text": "t has [1, 2]", "n": [1, 2], "rule": source}),
        json.dumps({"n": [1, 2]}),
        '"constant"',
    }


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{"a": <s>}', '{"a": "it\\"s"}'),
        ('{"a": "<s>!"}', '{"a": "it\\"s!"}'),
        ('{"a": <o>}', '{"a": {"k": 1}}'),
        ('{"a": "<o>"}', '{"a": "{\\"k\\": 1}"}'),
        ('{"a": <none>, "b": "\\"<n>\\""}', '{"a": null, "b": "\\"7\\""}'),
        ("plain <n> and <s>", '"plain 7 and it\\"s"'),
        ('"<n>"', '"7"'),
        ("[<n>, <unknown.name>]", None),
        ('{"a": <s>', None),
    ],
)
def test_templates(template: str, text: str | None) -> None:
    values = {"s": 'it"s', "n": 7, "o": {"k": 1}, "none": None}
    if text is None:
        with pytest.raises(ValueError, match="Expecting"):
            transformed(template, values)
    else:
        assert transformed(template, values) == text


def test_the_whole_event_is_a_variable_with_and_without_detail() -> None:
    event = {"id": "1", "time": "2024-01-01T00:00:00Z", "detail": {"n": 1}}
    template = '{"all": <aws.events.event.json>, "rest": <aws.events.event>, "at": <aws.events.event.ingestion-time>}'
    made = json.loads(target_input({"InputTransformer": {"InputTemplate": template}}, event, "r", "arn"))
    assert made == {"all": event, "rest": {"id": "1", "time": event["time"]}, "at": event["time"]}
