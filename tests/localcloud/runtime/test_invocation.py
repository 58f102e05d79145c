"""Asynchronous invocation: retries, destinations, dead letters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.runtime.invocation import RETRY_DELAYS
from localcloud.runtime.timing import Timing

from .conftest import ACCOUNT, HUB, REGION, Cloud, Function, eventually

FAILING = """
def handler(event, context):
    tell([event, context.aws_request_id])
    raise ValueError("never " + event)
"""


def send(cloud: Cloud, function: Function, event: Any) -> str:
    answer = cloud.client("lambda").invoke(
        FunctionName=function.name, InvocationType="Event", Payload=json.dumps(event)
    )
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    return str(answer["ResponseMetadata"]["RequestId"])


def configure(cloud: Cloud, function: Function, **settings: Any) -> None:
    cloud.client("lambda").put_function_event_invoke_config(FunctionName=function.name, **settings)


def on(failure: str | None = None, success: str | None = None) -> dict[str, Any]:
    wanted = {"OnFailure": failure, "OnSuccess": success}
    return {name: {"Destination": arn} for name, arn in wanted.items() if arn}


def test_an_event_that_fails_is_tried_three_times_then_told_to_the_destination(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(FAILING)
    configure(cloud, function, DestinationConfig=on(failure=queue))
    send(cloud, function, "good")
    [message] = cloud.received(url)
    record = json.loads(message["Body"])
    told = function.told()
    request_id = told[0][1]
    assert told == [["good", request_id]] * 3
    assert record.pop("timestamp").endswith("Z")
    assert record["responsePayload"].pop("stackTrace")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{function.arn}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": "good",
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "ValueError", "errorMessage": "never good"},
    }
    cloud.settle()
    assert len(cloud.runtime.journal.entries(function=function.name, failed=True)) == 3


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2)])
def test_the_number_of_retries_is_the_functions(cloud: Cloud, retries: int, attempts: int) -> None:
    function = cloud.function(FAILING)
    configure(cloud, function, MaximumRetryAttempts=2)
    configure(cloud, function, MaximumRetryAttempts=retries)
    assert (
        cloud.client("lambda").get_function_event_invoke_config(FunctionName=function.name)["MaximumRetryAttempts"]
        == retries
    )
    send(cloud, function, "x")
    cloud.settle()
    assert len(function.told()) == attempts


def test_an_event_is_not_tried_beyond_its_age(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(FAILING)
    configure(cloud, function, MaximumEventAgeInSeconds=100, DestinationConfig=on(failure=queue))
    send(cloud, function, "x")
    [message] = cloud.received(url)
    context = json.loads(message["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 2)


def test_a_retry_may_succeed(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(
        """
        def handler(event, context):
            if not os.path.exists(os.environ["WITNESS"]):
                tell("first")
                raise ValueError("not yet")
            return {"done": event}
        """
    )
    configure(cloud, function, DestinationConfig=on(success=queue))
    send(cloud, function, 7)
    [message] = cloud.received(url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == {"done": 7}


def test_destinations_may_be_topics_functions_buses_and_buckets(cloud: Cloud) -> None:
    listener = cloud.function("def handler(event, context): tell(event)")
    topic = cloud.client("sns").create_topic(Name="destination")["TopicArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=listener.arn)
    events = cloud.client("events", HUB)
    bus = events.create_event_bus(Name="destination")["EventBusArn"]
    hub_url, hub_queue = cloud.queue(HUB)
    pattern = {"source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Failure"]}
    events.put_rule(Name="results", EventBusName="destination", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="results", EventBusName="destination", Targets=[{"Id": "1", "Arn": hub_queue}])
    cloud.client("s3").create_bucket(Bucket="failures", CreateBucketConfiguration={"LocationConstraint": REGION})
    functions = {}
    for destination in (topic, listener.arn, bus, "arn:aws:s3:::failures"):
        function = functions[destination] = cloud.function(FAILING)
        configure(cloud, function, MaximumRetryAttempts=0, DestinationConfig=on(failure=destination))
        send(cloud, function, destination)
    eventually(lambda: len(listener.told()) == 2)
    by_topic, directly = sorted(listener.told(), key=lambda event: "Records" not in event)
    assert json.loads(by_topic["Records"][0]["Sns"]["Message"])["requestPayload"] == topic
    assert directly["requestPayload"] == listener.arn
    [message] = cloud.received(hub_url, account=HUB)
    event = json.loads(message["Body"])
    assert event["account"] == ACCOUNT
    assert event["resources"] == [bus, f"{functions[bus].arn}:$LATEST"]
    assert event["detail"]["requestPayload"] == bus
    cloud.settle()
    [found] = cloud.client("s3").list_objects_v2(Bucket="failures")["Contents"]
    assert found["Key"].startswith(f"aws/lambda/async/{functions['arn:aws:s3:::failures'].name}/20")


def test_a_dead_letter_queue_gets_the_event_itself(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(FAILING, DeadLetterConfig={"TargetArn": queue})
    configure(cloud, function, MaximumRetryAttempts=0)
    send(cloud, function, "lost")
    [message] = cloud.received(url)
    assert json.loads(message["Body"]) == "lost"
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes == {"RequestID": function.told()[0][1], "ErrorCode": "200", "ErrorMessage": "never lost"}


def test_zero_concurrency_gives_events_up_at_once(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(FAILING)
    configure(cloud, function, DestinationConfig=on(failure=queue))
    cloud.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    send(cloud, function, "x")
    [message] = cloud.received(url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    assert function.told() == []


def test_a_destination_that_does_not_exist_harms_nothing(cloud: Cloud) -> None:
    function = cloud.function(FAILING)
    configure(
        cloud, function, MaximumRetryAttempts=0, DestinationConfig=on(failure=f"arn:aws:sqs:{REGION}:{ACCOUNT}:nowhere")
    )
    send(cloud, function, "x")
    cloud.settle()
    assert len(function.told()) == 1


def test_the_payload_of_an_event_has_its_limit(cloud: Cloud) -> None:
    function = cloud.function(FAILING)
    with pytest.raises(ClientError) as refused:
        send(cloud, function, "x" * (1024 * 1024 + 1))
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_the_waits_are_awss(monkeypatch: pytest.MonkeyPatch) -> None:
    assert RETRY_DELAYS == (60, 120)
    monkeypatch.setenv("LOCALCLOUD_TIME_SCALE", "0.5")
    assert Timing.from_environment() == Timing(scale=0.5, schedule_scale=1.0)
    for wrong in ("0", "-1", "inf", "nan", "fast"):
        monkeypatch.setenv("LOCALCLOUD_TIME_SCALE", wrong)
        with pytest.raises(ValueError, match="LOCALCLOUD_TIME_SCALE must be a positive number"):
            Timing.from_environment()


def test_many_slow_events_of_one_function_keep_no_other_waiting(cloud: Cloud) -> None:
    slow = cloud.function("def handler(event, context):\n    while not os.path.exists(event): time.sleep(0.01)")
    quick = cloud.function("def handler(event, context): tell(event)")
    gate = cloud.home / "gate"
    for _ in range(100):
        send(cloud, slow, str(gate))
    send(cloud, quick, "now")
    eventually(quick.told)
    assert cloud.runtime.activity()["queued"] == 100
    gate.touch()
    cloud.settle()


def test_an_event_for_a_function_without_a_role_is_given_up_after_its_retries(cloud: Cloud) -> None:
    url, queue = cloud.queue()
    function = cloud.function(FAILING)
    configure(cloud, function, DestinationConfig=on(failure=queue))
    role = cloud.client("lambda").get_function_configuration(FunctionName=function.name)["Role"]
    cloud.client("iam").delete_role(RoleName=role.rpartition("/")[2])
    send(cloud, function, "x")
    [message] = cloud.received(url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responsePayload"]["errorType"] == "AccessDeniedException"
