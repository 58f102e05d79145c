"""`awsx.ec2.Vpc`, with the children, names and tags that awsx 3 gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from localcloud.plugins.checking import suggestion
from localcloud.plugins.subnets import (
    ISOLATED,
    PRIVATE,
    PUBLIC,
    UNUSED,
    LayoutError,
    Spec,
    Subnet,
    layout,
    mask_of_size,
)

TOKEN = "awsx:ec2:Vpc"
ANYWHERE = "0.0.0.0/0"
_VPC_INPUTS = {
    "enableDnsHostnames": "enable_dns_hostnames",
    "enableDnsSupport": "enable_dns_support",
    "enableNetworkAddressUsageMetrics": "enable_network_address_usage_metrics",
    "instanceTenancy": "instance_tenancy",
    "region": "region",
}
_OWN_INPUTS = {
    "availabilityZoneCidrMask",
    "availabilityZoneNames",
    "cidrBlock",
    "natGateways",
    "numberOfAvailabilityZones",
    "subnetNameTagStrategy",
    "subnetSpecs",
    "subnetStrategy",
    "tags",
    "vpcEndpointSpecs",
    "vpcEndpointStrategy",
}
_ENDPOINT_INPUTS = {
    "autoAccept": "auto_accept",
    "dnsOptions": "dns_options",
    "ipAddressType": "ip_address_type",
    "policy": "policy",
    "privateDnsEnabled": "private_dns_enabled",
    "routeTableIds": "route_table_ids",
    "securityGroupIds": "security_group_ids",
    "serviceName": "service_name",
    "serviceRegion": "service_region",
    "subnetIds": "subnet_ids",
    "vpcEndpointType": "vpc_endpoint_type",
}
_SPEC_INPUTS = {"cidrBlocks", "cidrMask", "name", "size", "tags", "type"}
_STRATEGIES = {
    "subnetStrategy": ("Legacy", "Auto", "Exact"),
    "subnetNameTagStrategy": ("Legacy",),
    "vpcEndpointStrategy": ("Legacy",),
}
_NAT_STRATEGIES = ("None", "Single", "OnePerAz")
_FIRST_PUBLIC = {PUBLIC: 0, PRIVATE: 1, ISOLATED: 2}


class VpcError(ValueError):
    """The VPC's arguments cannot be honoured."""


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


