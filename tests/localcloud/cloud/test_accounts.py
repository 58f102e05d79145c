"""A caller who names another account's resource reaches it, through any client; one who does not stays at home."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.ownership import owner
from localcloud.cloud.target import CONFIG, Target
from tests.localcloud.cloud.lifecycles import needs


@pytest.fixture
def caller(other: Callable[[], Target]) -> Target:
    return other()


def test_assumed_roles_see_their_own_account(target: Target, caller: Target) -> None:
    for place in (target, caller):
        assert place.client("sts").get_caller_identity()["Account"] == place.account
    target.client("sqs").create_queue(QueueName="q")
    assert "QueueUrls" not in caller.client("sqs").list_queues()
    elsewhere = Target(target.endpoint, target.account, "eu-central-1")
    assert "QueueUrls" not in elsewhere.client("sqs").list_queues()


def test_a_table(target: Target, caller: Target) -> None:
    made = target.client("dynamodb").create_table(
        TableName="runs",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    arn, client = made["TableArn"], caller.client("dynamodb")
    client.put_item(TableName=arn, Item={"id": {"S": "a"}}, ConditionExpression="attribute_not_exists(id)")
    client.batch_write_item(RequestItems={arn: [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]})
    client.transact_write_items(TransactItems=[{"Put": {"TableName": arn, "Item": {"id": {"S": "c"}}}}])
    assert {item["id"]["S"] for item in target.client("dynamodb").scan(TableName="runs")["Items"]} == {"a", "b", "c"}
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="runs", Key={"id": {"S": "a"}})

    streams = caller.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=made["LatestStreamArn"])["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=made["LatestStreamArn"], ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert {record["awsRegion"] for record in records} == {"eu-west-1"}
    assert len(records) == 3


def test_a_stream(target: Target, caller: Target) -> None:
    target.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    arn = f"arn:aws:kinesis:{target.region}:{target.account}:stream/clicks"
    client = caller.client("kinesis")
    client.put_record(StreamARN=arn, Data=b"a", PartitionKey="p")
    shard = client.list_shards(StreamARN=arn)["Shards"][0]["ShardId"]
    iterator = client.get_shard_iterator(StreamARN=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = client.get_records(StreamARN=arn, ShardIterator=iterator["ShardIterator"])["Records"]
    assert [record["Data"] for record in records] == [b"a"]


def test_a_queue(target: Target, caller: Target) -> None:
    url = target.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    caller.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
    assert target.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"


def test_a_topic_and_its_subscriber_in_a_third_account(
    target: Target, caller: Target, other: Callable[[], Target]
) -> None:
    third = other()
    url = third.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    topic = target.client("sns").create_topic(Name="t")["TopicArn"]
    queue = f"arn:aws:sqs:{third.region}:{third.account}:q"
    target.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    caller.client("sns").publish(TopicArn=topic, Message="hello")
    message = third.client("sqs").receive_message(QueueUrl=url)["Messages"][0]
    assert json.loads(message["Body"])["Message"] == "hello"


def test_a_key(target: Target, caller: Target) -> None:
    arn = target.client("kms").create_key()["KeyMetadata"]["Arn"]
    sealed = caller.client("kms").encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    assert target.client("kms").decrypt(CiphertextBlob=sealed, KeyId=arn)["Plaintext"] == b"x"


def test_a_secret_and_a_parameter(target: Target, caller: Target) -> None:
    arn = target.client("secretsmanager").create_secret(Name="s", SecretString="swordfish")["ARN"]
    assert caller.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == "swordfish"
    target.client("ssm").put_parameter(Name="/a/b", Value="v", Type="String")
    parameter = f"arn:aws:ssm:{target.region}:{target.account}:parameter/a/b"
    assert caller.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "v"


def test_a_function(target: Target, caller: Target) -> None:
    made = needs.function(target)
    found = caller.client("lambda").get_function_configuration(FunctionName=made["arn"])
    assert found["FunctionArn"] == made["arn"]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        caller.client("lambda").get_function_configuration(FunctionName=made["function"])


def test_a_state_machine(target: Target, caller: Target) -> None:
    machine = target.client("stepfunctions").create_state_machine(
        name="m",
        roleArn=needs.role(target)["arn"],
        definition=json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}),
    )["stateMachineArn"]
    assert caller.client("stepfunctions").describe_state_machine(stateMachineArn=machine)["name"] == "m"


def test_a_catalogue(target: Target, caller: Target) -> None:
    glue = caller.client("glue")
    glue.create_database(CatalogId=target.account, DatabaseInput={"Name": "sales"})
    glue.create_table(CatalogId=target.account, DatabaseName="sales", TableInput={"Name": "orders"})
    partition = {"Values": ["1997-01"], "StorageDescriptor": {"Location": "s3://b/orders/order_month=1997-01/"}}
    glue.batch_create_partition(
        CatalogId=target.account, DatabaseName="sales", TableName="orders", PartitionInputList=[partition]
    )
    found = target.client("glue").get_partitions(DatabaseName="sales", TableName="orders")["Partitions"]
    assert [entry["Values"] for entry in found] == [["1997-01"]]
    assert glue.get_databases()["DatabaseList"] == []


def test_a_bucket_needs_no_account(target: Target, caller: Target) -> None:
    target.client("s3").create_bucket(
        Bucket=f"b-{target.account}", CreateBucketConfiguration={"LocationConstraint": target.region}
    )
    caller.client("s3").put_object(Bucket=f"b-{target.account}", Key="k", Body=b"x")
    assert target.client("s3").get_object(Bucket=f"b-{target.account}", Key="k")["Body"].read() == b"x"


def test_events_to_buses_of_several_accounts(target: Target, caller: Target) -> None:
    arns = []
    for place in (target, caller):
        events = place.client("events")
        arns.append(events.create_event_bus(Name="mesh")["EventBusArn"])
        place.client("sqs").create_queue(QueueName="q")
        events.put_rule(Name="all", EventBusName="mesh", EventPattern=json.dumps({"source": ["orders"]}))
        queue = f"arn:aws:sqs:{place.region}:{place.account}:q"
        events.put_targets(Rule="all", EventBusName="mesh", Targets=[{"Id": "q", "Arn": queue}])
    entries = [{"Source": "orders", "DetailType": "d", "Detail": "{}", "EventBusName": arn} for arn in arns]
    answer = caller.client("events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 0
    for place in (target, caller):
        event = json.loads(_received(place, f"{place.endpoint}/{place.account}/q")["Body"])
        assert event["account"] == caller.account, "an event's account is its sender's"


def _received(place: Target, url: str) -> Any:
    """The next message of a queue; events reach their targets a moment after they are put."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = place.client("sqs").receive_message(QueueUrl=url).get("Messages")
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"nothing arrived at {url}")


