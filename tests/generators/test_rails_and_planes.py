"""Rail-only and dual-plane networks against their definitions and networkx."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.api import check
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build, closed_forms
from topo.errors import InputError
from topo.exporters.networkx import to_networkx
from topo.fabric import CORE, LEAF, SPINE, TIER_NAMES, Fabric
from topo.generators import Counts


def built(gpus: int, host: str, compute: str) -> tuple[Fabric, Counts]:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"
    design = parse_design(text, "d", load_catalog())
    fabric, counts = build(design), closed_forms(design)["compute"]
    tiers = {TIER_NAMES[t]: int((fabric.devices.tier == t).sum()) for t in (LEAF, SPINE, CORE)}
    assert {k: n for k, n in tiers.items() if n} == dict(counts.switches)
    kinds = {k: int((fabric.links.kind == i).sum()) for i, k in enumerate(fabric.link_kinds)}
    assert {k: n for k, n in kinds.items() if n} == dict(counts.links)
    used = np.concatenate([fabric.links.a, fabric.links.b])
    assert len(np.unique(used)) == len(used)
    assert len(set(fabric.devices.name)) == len(fabric.devices)
    return fabric, counts


def islands(fabric: Fabric) -> list[set[str]]:
    """The parts the network falls into without its hosts."""
    graph: nx.MultiGraph[Any] = to_networkx(fabric, hosts=False)
    return sorted(nx.connected_components(graph), key=sorted)


def test_one_switch_per_rail_while_the_hosts_fit() -> None:
    fabric, counts = built(512, "h800-node", "family: rail-only, switch: nvidia-qm9700")
    assert counts.switches == {"leaf": 8}
    assert counts.links == {"endpoint": 512}
    assert counts.max_hops == 1
    assert counts.spare == {"leaf": 0}
    assert len(islands(fabric)) == 8
    assert (fabric.devices.rail[fabric.endpoint_switch] == fabric.endpoints.rail).all()
    assert (fabric.endpoints.rail == fabric.endpoints.nic).all()
    assert "rail3-leaf-000" in fabric.device_row


def test_a_tree_per_rail_beyond() -> None:
    fabric, counts = built(520, "h800-node", "family: rail-only, switch: nvidia-qm9700")
    assert counts.switches == {"leaf": 8 * 3, "spine": 8 * 2}
    assert counts.links == {"endpoint": 520, "leaf_spine": 8 * 3 * 32}
    rails = islands(fabric)
    assert len(rails) == 8
    assert rails[2] == {f"rail2-leaf-{i:03d}" for i in range(3)} | {f"rail2-spine-{i:03d}" for i in range(2)}


def test_all_ports_of_a_nic_lie_on_its_rail() -> None:
    fabric, counts = built(256, "multi-port-node", "family: rail-only, switch: nvidia-qm9700")
    assert counts.switches == {"leaf": 8}
    assert (fabric.devices.rail[fabric.endpoint_switch] == fabric.endpoints.nic).all()


def test_rail_only_full_size() -> None:
    _, counts = built(16384, "h800-node", "family: rail-only, switch: nvidia-qm9700")
    assert counts.switches == {"leaf": 512, "spine": 256}
    with pytest.raises(InputError, match="at most 16,384 GPUs"):
        built(16392, "h800-node", "family: rail-only, switch: nvidia-qm9700")


def test_dual_plane_of_two_tiers() -> None:
    fabric, counts = built(512, "multi-port-node", "family: dual-plane, switch: nvidia-qm9700")
    assert counts.switches == {"leaf": 2 * 16, "spine": 2 * 8}
    assert counts.links == {"endpoint": 1024, "leaf_spine": 1024}
    assert len(islands(fabric)) == 2
    assert (fabric.endpoints.plane == fabric.endpoints.nic_port).all()
    at = fabric.endpoint_switch.reshape(-1, 8, 2)
    assert (at[:, :, 0] != at[:, :, 1]).all(), "both ports of a NIC on one leaf"
    assert (fabric.devices.rail[at] == np.arange(8)[:, None]).all()
    unit = fabric.devices.index[at]
    assert (unit == unit[:, :1, :1]).all()
    for plane in range(2):
        assert (fabric.devices.plane[at[:, :, plane]] == plane).all()


def test_dual_plane_with_oversubscribed_core() -> None:
    compute = (
        "family: dual-plane, switch: tomahawk-5, endpoint_gbps: 200, uplink_gbps: 400, "
        "oversubscription: '16:15', spine_oversubscription: '15:1', tiers: 3"
    )
    fabric, counts = built(16384, "multi-port-node", compute)
    tier = fabric.devices.tier
    leaf = fabric.device_row["p0-su000-leaf-r0"]
    down = fabric.links.gbps[fabric.link_b == leaf].sum()
    up = fabric.links.gbps[fabric.link_a == leaf].sum()
    assert down / up == pytest.approx(16 / 15)
    assert counts.max_hops == 5
    spines = np.flatnonzero(tier == SPINE)
    up_per_spine = np.bincount(fabric.link_a[tier[fabric.link_a] == SPINE], minlength=len(tier))[spines]
    assert set(up_per_spine) == {8}
    assert len(islands(fabric)) == 2


@pytest.mark.parametrize("more", ["", ", tiers: 3, spine_oversubscription: 2.33"])
@pytest.mark.parametrize("leaves", ["", ", leaves: [{hosts: multi-port-node}]"])
def test_a_ratio_as_people_print_it_is_what_it_is_the_rounding_of(more: str, leaves: str) -> None:
    """HPN's 1.067:1 is 16:15: the same fabric, and a line that says so."""
    keys = f"family: dual-plane, switch: roce-128x400, rails_per_leaf: 1{leaves}"
    fabric, counts = built(1024, "multi-port-node", f"{keys}{more}, oversubscription: 1.067")
    other, exact = built(1024, "multi-port-node", f"{keys}{more.replace('2.33', '7:3')}, oversubscription: '16:15'")
    assert (counts.switches, counts.links, exact.read) == (exact.switches, exact.links, ())
    np.testing.assert_array_equal(fabric.links.a, other.links.a)
    np.testing.assert_array_equal(fabric.links.b, other.links.b)
    assert counts.read[0] == "oversubscription: 1.067 read as 16:15"
    assert counts.switches["leaf"] == 32
    network = f"{{compute: {{{keys}{more}, oversubscription: 1.067}}}}"
    design = parse_design(f"name: t\ngpus: 1024\nhost: multi-port-node\nnetworks: {network}\n")
    said = [f.message for f in check(design).findings if f.code == "ratio-read"]
    assert said[0] == "compute: oversubscription: 1.067 read as 16:15, of which it is the rounding"
    with pytest.raises(InputError, match="no split of the ports of roce-128x400 gives this ratio"):
        built(1024, "multi-port-node", f"{keys}, oversubscription: 1.07")


