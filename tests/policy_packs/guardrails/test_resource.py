"""How properties are looked up, and how resources are found to name each other."""

from __future__ import annotations

from typing import Any

import pytest
from mesh_guardrails.resource import UNKNOWN, Stack, values

from tests.policy_packs.guardrails.building import resource

PROPS: dict[str, Any] = {
    "flag": False,
    "block": {"inner": 1},
    "empty": [],
    "rules": [{"key": {"id": "a"}}, {"key": None}, {}],
    "later": UNKNOWN,
    "partly": [UNKNOWN, {"id": "b"}],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("flag", [("flag", False)]),
        ("absent", [("absent", None)]),
        ("block.inner", [("block.inner", 1)]),
        ("block.inner.deeper", [("block.inner.deeper", None)]),
        ("absent.inner", [("absent.inner", None)]),
        ("absent?.inner", []),
        ("block?.absent", [("block.absent", None)]),
        ("rules[].key.id", [("rules[0].key.id", "a"), ("rules[1].key.id", None), ("rules[2].key.id", None)]),
        ("rules[].key?.id", [("rules[0].key.id", "a")]),
        ("absent[].id", []),
        ("empty[].id", []),
        ("absent[+].id", [("absent[0].id", None)]),
        ("empty[+].id", [("empty[0].id", None)]),
        ("rules[+].key?.id", [("rules[0].key.id", "a")]),
        ("later", [("later", UNKNOWN)]),
        ("later.inner", [("later", UNKNOWN)]),
        ("later[].id", [("later", UNKNOWN)]),
        ("partly[].id", [("partly[0]", UNKNOWN), ("partly[1].id", "b")]),
        ("flag.inner", [("flag.inner", None)]),
        ("flag[].id", []),
    ],
)
def test_values_at_a_path(path: str, found: list[tuple[str, Any]]) -> None:
    assert list(values(PROPS, path)) == found


VPC = resource("aws:ec2/vpc:Vpc", {"id": "vpc-1", "arn": "arn:vpc-1"})
LOG = "aws:ec2/flowLog:FlowLog"


@pytest.mark.parametrize(
    ("props", "dependencies", "names"),
    [
        ({"vpcId": "vpc-1"}, {}, True),
        ({"vpcId": "arn:vpc-1"}, {}, True),
        ({"vpcId": UNKNOWN}, {"vpcId": (VPC.urn,)}, True),
        ({"vpcId": UNKNOWN}, {}, False),
        ({"vpcId": UNKNOWN}, {"logDestination": (VPC.urn,)}, False),
        ({"vpcId": "vpc-2"}, {}, False),
        ({}, {}, False),
    ],
)
def test_a_resource_names_another_by_value_or_dependency(
    props: dict[str, Any], dependencies: dict[str, tuple[str, ...]], names: bool
) -> None:
    log = resource(LOG, props, name="log", property_dependencies=dependencies)
    assert Stack([VPC, log]).naming(VPC, "vpcId", LOG) == ([log] if names else [])


def test_a_resource_that_names_another_twice_is_told_once() -> None:
    log = resource(LOG, {"vpcId": "vpc-1"}, property_dependencies={"vpcId": (VPC.urn,)})
    assert Stack([VPC, log]).naming(VPC, "vpcId", LOG) == [log]


@pytest.mark.parametrize(
    ("within", "ancestry"),
    [("", ()), ("mesh:foundation:Bucket", ("mesh:foundation:Bucket",)), ("a:b:C$d:e:F", ("a:b:C", "d:e:F"))],
)
def test_the_urn_tells_the_components_a_resource_is_part_of(within: str, ancestry: tuple[str, ...]) -> None:
    assert resource(LOG, within=within).ancestry == ancestry
