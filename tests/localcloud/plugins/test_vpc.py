"""`awsx.ec2.Vpc`: its children, names and tags, registered against Pulumi's mocks."""

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.errors import InputPropertyError
from pulumi.runtime import mocks, settings

from localcloud.plugins.awsx import Awsx
from localcloud.plugins.vpc import Vpc
from localcloud.plugins.vpc_inputs import VpcInputError

Registered = list[mocks.MockResourceArgs]


class Recorder(mocks.Mocks):
    """Notes what is registered."""

    def __init__(self) -> None:
        self.registered: Registered = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.registered.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> dict[Any, Any]:
        region = args.args.get("region", "eu-west-1")
        return {"id": region, "names": [f"{region}{letter}" for letter in "abc"], "region": region}


def build(inputs: dict[str, Any], later: tuple[str, ...] = ()) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The inputs of every child by `Type name`, and the ids among the component's outputs; `later` are outputs."""
    recorder, outputs = Recorder(), dict[str, Any]()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    mocks.set_mocks(recorder, project="mesh", stack="prod")

    @pulumi.runtime.test
    def program() -> pulumi.Output[Any]:
        vpc = Vpc("net", {**inputs, **{name: pulumi.Output.from_input(inputs[name]) for name in later}})
        known = {name: value for name, value in vpc.outputs.items() if name.endswith("Ids") or name == "vpcId"}
        return pulumi.Output.from_input({**known, "layout": vpc.outputs["subnetLayout"]}).apply(outputs.update)

    try:
        program()
    finally:
        settings.reset_options()
        loop.close()
    children = {f"{args.typ.split(':')[-1]} {args.name}": args.inputs for args in recorder.registered}
    return children, outputs


def test_the_children_are_those_of_awsx() -> None:
    children, outputs = build({"subnetStrategy": "Auto", "tags": {"team": "sales"}})
    assert set(children) == {
        "Vpc net",
        "InternetGateway net",
        *(
            f"{kind} net-{tier}-{zone}"
            for kind in ("Subnet", "RouteTable", "RouteTableAssociation", "Route")
            for tier in ("public", "private")
            for zone in (1, 2, 3)
        ),
        *(f"{kind} net-{zone}" for kind in ("Eip", "NatGateway") for zone in (1, 2, 3)),
    }
    assert children["Vpc net"] == {"cidrBlock": "10.0.0.0/16", "tags": {"Name": "net", "team": "sales"}}
    assert children["Subnet net-public-2"] == {
        "availabilityZone": "eu-west-1b",
        "assignIpv6AddressOnCreation": False,
        "cidrBlock": "10.0.96.0/20",
        "mapPublicIpOnLaunch": True,
        "tags": {"Name": "net-public-2", "SubnetType": "Public", "team": "sales"},
        "vpcId": "net-id",
    }
    assert children["NatGateway net-2"]["subnetId"] == "net-public-2-id"
    assert children["Route net-public-1"]["gatewayId"] == "net-id"
    assert children["Route net-private-3"]["natGatewayId"] == "net-3-id"
    assert outputs["publicSubnetIds"] == ["net-public-1-id", "net-public-2-id", "net-public-3-id"]
    assert outputs["isolatedSubnetIds"] == []
    assert outputs["vpcId"] == "net-id"
    assert outputs["layout"] == [
        {"type": "Private", "cidrMask": 19, "size": 8192},
        {"type": "Public", "cidrMask": 20, "size": 4096},
    ]


def test_a_single_gateway_serves_every_zone() -> None:
    children, _ = build({"subnetStrategy": "Auto", "natGateways": {"strategy": "Single"}})
    assert [name for name in children if name.startswith("NatGateway")] == ["NatGateway net-1"]
    assert children["Route net-private-3"]["natGatewayId"] == "net-1-id"


