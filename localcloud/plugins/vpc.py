"""`awsx.ec2.Vpc`, with the children, names and tags that awsx 3 gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from localcloud.plugins.subnets import ISOLATED, PRIVATE, PUBLIC, UNUSED, LayoutError, Spec, Subnet, layout
from localcloud.plugins.vpc_inputs import TOKEN, VpcInputError, VpcInputs

ANYWHERE = "0.0.0.0/0"
_PUBLIC_FIRST = {PUBLIC: 0, PRIVATE: 1, ISOLATED: 2}


@dataclass
class _Parts:
    """What a VPC consists of."""

    subnets: list[aws.ec2.Subnet] = field(default_factory=list)
    by_type: dict[str, list[aws.ec2.Subnet]] = field(default_factory=lambda: {PUBLIC: [], PRIVATE: [], ISOLATED: []})
    tables: list[aws.ec2.RouteTable] = field(default_factory=list)
    associations: list[aws.ec2.RouteTableAssociation] = field(default_factory=list)
    routes: list[aws.ec2.Route] = field(default_factory=list)
    gateways: list[aws.ec2.NatGateway] = field(default_factory=list)
    addresses: list[aws.ec2.Eip] = field(default_factory=list)
    endpoints: list[aws.ec2.VpcEndpoint] = field(default_factory=list)


class Vpc(pulumi.ComponentResource):
    """A VPC with subnets in several availability zones, their routes, NAT gateways and endpoints.

    Args:
        inputs: the component's inputs by their names on the wire.

    Raises:
        VpcInputError: an input is unknown or cannot be honoured.
    """

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKEN, name, {}, opts)
        self._name, self._asked, self._parts = name, VpcInputs.read(inputs), _Parts()
        zones = self._zones()
        self._asked.require_addresses(len(zones))
        placed = self._placed(len(zones))
        self._asked.require_hosts({subnet.spec.type for subnet in placed})
        tags = _merged({"Name": name}, self._asked.tags)
        self._vpc = aws.ec2.Vpc(
            name,
            cidr_block=self._asked.cidr,
            tags=tags,
            **self._asked.vpc,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._internet = aws.ec2.InternetGateway(
            name, region=self._asked.region, vpc_id=self._vpc.id, tags=tags, opts=_below(self._vpc)
        )
        for number, zone in enumerate(zones):
            here = [subnet for subnet in placed if subnet.zone == number and subnet.spec.type != UNUSED]
            for subnet in sorted(here, key=lambda subnet: _PUBLIC_FIRST[subnet.spec.type]):
                self._subnet(subnet, zone)
        for endpoint in self._asked.endpoints:
            self._endpoint(endpoint)
        self.outputs = {**self._outputs(), "subnetLayout": _layout_output(placed, self._asked)}
        self.register_outputs(self.outputs)

    def _zones(self) -> Sequence[str]:
        if self._asked.zone_names:
            return self._asked.zone_names
        here = pulumi.InvokeOptions(parent=self)
        found, wanted = aws.get_availability_zones(region=self._asked.region, opts=here).names, self._asked.zone_count
        if len(found) < wanted:
            raise VpcInputError(
                "numberOfAvailabilityZones", f"the region has {len(found)} availability zones, not {wanted}"
            )
        return found[:wanted]

    def _placed(self, zones: int) -> list[Subnet]:
        asked = self._asked
        try:
            return layout(asked.cidr, zones, asked.specs, asked.placement, asked.zone_mask)
        except LayoutError as error:
            raise VpcInputError("subnetSpecs", str(error)) from None

    def _subnet(self, placed: Subnet, zone: str) -> None:
        spec, name, parts = placed.spec, f"{self._name}-{placed.spec.label}-{placed.zone + 1}", self._parts
        own_tags = {"Name": name, "SubnetType": spec.type}
        subnet = aws.ec2.Subnet(
            name,
            region=self._asked.region,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            map_public_ip_on_launch=spec.type == PUBLIC,
            cidr_block=str(placed.block),
            assign_ipv6_address_on_creation=False,
            tags=_merged(self._asked.tags, spec.tags, own_tags),
            opts=_below(self._vpc),
        )
        table = aws.ec2.RouteTable(
            name,
            region=self._asked.region,
            vpc_id=self._vpc.id,
            tags=_merged(self._asked.tags, own_tags),
            opts=_below(subnet),
        )
        association = aws.ec2.RouteTableAssociation(
            name, region=self._asked.region, route_table_id=table.id, subnet_id=subnet.id, opts=_below(table)
        )
        parts.subnets.append(subnet)
        parts.by_type[spec.type].append(subnet)
        parts.tables.append(table)
        parts.associations.append(association)
        if spec.type == PUBLIC:
            if len(parts.gateways) < {"None": 0, "Single": 1, "OnePerAz": placed.zone + 1}[self._asked.nat]:
                self._nat_gateway(placed.zone, subnet)
            self._route(name, table, gateway_id=self._internet.id)
        elif spec.type == PRIVATE and self._asked.nat != "None":
            gateway = parts.gateways[0 if self._asked.nat == "Single" else placed.zone]
            self._route(name, table, nat_gateway_id=gateway.id)

    def _nat_gateway(self, zone: int, subnet: aws.ec2.Subnet) -> None:
        name, asked, parts = f"{self._name}-{zone + 1}", self._asked, self._parts
        tags = _merged(asked.tags, {"Name": name})
        if not asked.allocations:
            parts.addresses.append(aws.ec2.Eip(name, region=asked.region, tags=tags, opts=_below(subnet)))
        gateway = aws.ec2.NatGateway(
            name,
            region=asked.region,
            subnet_id=subnet.id,
            allocation_id=asked.allocations[zone] if asked.allocations else parts.addresses[-1].allocation_id,
            tags=tags,
            opts=_below(subnet),
        )
        parts.gateways.append(gateway)

    def _route(self, name: str, table: aws.ec2.RouteTable, **target: Any) -> None:
        route = aws.ec2.Route(
            name,
            region=self._asked.region,
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            **target,
            opts=_below(table),
        )
        self._parts.routes.append(route)

    def _endpoint(self, asked: Mapping[str, Any]) -> None:
        tags = _merged({"Name": self._name}, self._asked.tags, asked.get("tags") or {})
        arguments = {"region": self._asked.region, **asked, "tags": tags}
        endpoint = aws.ec2.VpcEndpoint(asked["service_name"], vpc_id=self._vpc.id, **arguments, opts=_below(self._vpc))
        self._parts.endpoints.append(endpoint)

    def _outputs(self) -> dict[str, Any]:
        parts, by_type = self._parts, dict[str, Any]()
        for kind, subnets in parts.by_type.items():
            by_type[f"{kind.lower()}Subnets"] = subnets
            by_type[f"{kind.lower()}SubnetIds"] = [subnet.id for subnet in subnets]
        return {
            **by_type,
            "eips": parts.addresses,
            "internetGateway": self._internet,
            "natGateways": parts.gateways,
            "routeTableAssociations": parts.associations,
            "routeTables": parts.tables,
            "routes": parts.routes,
            "subnets": parts.subnets,
            "vpc": self._vpc,
            "vpcEndpoints": parts.endpoints,
            "vpcId": self._vpc.id,
        }


def _layout_output(placed: Sequence[Subnet], asked: VpcInputs) -> list[dict[str, Any]]:
    """The specs as they were resolved: with the blocks' masks where the program left the layout to awsx."""
    if asked.specs and asked.placement != "Legacy":
        return [_spec_output(spec, spec.mask) for spec in asked.specs]
    return [_spec_output(subnet.spec, subnet.block.prefixlen) for subnet in placed if subnet.zone == 0]


def _spec_output(spec: Spec, mask: int | None) -> dict[str, Any]:
    return {
        "type": spec.type,
        **({"name": spec.name} if spec.name else {}),
        **({"cidrMask": mask, "size": 2 ** (32 - mask)} if mask is not None else {}),
        **({"cidrBlocks": list(spec.blocks)} if spec.blocks else {}),
    }


def _below(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent, depends_on=[parent])


def _merged(*tags: Any) -> Any:
    """Tags over tags; known at once unless the program gave an output for all of them."""
    if all(isinstance(part, Mapping) for part in tags):
        return _merge(tags)
    return pulumi.Output.all(*tags).apply(_merge)


def _merge(tags: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for part in tags for key, value in part.items()}
