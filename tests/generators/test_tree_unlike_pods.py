"""Unlike leaves of three tiers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from test_tree_homing import worst_leaf
from test_tree_unlike import FAST, SLOW, mixed
from tree_cases import assert_counted, assert_named

from topo.analysis.throughput import throughput
from topo.catalog import Catalog
from topo.certificates import verify_certificate
from topo.checks import Context
from topo.checks.run import run_wiring
from topo.design import build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import CORE, LEAF, SPINE, Fabric
from topo.generators import Counts

PLAIN = {"hosts": "slow"}


def podded(slow: int, fast: int, **keys: Any) -> tuple[Fabric, Counts, Catalog]:
    """`slow` hosts at 2 x 400G and `fast` ones at 2 x 800G in three tiers of switches of 8 cages."""
    return mixed(slow, fast, **({"cages": 8, "nics": 2, "family": "ft3"} | keys))


CASES: list[tuple[tuple[int, int], dict[str, Any], tuple[int, int, int], int]] = [
    ((40, 24), {"leaves": [PLAIN, FAST]}, (10 + 12, 6 * 4, 16), 6),
    ((40, 24), {"leaves": [SLOW, FAST]}, (10 + 12, 6 * 4, 16), 6),
    ((40, 24), {"leaves": [FAST]}, (10 + 12, 6 * 4, 16), 6),
    ((40, 24), {"leaves": [SLOW, FAST], "cores": 16, "spread": "by-one"}, (10 + 12, 6 * 4, 16), 6),
    ((40, 24), {"leaves": [SLOW, {**FAST, "oversubscription": "5:3"}], "spread": "by-one"}, (10 + 12, 7 * 3, 12), 7),
    ((40, 24), {"leaves": [SLOW, FAST], "spine_oversubscription": 3}, (10 + 12, 4 * 4, 4), 4),
    ((40, 24), {"leaves": [PLAIN, FAST], "homing": "dual"}, (10 + 12, 6 * 4, 16), 6),
    ((40, 8), {"leaves": [PLAIN, FAST], "spines": 2}, (10 + 4, 7 * 2, 8), 7),
    ((40, 8), {"leaves": [PLAIN, FAST], "spines": 3}, (10 + 4, 6 * 3, 12), 6),
    ((24, 10), {"leaves": [SLOW, FAST], "nics": 4, "family": "mrft", "tiers": 3, "rails_per_leaf": 1},
     (12 + 12, 6 * 4, 16), 6),
    ((8, 4), {"leaves": [{**SLOW, "oversubscription": 3}, FAST], "reserve_ports": {"leaf": 1, "spine": 1, "core": 1}},
     (3 + 4, 5, 3), 5),
    ((4, 2), {"leaves": [SLOW, FAST]}, (1 + 1, 2, 0), 1),
]  # fmt: skip


@pytest.mark.parametrize(("hosts", "keys", "switches", "pods"), CASES)
def test_unlike_leaves_of_three_tiers(
    hosts: tuple[int, int], keys: dict[str, Any], switches: tuple[int, int, int], pods: int
) -> None:
    fabric, counts, parts = podded(*hosts, **keys)
    used = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert used.max() == 1
    assert_named(fabric)
    for end in (fabric.links.a, fabric.links.b):
        np.testing.assert_array_equal(fabric.ports.gbps[end], fabric.links.gbps)
    if "reserve_ports" not in keys:
        assert_counted(fabric, counts, used)
    tier = fabric.devices.tier
    assert tuple(int((tier == t).sum()) for t in (LEAF, SPINE, CORE)) == switches
    assert dict(counts.switches) == {k: n for k, n in zip(("leaf", "spine", "core"), switches, strict=True) if n}
    assert dict(fabric.origins[0].shape)["pods"] == pods
    assert_dealt(fabric, even=keys.get("spread") != "by-one" and keys.get("spines") != 3)
    group = fabric.devices.group[fabric.link_a[fabric.endpoint_link]]
    for leaf in np.flatnonzero(tier == LEAF):
        assert len(np.unique(group[fabric.endpoint_switch == leaf])) == 1, "unlike hosts share a leaf"
    if keys.get("homing") == "dual":
        assert worst_leaf(fabric) == 0
    assert run_wiring(Context(fabric, parts, {"compute": counts})) == []


def assert_dealt(fabric: Fabric, *, even: bool) -> None:
    """Every leaf reaches every spine of its pod and no other, every spine the same number of cores; numbers of links
    between two are equal, or differ by at most one; a pod has leaves of one uplink speed."""
    devices, gbps = fabric.devices, fabric.links.gbps
    for low, high in ((LEAF, SPINE), (SPINE, CORE)):
        mine = (devices.tier[fabric.link_a] == low) & (devices.tier[fabric.link_b] == high)
        if not mine.any():
            continue
        pairs, times = np.unique(np.stack([fabric.link_a[mine], fabric.link_b[mine]]), axis=1, return_counts=True)
        for switch in np.flatnonzero(devices.tier == low):
            assert np.ptp(times[pairs[0] == switch]) <= (0 if even else 1)
            if low == LEAF:
                above = np.flatnonzero((devices.tier == SPINE) & (devices.pod == devices.pod[switch]))
                assert set(pairs[1][pairs[0] == switch]) == set(above)
        if low == LEAF:
            for pod in np.unique(devices.pod[devices.tier == LEAF]):
                assert len(np.unique(gbps[mine & (devices.pod[fabric.link_a] == pod)])) == 1
        else:
            assert len(np.unique(np.bincount(fabric.link_a[mine])[np.flatnonzero(devices.tier == SPINE)])) == 1


def least_cut(fabric: Fabric) -> Fraction:
    """The least, over single leaves and whole pods, of the capacity out of one over what all-to-all takes out at line
    rate of the slowest end: an upper bound of the network's throughput, and what it carries where links are dealt
    evenly."""
    ends, devices = fabric.endpoints, fabric.devices
    rate, at = ends.gbps.astype(np.int64), fabric.endpoint_switch
    total, links = int(rate.sum()), fabric.links.gbps.astype(np.int64)
    scale = Fraction(1, total - int(rate.min()))
    found = []
    for low, sets in ((LEAF, np.arange(len(devices))), (SPINE, devices.pod)):
        out = devices.tier[fabric.link_a] == low
        for one in np.unique(sets[devices.tier == low]):
            mine = int(rate[sets[at] == one].sum())
            up = int(links[out & (sets[fabric.link_a] == one)].sum())
            if mine and up:
                found.append(Fraction(up) / (scale * mine * (total - mine)))
    return min(found)


@pytest.mark.parametrize(
    "keys",
    [
        {"leaves": [PLAIN, FAST]},
        {"leaves": [SLOW, FAST]},
        {"leaves": [{**PLAIN, "oversubscription": 3}, FAST]},
        {"leaves": [SLOW, FAST], "spine_oversubscription": 3},
        {"leaves": [SLOW, {**FAST, "oversubscription": "5:3"}], "spine_oversubscription": "5:3"},
    ],
)
def test_traffic_across_pods_is_what_the_least_cut_allows(keys: dict[str, Any]) -> None:
    fabric, _, _ = podded(40, 16, **keys)
    assert dict(fabric.origins[0].shape)["pods"] > 1
    found = throughput(fabric, "all-to-all", "adaptive")
    assert found.exact
    verify_certificate(fabric, found.certificate)
    assert found.network_upper == pytest.approx(float(least_cut(fabric)))
    assert found.network_lower == pytest.approx(float(least_cut(fabric)))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"leaves_per_pod": 9}, {"leaves_per_pod": "at most 4"}),
        ({"leaves_per_pod": 1, "homing": "dual"}, {"leaves_per_pod": "at least 2"}),
        ({"build_for_gpus": 64}, {"build_for_gpus": "80 or 82"}),
        ({"lone": True}, {"lone": "leave it out"}),
        ({"cores": 5}, {"cores": "12 or 16"}),
        ({"spines": 3, "spread": "even"}, {"spines": "1, 2 or 4"}),
        ({"spines": 2}, {"spines": "3 or 4"}),
        ({"family": "mrft", "tiers": 3, "pods": "rail"}, {"pods": "scalable-unit"}),
        ({"family": "mrft", "tiers": 2}, {"leaves": "fewer hosts"}),
        ({"spine_oversubscription": 7.7}, {"spine_oversubscription": "6:1 or 7:1"}),
    ],
)
def test_what_three_tiers_are_refused_for(keys: dict[str, Any], told: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        podded(40, 24, leaves=[SLOW, FAST], **keys)
    assert {p.key: p.allowed for p in caught.value.problems} == told


def test_three_tiers_are_taken_where_two_do_not_hold_all() -> None:
    """A family of two tiers while they fit."""
    few, many = (podded(n, 8, leaves=[SLOW, FAST], family="mrft")[1] for n in (8, 40))
    assert "core" not in few.switches
    assert many.switches["core"]
    fabric, given, _ = podded(40, 8, leaves=[SLOW, FAST], family="mrft", spines=3)
    assert given.switches["core"]
    assert dict(fabric.origins[0].shape)["spines"] == 3, "spines of a pod"


SERVICE = """
name: t
gpus: 64
host: h800-node
other_hosts: [{host: dgx-b200, count: 16}, {host: mi300x-server, count: 12}]
networks:
  compute:
    family: mrft
    switch: nvidia-sn5600
    leaves:
    - {hosts: h800-node, uplink_gbps: 800}
    - {hosts: dgx-b200}
    - {hosts: mi300x-server, uplink_gbps: 200}