def test_the_loss_of_any_leaf_cuts_nobody_off() -> None:
    fabric, _ = built(512, "multi-port-node", "family: dual-plane, switch: nvidia-qm9700")
    less = fabric.without(devices=["p1-su000-leaf-r3"])
    joined = less.endpoint_switch >= 0
    assert int((~joined).sum()) == 32
    nic = less.endpoints.host[joined] * 8 + less.endpoints.nic[joined]
    assert len(np.unique(nic)) == 512


@pytest.mark.parametrize("host", ["h800-node", "multi-port-node-4x200"])
def test_dual_plane_needs_two_ports(host: str) -> None:
    with pytest.raises(InputError, match="two planes need two ports on every NIC"):
        built(512, host, "family: dual-plane, switch: tomahawk-5")


@pytest.mark.parametrize("compute", ["family: mrft", "family: mpft, planes: 1, rails_per_leaf: 1"])
def test_closed_forms_refuse_hosts_beside_the_rails_where_the_wiring_does(compute: str) -> None:
    """Hosts without GPUs take the leaf ports that whole rails leave in their plane: one too many is refused by both."""
    told = []
    for count in range(1, 12):
        text = f"name: d\ngpus: 14\nhost: example-host-2\nother_hosts: [{{host: management-node, count: {count}}}]\n"
        text += f"networks:\n  compute: {{{compute}, switch: example-switch-8}}\n"
        design = parse_design(text, "d", load_catalog())
        refused = []
        for answer in (build, closed_forms):
            try:
                answer(design)
            except InputError as error:
                refused.append([(p.key, p.message, p.allowed) for p in error.problems])
        assert len(refused) in (0, 2)
        assert refused[1:] == refused[:1]
        told.append(bool(refused))
    assert told == sorted(told)
    assert set(told) == {False, True}


@pytest.mark.parametrize("compute", ["family: mrft, rails_per_leaf: 1", "family: mpft, planes: 1, rails_per_leaf: 1"])
def test_hosts_beside_the_rails_are_of_no_rail_and_no_fault(compute: str) -> None:
    """They take free ports of leaves of any rail."""
    text = "name: d\ngpus: 10\nhost: example-host-2\nother_hosts: [{host: management-node, count: 3}]\n"
    fabric = build(
        parse_design(text + f"networks:\n  compute: {{{compute}, switch: example-switch-8}}\n", "d", load_catalog())
    )
    beside = fabric.devices.gpus[fabric.endpoints.host] == 0
    assert len({*fabric.devices.rail[fabric.endpoint_switch[beside]]}) == 2
    assert not [finding for finding in check(fabric).findings if finding.severity == "error"]