class Vpc(pulumi.ComponentResource):
    """A VPC with subnets in several availability zones, their routes, NAT gateways and endpoints.

    Args:
        inputs: the component's inputs by their names on the wire.

    Raises:
        VpcError: an input is unknown or cannot be honoured.
    """

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TOKEN, name, {}, opts)
        require_supported(inputs)
        self._name, self._region = name, inputs.get("region")
        self._tags = inputs.get("tags") or {}
        zones = self._zones(inputs)
        strategy = _nat_strategy(inputs, zones)
        cidr = inputs.get("cidrBlock") or "10.0.0.0/16"
        specs = [_spec(index, given) for index, given in enumerate(inputs.get("subnetSpecs") or ())]
        placement = inputs.get("subnetStrategy") or "Legacy"
        try:
            placed = layout(cidr, len(zones), specs, placement, inputs.get("availabilityZoneCidrMask"))
        except LayoutError as error:
            raise VpcError(str(error)) from None
        _require_hosts_for_nat(strategy, {subnet.spec.type for subnet in placed})
        self._vpc = aws.ec2.Vpc(
            name,
            cidr_block=cidr,
            tags=self._named(name, self._tags),
            **{python: inputs[wire] for wire, python in _VPC_INPUTS.items() if wire in inputs},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._internet = aws.ec2.InternetGateway(
            name, region=self._region, vpc_id=self._vpc.id, tags=self._named(name, self._tags), opts=_below(self._vpc)
        )
        parts, allocations = _Parts(), (inputs.get("natGateways") or {}).get("elasticIpAllocationIds") or []
        for zone, zone_name in enumerate(zones):
            here = [subnet for subnet in placed if subnet.zone == zone and subnet.spec.type != UNUSED]
            for subnet in sorted(here, key=lambda subnet: _FIRST_PUBLIC[subnet.spec.type]):
                self._subnet(subnet, zone_name, strategy, allocations, parts)
        endpoints = [self._endpoint(spec) for spec in inputs.get("vpcEndpointSpecs") or ()]
        self.outputs = {
            **self._outputs(parts, endpoints),
            "subnetLayout": _layout_output(placed, specs, placement),
        }
        self.register_outputs(self.outputs)

    def _zones(self, inputs: Mapping[str, Any]) -> Sequence[str]:
        named, number = inputs.get("availabilityZoneNames"), inputs.get("numberOfAvailabilityZones")
        if named and number:
            raise VpcError("only one of availabilityZoneNames and numberOfAvailabilityZones can be given")
        if named:
            return list(named)
        found = aws.get_availability_zones(region=self._region, opts=pulumi.InvokeOptions(parent=self)).names
        wanted = int(number or 3)
        if len(found) < wanted:
            raise VpcError(f"numberOfAvailabilityZones: the region has {len(found)} availability zones, not {wanted}")
        return found[:wanted]

    def _subnet(self, placed: Subnet, zone: str, strategy: str, allocations: Sequence[str], parts: _Parts) -> None:
        spec, name = placed.spec, f"{self._name}-{placed.spec.label}-{placed.zone + 1}"
        subnet = aws.ec2.Subnet(
            name,
            region=self._region,
            vpc_id=self._vpc.id,
            availability_zone=zone,
            map_public_ip_on_launch=spec.type == PUBLIC,
            cidr_block=str(placed.block),
            assign_ipv6_address_on_creation=False,
            tags=self._named(self._name, self._tags, spec.tags or {}, {"Name": name, "SubnetType": spec.type}),
            opts=_below(self._vpc),
        )
        table = aws.ec2.RouteTable(
            name,
            region=self._region,
            vpc_id=self._vpc.id,
            tags=self._named(self._name, self._tags, {"Name": name, "SubnetType": spec.type}),
            opts=_below(subnet),
        )
        association = aws.ec2.RouteTableAssociation(
            name, region=self._region, route_table_id=table.id, subnet_id=subnet.id, opts=_below(table)
        )
        parts.subnets.append(subnet)
        parts.by_type[spec.type].append(subnet)
        parts.tables.append(table)
        parts.associations.append(association)
        if spec.type == PUBLIC:
            wanted = {"None": 0, "Single": 1, "OnePerAz": placed.zone + 1}[strategy]
            if len(parts.gateways) < wanted:
                self._nat_gateway(placed.zone, subnet, allocations, parts)
            parts.routes.append(self._route(name, table, gateway_id=self._internet.id))
        elif spec.type == PRIVATE and strategy != "None":
            gateway = parts.gateways[0 if strategy == "Single" else placed.zone]
            parts.routes.append(self._route(name, table, nat_gateway_id=gateway.id))

    def _nat_gateway(self, zone: int, subnet: aws.ec2.Subnet, allocations: Sequence[str], parts: _Parts) -> None:
        name = f"{self._name}-{zone + 1}"
        tags = _merged(self._tags, {"Name": name})
        if not allocations:
            parts.addresses.append(aws.ec2.Eip(name, region=self._region, tags=tags, opts=_below(subnet)))
        parts.gateways.append(
            aws.ec2.NatGateway(
                name,
                region=self._region,
                subnet_id=subnet.id,
                allocation_id=allocations[zone] if allocations else parts.addresses[-1].allocation_id,
                tags=tags,
                opts=_below(subnet),
            )
        )

    def _route(self, name: str, table: aws.ec2.RouteTable, **target: Any) -> aws.ec2.Route:
        return aws.ec2.Route(
            name,
            region=self._region,
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            **target,
            opts=_below(table),
        )

    def _endpoint(self, spec: Mapping[str, Any]) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            spec["serviceName"],
            vpc_id=self._vpc.id,
            region=spec.get("region", self._region),
            tags=self._named(self._name, self._tags, spec.get("tags") or {}),
            **{python: spec[wire] for wire, python in _ENDPOINT_INPUTS.items() if wire in spec},
            opts=_below(self._vpc),
        )

    def _outputs(self, parts: _Parts, endpoints: list[aws.ec2.VpcEndpoint]) -> dict[str, Any]:
        by_type = {
            f"{kind.lower()}{what}": subnets if what == "Subnets" else [subnet.id for subnet in subnets]
            for kind, subnets in parts.by_type.items()
            for what in ("Subnets", "SubnetIds")
        }
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
            "vpcEndpoints": endpoints,
            "vpcId": self._vpc.id,
        }

    @staticmethod
    def _named(name: str, *tags: Any) -> Any:
        return _merged({"Name": name}, *tags)


