"""Event source mappings of queues."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from .conftest import ACCOUNT, HUB, Cloud, Function, eventually

POISON = """
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    tell(bodies)
    if "poison" in bodies:
        raise ValueError("poison")
"""

PARTIAL = """
def handler(event, context):
    tell([record["body"] for record in event["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in event["Records"]
                                  if record["body"].startswith("bad")]}
"""


def mapped(cloud: Cloud, function: Function, queue: str, **settings: Any) -> str:
    answer = cloud.client("lambda").create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=queue, **settings
    )
    return str(answer["UUID"])


def send(cloud: Cloud, url: str, *bodies: str) -> None:
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
    cloud.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)


def test_messages_come_in_batches_and_are_deleted(cloud: Cloud) -> None:
    url, queue = cloud.queue(VisibilityTimeout=30)
    function = cloud.function("def handler(event, context): tell(event['Records'])")
    send(cloud, url, "a", "b", "c")
    cloud.client("sqs").send_message(
        QueueUrl=url,
        MessageBody="d",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "last"}},
    )
    mapped(cloud, function, queue, BatchSize=2)
    cloud.settle()
    batches = function.told()
    assert [[record["body"] for record in batch] for batch in batches] == [["a", "b"], ["c", "d"]]
    record = batches[1][1]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == queue
    assert record["awsRegion"] == "eu-west-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["md5OfBody"] == "8277e0910d750195b448797616e091ad"
    assert record["messageAttributes"] == {
        "kind": {"stringValue": "last", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    }
    assert set(record) >= {"messageId", "receiptHandle", "md5OfMessageAttributes"}


def test_a_failing_batch_comes_back_and_ends_in_the_dead_letter_queue(cloud: Cloud) -> None:
    dead_url, dead = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, queue = cloud.queue(RedrivePolicy=policy, VisibilityTimeout=30)
    function = cloud.function(POISON)
    send(cloud, url, "fine", "poison")
    mapped(cloud, function, queue, BatchSize=10)
    messages = cloud.received(dead_url, 2)
    assert sorted(message["Body"] for message in messages) == ["fine", "poison"]
    assert function.told() == [["fine", "poison"]] * 2
    cloud.settle()


def test_only_reported_messages_come_back(cloud: Cloud) -> None:
    dead_url, dead = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    url, queue = cloud.queue(RedrivePolicy=policy, VisibilityTimeout=30)
    function = cloud.function(PARTIAL)
    send(cloud, url, "good 1", "bad", "good 2")
    mapped(cloud, function, queue, FunctionResponseTypes=["ReportBatchItemFailures"])
    [message] = cloud.received(dead_url)
    assert message["Body"] == "bad"
    assert function.told() == [["good 1", "bad", "good 2"], ["bad"], ["bad"]]


def test_reports_count_only_if_the_mapping_asks_for_them(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(PARTIAL)
    send(cloud, url, "bad")
    mapped(cloud, function, queue)
    cloud.settle()
    assert function.told() == [["bad"]]


def test_messages_that_no_filter_matches_are_deleted_unseen(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    filters = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order"]}})}]}
    send(cloud, url, '{"kind": "order"}', '{"kind": "poison"}', "plain")
    mapped(cloud, function, queue, FilterCriteria=filters)
    cloud.settle()
    assert function.told() == [['{"kind": "order"}']]


def test_the_batching_window_is_waited_for(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    mapped(cloud, function, queue, BatchSize=3, MaximumBatchingWindowInSeconds=300)  # 0.3 s here
    started = time.monotonic()
    send(cloud, url, "a", "b")
    eventually(function.told)
    assert function.told() == [["a", "b"]]
    assert time.monotonic() - started >= 0.3


def test_a_disabled_mapping_reads_nothing_until_enabled(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    mapping = mapped(cloud, function, queue, Enabled=False)
    send(cloud, url, "kept")
    time.sleep(0.2)
    assert function.told() == []
    assert cloud.runtime.activity()["idle"]
    cloud.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    cloud.settle()
    assert function.told() == [["kept"]]


def test_a_fifo_queue_keeps_its_order_also_after_a_failure(cloud: Cloud) -> None:
    url, queue = cloud.queue(FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout=30)
    function = cloud.function(
        """
        def handler(event, context):
            [record] = event["Records"]
            first_time = not os.path.exists(os.environ["WITNESS"])
            tell([record["body"], record["attributes"]["MessageGroupId"]])
            if first_time:
                raise ValueError("once")
        """
    )
    for body in "abc":
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    mapped(cloud, function, queue, BatchSize=1)
    cloud.settle()
    assert [body for body, _ in function.told()] == ["a", "a", "b", "c"]


def test_a_queue_of_another_account_can_be_mapped(cloud: Cloud) -> None:
    url, queue = cloud.queue(HUB)
    function = cloud.function(POISON)
    mapped(cloud, function, queue)
    cloud.client("sqs", HUB).send_message(QueueUrl=url, MessageBody="from the hub")
    eventually(function.told)
    assert function.told() == [["from the hub"]]


def test_a_function_that_is_gone_leaves_the_messages_and_the_loop_alone(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    mapping = mapped(cloud, function, queue)
    cloud.client("lambda").delete_function(FunctionName=function.name)
    send(cloud, url, "kept")
    other_url, other_queue = cloud.queue()
    other = cloud.function(POISON)
    mapped(cloud, other, other_queue)
    send(cloud, other_url, "read")
    eventually(other.told)
    assert cloud.runtime.activity()["sources"] == {queue: 1}
    cloud.client("lambda").delete_event_source_mapping(UUID=mapping)
    cloud.settle()


def test_a_message_sent_while_another_is_deleted_is_kept(cloud: Cloud) -> None:
    _, arn = cloud.queue()
    backend = get_backend("sqs")[ACCOUNT]["eu-west-1"]
    queue = backend.queues[arn.rpartition(":")[2]]
    backend.send_message(queue.name, "old")
    [old] = backend.receive_message(queue.name, 1, 0, 30)
    sender = threading.Thread(target=backend.send_message, args=(queue.name, "new"))

    class Messages(list[Any]):
        """Lets the sender in when the whole list has been looked at."""

        def __iter__(self) -> Iterator[Any]:
            yield from super().__iter__()
            if sender.ident is None:
                sender.start()
                sender.join(0.2)

    queue._messages = Messages(queue._messages)
    backend.delete_message(queue.name, old.receipt_handle)
    sender.join()
    assert [message.body for message in queue._messages] == ["new"]


@pytest.mark.parametrize("wrong", ["no queue", "twice", "visibility"])
def test_mappings_that_cannot_be_are_refused(cloud: Cloud, wrong: str) -> None:
    function = cloud.function(POISON, Timeout=20)
    _, queue = cloud.queue(VisibilityTimeout=10 if wrong == "visibility" else 60)
    if wrong == "twice":
        mapped(cloud, function, queue)
    with pytest.raises(ClientError) as refused:
        mapped(cloud, function, queue + "-else" if wrong == "no queue" else queue)
    code = "ResourceConflictException" if wrong == "twice" else "InvalidParameterValueException"
    assert refused.value.response["Error"]["Code"] == code
    mappings = cloud.client("lambda").list_event_source_mappings(FunctionName=function.name)["EventSourceMappings"]
    assert len(mappings) == (1 if wrong == "twice" else 0)
