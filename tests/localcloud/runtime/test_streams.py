"""Event source mappings of Kinesis and DynamoDB streams."""

from __future__ import annotations

import base64
import json
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from .conftest import Cloud, Function, eventually

READ = """
import base64

def values(event):
    for record in event["Records"]:
        if "kinesis" in record:
            yield base64.b64decode(record["kinesis"]["data"]).decode(), record["kinesis"]["sequenceNumber"]
        else:
            yield record["dynamodb"]["NewImage"]["value"]["S"], record["dynamodb"]["SequenceNumber"]
"""

POISON = (
    READ
    + """
def handler(event, context):
    found = [value for value, _ in values(event)]
    tell(found)
    if "poison" in found:
        raise ValueError("poison")
"""
)

PARTIAL = (
    READ
    + """
def handler(event, context):
    tell([value for value, _ in values(event)])
    return {"batchItemFailures": [{"itemIdentifier": number} for value, number in values(event) if value == "poison"]}
"""
)


@dataclass(frozen=True)
class Source:
    """A stream, and how to put values into it."""

    arn: str
    put: Callable[..., None]
    failure_info: str


def kinesis(cloud: Cloud, shards: int = 1) -> Source:
    name = f"stream-{uuid.uuid4().hex[:8]}"
    client = cloud.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=shards)
    arn = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]

    def put(*values: str) -> None:
        client.put_records(StreamName=name, Records=[{"Data": value, "PartitionKey": value} for value in values])

    return Source(arn, put, "KinesisBatchInfo")


def dynamodb(cloud: Cloud) -> Source:
    name = f"table-{uuid.uuid4().hex[:8]}"
    client = cloud.client("dynamodb")
    table = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]

    def put(*values: str) -> None:
        for value in values:
            client.put_item(TableName=name, Item={"id": {"S": str(uuid.uuid4())}, "value": {"S": value}})

    return Source(table["LatestStreamArn"], put, "DDBStreamBatchInfo")


@pytest.fixture(params=[kinesis, dynamodb])
def source(cloud: Cloud, request: pytest.FixtureRequest) -> Source:
    return request.param(cloud)  # type: ignore[no-any-return]


def mapped(cloud: Cloud, function: Function, source: Source, **settings: Any) -> str:
    answer = cloud.client("lambda").create_event_source_mapping(
        FunctionName=function.name, EventSourceArn=source.arn, **{"StartingPosition": "TRIM_HORIZON", **settings}
    )
    return str(answer["UUID"])


def test_two_mappings_of_one_stream_both_get_all_records_in_batches(cloud: Cloud, source: Source) -> None:
    one, other = cloud.function(POISON), cloud.function(POISON)
    source.put("a", "b", "c")
    mapped(cloud, one, source, BatchSize=2)
    mapped(cloud, other, source)
    cloud.settle()
    assert one.told() == [["a", "b"], ["c"]]
    assert other.told() == [["a", "b", "c"]]


def test_latest_begins_with_what_comes_after_the_mapping(cloud: Cloud, source: Source) -> None:
    function = cloud.function(POISON)
    source.put("before")
    mapped(cloud, function, source, StartingPosition="LATEST")
    source.put("after")
    cloud.settle()
    assert function.told() == [["after"]]


