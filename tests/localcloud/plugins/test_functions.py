"""Provider functions."""

from typing import Any

import pytest

from localcloud.plugins import sdk
from localcloud.plugins.configuration import Configuration
from localcloud.plugins.functions import FunctionError, invoke

IRELAND = Configuration("222222222222", "eu-west-1", {"owner": "sales"})


def call(name: str, configuration: Configuration = IRELAND, **args: Any) -> dict[str, Any]:
    return invoke(f"aws:index/{name}:{name}", args, configuration)


def test_the_caller_is_in_the_providers_account() -> None:
    found = call("getCallerIdentity")
    assert found["accountId"] == "222222222222"
    assert found["arn"].startswith("arn:aws:sts::222222222222:assumed-role/")


def test_regions_and_partitions() -> None:
    assert call("getRegion")["region"] == "eu-west-1"
    assert call("getRegion", region="eu-central-1")["endpoint"] == "ec2.eu-central-1.amazonaws.com"
    assert call("getPartition") == {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert call("getPartition", Configuration("2" * 12, "cn-north-1"))["reverseDnsPrefix"] == "cn.com.amazonaws"
    assert "eu-central-1" in call("getRegions")["names"]


@pytest.mark.parametrize(
    ("region", "zone_id"),
    [
        ("eu-west-1", "euw1-az1"),
        ("eu-central-1", "euc1-az1"),
        ("ap-southeast-2", "apse2-az1"),
        ("us-east-1", "use1-az1"),
    ],
)
def test_every_region_has_three_zones(region: str, zone_id: str) -> None:
    found = call("getAvailabilityZones", region=region)
    assert found["names"] == [f"{region}a", f"{region}b", f"{region}c"]
    assert found["zoneIds"][0] == zone_id


def test_zones_can_be_excluded() -> None:
    assert call("getAvailabilityZones", excludeNames=["eu-west-1b"])["names"] == ["eu-west-1a", "eu-west-1c"]


def test_arns_are_taken_apart() -> None:
    found = call("getArn", arn="arn:aws:rds:eu-west-1:222222222222:db:mysql-db")
    assert (found["service"], found["account"], found["resource"]) == ("rds", "222222222222", "db:mysql-db")
    with pytest.raises(FunctionError, match="'nonsense' is no ARN"):
        call("getArn", arn="nonsense")


def test_small_functions() -> None:
    assert call("getServicePrincipal", serviceName="lambda")["name"] == "lambda.amazonaws.com"
    assert call("getDefaultTags")["tags"] == {"owner": "sales"}
    owner = invoke("aws:s3/getCanonicalUserId:getCanonicalUserId", {}, IRELAND)["id"]
    assert len(owner) == 64


def test_an_unknown_function_is_refused_with_what_there_is() -> None:
    with pytest.raises(FunctionError, match=r"does not have the function aws:ec2/getAmi:getAmi; it has .*getRegion"):
        invoke("aws:ec2/getAmi:getAmi", {}, IRELAND)


@pytest.mark.parametrize(
    ("token", "args", "message"),
    [
        ("aws:index/getArn:getArn", {}, "missing required property 'arn'"),
        ("aws:index/getRegion:getRegion", {"regoin": "x"}, "unknown property 'regoin'; did you mean 'region'?"),
        (
            "aws:iam/getPolicyDocument:getPolicyDocument",
            {"statements": [{"action": ["s3:*"]}]},
            r"unknown property 'statements\[0\].action'; did you mean 'actions'?",
        ),
        (
            "aws:iam/getPolicyDocument:getPolicyDocument",
            {"statements": [{"actions": "s3:*"}]},
            r"expected a list for 'statements\[0\].actions', got a string",
        ),
    ],
)
def test_wrong_arguments_are_named(token: str, args: dict[str, Any], message: str) -> None:
    with pytest.raises(FunctionError, match=message):
        invoke(token, args, IRELAND)


def test_every_function_is_one_of_the_sdk_and_takes_what_the_sdk_sends() -> None:
    refused = ""
    try:
        invoke("aws:none/none:none", {}, IRELAND)
    except FunctionError as error:
        refused = str(error)
    tokens = refused.partition("it has ")[2].split(", ")
    assert len(tokens) == 10
    assert [token for token in tokens if sdk.arguments(token) is None] == []
