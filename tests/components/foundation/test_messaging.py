"""Queues, topics, buses and tables: encrypted, recoverable, open to whom they must be."""

import json

import pytest

from components.foundation.alarms import Severity
from components.foundation.bus import EventBus, EventBusArgs
from components.foundation.queues import Queue, QueueArgs
from components.foundation.tables import Attribute, Index, Table, TableArgs, key_attributes
from components.foundation.topics import Topic, TopicArgs
from tests.components.foundation.evaluation import matching
from tests.components.foundation.grants_of_every_kind import ACCOUNT
from tests.components.foundation.one_of_each import deployed, make_key
from tests.components.harness import run

KEY_ARN = "arn:aws:kms:eu-west-1:222222222222:key/mrk-confidential"


def test_a_queue_is_encrypted_and_gives_up_to_a_queue_of_its_own() -> None:
    made = deployed("domain")
    queue, dead = made.one("sqs.Queue", "orders"), made.one("sqs.Queue", "orders-dead")
    assert queue.inputs["kmsMasterKeyId"] == dead.inputs["kmsMasterKeyId"] == KEY_ARN
    assert queue.document("redrivePolicy") == {
        "deadLetterTargetArn": "arn:aws:sqs:eu-west-1:222222222222:acme-sales-prod-orders-dead",
        "maxReceiveCount": 5,
    }
    assert dead.urn in queue.dependencies
    assert queue.inputs["messageRetentionSeconds"] == 1_209_600
    assert queue.inputs["visibilityTimeoutSeconds"] == 360


def test_both_queues_refuse_plain_text() -> None:
    made = deployed("domain")
    for name in ("orders", "orders-dead"):
        policy = made.one("sqs.QueuePolicy", name)
        assert policy.inputs["queueUrl"].endswith(f"acme-sales-prod-{name}")
        assert matching(policy.inputs["policy"], {"aws:SecureTransport": "false"}, action="sqs:SendMessage")


def test_what_a_queue_gives_up_on_raises_an_alarm() -> None:
    made = deployed("domain")
    dead, held = made.one("cloudwatch.MetricAlarm", "orders"), made.one("cloudwatch.MetricAlarm", "events-failures")
    assert dead.inputs["dimensions"] == {"QueueName": "acme-sales-prod-orders-dead"}
    assert held.inputs["dimensions"] == {"QueueName": "acme-sales-prod-events-failures"}
    assert dead.inputs["name"] == "acme-sales-prod-orders-dead"
    assert dead.inputs["alarmActions"] == ["arn:aws:sns:eu-west-1:222222222222:acme-sales-prod-alarms-critical"]
    assert (dead.inputs["threshold"], dead.inputs["comparisonOperator"]) == (0, "GreaterThanThreshold")


def test_a_visibility_timeout_beyond_sqs_is_refused() -> None:
    args = {"account": ACCOUNT, "what": "q", "visibility_timeout_seconds": 43_201}
    with pytest.raises(ValueError, match=r"^visibility_timeout_seconds: "):
        run(lambda: Queue("q", QueueArgs(key=make_key(ACCOUNT), **args)))


def test_there_is_a_topic_for_alarms_of_each_severity() -> None:
    topics = deployed("domain").of("sns.Topic")
    assert {one.inputs["name"] for one in topics} == {f"acme-sales-prod-alarms-{each.value}" for each in Severity}
    assert {one.inputs["kmsMasterKeyId"] for one in topics} == {KEY_ARN}


def test_alarms_of_this_account_may_publish() -> None:
    policy = deployed("domain").one("sns.TopicPolicy", "alarms-critical").inputs["policy"]
    topic = "arn:aws:sns:eu-west-1:222222222222:acme-sales-prod-alarms-critical"
    alarm = {
        "aws:SecureTransport": "true",
        "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:x",
        "aws:SourceAccount": "222222222222",
    }
    assert matching(policy, alarm, action="sns:Publish", resource=topic) == ["Allow AlarmsPublish"]
    foreign = alarm | {"aws:SourceAccount": "333333333333"}
    assert matching(policy, foreign, action="sns:Publish", resource=topic) == []


