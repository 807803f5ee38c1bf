"""Every size of small trees, from one host to the maximum and one beyond, link by link."""

from __future__ import annotations

import numpy as np
import pytest
from tree_cases import assert_sound, components, radix_of, ratio_at_leaves, tree

from tests.slow import slow
from topo.errors import ParameterError
from topo.fabric import LEAF

SMALL = [
    # family, cages, NICs, keys, the largest number of hosts by the closed form
    ("ft2", 2, 1, {}, 4 * 4 // 2),
    ("ft2", 3, 1, {}, 6 * 6 // 2),
    ("ft2", 4, 2, {}, 8 * 8 // 2 // 2),
    ("ft2", 4, 1, {"oversubscription": 3}, 8 * 6),
    ("ft2", 4, 3, {}, 8 * (4 // 3)),
    ("ft3", 2, 1, {}, 4**3 // 4),
    ("ft3", 3, 1, {}, 6**3 // 4),
    ("ft3", 2, 2, {}, 4**3 // 4 // 2),
    ("ft3", 4, 1, {"oversubscription": 3}, 8 * 4 * 6),
    ("ft3", 4, 1, {"oversubscription": 3, "spine_oversubscription": 3}, 8 * 6 * 6),
    ("mpft", 2, 2, {}, 4 * 4 // 2),
    ("mpft", 3, 4, {}, 6 * 6 // 2),
    ("mpft", 4, 2, {"oversubscription": "3:1"}, 8 * 6),
    ("mrft", 2, 2, {}, 4 * (2 // 2) * 2),
    ("mrft", 4, 2, {"tiers": 2}, (8 // 2) * 4),
    ("mrft", 4, 2, {}, 8 * (4 // 2) * 4),
    ("mrft", 4, 2, {"pods": "rail"}, (8 // 2) * 4 * 4),
    ("mrft", 4, 3, {}, 8 * (4 // 3) * 4),
    ("mrft", 4, 3, {"pods": "rail"}, 8 // 3 * 4 * 4),
]


@pytest.mark.sampled(10)
@pytest.mark.parametrize("step", [5, slow(1)])
@pytest.mark.parametrize(("family", "cages", "nics", "keys", "most"), SMALL)
def test_sizes_up_to_the_maximum(
    family: str, cages: int, nics: int, keys: dict[str, object], most: int, step: int
) -> None:
    """The smallest, every one or every so many, and the largest."""
    for hosts in (*range(1, min(most, 8)), *range(8, most, step), most):
        fabric, counts = tree(family, hosts, cages, nics, **keys)
        assert len(fabric.endpoints) == hosts * nics
        assert (radix_of(fabric)[fabric.devices.tier >= LEAF] == 2 * cages).all()
        assert_sound(fabric, counts)
        planes = nics if family == "mpft" else 1
        assert components(fabric) == planes
    with pytest.raises(ParameterError, match=r"join at most|are needed") as error:
        tree(family, most + 1, cages, nics, **keys)
    assert error.value.problems[0].key == "gpus"


@pytest.mark.parametrize(("family", "cages", "nics", "keys", "most"), SMALL)
def test_the_ratio_is_exact_and_a_leaf_is_full_first(
    family: str, cages: int, nics: int, keys: dict[str, object], most: int
) -> None:
    fabric, _ = tree(family, most, cages, nics, **keys)
    on_leaf = np.bincount(fabric.endpoint_switch)
    leaves = np.flatnonzero(fabric.devices.tier == LEAF)
    fullest = int(on_leaf[leaves].max())
    wanted = str(keys.get("oversubscription", 1)).removesuffix(":1")
    whole = fullest if family != "ft2" or nics == 1 else 2 * cages // 2
    assert ratio_at_leaves(fabric, whole) == int(wanted)


@pytest.mark.parametrize("k", range(4, 66, 6))
def test_full_trees_have_the_textbook_counts(k: int) -> None:
    two, counts = tree("ft2", k * k // 2, k // 2)
    assert counts.switches == {"leaf": k, "spine": k // 2}
    assert (~two.is_endpoint_link).sum() == k * k // 2
    assert set(counts.spare.values()) == {0}
    if k <= 22:
        three, counts = tree("ft3", k**3 // 4, k // 2)
        assert counts.switches == {"leaf": k * k // 2, "spine": k * k // 2, "core": k * k // 4}
        assert (~three.is_endpoint_link).sum() == k**3 // 2
        assert set(counts.spare.values()) == {0}
        assert counts.max_hops == 5


def test_no_smaller_even_tree_exists() -> None:
    """The number of spines against a search over all of them: even, all uplinks used, within the radix."""
    for hosts in range(1, 129):
        _, counts = tree("ft2", hosts, 8)
        leaves = -(-hosts // 8)
        fits = [n for n in range(1, 9) if 8 % n == 0 and leaves * (8 // n) <= 16]
        assert counts.switches.get("spine", 0) == (min(fits) if leaves > 1 else 0)


def test_one_leaf_needs_no_spine() -> None:
    for family in ("ft2", "ft3", "mpft", "mrft"):
        fabric, counts = tree(family, 4, 4)
        assert counts.switches == {"leaf": 1}
        assert counts.max_hops == 1
        assert_sound(fabric, counts)


@pytest.mark.parametrize(
    ("keys", "cages", "hosts_of"),
    [
        ({"uplink_gbps": 800}, 8, 16),
        ({"uplink_gbps": 800, "oversubscription": 2}, 9, 16),
        ({"uplink_gbps": 400}, 8, 16),
        ({"endpoint_gbps": 200, "uplink_gbps": 800}, 8, 32),
        ({"endpoint_gbps": 200}, 8, 32),
    ],
)
@pytest.mark.parametrize("family", ["ft2", "ft3", "mrft"])
def test_mixed_speeds(family: str, keys: dict[str, object], cages: int, hosts_of: int) -> None:
    """Breakouts of one cage: 1 x 800, 2 x 400 or 4 x 200, as on a Spectrum-4; leaves down slow, up fast."""
    sizes = ((1, 800, 8), (2, 400, 4), (4, 200, 2))
    for hosts in (1, hosts_of, 3 * hosts_of + 1):
        fabric, counts = tree(family, hosts, cages, sizes=sizes, **keys)
        assert_sound(fabric, counts)
        down = keys.get("endpoint_gbps", 400)
        assert (fabric.links.gbps[fabric.is_endpoint_link] == down).all()
        assert (fabric.links.gbps[~fabric.is_endpoint_link] == keys.get("uplink_gbps", down)).all()
        lanes = fabric.ports.lanes * np.where(fabric.ports.gbps == 0, 0, 1)
        per_cage = np.bincount(fabric.ports.device * 1000 + fabric.ports.cage, weights=lanes)
        assert per_cage.max() <= 8
        one_speed = np.unique(np.stack([fabric.ports.device, fabric.ports.cage, fabric.ports.gbps]), axis=1)
        assert len(np.unique(one_speed[:2], axis=1).T) == len(one_speed.T), "a cage of two speeds"
        leaf_ports = fabric.devices.tier[fabric.ports.device] == LEAF
        assert (fabric.ports.cage[leaf_ports] <= cages).all()


def test_a_three_to_one_ratio_is_met_in_bandwidth() -> None:
    sizes = ((1, 800, 8), (2, 400, 4))
    fabric, _ = tree("ft2", 96, 16, sizes=sizes, uplink_gbps=800, oversubscription=3)
    on_leaf = np.bincount(fabric.endpoint_switch).max()
    assert on_leaf == 24
    assert ratio_at_leaves(fabric, 24) == 3


@pytest.mark.parametrize(
    ("keys", "key", "message", "allowed"),
    [
        ({"oversubscription": 9}, "oversubscription", "no split of the ports of sw gives this ratio", "6:1 or 7:1"),
        ({"oversubscription": "5:4"}, "oversubscription", "no split", "1:1 or 4:3"),
        ({"uplink_gbps": 800}, "switch", "sw has no ports of this speed in Gb/s", "400"),
        ({"endpoint_gbps": 800}, "endpoint_gbps", "faster than a NIC port of h", "at most 400"),
        ({"spine_switch": "nothing"}, "spine_switch", "no switch with this id in the catalog", "nvidia-qm9700"),
    ],
)
def test_refusals_name_the_key_and_what_works(keys: dict[str, object], key: str, message: str, allowed: str) -> None:
    with pytest.raises(ParameterError) as error:
        tree("ft2", 4, 4, **keys)
    (problem,) = error.value.problems
    assert problem.key == key
    assert message in problem.message
    assert allowed in problem.allowed


def test_the_ratios_that_a_refusal_names_work() -> None:
    for wanted in ("9", "5:4", "1/9", "13:11"):
        with pytest.raises(ParameterError) as error:
            tree("ft2", 1, 4, oversubscription=wanted)
        for ratio in error.value.problems[0].allowed.split(" or "):
            assert tree("ft2", 1, 4, oversubscription=ratio)


def test_a_host_that_no_leaf_can_hold() -> None:
    with pytest.raises(ParameterError, match="no leaf can hold this host: a leaf has 4 down ports"):
        tree("ft2", 1, 4, nics=5)
    assert tree("ft2", 1, 4, nics=4)
    assert tree("mpft", 1, 4, nics=5)