def require_supported(inputs: Mapping[str, Any]) -> None:
    """Refuse by name what is not built here.

    Raises:
        VpcError: an input, a strategy or a part of a spec is unknown or not supported.
    """
    _require_known("", inputs, _OWN_INPUTS | _VPC_INPUTS.keys())
    for key, supported in _STRATEGIES.items():
        _require_one_of(key, inputs.get(key, supported[0]), supported)
    _require_one_of("natGateways.strategy", (inputs.get("natGateways") or {}).get("strategy", "None"), _NAT_STRATEGIES)
    for index, spec in enumerate(inputs.get("subnetSpecs") or ()):
        _require_known(f"subnetSpecs[{index}].", spec, _SPEC_INPUTS)
        _require_one_of(f"subnetSpecs[{index}].type", spec.get("type"), (PUBLIC, PRIVATE, ISOLATED, UNUSED))
    for index, spec in enumerate(inputs.get("vpcEndpointSpecs") or ()):
        _require_known(f"vpcEndpointSpecs[{index}].", spec, _ENDPOINT_INPUTS.keys() | {"region", "tags"})


def _require_known(path: str, given: Mapping[str, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise VpcError(f"the local cloud's {TOKEN} does not know {path}{key}{suggestion(key, known)}")


def _require_one_of(path: str, value: Any, supported: Sequence[str]) -> None:
    if value not in supported:
        raise VpcError(f"the local cloud's {TOKEN} knows {path} {', '.join(supported)}, not {value}")


def _spec(index: int, given: Mapping[str, Any]) -> Spec:
    mask, size = given.get("cidrMask"), given.get("size")
    if size is not None:
        from_size = mask_of_size(int(size))
        if mask is not None and int(mask) != from_size:
            raise VpcError(f"subnetSpecs[{index}]: a size of {int(size)} is a /{from_size}, not a /{int(mask)}")
        mask = from_size
    return Spec(
        given["type"],
        given.get("name") or "",
        int(mask) if mask is not None else None,
        tuple(given.get("cidrBlocks") or ()),
        given.get("tags"),
    )


def _nat_strategy(inputs: Mapping[str, Any], zones: Sequence[str]) -> str:
    nat = inputs.get("natGateways") or {}
    strategy, addresses = str(nat.get("strategy") or "OnePerAz"), len(nat.get("elasticIpAllocationIds") or ())
    wanted = {"None": 0, "Single": 1, "OnePerAz": len(zones)}[strategy]
    if addresses not in (0, wanted):
        raise VpcError(f"natGateways.elasticIpAllocationIds: the strategy {strategy} takes {wanted}, not {addresses}")
    return strategy


def _require_hosts_for_nat(strategy: str, types: set[str]) -> None:
    if strategy != "None" and not (PUBLIC in types and types & {PRIVATE, ISOLATED}):
        raise VpcError(
            f"natGateways.strategy {strategy} takes public subnets for the gateways to be in, and private or isolated "
            "ones that use them"
        )


def _layout_output(placed: Sequence[Subnet], specs: Sequence[Spec], strategy: str) -> list[dict[str, Any]]:
    """The specs as they were resolved: with the blocks' masks where the program left the layout to awsx."""
    if specs and strategy != "Legacy":
        known = [(spec, spec.mask) for spec in specs]
    else:
        known = [(subnet.spec, subnet.block.prefixlen) for subnet in placed if subnet.zone == 0]
    return [
        {
            "type": spec.type,
            **({"name": spec.name} if spec.name else {}),
            **({"cidrMask": mask, "size": 2 ** (32 - mask)} if mask is not None else {}),
            **({"cidrBlocks": list(spec.blocks)} if spec.blocks else {}),
        }
        for spec, mask in known
    ]


def _below(parent: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(parent=parent, depends_on=[parent])


def _merged(*tags: Any) -> Any:
    """Tags over tags; known at once unless the program gave an output for all of them."""
    if all(isinstance(part, Mapping) for part in tags):
        return {key: value for part in tags for key, value in part.items()}
    return pulumi.Output.all(*tags).apply(_merge_all)


def _merge_all(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {key: value for part in tags for key, value in part.items()}
