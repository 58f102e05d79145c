"""The aws plugin by protocol messages."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from botocore.exceptions import ClientError
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as messages

from localcloud.engine.values import UNKNOWN, Secret, encode_struct

BUCKET = "aws:s3/bucket:Bucket"
PARAMETER = "aws:ssm/parameter:Parameter"
QUEUE = "aws:sqs/queue:Queue"
VPC = "aws:ec2/vpc:Vpc"


def refusal(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as refused:
        call()
    return str(refused.value.details())  # type: ignore[attr-defined]


def test_a_check_fills_in_what_the_real_provider_fills_in(provider: Any) -> None:
    inputs, failures = provider.check(BUCKET, {"tags": {"product": "orders"}})
    assert failures == []
    assert inputs["bucket"].startswith("orders-")
    assert len(inputs["bucket"]) == len("orders-") + 7
    assert inputs["region"] == "eu-west-1"
    assert inputs["tags"] == {"product": "orders"}
    assert inputs["tagsAll"] == {"owner": "sales", "product": "orders"}
    assert inputs["__defaults"] == ["bucket"]


def test_a_check_names_every_wrong_property(provider: Any) -> None:
    _, failures = provider.check("aws:ec2/subnet:Subnet", {"cidrBlok": "10.0.0.0/24", "mapPublicIpOnLaunch": "yes"})
    assert failures == [
        "unknown property 'cidrBlok'; did you mean 'cidrBlock'?",
        "expected a boolean for 'mapPublicIpOnLaunch', got a string",
        "missing required property 'vpcId'",
    ]


def test_a_name_once_made_stays_and_a_replacement_gets_another(provider: Any) -> None:
    first, _ = provider.check(BUCKET, {}, seed=b"one")
    again, _ = provider.check(BUCKET, {"forceDestroy": True}, olds=first, seed=b"two")
    replacement, _ = provider.check(BUCKET, {"forceDestroy": True}, seed=b"two")
    assert again["bucket"] == first["bucket"]
    assert replacement["bucket"] != first["bucket"]


def test_what_an_engine_was_given_checks_again(provider: Any) -> None:
    inputs, _ = provider.check(BUCKET, {"tags": {"product": "orders"}})
    again, failures = provider.check(BUCKET, inputs, olds=inputs)
    assert failures == []
    assert again["tagsAll"] == inputs["tagsAll"]


def test_a_preview_knows_inputs_and_nothing_that_aws_reports(provider: Any) -> None:
    inputs, _ = provider.check(BUCKET, {"bucket": "acme-orders"})
    physical_id, outputs = provider.create(BUCKET, inputs, preview=True)
    assert physical_id == ""
    assert outputs["bucket"] == "acme-orders"
    assert outputs["region"] == "eu-west-1"
    assert outputs["arn"] is UNKNOWN
    assert outputs["bucketDomainName"] is UNKNOWN
    assert "__defaults" not in outputs


def test_unknown_inputs_pass_a_preview(provider: Any) -> None:
    inputs, failures = provider.check(
        "aws:s3/bucketVersioning:BucketVersioning", {"bucket": UNKNOWN, "versioningConfiguration": {"status": UNKNOWN}}
    )
    assert failures == []
    _, outputs = provider.create("aws:s3/bucketVersioning:BucketVersioning", inputs, preview=True)
    assert outputs["bucket"] is UNKNOWN
    tagged, _ = provider.check(QUEUE, {"tags": {"vpc": UNKNOWN}})
    assert tagged["tagsAll"] == {"vpc": UNKNOWN}


def test_a_created_resource_has_its_identifiers(provider: Any) -> None:
    inputs, _ = provider.check(BUCKET, {"bucket": "acme-orders"})
    physical_id, outputs = provider.create(BUCKET, inputs)
    assert physical_id == "acme-orders"
    assert outputs["arn"] == "arn:aws:s3:::acme-orders"
    assert outputs["bucketRegionalDomainName"] == "acme-orders.s3.eu-west-1.amazonaws.com"
    assert UNKNOWN not in outputs.values()


def test_secrets_stay_secret(provider: Any) -> None:
    inputs, _ = provider.check(PARAMETER, {"type": "SecureString", "value": Secret("hidden")})
    assert inputs["value"] == Secret("hidden")
    _, outputs = provider.create(PARAMETER, inputs)
    assert outputs["value"] == Secret("hidden")


def test_outputs_that_the_provider_marks_are_secret_without_being_given_as_such(provider: Any) -> None:
    connection = "aws:cloudwatch/eventConnection:EventConnection"
    inputs, _ = provider.check(
        connection,
        {
            "name": "crm",
            "authorizationType": "API_KEY",
            "authParameters": {"apiKey": {"key": "x-api-key", "value": "hidden"}},
        },
    )
    _, outputs = provider.create(connection, inputs)
    assert outputs["authParameters"] == {"apiKey": {"key": "x-api-key", "value": Secret("hidden")}}


def test_a_diff_says_what_replaces(provider: Any) -> None:
    answer = provider.diff(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}, {"cidrBlock": "10.1.0.0/16"})
    assert answer.changes == messages.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == ["cidrBlock"]
    assert answer.detailedDiff["cidrBlock"].kind == messages.PropertyDiff.UPDATE_REPLACE
    assert answer.detailedDiff["tags"].kind == messages.PropertyDiff.DELETE
    assert not answer.deleteBeforeReplace


def test_no_difference_is_no_change(provider: Any) -> None:
    answer = provider.diff(VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.0.0.0/16", "tags": {}})
    assert answer.changes == messages.DiffResponse.DIFF_NONE


def test_ignored_changes_are_none(provider: Any) -> None:
    answer = provider.diff(VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ("cidrBlock",))
    assert answer.changes == messages.DiffResponse.DIFF_NONE


def test_an_update_keeps_what_aws_reported(provider: Any) -> None:
    inputs, _ = provider.check(VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True})
    physical_id, outputs = provider.create(VPC, inputs)
    news, _ = provider.check(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}, olds=inputs)
    updated = provider.update(VPC, physical_id, outputs, inputs, news)
    assert updated["arn"] == outputs["arn"]
    assert updated["tagsAll"] == {"owner": "sales", "a": "1"}
    assert "enableDnsSupport" not in updated


def test_an_update_keeps_what_aws_would_choose_itself(provider: Any) -> None:
    subnet = "aws:ec2/subnet:Subnet"
    inputs, _ = provider.check(subnet, {"vpcId": "vpc-1", "availabilityZone": "eu-west-1b"})
    physical_id, outputs = provider.create(subnet, inputs)
    news, _ = provider.check(subnet, {"vpcId": "vpc-1", "mapPublicIpOnLaunch": True}, olds=inputs)
    assert set(provider.diff(subnet, inputs, news).detailedDiff) == {"mapPublicIpOnLaunch"}
    assert provider.update(subnet, physical_id, outputs, inputs, news)["availabilityZone"] == "eu-west-1b"


def test_a_refresh_of_a_resource_in_state_alone_echoes(provider: Any) -> None:
    assert provider.read(VPC, "vpc-1", {"cidrBlock": "10.0.0.0/16"}, {"arn": "arn:x"}) == (
        "vpc-1",
        {"cidrBlock": "10.0.0.0/16"},
        {"arn": "arn:x"},
    )


def test_an_import_of_a_resource_in_state_alone_is_refused(provider: Any) -> None:
    assert "nothing to import" in refusal(lambda: provider.read(VPC, "vpc-1"))


def test_unknown_types_are_refused_by_name(provider: Any) -> None:
    assert refusal(lambda: provider.check("aws:s3/bucket:Bukket", {})) == (
        "pulumi-aws has no resource type aws:s3/bucket:Bukket"
    )


# ---- materialised resources ----


def made(provider: Any, **given: Any) -> tuple[str, dict[str, Any], dict[str, Any]]:
    inputs, failures = provider.check(QUEUE, {"name": "orders", **given})
    assert failures == []
    return (*provider.create(QUEUE, inputs), inputs)


def test_a_preview_touches_no_cloud(provider: Any, cloud: Any) -> None:
    inputs, _ = provider.check(QUEUE, {"name": "orders"})
    provider.create(QUEUE, inputs, preview=True)
    assert cloud.queues.targets == []


def test_a_kind_creates_in_the_providers_account_and_the_resources_region(provider: Any, cloud: Any) -> None:
    made(provider)
    made(provider, region="eu-central-1")
    assert cloud.queues.targets == [("222222222222", "eu-west-1"), ("222222222222", "eu-central-1")]


def test_what_a_kind_reports_goes_before_what_is_computed(provider: Any) -> None:
    physical_id, outputs, _ = made(provider)
    assert physical_id == "orders"
    assert outputs["arn"] == "arn:made:orders"
    assert outputs["url"] == "orders", "other outputs follow from the id that the kind gave"


def test_kinds_get_plain_inputs(provider: Any, cloud: Any) -> None:
    made(provider, tags=Secret({"a": "1"}))
    assert cloud.queues.queues["orders"]["tagsAll"] == {"owner": "sales", "a": "1"}
    assert not any(name.startswith("__") for name in cloud.queues.queues["orders"])


def test_a_refusal_of_the_local_cloud_is_the_resources_error(provider: Any, cloud: Any) -> None:
    cloud.queues.refusal = ClientError({"Error": {"Code": "QueueDeletedRecently", "Message": "wait"}}, "CreateQueue")
    message = refusal(lambda: made(provider))
    assert message.startswith("creating aws:sqs/queue:Queue (orders): ")
    assert "QueueDeletedRecently" in message
    assert "wait" in message


def test_a_refresh_shows_drift_and_only_drift(provider: Any, cloud: Any) -> None:
    physical_id, outputs, inputs = made(provider, visibilityTimeoutSeconds=30, tags={"a": "1"})
    assert provider.read(QUEUE, physical_id, inputs, outputs) == (physical_id, inputs, outputs)
    cloud.queues.queues["orders"] |= {"visibilityTimeoutSeconds": 60, "tags": None}
    _, now, seen = provider.read(QUEUE, physical_id, inputs, outputs)
    assert now["visibilityTimeoutSeconds"] == seen["visibilityTimeoutSeconds"] == 60
    assert "tags" not in now
    assert now["name"] == "orders"


def test_drift_of_a_secret_stays_secret(provider: Any, cloud: Any) -> None:
    physical_id, outputs, inputs = made(provider, policy=Secret("before"))
    cloud.queues.queues["orders"]["policy"] = "after"
    _, now, _ = provider.read(QUEUE, physical_id, inputs, outputs)
    assert now["policy"] == Secret("after")


def test_a_refresh_of_what_is_gone_has_no_id(provider: Any, cloud: Any) -> None:
    physical_id, outputs, inputs = made(provider)
    cloud.queues.queues.clear()
    assert provider.read(QUEUE, physical_id, inputs, outputs)[0] == ""


def test_an_import_finds_the_inputs(provider: Any, cloud: Any) -> None:
    cloud.queues.queues["orders"] = {"name": "orders", "visibilityTimeoutSeconds": 30, "tags": {"a": "1"}}
    physical_id, inputs, outputs = provider.read(QUEUE, "orders")
    assert physical_id == "orders"
    assert inputs["visibilityTimeoutSeconds"] == 30
    assert inputs["tags"] == {"a": "1"}
    assert outputs["region"] == "eu-west-1"
    news, failures = provider.check(QUEUE, {"name": "orders", "tags": {"a": "1"}}, olds=inputs)
    assert failures == []
    changed = set(provider.diff(QUEUE, inputs, news).detailedDiff)
    assert changed == {"tagsAll"}, "what the program leaves open stays as it was found"


def test_updates_and_deletes_reach_the_kind(provider: Any, cloud: Any) -> None:
    physical_id, outputs, inputs = made(provider)
    updated = provider.update(QUEUE, physical_id, outputs, inputs, {**inputs, "delaySeconds": 5})
    assert updated["arn"] == "arn:changed:orders"
    assert updated["delaySeconds"] == 5
    provider.delete(QUEUE, physical_id, {**inputs, "region": "eu-central-1"})
    assert cloud.queues.queues == {}
    assert cloud.queues.targets[-1] == ("222222222222", "eu-central-1")


# ---- the provider itself ----


def test_an_account_that_is_not_allowed_is_refused(unconfigured: Any) -> None:
    configuration = {
        "region": "eu-west-1",
        "assumeRoles": '[{"roleArn": "arn:aws:iam::333333333333:role/deploy"}]',
        "allowedAccountIds": '["222222222222"]',
    }
    assert refusal(lambda: unconfigured.configure(configuration)) == "AWS account ID not allowed: 333333333333"


def test_resources_of_an_unconfigured_provider_are_refused(unconfigured: Any) -> None:
    assert refusal(lambda: unconfigured.check(BUCKET, {})) == "the aws provider is not configured"


def test_a_wrong_configuration_fails_its_check(unconfigured: Any) -> None:
    answer = unconfigured.stub.CheckConfig(
        messages.CheckRequest(news=encode_struct({"regoin": "eu-west-1", "version": "7.51.1"}))
    )
    assert [failure.reason for failure in answer.failures] == [
        "unknown configuration key 'regoin'; did you mean 'region'?"
    ]


@pytest.mark.parametrize(("news", "replaces"), [({"region": "eu-central-1"}, ["region"]), ({"maxRetries": "3"}, [])])
def test_another_region_replaces_the_provider(unconfigured: Any, news: dict[str, str], replaces: list[str]) -> None:
    olds = {"region": "eu-west-1", "version": "7.51.0"}
    answer = unconfigured.stub.DiffConfig(
        messages.DiffRequest(old_inputs=encode_struct(olds), news=encode_struct({**olds, "version": "7.51.1", **news}))
    )
    assert answer.changes == messages.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == replaces


def test_handshake_and_plugin_info(unconfigured: Any) -> None:
    answer = unconfigured.stub.Handshake(messages.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert answer.accept_secrets
    assert unconfigured.stub.GetPluginInfo(empty_pb2.Empty()).version == "7.51.1"
    unconfigured.stub.Cancel(empty_pb2.Empty())


def test_functions_answer_for_the_providers_account(provider: Any) -> None:
    identity = provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert identity["accountId"] == "222222222222"


def test_unknown_functions_are_refused_by_name(provider: Any) -> None:
    message = refusal(lambda: provider.invoke("aws:ec2/getAmi:getAmi", {}))
    assert message.startswith("the local cloud does not have the function aws:ec2/getAmi:getAmi; it has ")


def test_many_resources_at_once(provider: Any) -> None:
    def create(number: int) -> str:
        inputs, _ = provider.check(VPC, {"cidrBlock": f"10.{number}.0.0/16"})
        return str(provider.create(VPC, inputs)[0])

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(create, range(100)))) == 100
