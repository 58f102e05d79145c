"""The mapping between Pulumi's names and the APIs', on the models of operations that need all of it."""

from typing import Any

import botocore.session
import pytest
from botocore.model import Shape

from localcloud.cloud.materialise.shapes import Layout, observe, request


def _input(service: str, operation: str) -> Shape | None:
    model = botocore.session.get_session().get_service_model(service)
    shape: Shape | None = model.operation_model(operation).input_shape
    return shape


ENCRYPTION = Layout(nest={"ServerSideEncryptionConfiguration": ("rules",)})
LOGGING = Layout(nest={"BucketLoggingStatus.LoggingEnabled": ("targetBucket", "targetPrefix")})
OWNERSHIP = Layout(renames={"rule": "Rules"}, nest={"OwnershipControls": ("rule",)})

CASES: list[tuple[str, str, Layout, dict[str, Any], dict[str, Any]]] = [
    (
        "s3",
        "PutBucketEncryption",
        ENCRYPTION,
        {"bucket": "b", "rules": [{"applyServerSideEncryptionByDefault": {"kmsMasterKeyId": "k"}}]},
        {
            "Bucket": "b",
            "ServerSideEncryptionConfiguration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": "k"}}]
            },
        },
    ),
    (
        "s3",
        "PutBucketLogging",
        LOGGING,
        {"bucket": "b", "targetBucket": "l", "targetPrefix": "p"},
        {"Bucket": "b", "BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "l", "TargetPrefix": "p"}}},
    ),
    (
        "s3",
        "PutBucketOwnershipControls",
        OWNERSHIP,
        {"bucket": "b", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"Bucket": "b", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
    (
        "iam",
        "CreateRole",
        Layout(renames={"name": "RoleName"}),
        {"name": "r", "maxSessionDuration": "3600", "tags": {"a": "b"}, "forceDetachPolicies": True},
        {"RoleName": "r", "MaxSessionDuration": 3600, "Tags": [{"Key": "a", "Value": "b"}]},
    ),
    (
        "kms",
        "CreateKey",
        Layout(),
        {"tags": {"a": "b"}, "multiRegion": "true", "policy": {"Statement": []}},
        {"Tags": [{"TagKey": "a", "TagValue": "b"}], "MultiRegion": True, "Policy": '{"Statement": []}'},
    ),
    (
        "cloudwatch",
        "PutMetricAlarm",
        Layout(),
        {"dimensions": {"FunctionName": "f"}, "threshold": 1, "period": 60.0},
        {"Dimensions": [{"Name": "FunctionName", "Value": "f"}], "Threshold": 1.0, "Period": 60},
    ),
    (
        "lambda",
        "CreateFunction",
        Layout(),
        {"environment": {"variables": {"key": "1", "value": "2"}}, "layers": ["a"], "tags": {"key": "a"}},
        {"Environment": {"Variables": {"key": "1", "value": "2"}}, "Layers": ["a"], "Tags": {"key": "a"}},
    ),
]


@pytest.mark.parametrize(("service", "operation", "layout", "props", "parameters"), CASES)
def test_requests(
    service: str, operation: str, layout: Layout, props: dict[str, Any], parameters: dict[str, Any]
) -> None:
    assert request(_input(service, operation), props, layout) == parameters


@pytest.mark.parametrize(("service", "operation", "layout", "props", "parameters"), CASES)
def test_what_was_requested_is_seen_as_it_was_set(
    service: str, operation: str, layout: Layout, props: dict[str, Any], parameters: dict[str, Any]
) -> None:
    assert observe(_input(service, operation), props, parameters, layout) == props


def test_nesting_that_the_answer_leaves_out_is_no_drift() -> None:
    answer = {"LoggingEnabled": {"TargetBucket": "l", "TargetPrefix": "p"}}
    props = {"targetBucket": "l", "targetPrefix": "p"}
    assert observe(_input("s3", "PutBucketLogging"), props, answer, LOGGING) == props


@pytest.mark.parametrize(
    ("props", "answer", "observed"),
    [
        ({"description": "a"}, {"Description": "b"}, {"description": "b"}),
        ({"description": "a"}, {}, {"description": None}),
        ({"description": ""}, {}, {"description": ""}),
        ({"timeout": 3}, {"Timeout": 4}, {"timeout": 4}),
        ({"publish": False}, {}, {"publish": False}),
        ({"layers": ["a", "b"]}, {"Layers": ["b", "a"]}, {"layers": ["a", "b"]}),
        ({"layers": ["a"]}, {"Layers": ["a", "b"]}, {"layers": ["a", "b"]}),
        (
            {"environment": {"variables": {"A": "1"}}},
            {"Environment": {"Variables": {"A": "1", "B": "2"}}},
            {"environment": {"variables": {"A": "1", "B": "2"}}},
        ),
        (
            {"vpcConfig": {"subnetIds": ["s"]}},
            {"VpcConfig": {"SubnetIds": [], "VpcId": "v"}},
            {"vpcConfig": {"subnetIds": []}},
        ),
        ({"skipDestroy": True}, {}, {"skipDestroy": True}),
    ],
)
def test_drift(props: dict[str, Any], answer: dict[str, Any], observed: dict[str, Any]) -> None:
    assert observe(_input("lambda", "CreateFunction"), props, answer) == observed


@pytest.mark.parametrize(
    ("seen", "observed"),
    [
        ('{"Version":"2012-10-17","Statement":[]}', '{"Statement": [], "Version": "2012-10-17"}'),
        ({"Version": "2012-10-17", "Statement": []}, '{"Statement": [], "Version": "2012-10-17"}'),
        ('{"Version":"2012-10-17"}', '{"Version":"2012-10-17"}'),
    ],
)
def test_a_document_in_other_words_is_the_same_document(seen: Any, observed: str) -> None:
    props = {"policyDocument": '{"Statement": [], "Version": "2012-10-17"}'}
    assert observe(_input("iam", "CreatePolicy"), props, {"PolicyDocument": seen})["policyDocument"] == observed
