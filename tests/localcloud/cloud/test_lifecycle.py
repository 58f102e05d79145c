"""Every materialised type is created, read, changed and deleted in a real server, in two accounts and regions."""

import pytest

from localcloud.cloud.materialise import KINDS, Target
from localcloud.cloud.process import Cloud
from tests.localcloud.cloud.lifecycles import catalogue, compute, messaging, security, storage
from tests.localcloud.cloud.lifecycles.case import Lifecycle

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


def test_every_kind_has_a_lifecycle() -> None:
    assert {case.token for case in LIFECYCLES} == set(KINDS)
