"""Unlike leaves under one spine tier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_tree_homing import worst_leaf
from tree_cases import assert_counted, assert_named, catalog, host, nic, switch, wired

from topo.analysis.throughput import throughput
from topo.catalog import Catalog
from topo.certificates import verify_certificate
from topo.checks import Context
from topo.checks.run import run_wiring
from topo.design import Design, build, closed_forms, parse_design
from topo.errors import InputError
from topo.fabric import LEAF, SPINE, Fabric
from topo.generators import Counts, HostGroup
from topo.placement.cables.cabling import cabling

BOTH = ((1, 800, 8), (2, 400, 4))
SLOW, FAST = {"hosts": "slow", "uplink_gbps": 800}, {"hosts": "fast"}


def mixed(slow: int, fast: int, cages: int = 64, nics: int = 8, **keys: Any) -> tuple[Fabric, Counts, Catalog]:
    """`slow` hosts at 400G and `fast` ones at 800G."""
    parts = catalog(
        switch(cages, BOTH), switch(8, BOTH, "small"), host(nics, nics, part_id="slow"), nic(1, 400, "slow-nic"),
        host(nics, nics, gbps=800, part_id="fast", prefix="fast"), nic(1, 800, "fast-nic"),
    )  # fmt: skip
    hosts = [HostGroup(parts.host("slow"), slow), HostGroup(parts.host("fast"), fast)]
    speeds = {k["hosts"]: k.get("endpoint_gbps") for k in keys.get("leaves", [])}
    assert not any(speeds.values()), "slower endpoints are asked for through a design"
    fabric, counts = wired(keys.pop("family", "ft2"), hosts, parts, **keys)
    return fabric, counts, parts


@pytest.mark.parametrize(
    ("hosts", "keys", "leaves", "spines"),
    [
        ((128, 144), {"leaves": [SLOW, FAST]}, 16 + 36, 32),
        ((128, 16), {"leaves": [{**SLOW, "oversubscription": 3}, FAST]}, 11 + 4, 8),
        ((128, 16), {"leaves": [{**SLOW, "oversubscription": 3}, FAST], "spread": "by-one"}, 11 + 4, 5),
        ((128, 144), {"leaves": [{"hosts": "slow"}, FAST]}, 16 + 36, 32),
        ((8, 8), {"leaves": [{"hosts": "slow", "switch": "small"}, FAST]}, 8 + 2, 2),
        ((16, 8), {"leaves": [FAST], "uplink_gbps": 800}, 2 + 2, 2),
        ((16, 8), {"leaves": [SLOW, FAST], "homing": "dual", "packing": "balanced"}, 2 + 2, 2),
        ((16, 8), {"leaves": [SLOW, FAST], "reserve_ports": {"leaf": 2, "spine": 3}}, 3 + 3, 3),
        ((16, 8), {"leaves": [SLOW, FAST], "spines": 3}, 2 + 2, 3),
    ],
)
def test_each_host_part_has_its_own_leaves(
    hosts: tuple[int, int], keys: dict[str, Any], leaves: int, spines: int
) -> None:
    fabric, counts, parts = mixed(*hosts, **keys)
    used = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert used.max() == 1
    assert_named(fabric)
    np.testing.assert_array_equal(fabric.ports.gbps[fabric.links.a], fabric.links.gbps)
    np.testing.assert_array_equal(fabric.ports.gbps[fabric.links.b], fabric.links.gbps)
    if "reserve_ports" not in keys:
        assert_counted(fabric, counts, used)
    tier, up = fabric.devices.tier, fabric.links.kind == 1
    assert dict(counts.switches) == {"leaf": leaves, "spine": spines}
    pairs, times = np.unique(np.stack([fabric.link_a[up], fabric.link_b[up]]), axis=1, return_counts=True)
    assert len(times) == leaves * spines, "a leaf misses a spine"
    for leaf in np.flatnonzero(tier == LEAF):
        assert np.ptp(times[pairs[0] == leaf]) <= (0 if keys.get("spread") is None and "spines" not in keys else 1)
    assert np.ptp(np.bincount(fabric.link_b[up])[np.flatnonzero(tier == SPINE)]) <= 1
    group = fabric.devices.group[fabric.link_a[fabric.endpoint_link]]
    for leaf in np.flatnonzero(tier == LEAF):
        assert len(np.unique(group[fabric.endpoint_switch == leaf])) == 1, "unlike hosts share a leaf"
    if keys.get("homing") == "dual":
        assert worst_leaf(fabric) == 0
    assert run_wiring(Context(fabric, parts, {"compute": counts})) == []


def test_hosts_of_both_speeds_reach_each_other_at_line_rate() -> None:
    """1,024 GPUs at 400G beside 1,152 at 800G; the network alone carries 1109/1088."""
    fabric, _, _ = mixed(128, 144, leaves=[SLOW, FAST])
    answer = throughput(fabric, "all-to-all", "adaptive")
    assert (answer.lower, answer.upper) == (1, 1)
    verify_certificate(fabric, answer.certificate)


def test_every_contradiction_is_told_at_once() -> None:
    leaves = [
        {**SLOW, "oversubscription": "7:5"},
        FAST,
        FAST,
        {"hosts": "nobody"},
        {"hosts": "slow", "switch": "small"},
    ]
    with pytest.raises(InputError) as caught:
        mixed(16, 8, leaves=leaves, peer_links=4, cores=2)
    found = {p.key: p for p in caught.value.problems}
    assert {"leaves[2].hosts", "leaves[3].hosts", "leaves[4].hosts", "peer_links", "cores"} <= set(found)
    assert found["leaves[3].hosts"].allowed == "fast or slow"


def test_spines_that_leaves_do_not_meet_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        mixed(128, 144, leaves=[SLOW, FAST], spines=16)
    [problem] = caught.value.problems
    assert problem.key == "spines"
    assert problem.allowed.startswith("26, 27")


def test_a_design_gives_each_host_part_its_speed() -> None:
    text = """