def test_a_poison_pill_is_given_up_after_its_retries_and_its_place_is_told(cloud: Cloud, source: Source) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    source.put("a", "poison", "c")
    mapped(
        cloud,
        function,
        source,
        BatchSize=3,
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    [message] = cloud.received(url)
    assert function.told() == [["a", "poison", "c"]] * 3
    record = json.loads(message["Body"])
    info = record[source.failure_info]
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestContext"]["functionArn"] == f"{function.arn}:$LATEST"
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert info["batchSize"] == 3
    assert info["streamArn"] == source.arn
    assert int(info["endSequenceNumber"]) - int(info["startSequenceNumber"]) == 2
    assert set(record) == {"requestContext", "responseContext", "version", "timestamp", source.failure_info}
    source.put("d")
    eventually(lambda: function.told()[-1] == ["d"])


def test_bisecting_isolates_a_poison_pill(cloud: Cloud, source: Source) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    source.put("a", "b", "poison", "d")
    mapped(
        cloud,
        function,
        source,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    [message] = cloud.received(url)
    assert json.loads(message["Body"])[source.failure_info]["batchSize"] == 1
    cloud.settle()
    assert function.told() == [["a", "b", "poison", "d"], ["a", "b"], ["poison", "d"], ["poison"], ["poison"], ["d"]]


def test_a_report_moves_the_checkpoint_to_the_lowest_failure(cloud: Cloud, source: Source) -> None:
    url, queue = cloud.queue()
    function = cloud.function(PARTIAL)
    source.put("a", "poison", "c", "poison")
    mapped(
        cloud,
        function,
        source,
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    [message] = cloud.received(url)
    assert json.loads(message["Body"])[source.failure_info]["batchSize"] == 3
    assert function.told() == [["a", "poison", "c", "poison"], ["poison", "c", "poison"]]


def test_without_retries_what_follows_a_reported_failure_is_given_up_with_it(cloud: Cloud, source: Source) -> None:
    function = cloud.function(PARTIAL)
    source.put("a", "poison", "c")
    mapped(cloud, function, source, MaximumRetryAttempts=0, FunctionResponseTypes=["ReportBatchItemFailures"])
    cloud.settle()
    assert function.told() == [["a", "poison", "c"]]


def test_a_function_that_is_gone_keeps_its_records_waiting(cloud: Cloud, source: Source) -> None:
    function = cloud.function(POISON)
    mapping = mapped(cloud, function, source, MaximumRetryAttempts=0)
    cloud.client("lambda").delete_function(FunctionName=function.name)
    source.put("kept")
    other = cloud.function(POISON)
    mapped(cloud, other, source)
    eventually(other.told)
    assert list(cloud.runtime.activity()["sources"].values()) == [1]
    cloud.client("lambda").delete_event_source_mapping(UUID=mapping)
    cloud.settle()


def test_reports_and_bisecting_lose_nothing_but_the_poison(cloud: Cloud, source: Source) -> None:
    function = cloud.function(PARTIAL)
    source.put("a", "poison", "c", "d")
    mapped(
        cloud,
        function,
        source,
        MaximumRetryAttempts=0,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    cloud.settle()
    assert function.told() == [["a", "poison", "c", "d"], ["poison", "c", "d"], ["poison"], ["c", "d"]]


def test_records_too_old_are_given_up(cloud: Cloud, source: Source) -> None:
    url, queue = cloud.queue()
    function = cloud.function(POISON)
    destination = {"OnFailure": {"Destination": queue}}
    mapped(cloud, function, source, MaximumRecordAgeInSeconds=2, DestinationConfig=destination)
    source.put("poison")
    [message] = cloud.received(url)
    assert json.loads(message["Body"])["requestContext"]["condition"] == "RecordAgeExceeded"
    assert json.loads(message["Body"])[source.failure_info]["batchSize"] == 1
    assert function.told()[0] == ["poison"]
    source.put("young")
    eventually(lambda: function.told()[-1] == ["young"])


def test_filters_choose_records(cloud: Cloud) -> None:
    stream, table = kinesis(cloud), dynamodb(cloud)
    function = cloud.function(POISON)
    by_data = {"Filters": [{"Pattern": json.dumps({"data": {"amount": [{"numeric": [">", 10]}]}})}]}
    mapped(cloud, function, stream, FilterCriteria=by_data)
    stream.put(json.dumps({"amount": 5}), json.dumps({"amount": 50}), "no json")
    cloud.settle()
    assert function.told() == [['{"amount": 50}']]
    by_image = {
        "Filters": [
            {"Pattern": json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"value": {"S": ["wanted"]}}}})}
        ]
    }
    mapped(cloud, function, table, FilterCriteria=by_image)
    table.put("unwanted", "wanted")
    cloud.settle()
    assert function.told()[1:] == [["wanted"]]


