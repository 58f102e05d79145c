"""Every materialised type is created, read, changed and deleted in a real server, in two accounts and regions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localcloud.cloud.materialise import KINDS, Props, Target, shapes
from localcloud.cloud.process import Cloud
from tests.localcloud.cloud.lifecycles import catalogue, compute, messaging, security, storage
from tests.localcloud.cloud.lifecycles.case import ASSUMED_BY_LAMBDA, TAGS, Lifecycle, policy

LIFECYCLES = [case for module in (catalogue, compute, messaging, security, storage) for case in module.LIFECYCLES]


@pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1"])
@pytest.mark.parametrize("case", LIFECYCLES, ids=lambda case: case.token.split(":")[-1])
def test_lifecycle(cloud: Cloud, case: Lifecycle, region: str, target: Target) -> None:
    target = cloud.target(target.account, region)
    kind = KINDS[case.token]
    needs = case.needs(target)
    inputs = case.inputs(needs)

    physical_id, outputs = kind.create(target, inputs)
    assert kind.read(target, physical_id, inputs) == inputs
    if case.id is not None:
        assert physical_id == case.id(inputs, target)
    expected = {name: text.format(account=target.account, region=target.region) for name, text in case.outputs.items()}
    assert expected.items() <= outputs.items()

    changed = {**inputs, **case.changes(needs)}
    if changed != inputs:
        kind.update(target, physical_id, inputs, changed)
        assert kind.read(target, physical_id, changed) == changed
        assert kind.read(target, physical_id, inputs) != inputs, "a change must show as drift from what was before"

    kind.delete(target, physical_id, changed)
    after = kind.read(target, physical_id, changed)
    assert after is None or case.remains
    kind.delete(target, physical_id, changed)


def test_many_are_created_side_by_side(target: Target) -> None:
    """As an engine does: several threads, one account, the same few services."""
    role = {"assumeRolePolicy": ASSUMED_BY_LAMBDA}
    wanted = {
        "aws:cloudwatch/logGroup:LogGroup": {"retentionInDays": 7, "tags": TAGS},
        "aws:iam/role:Role": {**role, "inlinePolicies": [{"name": "p", "policy": policy("*")}]},
        "aws:sns/topic:Topic": {"displayName": "d", "tags": TAGS},
        "aws:sqs/queue:Queue": {"delaySeconds": 5, "tags": TAGS},
    }
    asked = [(token, {"name": f"n{place}", **inputs}) for place in range(10) for token, inputs in wanted.items()]

    def create(one: tuple[str, Props]) -> Props | None:
        token, inputs = one
        physical_id, _ = KINDS[token].create(target, inputs)
        return KINDS[token].read(target, physical_id, inputs)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(create, asked)) == [inputs for _, inputs in asked]


FOUND_BY_ID = [
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:dynamodb/table:Table",
    "aws:glue/catalogTable:CatalogTable",
    "aws:iam/role:Role",
    "aws:kinesis/stream:Stream",
    "aws:kms/alias:Alias",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:sqs/queue:Queue",
    "aws:transfer/user:User",
]


@pytest.mark.parametrize(
    "case", [case for case in LIFECYCLES if case.token in FOUND_BY_ID], ids=lambda case: case.token
)
def test_an_id_is_enough_to_find_what_is_there(case: Lifecycle, target: Target) -> None:
    """As an import asks: every property is wanted and none is known."""
    kind = KINDS[case.token]
    inputs = case.inputs(case.needs(target))
    physical_id, _ = kind.create(target, inputs)
    seen = kind.read(target, physical_id, {name: _blank(value) for name, value in inputs.items()})
    assert seen is not None
    for name, value in inputs.items():
        if isinstance(value, str | int) and name != "forceDetachPolicies":  # which AWS knows nothing of
            assert shapes.same_or(value, seen[name]) == value or (name, seen[name]) == ("eventBusName", "b")


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blank(part) for name, part in value.items()}
    return [] if isinstance(value, list) else None


def test_every_kind_has_a_lifecycle() -> None:
    assert {case.token for case in LIFECYCLES} == set(KINDS)