def test_a_bus_is_encrypted_archived_and_loses_nothing() -> None:
    made = deployed("domain")
    bus, archive = made.one("cloudwatch.EventBus"), made.one("cloudwatch.EventArchive")
    assert bus.inputs["kmsKeyIdentifier"] == archive.inputs["kmsKeyIdentifier"] == KEY_ARN
    assert archive.inputs["retentionDays"] == 30
    assert bus.inputs["deadLetterConfig"]["arn"].endswith("events-failures")
    failures = made.one("sqs.QueuePolicy", "events-failures").inputs["policy"]
    events = {
        "aws:SecureTransport": "true",
        "aws:SourceArn": "arn:aws:events:eu-west-1:222222222222:event-bus/acme-sales-prod-events",
        "aws:SourceAccount": "222222222222",
    }
    assert matching(failures, events, action="sqs:SendMessage") == ["Allow BusFailsHere"]


def test_a_bus_without_other_publishers_has_no_policy() -> None:
    args = {"account": ACCOUNT, "what": "quiet"}
    made = run(lambda: EventBus("quiet", EventBusArgs(key=make_key(ACCOUNT), **args)))
    assert made.of("cloudwatch.EventBusPolicy") == []


def test_a_table_is_encrypted_recoverable_and_hard_to_delete() -> None:
    table = deployed("domain").one("dynamodb.Table").inputs
    assert table["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY_ARN}
    assert table["pointInTimeRecovery"] == {"enabled": True}
    assert table["deletionProtectionEnabled"] is True
    assert table["billingMode"] == "PAY_PER_REQUEST"
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table["ttl"] == {"enabled": True, "attributeName": "expires"}
    assert table["attributes"] == [
        {"name": "at", "type": "N"},
        {"name": "dataset", "type": "S"},
        {"name": "run", "type": "S"},
    ]
    assert table["globalSecondaryIndexes"] == [
        {"name": "by-run", "hashKey": "run", "rangeKey": "at", "projectionType": "ALL"}
    ]


def test_a_replicated_table_streams_and_is_protected_there_too() -> None:
    args = {"account": ACCOUNT, "what": "t", "partition_key": Attribute("id"), "replica_key_arn": "arn:replica"}
    made = run(lambda: Table("t", TableArgs(key=make_key(ACCOUNT), **args)))
    table = made.one("dynamodb.Table").inputs
    assert table["streamEnabled"] is True
    assert table["replicas"] == [
        {
            "regionName": "eu-central-1",
            "kmsKeyArn": "arn:replica",
            "pointInTimeRecovery": True,
            "deletionProtectionEnabled": True,
            "propagateTags": True,
        }
    ]


def test_an_attribute_with_two_types_is_refused() -> None:
    args = TableArgs(
        account=ACCOUNT,
        what="t",
        key=None,  # type: ignore[arg-type]
        partition_key=Attribute("id"),
        indexes=[Index(name="i", partition_key=Attribute("id", "N"))],
    )
    with pytest.raises(ValueError, match=r"^indexes: attribute 'id'"):
        key_attributes(args)


def test_components_offer_grants_of_their_own_names() -> None:
    def program() -> None:
        key = make_key(ACCOUNT)
        queue = Queue("q", QueueArgs(account=ACCOUNT, what="q", key=key))
        topic = Topic("t", TopicArgs(account=ACCOUNT, what="t", key=key))
        bus = EventBus("b", EventBusArgs(account=ACCOUNT, what="b", key=key))
        table = Table("d", TableArgs(account=ACCOUNT, what="d", key=key, partition_key=Attribute("id")))
        for owner, grant in (
            (queue, queue.consuming()),
            (queue, queue.sending()),
            (topic, topic.publishing()),
            (bus, bus.publishing()),
            (table, table.reading()),
            (table, table.scanning()),
            (table, table.writing()),
        ):
            assert owner.arn in grant.statements[0].resources
        assert table.following().statements[0].resources == (f"{table.arn}/stream/*",)

    run(program)


def test_policies_are_compact_json() -> None:
    policy = deployed("domain").one("sqs.QueuePolicy", "orders").inputs["policy"]
    assert policy == json.dumps(json.loads(policy), separators=(",", ":"))
