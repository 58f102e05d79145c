"""Inputs against the SDK's types."""

from typing import Any

import pytest

from localcloud.engine.values import ARCHIVE, ASSET, RESOURCE, SIGNATURE, UNKNOWN, Output, Secret
from localcloud.plugins import sdk
from localcloud.plugins.checking import documents_as_json, failures

FUNCTION = "aws:lambda/function:Function"
RULES = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"


def wrong(token: str, **values: Any) -> dict[str, str]:
    resource = sdk.resource(token)
    assert resource is not None
    return {failure.path: failure.reason for failure in failures(resource.inputs, values)}


def test_correct_inputs_pass() -> None:
    assert wrong(QUEUE, name="orders", delaySeconds=5, fifoQueue=True, tags={"a": "b"}) == {}
    assert wrong(RULES, bucket="b", rules=[{"id": "old", "status": "Enabled", "expiration": {"days": 30}}]) == {}


@pytest.mark.parametrize(
    ("values", "path", "reason"),
    [
        ({"nam": "orders"}, "nam", "unknown property 'nam'; did you mean 'name'?"),
        ({"shape": "round"}, "shape", "unknown property 'shape'"),
        ({"delaySeconds": "5"}, "delaySeconds", "expected an integer for 'delaySeconds', got a string"),
        ({"delaySeconds": 5.5}, "delaySeconds", "expected an integer for 'delaySeconds', got a number"),
        ({"delaySeconds": True}, "delaySeconds", "expected an integer for 'delaySeconds', got a boolean"),
        ({"fifoQueue": 1}, "fifoQueue", "expected a boolean for 'fifoQueue', got a number"),
        ({"name": ["orders"]}, "name", "expected a string for 'name', got a list"),
        ({"tags": ["a"]}, "tags", "expected an object for 'tags', got a list"),
        ({"tags": {"a": 1}}, "tags.a", "expected a string for 'tags.a', got a number"),
    ],
)
def test_wrong_inputs_are_named(values: dict[str, Any], path: str, reason: str) -> None:
    assert wrong(QUEUE, **values) == {path: reason}


def test_nested_values_are_checked_where_they_stand() -> None:
    rules = [
        {"id": "ok", "status": "Enabled"},
        {"id": "old", "status": "Enabled", "expiration": {"dayz": 30}, "transitions": [{"storageClass": 7}]},
        {"id": "none"},
    ]
    assert wrong(RULES, bucket="b", rules=rules) == {
        "rules[1].expiration.dayz": "unknown property 'rules[1].expiration.dayz'; did you mean 'days'?",
        "rules[1].transitions[0].storageClass": (
            "expected a string for 'rules[1].transitions[0].storageClass', got a number"
        ),
        "rules[2].status": "missing required property 'rules[2].status'",
    }


def test_missing_properties_are_named_and_null_is_missing() -> None:
    reason = "missing required property 'assumeRolePolicy'"
    assert wrong(ROLE) == {"assumeRolePolicy": reason}
    assert wrong(ROLE, assumeRolePolicy=None) == {"assumeRolePolicy": reason}


@pytest.mark.parametrize("value", [UNKNOWN, Secret("{}"), Secret(UNKNOWN), Output("{}"), Output(UNKNOWN)])
def test_unknown_secret_and_output_values_stand_for_what_is_in_them(value: Any) -> None:
    assert wrong(ROLE, assumeRolePolicy=value) == {}


def test_secrets_do_not_hide_a_wrong_type_and_are_not_shown() -> None:
    found = wrong("aws:ssm/parameter:Parameter", type="String", value=Secret(31415))
    assert found == {"value": "expected a string for 'value', got a number"}


def test_assets_archives_and_resources_are_told_apart() -> None:
    archive, asset = {SIGNATURE: ARCHIVE, "path": "handlers"}, {SIGNATURE: ASSET, "text": "x"}
    assert wrong(FUNCTION, role="r", code=archive) == {}
    assert wrong(FUNCTION, role="r", code=asset) == {"code": "expected an archive for 'code', got an asset"}
    assert wrong(FUNCTION, role={SIGNATURE: RESOURCE, "urn": "urn:x", "id": "r"}) == {}
    assert wrong(QUEUE, tags=archive) == {"tags": "expected an object for 'tags', got an archive"}


def test_a_document_may_be_text_or_an_object_and_becomes_text() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
    assert wrong(ROLE, assumeRolePolicy=document) == {}
    assert wrong(ROLE, assumeRolePolicy={**document, "Statemnt": []}) == {
        "assumeRolePolicy.Statemnt": "unknown property 'assumeRolePolicy.Statemnt'; did you mean 'Statement'?"
    }
    resource = sdk.resource(ROLE)
    assert resource is not None
    assert documents_as_json(resource.inputs, {"assumeRolePolicy": {"Version": "2012-10-17"}, "tags": {"a": "b"}}) == {
        "assumeRolePolicy": '{"Version":"2012-10-17"}',
        "tags": {"a": "b"},
    }
    unknown = {"assumeRolePolicy": {"Version": UNKNOWN}}
    assert documents_as_json(resource.inputs, unknown) == unknown


def test_the_providers_own_notes_are_left_alone() -> None:
    assert wrong(QUEUE, __defaults=["name"]) == {}