def test_the_records_are_awss(cloud: Cloud) -> None:
    stream, table = kinesis(cloud), dynamodb(cloud)
    function = cloud.function("def handler(event, context): tell(event['Records'][0])")
    mapped(cloud, function, stream)
    stream.put("text")
    eventually(function.told)
    [record] = function.told()
    details = record.pop("kinesis")
    assert base64.b64decode(details.pop("data")) == b"text"
    assert details.pop("approximateArrivalTimestamp") > 1_700_000_000
    assert details == {"kinesisSchemaVersion": "1.0", "partitionKey": "text", "sequenceNumber": "1"}
    assert record.pop("invokeIdentityArn").startswith("arn:aws:iam::222222222222:role/")
    assert record == {
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": "shardId-000000000000:1",
        "eventName": "aws:kinesis:record",
        "awsRegion": "eu-west-1",
        "eventSourceARN": stream.arn,
    }
    mapped(cloud, function, table)
    table.put("text")
    eventually(lambda: len(function.told()) == 2)
    record = function.told()[1]
    assert record["eventSource"] == "aws:dynamodb"
    assert record["awsRegion"] == "eu-west-1"
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"] == table.arn
    assert record["dynamodb"]["NewImage"]["value"] == {"S": "text"}
    assert record["dynamodb"]["ApproximateCreationDateTime"] > 1_700_000_000


def test_binary_attributes_arrive_as_base64(cloud: Cloud) -> None:
    table = dynamodb(cloud)
    function = cloud.function("def handler(event, context): tell(event['Records'][0]['dynamodb']['NewImage'])")
    mapped(cloud, function, table)
    name = table.arn.split("/")[1]
    cloud.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "1"}, "raw": {"B": b"\x00\xff"}})
    eventually(function.told)
    assert function.told()[0]["raw"] == {"B": "AP8="}


def test_shards_are_read_side_by_side(cloud: Cloud) -> None:
    source = kinesis(cloud, shards=4)
    function = cloud.function(
        READ
        + """
def handler(event, context):
    found = [value for value, _ in values(event)]
    tell(found)
    if "0" in found:
        raise ValueError("this shard is stuck")
"""
    )
    mapping = mapped(cloud, function, source, BatchSize=1)
    values = [str(number) for number in range(40)]
    source.put(*values)

    def others_done() -> bool:
        done = {value for batch in function.told() for value in batch}
        return len(done) >= 20

    eventually(others_done)
    cloud.client("lambda").delete_event_source_mapping(UUID=mapping)
    cloud.settle()


def test_records_put_at_one_time_are_all_kept(cloud: Cloud) -> None:
    name = kinesis(cloud).arn.rpartition("/")[2]
    stream = get_backend("kinesis")["222222222222"]["eu-west-1"].streams[name]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            numbers = [
                number for number, _ in threads.map(lambda n: stream.put_record(str(n), "", "eA=="), range(2000))
            ]
    finally:
        sys.setswitchinterval(switching)
    assert len(set(numbers)) == 2000


def test_what_cannot_be_mapped_is_refused(cloud: Cloud, source: Source) -> None:
    function = cloud.function(POISON)
    with pytest.raises(ClientError, match="TumblingWindowInSeconds"):
        mapped(cloud, function, source, TumblingWindowInSeconds=10)
    with pytest.raises(ClientError, match="invalid filter pattern"):
        mapped(cloud, function, source, FilterCriteria={"Filters": [{"Pattern": '{"data": 1}'}]})
    with pytest.raises(ClientError, match="does not exist"):
        mapped(cloud, function, Source(source.arn.replace(":222222222222:", ":333333333333:"), source.put, ""))
