"""The inputs of `awsx.ec2.Vpc`: read, judged, and refused by name where the local cloud does not honour them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from localcloud.plugins.checking import suggestion
from localcloud.plugins.subnets import ISOLATED, PRIVATE, PUBLIC, UNUSED, LayoutError, Spec, mask_of_size

TOKEN = "awsx:ec2:Vpc"

_VPC = {
    "enableDnsHostnames": "enable_dns_hostnames",
    "enableDnsSupport": "enable_dns_support",
    "enableNetworkAddressUsageMetrics": "enable_network_address_usage_metrics",
    "instanceTenancy": "instance_tenancy",
    "region": "region",
}
_OWN = {
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
_ENDPOINT = {
    "autoAccept": "auto_accept",
    "dnsOptions": "dns_options",
    "ipAddressType": "ip_address_type",
    "policy": "policy",
    "privateDnsEnabled": "private_dns_enabled",
    "region": "region",
    "routeTableIds": "route_table_ids",
    "securityGroupIds": "security_group_ids",
    "serviceName": "service_name",
    "serviceRegion": "service_region",
    "subnetIds": "subnet_ids",
    "tags": "tags",
    "vpcEndpointType": "vpc_endpoint_type",
}
_SPEC = {"cidrBlocks", "cidrMask", "name", "size", "tags", "type"}
_NAT = {"elasticIpAllocationIds", "strategy"}
_STRATEGIES = {
    "subnetStrategy": ("Legacy", "Auto", "Exact"),
    "subnetNameTagStrategy": ("Legacy",),
    "vpcEndpointStrategy": ("Legacy",),
}
_NAT_STRATEGIES = ("None", "Single", "OnePerAz")
_SUBNET_TYPES = (PUBLIC, PRIVATE, ISOLATED, UNUSED)


class VpcInputError(ValueError):
    """The input at `path` cannot be honoured, for this reason."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


@dataclass(frozen=True)
class VpcInputs:
    """What a program asks of a VPC. Keys of `vpc` and `endpoints` are the arguments of the `aws` classes."""

    cidr: str
    tags: Any
    region: Any
    vpc: Mapping[str, Any]
    zone_names: Sequence[str] | None
    zone_count: int
    zone_mask: int | None
    specs: Sequence[Spec]
    placement: str
    nat: str
    allocations: Sequence[Any]
    endpoints: Sequence[Mapping[str, Any]]

    @staticmethod
    def read(inputs: Mapping[str, Any]) -> "VpcInputs":
        """The inputs by their names on the wire.

        Raises:
            VpcInputError: one is unknown, contradicts another, or asks for what is not built here.
        """
        _require_known("", inputs, _OWN | _VPC.keys())
        for key, supported in _STRATEGIES.items():
            _require_one_of(key, inputs.get(key, supported[0]), supported)
        if inputs.get("availabilityZoneNames") and inputs.get("numberOfAvailabilityZones"):
            raise VpcInputError("availabilityZoneNames", "not together with numberOfAvailabilityZones")
        mask, nat = inputs.get("availabilityZoneCidrMask"), inputs.get("natGateways") or {}
        _require_known("natGateways.", nat, _NAT)
        strategy = nat.get("strategy", "OnePerAz")
        _require_one_of("natGateways.strategy", strategy, _NAT_STRATEGIES)
        return VpcInputs(
            cidr=inputs.get("cidrBlock") or "10.0.0.0/16",
            tags=inputs.get("tags") or {},
            region=inputs.get("region"),
            vpc={python: inputs[wire] for wire, python in _VPC.items() if wire in inputs},
            zone_names=inputs.get("availabilityZoneNames"),
            zone_count=int(inputs.get("numberOfAvailabilityZones") or 3),
            zone_mask=int(mask) if mask is not None else None,
            specs=[
                _spec(f"subnetSpecs[{index}]", given) for index, given in enumerate(inputs.get("subnetSpecs") or ())
            ],
            placement=inputs.get("subnetStrategy", "Legacy"),
            nat=strategy,
            allocations=nat.get("elasticIpAllocationIds") or (),
            endpoints=[
                _endpoint(f"vpcEndpointSpecs[{index}].", given)
                for index, given in enumerate(inputs.get("vpcEndpointSpecs") or ())
            ],
        )

    def require_addresses(self, zones: int) -> None:
        """Refuse another number of addresses than the strategy has gateways."""
        wanted = {"None": 0, "Single": 1, "OnePerAz": zones}[self.nat]
        if len(self.allocations) not in (0, wanted):
            path = "natGateways.elasticIpAllocationIds"
            raise VpcInputError(path, f"the strategy {self.nat} takes {wanted}, not {len(self.allocations)}")

    def require_hosts(self, types: Set[str]) -> None:
        """Refuse gateways without a public subnet to be in, or without others to use them."""
        if self.nat != "None" and not (PUBLIC in types and types & {PRIVATE, ISOLATED}):
            raise VpcInputError(
                "natGateways.strategy",
                f"{self.nat} takes public subnets for the gateways to be in, and private or isolated ones to use them",
            )


def _spec(path: str, given: Mapping[str, Any]) -> Spec:
    _require_known(f"{path}.", given, _SPEC)
    _require_one_of(f"{path}.type", given.get("type"), _SUBNET_TYPES)
    return Spec(
        given["type"],
        given.get("name") or "",
        _mask(path, given.get("cidrMask"), given.get("size")),
        tuple(given.get("cidrBlocks") or ()),
        given.get("tags") or {},
    )


def _mask(path: str, mask: float | None, size: float | None) -> int | None:
    if size is None:
        return None if mask is None else int(mask)
    try:
        from_size = mask_of_size(int(size))
    except LayoutError as error:
        raise VpcInputError(f"{path}.size", str(error)) from None
    if mask is not None and int(mask) != from_size:
        raise VpcInputError(f"{path}.size", f"{int(size)} addresses are a /{from_size}, not a /{int(mask)}")
    return from_size


def _endpoint(path: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    _require_known(path, given, _ENDPOINT.keys())
    return {python: given[wire] for wire, python in _ENDPOINT.items() if wire in given}


def _require_known(path: str, given: Mapping[str, Any], known: Set[str]) -> None:
    for key in given:
        if key not in known:
            raise VpcInputError(f"{path}{key}", f"the local cloud's {TOKEN} has no such input{suggestion(key, known)}")


def _require_one_of(path: str, value: Any, supported: Sequence[str]) -> None:
    if value not in supported:
        raise VpcInputError(path, f"the local cloud's {TOKEN} knows {', '.join(supported)}, not {value}")
