"""What AWS refuses fails, in AWS's words, and leaves nothing behind."""

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from localcloud.cloud.materialise import KINDS, Props, Target
from localcloud.cloud.materialise.kind import DISCARD
from tests.localcloud.cloud.lifecycles.case import ASSUMED_BY_LAMBDA, code
from tests.localcloud.cloud.lifecycles.needs import bucket

NOWHERE = "arn:aws:iam::111111111111:role/nobody"


@pytest.mark.parametrize(
    ("token", "inputs", "message"),
    [
        ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "nowhere-at-all", "policy": "{}"}, "NoSuchBucket"),
        ("aws:s3/bucket:Bucket", {"bucket": "ab"}, "InvalidBucketName"),
        (
            "aws:iam/rolePolicy:RolePolicy",
            {"role": "none", "name": "p", "policy": "{}"},
            "NoSuchEntity|MalformedPolicy",
        ),
        (
            "aws:lambda/function:Function",
            {"name": "f", "role": NOWHERE, "handler": "a.b", "runtime": "python3.12", "code": code()},
            "role",
        ),
        (
            "aws:lambda/permission:Permission",
            {"function": "none", "statementId": "s", "action": "a", "principal": "p"},
            "none",
        ),
        ("aws:sqs/queue:Queue", {"name": "not a name"}, "InvalidParameterValue"),
        ("aws:kms/alias:Alias", {"name": "no-prefix", "targetKeyId": "k"}, "Invalid"),
        ("aws:glue/catalogTable:CatalogTable", {"databaseName": "none", "name": "t"}, "EntityNotFound"),
        (
            "aws:cloudwatch/eventTarget:EventTarget",
            {"rule": "none", "targetId": "t", "arn": "arn:aws:sqs:eu-west-1:111111111111:q"},
            "ResourceNotFound",
        ),
        (
            "aws:sns/topicSubscription:TopicSubscription",
            {"topic": "arn:aws:sns:eu-west-1:111111111111:none", "protocol": "sqs", "endpoint": "e"},
            "NotFound",
        ),
    ],
)
def test_refusals(target: Target, token: str, inputs: Props, message: str) -> None:
    with pytest.raises((ClientError, ParamValidationError), match=message):
        KINDS[token].create(target, inputs)


def test_a_bucket_that_is_not_empty_stays_unless_it_may_be_emptied(target: Target) -> None:
    name = bucket(target)["bucket"]
    client = target.client("s3")
    for body in (b"1", b"2"):
        client.put_object(Bucket=name, Key="k", Body=body)
    client.delete_object(Bucket=name, Key="k")
    kind = KINDS["aws:s3/bucket:Bucket"]
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        kind.delete(target, name, {"bucket": name})
    kind.delete(target, name, {"bucket": name, "forceDestroy": True})
    assert kind.read(target, name, {"bucket": name}) is None


def test_a_protected_table_stays_unless_everything_goes(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = KINDS["aws:dynamodb/table:Table"]
    inputs = {
        "name": "ledger",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "deletionProtectionEnabled": True,
    }
    name, _ = kind.create(target, inputs)
    with pytest.raises(ClientError, match="DeletionProtectionEnabled"):
        kind.delete(target, name, inputs)
    monkeypatch.setenv(DISCARD, "1")
    kind.delete(target, name, inputs)
    assert kind.read(target, name, inputs) is None
    kind.delete(target, name, inputs)


def test_a_bucket_s_name_is_taken_everywhere(target: Target, cloud: object) -> None:
    name = bucket(target)["bucket"]
    stranger = Target(target.endpoint, "999999999999", target.region)
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        KINDS["aws:s3/bucket:Bucket"].create(stranger, {"bucket": name})


def test_of_a_creation_that_fails_half_way_nothing_remains(target: Target) -> None:
    kind = KINDS["aws:iam/role:Role"]
    inputs = {
        "name": "half",
        "assumeRolePolicy": ASSUMED_BY_LAMBDA,
        "inlinePolicies": [{"name": "broken", "policy": "{"}],
    }
    with pytest.raises(ClientError):
        kind.create(target, inputs)
    assert kind.read(target, "half", inputs) is None
    kind.create(target, {**inputs, "inlinePolicies": []})


def test_what_is_to_be_kept_is_not_deleted(target: Target) -> None:
    kind = KINDS["aws:cloudwatch/logGroup:LogGroup"]
    inputs = {"name": "/kept", "skipDestroy": True}
    group, _ = kind.create(target, inputs)
    kind.delete(target, group, inputs)
    assert kind.read(target, group, inputs) == inputs