name: t
gpus: 256
host: dgx-b200
other_hosts: [{host: h800-node, count: 40}, {host: management-node, count: 5}]
networks:
  compute:
    family: ft2
    switch: nvidia-sn5600
    uplink_gbps: 800
    leaves: [{hosts: dgx-b200, endpoint_gbps: 200, oversubscription: 2}, {hosts: h800-node}]
"""
    design = parse_design(text)
    fabric, counts = build(design), closed_forms(design)["compute"]
    assert sorted(set(fabric.endpoints.gbps.tolist())) == [200, 400]
    assert dict(counts.links)["endpoint"] == (32 + 40) * 8 + 5
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    with pytest.raises(InputError) as caught:
        build(parse_design(text.replace("{hosts: h800-node}", "{hosts: storage-server}")))
    [problem] = caught.value.problems
    assert (problem.key, problem.line) == ("networks.compute.leaves[1].hosts", 11)
    with pytest.raises(InputError) as caught:
        build(parse_design(text.replace("endpoint_gbps: 200", "endpoint_gbps: 800")))
    [problem] = caught.value.problems
    assert (problem.key, problem.allowed) == ("networks.compute.leaves[0].endpoint_gbps", "at most 400")
    with pytest.raises(InputError) as caught:
        parse_design(text.replace("{hosts: h800-node}", "{hosts: h800-node, switch: no-such-switch}"))
    assert [p.key for p in caught.value.problems] == ["networks.compute.leaves[1].switch"]


def test_128_dgx_b200_beside_144_b300_from_shipped_parts() -> None:
    """400G a GPU beside 2 x 400G a GPU under one spine tier: the cross-pod traffic is carried at line rate, proved."""
    keys = "family: ft2, switch: nvidia-sn5600, uplink_gbps: 800"
    kinds = "leaves: [{hosts: dgx-b200}, {hosts: hgx-b300-ethernet}]"
    text = "name: b\ngpus: 1024\nhost: dgx-b200\nother_hosts: [{host: hgx-b300-ethernet, count: 144}]\n"
    design = parse_design(f"{text}networks: {{compute: {{{keys}, {kinds}}}}}\n")
    fabric, counts = build(design), closed_forms(design)["compute"]
    assert counts.switches == {"leaf": 16 + 36, "spine": 32}
    assert int(fabric.devices.gpus.sum()) == 1024 + 1152
    found = throughput(fabric, "all-to-all", "adaptive")
    assert (found.lower, found.upper, found.exact) == (1.0, 1.0, True)
    proved = verify_certificate(fabric, found.certificate)
    assert proved.bounds["lower"] == 1
    assert cabling(fabric, design.catalog).unfit == ()


@pytest.mark.parametrize("family", ["zcube", "dragonfly"])
def test_other_families_say_which_have_unlike_leaves(family: str) -> None:
    text = "name: t\ngpus: 256\nhost: dgx-b200\nnetworks:\n  compute:\n    family: {}\n    switch: nvidia-sn5600\n"
    with pytest.raises(InputError) as caught:
        parse_design(f"{text.format(family)}    leaves: [{{hosts: dgx-b200}}]\n")
    [problem] = [p for p in caught.value.problems if p.message == "unknown key"]
    assert (problem.key, problem.line) == ("networks.compute.leaves", 8)
    assert problem.hint == "families with this key: dual-plane, ft2, ft3, mpft, mrft, rail-only"


RAILS = {
    "mrft": "mrft",
    "mrft, two rails a leaf": "mrft\n    rails_per_leaf: 2",
    "mrft, two homes": "mrft\n    homing: dual",
    "mpft": "mpft",
    "mpft, four planes": "mpft\n    planes: 4",
    "mpft, rails apart": "mpft\n    planes: 2\n    rails_per_leaf: 1",
    "rail-only": "rail-only",
}
"""Families whose leaves hold rails or lie in planes."""


def railed(family: str, *, service: int = 0) -> Design:
    """128 hosts at 400G behind 2:1 and 40 others at 200G, without blocking; with `service` hosts of one end."""
    others = "{host: h800-node, count: 40}" + (f", {{host: management-node, count: {service}}}" if service else "")
    return parse_design(
        f"name: t\ngpus: 1024\nhost: dgx-b200\nother_hosts: [{others}]\nnetworks:\n  compute:\n    family: {family}\n"
        "    switch: nvidia-sn5600\n    uplink_gbps: 400\n    leaves:\n"
        "      - {hosts: dgx-b200, oversubscription: 2}\n      - {hosts: h800-node, endpoint_gbps: 200}\n"
    )


@pytest.mark.parametrize("family", RAILS.values(), ids=RAILS)
def test_unlike_leaves_of_rails_and_planes(family: str) -> None:
    """Whole rails on leaves of one kind of host, every plane alike, every leaf of a plane to each of its spines."""
    design = railed(family)
    fabric, counts = build(design), closed_forms(design)["compute"]
    used = np.bincount(np.concatenate([fabric.links.a, fabric.links.b]), minlength=len(fabric.ports))
    assert used.max() == 1
    assert_counted(fabric, counts, used)
    assert_named(fabric)
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    ends, tier = fabric.endpoints, fabric.devices.tier
    part = fabric.devices.group[ends.host]
    for leaf in np.flatnonzero(tier == LEAF):
        mine = fabric.endpoint_switch == leaf
        assert len(np.unique(part[mine])) == 1, "unlike hosts share a leaf"
        if fabric.devices.rail[leaf] >= 0:
            assert set(ends.nic[mine].tolist()) == {int(fabric.devices.rail[leaf])}
    up = fabric.links.kind == 1
    pairs, times = np.unique(np.stack([fabric.link_a[up], fabric.link_b[up]]), axis=1, return_counts=True)
    for plane in np.unique(fabric.devices.plane[tier == LEAF]):
        here = fabric.devices.plane == plane
        assert (here[pairs[0]] == here[pairs[1]]).all()
        assert here[pairs[0]].sum() == (here & (tier == LEAF)).sum() * (here & (tier == SPINE)).sum()
    assert times.min() >= 1
    down = np.bincount(fabric.endpoint_switch, weights=ends.gbps, minlength=len(tier))
    out = np.bincount(fabric.link_a[up], weights=fabric.links.gbps[up], minlength=len(tier))
    slow = np.unique(fabric.endpoint_switch[ends.gbps == 200])
    fast = np.setdiff1d(np.flatnonzero(tier == LEAF), slow)
    assert (down[slow] <= out[slow]).all()
    assert (down[fast] <= 2 * out[fast]).all()
    assert (down[fast] > out[fast]).any()


@pytest.mark.parametrize("family", ["mrft", "mpft", "rail-only"])
def test_unlike_leaves_carry_what_a_cut_of_the_scarcer_ones_allows(family: str) -> None:
    """All-to-all adaptive between 2:1 leaves and the rest: the uplinks of a full 2:1 leaf are the least cut."""
    fabric = build(railed(family))
    found = throughput(fabric, "all-to-all", "adaptive")
    assert found.exact
    verify_certificate(fabric, found.certificate)
    least, gbps, at = np.inf, fabric.endpoints.gbps, fabric.endpoint_switch
    for plane in np.unique(fabric.endpoints.plane):
        own = fabric.endpoints.plane == plane
        total = gbps[own].sum()
        scale = 1 / (total - gbps[own].min())
        for leaf in np.unique(at[own]):
            mine = gbps[own & (at == leaf)].sum()
            up = fabric.links.gbps[(fabric.link_a == leaf) & ~fabric.is_endpoint_link].sum()
            least = min(least, up / (scale * mine * (total - mine)))
    assert found.network_upper == pytest.approx(least)
    assert found.network_lower == pytest.approx(least)


def test_hosts_without_gpus_have_leaves_of_their_own_beside_rails() -> None:
    design = railed("mrft", service=6)
    fabric, counts = build(design), closed_forms(design)["compute"]
    assert run_wiring(Context(fabric, design.catalog, {"compute": counts})) == []
    served = fabric.endpoints.gpu_count > 0
    assert not np.intersect1d(fabric.endpoint_switch[served], fabric.endpoint_switch[~served]).size
    with pytest.raises(InputError) as caught:
        build(with_first("[dgx-b200, management-node]"))
    assert [p.key for p in caught.value.problems] == ["networks.compute.leaves[0].hosts"]


def with_first(hosts: str) -> Design:
    """Kinds of leaves the first of which holds these hosts."""
    return parse_design(
        "name: t\ngpus: 1024\nhost: dgx-b200\nother_hosts: [{host: h800-node, count: 40}, "
        "{host: management-node, count: 6}]\nnetworks:\n  compute:\n    family: mrft\n    switch: nvidia-sn5600\n"
        f"    leaves: [{{hosts: {hosts}}}, {{hosts: h800-node}}]\n"
    )


@pytest.mark.parametrize(
    ("family", "key", "allowed"),
    [
        ("mrft\n    rails_per_leaf: 3", "rails_per_leaf", "1, 2, 4 or 8"),
        ("mrft\n    tiers: 3\n    pods: rail", "pods", "scalable-unit"),
        ("mrft\n    tiers: 2\n    cores: 4", "cores", "leave it out"),
        ("mpft\n    hosts_per_leaf: 90", "hosts_per_leaf", "2 to 85"),
        ("ft2\n    peer_links: 2", "peer_links", "leave it out"),
        ("ft2\n    leaves_per_pod: 4", "leaves_per_pod", "leave it out"),
        ("mpft\n    lone: true", "lone", "leave it out"),
        ("rail-only\n    homing: dual", "leaves[0].hosts", "homing: single"),
    ],
)
def test_what_unlike_leaves_of_rails_and_planes_contradict(family: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        build(railed(family))
    found = {p.key.removeprefix("networks.compute."): p.allowed for p in caught.value.problems}
    assert found[key] == allowed


def test_a_misspelt_key_is_still_put_right() -> None:
    text = "name: t\ngpus: 256\nhost: dgx-b200\nnetworks:\n  compute:\n    family: mrft\n    switch: nvidia-sn5600\n"
    with pytest.raises(InputError) as caught:
        parse_design(f"{text}    spreed: even\n")
    assert [p.hint for p in caught.value.problems] == ["did you mean spread?"]
