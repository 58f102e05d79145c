"""Where subnets go; the expected blocks are those that awsx's own tests and documentation give."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.plugins.subnets import ISOLATED, PRIVATE, PUBLIC, UNUSED, LayoutError, Spec, layout, mask_of_size


def blocks(cidr: str, zones: int, specs: list[Spec], strategy: str, zone_mask: int | None = None) -> list[str]:
    return [str(subnet.block) for subnet in layout(cidr, zones, specs, strategy, zone_mask)]


def test_auto_divides_each_zone_evenly_in_the_order_of_the_specs() -> None:
    placed = layout("10.0.0.0/16", 3, [Spec(PUBLIC), Spec(PRIVATE), Spec(ISOLATED)], "Auto")
    assert [(subnet.zone, subnet.spec.type, str(subnet.block)) for subnet in placed] == [
        (0, "Public", "10.0.0.0/20"),
        (0, "Private", "10.0.16.0/20"),
        (0, "Isolated", "10.0.32.0/20"),
        (1, "Public", "10.0.64.0/20"),
        (1, "Private", "10.0.80.0/20"),
        (1, "Isolated", "10.0.96.0/20"),
        (2, "Public", "10.0.128.0/20"),
        (2, "Private", "10.0.144.0/20"),
        (2, "Isolated", "10.0.160.0/20"),
    ]


def test_auto_skips_to_where_a_larger_block_can_start() -> None:
    assert blocks("10.0.0.0/16", 1, [Spec(PUBLIC, mask=24), Spec(PRIVATE, mask=18)], "Auto") == [
        "10.0.0.0/24",
        "10.0.64.0/18",
    ]


def test_zones_can_be_smaller_than_they_could_be() -> None:
    assert blocks("10.0.0.0/16", 2, [Spec(PRIVATE)], "Auto", zone_mask=20) == ["10.0.0.0/20", "10.0.16.0/20"]


@pytest.mark.parametrize("mask", [16, 20, 24, 26])
def test_auto_without_specs_has_a_larger_private_and_a_smaller_public_subnet(mask: int) -> None:
    placed = layout(f"10.0.0.0/{mask}", 1, [], "Auto")
    assert [(subnet.spec.type, subnet.block.prefixlen) for subnet in placed] == [
        ("Private", mask + 1),
        ("Public", mask + 2),
    ]


def test_legacy_without_specs() -> None:
    assert blocks("10.0.0.0/16", 3, [], "Legacy") == [
        "10.0.0.0/19",
        "10.0.64.0/19",
        "10.0.128.0/19",
        "10.0.32.0/20",
        "10.0.96.0/20",
        "10.0.160.0/20",
    ]


@pytest.mark.parametrize(
    ("cidr", "specs", "expected"),
    [
        ("10.0.0.0/16", [Spec(PUBLIC), Spec(PRIVATE), Spec(ISOLATED)], ["10.0.0.0/19", "10.0.32.0/20", "10.0.48.0/24"]),
        ("10.0.0.0/20", [Spec(PRIVATE), Spec(PUBLIC), Spec(ISOLATED)], ["10.0.0.0/21", "10.0.8.0/21", "10.0.16.0/24"]),
        ("10.0.0.0/18", [Spec(ISOLATED, mask=22), Spec(PUBLIC, mask=21)], ["10.0.0.0/21", "10.0.8.0/22"]),
        (
            "10.0.0.0/17",
            [Spec(PUBLIC, mask=22), Spec(ISOLATED, mask=23), Spec(ISOLATED, mask=21)],
            ["10.0.0.0/22", "10.0.4.0/23", "10.0.8.0/21"],
        ),
        ("10.0.0.0/26", [Spec(PUBLIC)], ["10.0.0.0/26"]),
    ],
)
def test_legacy_with_specs(cidr: str, specs: list[Spec], expected: list[str]) -> None:
    assert blocks(cidr, 1, specs, "Legacy") == expected


def test_blocks_can_be_given() -> None:
    specs = [Spec(PUBLIC, blocks=("10.0.0.0/24", "10.0.1.0/24")), Spec(PRIVATE, blocks=("10.0.2.0/24", "10.0.3.0/24"))]
    assert blocks("10.0.0.0/16", 2, specs, "Auto") == ["10.0.0.0/24", "10.0.2.0/24", "10.0.1.0/24", "10.0.3.0/24"]


@pytest.mark.parametrize(
    ("cidr", "specs", "strategy", "message"),
    [
        ("10.0.0.0/24", [Spec(PRIVATE, mask=24), Spec(PUBLIC, mask=24)], "Auto", "do not fit"),
        ("10.0.0.0/27", [], "Auto", "needs a /26"),
        ("10.0.0.0/16", [Spec(PUBLIC, blocks=("10.0.0.0/24", "10.0.1.0/24"))], "Auto", "takes 1 blocks"),
        (
            "10.0.0.0/16",
            [Spec(PUBLIC, blocks=("10.0.0.0/24",)), Spec(PRIVATE, blocks=("10.0.0.128/25",))],
            "Auto",
            "overlaps",
        ),
        ("10.0.0.0/16", [Spec(PUBLIC, mask=18), Spec(PRIVATE, mask=18)], "Exact", "end before 10.0.0.0/16"),
        ("10.0.0.0/16", [Spec(PUBLIC, mask=24), Spec(PRIVATE, mask=17)], "Exact", "gap before 10.0.128.0/17"),
    ],
)
def test_impossible_layouts_are_refused(cidr: str, specs: list[Spec], strategy: str, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        layout(cidr, 1, specs, strategy)


def test_exact_counts_unused_ranges() -> None:
    specs = [Spec(PUBLIC, mask=18), Spec(PRIVATE, mask=18), Spec(UNUSED, mask=17)]
    assert blocks("10.0.0.0/16", 1, specs, "Exact") == ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/17"]


@pytest.mark.parametrize(("size", "mask"), [(4, 30), (256, 24), (65536, 16)])
def test_sizes_are_prefix_lengths(size: int, mask: int) -> None:
    assert mask_of_size(size) == mask


@pytest.mark.parametrize("size", [0, 2, 100])
def test_sizes_that_no_block_has_are_refused(size: int) -> None:
    with pytest.raises(LayoutError):
        mask_of_size(size)


@given(
    mask=st.integers(16, 22),
    zones=st.integers(1, 4),
    types=st.lists(st.sampled_from([PUBLIC, PRIVATE, ISOLATED]), min_size=1, max_size=5),
)
def test_auto_layouts_stay_inside_the_vpc_and_do_not_overlap(mask: int, zones: int, types: list[str]) -> None:
    placed = layout(f"10.0.0.0/{mask}", zones, [Spec(kind) for kind in types], "Auto")
    assert len(placed) == zones * len(types)
    assert all(subnet.block.subnet_of(IPv4Network(f"10.0.0.0/{mask}")) for subnet in placed)