def test_a_stranger_stays_in_moto_s_own_account(target: Target) -> None:
    url = target.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    stranger = boto3.client(
        "sqs",
        region_name=target.region,
        endpoint_url=target.endpoint,
        aws_access_key_id="nobody",
        aws_secret_access_key="nobody",
        config=CONFIG,
    )
    with pytest.raises(stranger.exceptions.QueueDoesNotExist):
        stranger.send_message(QueueUrl=url, MessageBody="hello")


@pytest.mark.parametrize(
    ("service", "parameters", "account"),
    [
        ("sqs", {"QueueUrl": "http://127.0.0.1:5000/111111111111/q"}, "111111111111"),
        ("sqs", {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111111111111/q"}, "111111111111"),
        ("dynamodb", {"TableName": "arn:aws:dynamodb:eu-west-1:111111111111:table/t"}, "111111111111"),
        ("dynamodb", {"TableName": "111111111111"}, None),
        ("glue", {"CatalogId": "111111111111"}, "111111111111"),
        ("kms", {"KeyId": "alias/a"}, None),
        ("awslambda", {"EventSourceArn": "arn:aws:sqs:eu-west-1:111111111111:q"}, None),
        ("s3", {"Bucket": "arn:aws:s3:eu-west-1:111111111111:accesspoint/a"}, None),
    ],
)
def test_owner(service: str, parameters: dict[str, str], account: str | None) -> None:
    assert owner(service, parameters) == account
