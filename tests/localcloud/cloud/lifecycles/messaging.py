"""Queues, topics, buses and schedules."""

import json

from tests.localcloud.cloud.lifecycles.case import PATTERN, TAGS, Lifecycle, policy, redrive
from tests.localcloud.cloud.lifecycles.needs import bus_with_rule, dead_letters, fifo_queue, key, queue, role, topic

LIFECYCLES = [
    Lifecycle(
        "aws:sqs/queue:Queue",
        lambda n: {
            "name": "orders.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "visibilityTimeoutSeconds": 120,
            "messageRetentionSeconds": 86400,
            "kmsMasterKeyId": "alias/a",
            "redrivePolicy": json.dumps({"deadLetterTargetArn": n["arn"], "maxReceiveCount": 3}),
            "tags": TAGS,
        },
        lambda n: {"visibilityTimeoutSeconds": 240, "kmsMasterKeyId": None, "tags": {"a": "b"}},
        lambda t: {"arn": fifo_queue(t)},
        id=lambda i, t: f"{t.endpoint}/{t.account}/orders.fifo",
        outputs={"arn": "arn:aws:sqs:{region}:{account}:orders.fifo"},
    ),
    Lifecycle(
        "aws:sqs/queuePolicy:QueuePolicy",
        lambda n: {"queueUrl": n["url"], "policy": policy(n["arn"], "sqs:SendMessage", Principal="*")},
        lambda n: {"policy": policy(n["arn"], "sqs:ReceiveMessage", Principal="*")},
        queue,
        id=lambda i, t: i["queueUrl"],
    ),
    Lifecycle(
        "aws:sqs/redrivePolicy:RedrivePolicy",
        lambda n: {"queueUrl": n["url"], "redrivePolicy": redrive(n["dead"], 3)},
        lambda n: {"redrivePolicy": redrive(n["dead"], 4)},
        lambda t: {**queue(t), "dead": dead_letters(t)},
    ),
    Lifecycle(
        "aws:cloudwatch/eventBus:EventBus",
        lambda n: {"name": "mesh", "description": "d", "kmsKeyIdentifier": n["arn"], "tags": TAGS},
        lambda n: {"description": "e", "tags": {}},
        needs=key,
        id=lambda i, t: "mesh",
        outputs={"arn": "arn:aws:events:{region}:{account}:event-bus/mesh"},
    ),
    Lifecycle(
        "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        lambda n: {"eventBusName": "b", "policy": policy(n["bus"], "events:PutEvents", Principal="*")},
        lambda n: {"policy": policy(n["bus"], "events:*", Principal="*")},
        needs=bus_with_rule,
        id=lambda i, t: "b",
    ),
    Lifecycle(
        "aws:cloudwatch/eventRule:EventRule",
        lambda n: {
            "name": "orders",
            "eventBusName": n["bus"],
            "eventPattern": PATTERN,
            "description": "d",
            "state": "ENABLED",
            "tags": TAGS,
        },
        lambda n: {"eventPattern": json.dumps({"source": ["other"]}), "state": "DISABLED", "tags": {"a": "b"}},
        needs=bus_with_rule,
        id=lambda i, t: "b/orders",
        outputs={"arn": "arn:aws:events:{region}:{account}:rule/b/orders"},
    ),
    Lifecycle(
        "aws:cloudwatch/eventTarget:EventTarget",
        lambda n: {
            "rule": "r",
            "eventBusName": "b",
            "targetId": "q",
            "arn": n["arn"],
            "inputTransformer": {"inputPaths": {"a": "$.detail.a"}, "inputTemplate": '{"a": <a>}'},
            "retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 60},
            "deadLetterConfig": {"arn": n["arn"]},
        },
        lambda n: {"retryPolicy": {"maximumRetryAttempts": 4, "maximumEventAgeInSeconds": 60}},
        needs=bus_with_rule,
        id=lambda i, t: "b-r-q",
    ),
    Lifecycle(
        "aws:cloudwatch/eventArchive:EventArchive",
        lambda n: {"name": "all", "eventSourceArn": n["bus"], "retentionDays": 7, "eventPattern": PATTERN},
        lambda n: {"retentionDays": 30, "description": "d"},
        needs=bus_with_rule,
        id=lambda i, t: "all",
    ),
    Lifecycle(
        "aws:scheduler/schedule:Schedule",
        lambda n: {
            "name": "nightly",
            "scheduleExpression": "rate(1 day)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "flexibleTimeWindow": {"mode": "OFF"},
            "state": "ENABLED",
            "target": {
                "arn": n["arn"],
                "roleArn": n["role"],
                "input": "{}",
                "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
            },
        },
        lambda n: {"scheduleExpression": "rate(1 hour)", "state": "DISABLED"},
        needs=lambda t: {**queue(t), "role": role(t)["arn"]},
        id=lambda i, t: "default/nightly",
        outputs={"arn": "arn:aws:scheduler:{region}:{account}:schedule/default/nightly"},
    ),
    Lifecycle(
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        lambda n: {"name": "g", "tags": TAGS},
        lambda n: {"tags": {"a": "b"}},
        id=lambda i, t: "g",
    ),
    Lifecycle(
        "aws:sns/topic:Topic",
        lambda n: {"name": "alarms", "displayName": "d", "kmsMasterKeyId": "alias/a", "tags": TAGS},
        lambda n: {"displayName": "e", "tags": {}},
        id=lambda i, t: f"arn:aws:sns:{t.region}:{t.account}:alarms",
    ),
    Lifecycle(
        "aws:sns/topicPolicy:TopicPolicy",
        lambda n: {"arn": n["topic"], "policy": policy(n["topic"], "sns:Publish", Principal="*")},
        lambda n: {"policy": policy(n["topic"], "sns:Subscribe", Principal="*")},
        needs=topic,
        id=lambda i, t: i["arn"],
    ),
    Lifecycle(
        "aws:sns/topicSubscription:TopicSubscription",
        lambda n: {
            "topic": n["topic"],
            "protocol": "sqs",
            "endpoint": n["queue"],
            "rawMessageDelivery": True,
            "filterPolicy": '{"a": ["b"]}',
        },
        lambda n: {"filterPolicy": '{"a": ["c"]}', "rawMessageDelivery": False},
        needs=topic,
    ),
]