"""


def test_three_speeds_of_uplinks_take_three_tiers() -> None:
    """A spine takes two; a pod has leaves of one. The family that has two tiers alone says so, once."""
    design = parse_design(SERVICE)
    fabric, counts = build(design), closed_forms(design)["compute"]
    above = fabric.devices.tier[fabric.link_a] == LEAF
    assert len(np.unique(fabric.links.gbps[above])) == 3
    assert dict(fabric.origins[0].shape)["pods"] == 3
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    with pytest.raises(InputError) as caught:
        build(parse_design(SERVICE.replace("mrft", "ft2")))
    [problem] = caught.value.problems
    assert (problem.key, problem.line) == ("networks.compute.leaves", 10)
    assert problem.allowed == "one or two uplink_gbps"


def test_shipped_parts_in_three_tiers() -> None:
    text = """
name: t
gpus: 256
host: dgx-b200
other_hosts: [{host: h800-node, count: 40}, {host: management-node, count: 5}]
networks:
  compute:
    family: ft3
    switch: nvidia-sn5600
    uplink_gbps: 800
    leaves: [{hosts: dgx-b200, endpoint_gbps: 200, oversubscription: 2}, {hosts: h800-node, uplink_gbps: 400}]
"""
    design = parse_design(text)
    fabric, counts = build(design), closed_forms(design)["compute"]
    assert sorted(set(fabric.endpoints.gbps.tolist())) == [200, 400]
    assert dict(counts.links)["endpoint"] == (32 + 40) * 8 + 5
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