def test_without_gateways_private_subnets_have_no_way_out() -> None:
    specs = [{"type": "Private"}, {"type": "Isolated", "name": "data"}]
    children, outputs = build(
        {
            "subnetStrategy": "Auto",
            "subnetSpecs": specs,
            "natGateways": {"strategy": "None"},
            "numberOfAvailabilityZones": 2,
        }
    )
    assert not any(name.startswith(("Route ", "NatGateway", "Eip")) for name in children)
    assert outputs["isolatedSubnetIds"] == ["net-data-1-id", "net-data-2-id"]


def test_given_addresses_are_used() -> None:
    children, _ = build(
        {"subnetStrategy": "Auto", "natGateways": {"strategy": "Single", "elasticIpAllocationIds": ["eipalloc-1"]}}
    )
    assert not any(name.startswith("Eip") for name in children)
    assert children["NatGateway net-1"]["allocationId"] == "eipalloc-1"


def test_region_and_endpoints_are_passed_on() -> None:
    children, _ = build(
        {
            "region": "eu-central-1",
            "subnetStrategy": "Auto",
            "vpcEndpointSpecs": [{"serviceName": "com.amazonaws.eu-central-1.s3", "tags": {"a": "b"}}],
        }
    )
    assert children["Subnet net-private-1"]["region"] == "eu-central-1"
    assert children["Subnet net-private-1"]["availabilityZone"] == "eu-central-1a"
    assert children["VpcEndpoint com.amazonaws.eu-central-1.s3"] == {
        "region": "eu-central-1",
        "serviceName": "com.amazonaws.eu-central-1.s3",
        "tags": {"Name": "net", "a": "b"},
        "vpcId": "net-id",
    }


def test_tags_may_be_outputs() -> None:
    children, _ = build({"subnetStrategy": "Auto", "tags": {"team": "sales"}}, later=("tags",))
    assert children["Vpc net"]["tags"] == {"Name": "net", "team": "sales"}


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"cidrBlok": "10.0.0.0/16"}, "cidrBlok: .* has no such input; did you mean 'cidrBlock'?"),
        ({"subnetStrategy": "AutoMerge"}, "subnetStrategy: .* knows Legacy, Auto, Exact, not AutoMerge"),
        ({"natGateways": {"strategy": "Many"}}, "natGateways.strategy: .* None, Single, OnePerAz, not Many"),
        ({"natGateways": {"strategie": "None"}}, "natGateways.strategie: .* did you mean 'strategy'?"),
        (
            {"subnetSpecs": [{"type": "Secret"}]},
            r"subnetSpecs\[0\].type: .* Public, Private, Isolated, Unused, not Secret",
        ),
        ({"subnetSpecs": [{"type": "Public", "cidrMsk": 20}]}, r"subnetSpecs\[0\].cidrMsk: .* mean 'cidrMask'?"),
        ({"subnetSpecs": [{"type": "Private"}], "subnetStrategy": "Auto"}, "natGateways.strategy: .* public subnets"),
        ({"numberOfAvailabilityZones": 4}, "numberOfAvailabilityZones: the region has 3 availability zones, not 4"),
        ({"numberOfAvailabilityZones": 2, "availabilityZoneNames": ["a"]}, "not together"),
        ({"natGateways": {"strategy": "Single", "elasticIpAllocationIds": ["a", "b"]}}, "takes 1, not 2"),
        ({"subnetSpecs": [{"type": "Public", "size": 256, "cidrMask": 20}]}, "256 addresses are a /24, not a /20"),
        ({"subnetSpecs": [{"type": "Public", "size": 300}]}, r"subnetSpecs\[0\].size: .* power of 2"),
        ({"cidrBlock": "10.0.0.0/28", "subnetStrategy": "Auto"}, "subnetSpecs: .* each zone needs a /26"),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(VpcInputError, match=message):
        build(inputs)


def test_other_components_are_refused_by_name() -> None:
    with pytest.raises(InputPropertyError) as refused:
        Awsx("3.11.0").construct("service", "awsx:ecs:FargateService", {})
    assert refused.value.reason == "the local cloud's awsx builds awsx:ec2:Vpc, not awsx:ecs:FargateService"
