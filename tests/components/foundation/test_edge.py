"""The edge: reachable subnets beside the network's own, with no addresses handed out."""

import ipaddress

import pytest

from components.foundation.classification import Classification
from components.foundation.edge import Edge, EdgeArgs, edge_blocks
from components.foundation.keys import Key, KeyArgs
from components.foundation.network import Network, NetworkArgs
from tests.components.harness import Program, make_account, run


def edge(*, nat: bool = False) -> Program:
    def program() -> None:
        account = make_account()
        key = Key("internal", KeyArgs(account=account, classification=Classification.INTERNAL))
        network = Network("network", NetworkArgs(account=account, key=key, cidr_block="10.20.0.0/16", nat=nat))
        Edge("sftp", EdgeArgs(account=account, network=network))

    return run(program)


def test_a_subnet_in_each_zone_routes_to_the_internet() -> None:
    made = edge()
    subnets = [each.inputs for each in made.of("ec2.Subnet")]
    assert [each["availabilityZone"] for each in subnets] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert [each["mapPublicIpOnLaunch"] for each in subnets] == [False] * 3
    (route,) = made.one("ec2.RouteTable", "sftp").inputs["routes"]
    assert route["gatewayId"] == "sftp-id"
    assert {each.inputs["routeTableId"] for each in made.of("ec2.RouteTableAssociation")} == {"sftp-id"}


@pytest.mark.parametrize("cidr_block", ["10.20.0.0/16", "10.0.0.0/20"])
def test_its_blocks_are_in_the_quarter_that_awsx_leaves_free(cidr_block: str) -> None:
    network = ipaddress.IPv4Network(cidr_block)
    quarters = list(network.subnets(prefixlen_diff=2))
    blocks = [ipaddress.IPv4Network(each) for each in edge_blocks(cidr_block)]
    assert len(set(blocks)) == 3
    assert all(block.subnet_of(quarters[3]) for block in blocks)


def test_a_network_with_nat_is_refused() -> None:
    with pytest.raises(ValueError, match="network: it has NAT"):
        edge(nat=True)
