"""What the pack remedies by itself: tags, key rotation, bucket keys. Once, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from mesh_guardrails import wire
from mesh_guardrails.control import ResourceControl
from mesh_guardrails.controls import CONTROLS
from mesh_guardrails.facts import Facts
from mesh_guardrails.remedies import apply
from mesh_guardrails.resource import UNKNOWN

from tests.policy_packs.guardrails.building import TAGS, facts, provider, resource

BY_ID = {control.id: control for control in CONTROLS}
BUCKET_SETTINGS = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
KMS = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}
VALUES = {"required-tags": {"values": {"Owner": "sales-data", "CostCentre": "CC-2000", "BusinessUnit": "sales"}}}

CASES = [
    pytest.param("key-rotation", "aws:kms/key:Key", {}, {"enableKeyRotation": True}, id="a key"),
    pytest.param("key-rotation", "aws:kms/key:Key", {"keyUsage": "SIGN_VERIFY"}, None, id="a key for signing"),
    pytest.param(
        "bucket-keys",
        BUCKET_SETTINGS,
        {"rules": [KMS, {**KMS, "bucketKeyEnabled": True}]},
        {"rules": [{**KMS, "bucketKeyEnabled": True}] * 2},
        id="the rule without a bucket key",
    ),
    pytest.param(
        "bucket-keys",
        BUCKET_SETTINGS,
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        None,
        id="no bucket key without KMS",
    ),
    pytest.param(
        "required-tags", "aws:sqs/queue:Queue", {"tags": {"Owner": "me"}}, {"tags": {**TAGS, "Owner": "me"}}, id="tags"
    ),
    pytest.param("required-tags", "aws:sqs/queue:Queue", {}, {"tags": TAGS}, id="no tags at all"),
    pytest.param("required-tags", "aws:sqs/queuePolicy:QueuePolicy", {}, None, id="takes no tags"),
]


def struct(props: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(props)
    return message


def changes(control: str, type_: str, props: dict[str, Any], known: Facts) -> dict[Any, Any]:
    fixing = BY_ID[control]
    assert isinstance(fixing, ResourceControl)
    assert fixing.fix is not None
    return dict(fixing.fix(resource(type_, props, provider=provider(defaultTags=None)), known))


@pytest.mark.parametrize(("control", "type_", "before", "after"), CASES)
def test_a_remedy_sets_what_is_missing_and_then_has_nothing_to_do(
    control: str, type_: str, before: dict[str, Any], after: dict[str, Any] | None
) -> None:
    known = facts(settings=VALUES)
    message = struct(before)
    apply(message, changes(control, type_, before, known))
    assert wire.plain(message) == (before if after is None else after)
    assert changes(control, type_, wire.plain(message), known) == {}
    assert not list(BY_ID[control].check(resource(type_, wire.plain(message), provider=provider()), known))


def test_tags_that_are_not_known_yet_are_left_alone() -> None:
    assert changes("required-tags", "aws:sqs/queue:Queue", {"tags": UNKNOWN}, facts(settings=VALUES)) == {}


def test_a_tag_nobody_told_the_value_of_is_not_invented() -> None:
    assert changes("required-tags", "aws:sqs/queue:Queue", {}, facts()) == {("tags", "Environment"): "prod"}


def test_a_secret_stays_a_secret_when_it_is_changed_within() -> None:
    message = struct({"tags": {wire.SIGNATURE: wire.SECRET, "value": {"Owner": "me"}}})
    apply(message, {("tags", "CostCentre"): "CC-2000"})
    assert dict(message["tags"].items())[wire.SIGNATURE] == wire.SECRET
    assert wire.plain(message) == {"tags": {"Owner": "me", "CostCentre": "CC-2000"}}
