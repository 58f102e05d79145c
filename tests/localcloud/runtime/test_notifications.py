"""S3's notifications and SNS's messages."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from .conftest import ACCOUNT, HUB, REGION, Cloud, eventually

TELL = "def handler(event, context): tell(event)"


def bucket(cloud: Cloud, account: str = ACCOUNT) -> str:
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    cloud.client("s3", account).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def notify(cloud: Cloud, name: str, **configuration: Any) -> None:
    cloud.client("s3").put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)


def to_function(arn: str, events: list[str], **key: str) -> dict[str, Any]:
    rules = [{"Name": name, "Value": value} for name, value in key.items()]
    filters = {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}
    return {"LambdaFunctionArn": arn, "Events": events, **filters}


def test_a_new_object_runs_the_function_with_s3s_event(cloud: Cloud) -> None:
    function = cloud.function(TELL)
    name = bucket(cloud)
    notify(cloud, name, LambdaFunctionConfigurations=[to_function(function.arn, ["s3:ObjectCreated:*"])])
    cloud.client("s3").put_object(Bucket=name, Key="orders/a b+ü=1.csv", Body=b"text")
    cloud.settle()
    [event] = function.told()
    [record] = event["Records"]
    assert record["eventVersion"] == "2.1"
    assert record["eventSource"] == "aws:s3"
    assert record["awsRegion"] == REGION
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["s3SchemaVersion"] == "1.0"
    assert record["s3"]["bucket"]["name"] == name
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{name}"
    assert record["s3"]["object"]["key"] == "orders/a+b%2B%C3%BC%3D1.csv"
    assert record["s3"]["object"]["size"] == 4
    assert record["s3"]["object"]["eTag"] == "1cb251ec0d568de6a929b520c4aed8d1"
    [entry] = cloud.runtime.journal.entries(function=function.name)
    assert entry.trigger == f"arn:aws:s3:::{name}"


def test_the_prefix_the_suffix_and_the_event_decide(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): tell(event['Records'][0]['s3']['object']['key'])")
    name = bucket(cloud)
    both = to_function(function.arn, ["s3:ObjectCreated:Put"], prefix="in/", suffix=".csv")
    notify(cloud, name, LambdaFunctionConfigurations=[both])
    s3 = cloud.client("s3")
    for key in ("in/a.csv", "in/a.txt", "out/a.csv"):
        s3.put_object(Bucket=name, Key=key, Body=b"")
    s3.copy_object(Bucket=name, Key="in/copy.csv", CopySource={"Bucket": name, "Key": "in/a.csv"})
    s3.delete_object(Bucket=name, Key="in/a.csv")
    cloud.settle()
    assert function.told() == ["in/a.csv"]


@pytest.mark.parametrize(("versioned", "event_name"), [(False, "Delete"), (True, "DeleteMarkerCreated")])
def test_a_removal_is_told(cloud: Cloud, versioned: bool, event_name: str) -> None:
    function = cloud.function("def handler(event, context): tell(event['Records'][0])")
    name = bucket(cloud)
    s3 = cloud.client("s3")
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    notify(cloud, name, LambdaFunctionConfigurations=[to_function(function.arn, ["s3:ObjectRemoved:*"])])
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    s3.delete_object(Bucket=name, Key="k")
    cloud.settle()
    [record] = function.told()
    assert record["eventName"] == f"ObjectRemoved:{event_name}"
    assert "size" not in record["s3"]["object"]
    assert ("versionId" in record["s3"]["object"]) == versioned


def test_tags_are_an_event_of_their_own_only_when_put_alone(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): tell(event['Records'][0]['eventName'])")
    name = bucket(cloud)
    events = ["s3:ObjectCreated:*", "s3:ObjectTagging:*"]
    notify(cloud, name, LambdaFunctionConfigurations=[to_function(function.arn, events)])
    s3 = cloud.client("s3")
    s3.put_object(Bucket=name, Key="k", Body=b"", Tagging="a=1")
    cloud.settle()
    s3.put_object_tagging(Bucket=name, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "2"}]})
    cloud.settle()
    assert function.told() == ["ObjectCreated:Put", "ObjectTagging:Put"]


def test_a_big_upload_in_parts_is_one_event(cloud: Cloud) -> None:
    function = cloud.function("def handler(event, context): tell(event['Records'][0]['eventName'])")
    name = bucket(cloud)
    notify(cloud, name, LambdaFunctionConfigurations=[to_function(function.arn, ["s3:ObjectCreated:*"])])
    s3 = cloud.client("s3")
    upload = s3.create_multipart_upload(Bucket=name, Key="big")["UploadId"]
    part = s3.upload_part(Bucket=name, Key="big", UploadId=upload, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(
        Bucket=name,
        Key="big",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    cloud.settle()
    assert function.told() == ["ObjectCreated:CompleteMultipartUpload"]


def test_queues_topics_and_the_event_bus_are_told_too(cloud: Cloud) -> None:
    url, queue = cloud.queue(HUB)
    by_topic_url, by_topic = cloud.queue()
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=by_topic, Attributes={"RawMessageDelivery": "true"})
    function = cloud.function(TELL)
    events = cloud.client("events")
    name = bucket(cloud)
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}, "object": {"key": [{"prefix": "a/"}]}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function.arn}])
    notify(
        cloud,
        name,
        QueueConfigurations=[{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}],
        TopicConfigurations=[{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}],
        EventBridgeConfiguration={},
    )
    cloud.client("s3").put_object(Bucket=name, Key="a/b c", Body=b"text")
    cloud.settle()
    to_queue = [json.loads(message["Body"]) for message in cloud.received(url, account=HUB)]
    assert to_queue[-1]["Records"][0]["s3"]["object"]["key"] == "a/b+c"
    to_topic = [json.loads(message["Body"]) for message in cloud.received(by_topic_url, 2)]
    assert sorted("Records" in body for body in to_topic) == [False, True]  # the first is S3's test event
    [event] = function.told()
    assert event["detail-type"] == "Object Created"
    assert event["account"] == ACCOUNT
    assert event["resources"] == [f"arn:aws:s3:::{name}"]
    assert event["detail"]["object"]["key"] == "a/b c"
    assert event["detail"]["object"]["etag"] == "1cb251ec0d568de6a929b520c4aed8d1"
    assert event["detail"]["reason"] == "PutObject"


def test_a_missing_function_does_not_fail_the_upload(cloud: Cloud) -> None:
    name = bucket(cloud)
    gone = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gone"
    notify(cloud, name, LambdaFunctionConfigurations=[to_function(gone, ["s3:ObjectCreated:*"])])
    answer = cloud.client("s3").put_object(Bucket=name, Key="k", Body=b"")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert cloud.runtime.activity()["idle"]


def test_a_topic_runs_functions_also_of_other_accounts_with_snss_event(cloud: Cloud) -> None:
    here, there = cloud.function(TELL), cloud.function(TELL, account=HUB)
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"]
    policy = json.dumps({"kind": ["wanted"]})
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=here.arn, Attributes={"FilterPolicy": policy})
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=there.arn)
    kinds = {name: {"kind": {"DataType": "String", "StringValue": name}} for name in ("wanted", "other")}
    sns.publish(TopicArn=topic, Message="1", Subject="s", MessageAttributes=kinds["wanted"])
    sns.publish(TopicArn=topic, Message="2", MessageAttributes=kinds["other"])
    eventually(lambda: len(there.told()) == 2)
    cloud.settle()
    [event] = here.told()
    [record] = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["Sns"]["TopicArn"] == topic
    assert record["Sns"]["Message"] == "1"
    assert record["Sns"]["Subject"] == "s"
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "wanted"}}


def test_a_log_subscription_runs_its_function(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import base64, gzip
        def handler(event, context):
            tell(json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"]))))
        """
    )
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="watched")
    logs.create_log_stream(logGroupName="watched", logStreamName="s")
    logs.put_subscription_filter(logGroupName="watched", filterName="f", filterPattern="", destinationArn=function.arn)
    events = [{"timestamp": int(time.time() * 1000), "message": "line"}]
    logs.put_log_events(logGroupName="watched", logStreamName="s", logEvents=events)
    cloud.settle()
    [batch] = function.told()
    assert (batch["logGroup"], batch["owner"], batch["logEvents"][0]["message"]) == ("watched", ACCOUNT, "line")
