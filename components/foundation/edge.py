"""The network's edge: subnets for servers that the internet reaches at fixed addresses."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.foundation.account import Account
from components.foundation.naming import Names
from components.foundation.network import ZONES, Network


@dataclass(frozen=True, kw_only=True)
class EdgeArgs:
    account: Account
    network: Network
    """Without NAT, which would bring an internet gateway of its own: a VPC has one."""


class Edge(pulumi.ComponentResource):
    """One subnet in each zone with a route to the internet. They hand out no public addresses (Security Hub control
    EC2.15), which is why they are not awsx's public ones: what is placed here brings its Elastic IP."""

    subnet_ids: Sequence[pulumi.Output[str]]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mesh:foundation:Edge", name, None, opts)
        if args.network.nat:
            raise ValueError("network: it has NAT, and with that an internet gateway of its own")
        names, vpc = Names(args.account), args.network.vpc_id
        child = pulumi.ResourceOptions(parent=self)
        tags = {"Name": names.name("edge")}
        gateway = aws.ec2.InternetGateway(name, vpc_id=vpc, tags=tags, opts=child)
        routes = aws.ec2.RouteTable(
            name, vpc_id=vpc, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}], tags=tags, opts=child
        )
        zones = aws.get_availability_zones_output(state="available", opts=pulumi.InvokeOutputOptions(parent=self))
        subnets = [
            aws.ec2.Subnet(
                f"{name}-{number}",
                vpc_id=vpc,
                cidr_block=cidr_block,
                availability_zone=zones.names[number - 1],
                map_public_ip_on_launch=False,
                tags={"Name": names.name(f"edge-{number}")},
                opts=child,
            )
            for number, cidr_block in enumerate(edge_blocks(args.network.cidr_block), 1)
        ]
        for number, subnet in enumerate(subnets, 1):
            aws.ec2.RouteTableAssociation(f"{name}-{number}", subnet_id=subnet.id, route_table_id=routes.id, opts=child)
        self.subnet_ids = [subnet.id for subnet in subnets]
        self.register_outputs({"subnetIds": self.subnet_ids})


def edge_blocks(cidr_block: str) -> list[str]:
    """An address block for each zone's edge subnet: from the last quarter of the network, which awsx leaves free when
    it gives a quarter to each of three zones (pulumi-awsx, subnet strategy "Auto")."""
    *_, free = ipaddress.IPv4Network(cidr_block).subnets(prefixlen_diff=2)
    return [str(block) for block in free.subnets(prefixlen_diff=2)][:ZONES]
