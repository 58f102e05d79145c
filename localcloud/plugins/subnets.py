"""Where `awsx.ec2.Vpc` puts subnets in a VPC's address range.

The rules are those of awsx 3 (awsx/ec2 in pulumi/pulumi-awsx, Apache-2.0): each availability zone gets an equal part of
the range, and in it `Auto` and `Exact` place subnets in the order of their specs, `Legacy` private ones first, then
public, then isolated ones.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

PUBLIC, PRIVATE, ISOLATED, UNUSED = "Public", "Private", "Isolated", "Unused"
_LEGACY_ORDER = ((PRIVATE, 19), (PUBLIC, 20), (ISOLATED, 24))
"""Kinds of subnets, and the largest blocks that `Legacy` gives to one without a mask."""

_SMALLEST_DEFAULT = 26
_LARGEST_DEFAULT = 16


class LayoutError(ValueError):
    """The subnets cannot be placed."""


@dataclass(frozen=True)
class Spec:
    """One subnet per zone; `mask` is its prefix length, `blocks` its range in each zone where given."""

    type: str
    name: str = ""
    mask: int | None = None
    blocks: tuple[str, ...] = ()
    tags: Any = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        return self.name or self.type.lower()


@dataclass(frozen=True)
class Subnet:
    """One subnet; `zone` counts from 0."""

    spec: Spec
    zone: int
    block: IPv4Network


def layout(cidr: str, zones: int, specs: Sequence[Spec], strategy: str, zone_mask: int | None = None) -> list[Subnet]:
    """The subnets of a VPC with this range, zone by zone.

    Raises:
        LayoutError: they do not fit, overlap, or leave gaps where `Exact` allows none.
    """
    vpc = IPv4Network(cidr)
    if strategy == "Legacy":
        placed = list(_legacy(vpc, zones, specs))
    elif any(spec.blocks for spec in specs):
        placed = list(_explicit(zones, specs))
    else:
        placed = list(_automatic(vpc, zones, specs, zone_mask))
    _require_no_overlap(placed)
    if strategy == "Exact":
        _require_no_gaps(vpc, placed)
    return placed


def mask_of_size(size: int) -> int:
    """The prefix length of a block of `size` addresses.

    Raises:
        LayoutError: no block has that size.
    """
    if size < 4 or size & (size - 1):
        raise LayoutError(f"a subnet of {size} addresses is not possible: the size is a power of 2, at least 4")
    return 32 - size.bit_length() + 1


def _bits_for(count: int) -> int:
    return math.ceil(math.log2(count)) if count else 0


def _explicit(zones: int, specs: Sequence[Spec]) -> Iterator[Subnet]:
    for index, spec in enumerate(specs):
        if len(spec.blocks) != zones:
            raise LayoutError(f"subnetSpecs[{index}].cidrBlocks: there are {zones} zones, so it takes {zones} blocks")
    for zone in range(zones):
        for spec in specs:
            yield Subnet(spec, zone, IPv4Network(spec.blocks[zone]))


def _automatic(vpc: IPv4Network, zones: int, specs: Sequence[Spec], zone_mask: int | None) -> Iterator[Subnet]:
    mask = zone_mask or vpc.prefixlen + _bits_for(zones)
    wanted = specs or _default_specs(mask)
    usual = mask + _bits_for(len(wanted))
    needed = sum(2 ** (32 - (spec.mask or usual)) for spec in wanted)
    if needed > 2 ** (32 - mask):
        raise LayoutError(f"subnets of {needed} addresses do not fit the {2 ** (32 - mask)} that each zone has")
    area = IPv4Network((vpc.network_address, mask))
    for zone in range(zones):
        end = int(area.network_address)
        for spec in wanted:
            block = _first_block(end, spec.mask or usual)
            yield Subnet(spec, zone, block)
            end = int(block.broadcast_address) + 1
        area = IPv4Network((int(area.broadcast_address) + 1, mask))


def _default_specs(zone_mask: int) -> list[Spec]:
    if zone_mask > _SMALLEST_DEFAULT:
        raise LayoutError(f"without subnetSpecs each zone needs a /{_SMALLEST_DEFAULT} or more, and has a /{zone_mask}")
    mask = max(zone_mask, _LARGEST_DEFAULT)
    return [Spec(PRIVATE, mask=mask + 1), Spec(PUBLIC, mask=mask + 2)]


def _first_block(address: int, mask: int) -> IPv4Network:
    """The first block with this prefix length at or after the address."""
    size = 2 ** (32 - mask)
    return IPv4Network((-(-address // size) * size, mask))


def _legacy(vpc: IPv4Network, zones: int, specs: Sequence[Spec]) -> Iterator[Subnet]:
    mask = vpc.prefixlen + _bits_for(zones)
    areas = [IPv4Network((int(vpc.network_address) + zone * 2 ** (32 - mask), mask)) for zone in range(zones)]
    if not specs:
        for kind, deeper in ((PRIVATE, 1), (PUBLIC, 2)):
            for zone, area in enumerate(areas):
                start = int(area.network_address) + (2 ** (31 - mask) if kind == PUBLIC else 0)
                yield Subnet(Spec(kind), zone, IPv4Network((start, mask + deeper)))
        return
    halved = 0 if len(specs) == 1 else 1
    for zone, area in enumerate(areas):
        last: IPv4Network | None = None
        for kind, largest in _LEGACY_ORDER:
            start = int(area.network_address) if last is None else int(last.broadcast_address) + 1
            for index, spec in enumerate(spec for spec in specs if spec.type == kind):
                prefix = spec.mask or max(mask + halved, largest)
                block = IPv4Network((start + index * 2 ** (32 - prefix), prefix), strict=False)
                last = _first_block(int(last.broadcast_address) + 1, prefix) if last and block.overlaps(last) else block
                yield Subnet(spec, zone, last)


def _require_no_overlap(placed: list[Subnet]) -> None:
    ordered = sorted(placed, key=lambda subnet: int(subnet.block.network_address))
    for first, second in pairwise(ordered):
        if first.block.overlaps(second.block):
            raise LayoutError(
                f"the {first.spec.label} subnet {first.block} of zone {first.zone + 1} overlaps the "
                f"{second.spec.label} subnet {second.block} of zone {second.zone + 1}"
            )


def _require_no_gaps(vpc: IPv4Network, placed: list[Subnet]) -> None:
    expected = int(vpc.network_address)
    for subnet in placed:
        if int(subnet.block.network_address) != expected:
            raise LayoutError(f"there is a gap before {subnet.block}: Exact takes a spec of type {UNUSED} for it")
        expected = int(subnet.block.broadcast_address) + 1
    if expected != int(vpc.broadcast_address) + 1:
        raise LayoutError(f"the subnets end before {vpc} does: Exact takes a spec of type {UNUSED} for the rest")
