"""infragraph, an independent generator, builds the same two-tier and three-tier trees and the same dragonfly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import igraph
import pytest
from infragraph import Component, Device, Infrastructure
from infragraph.blueprints.devices.generic.generic_switch import Switch
from infragraph.blueprints.fabrics.clos_fat_tree_fabric import ClosFatTreeFabric
from infragraph.blueprints.fabrics.dragonfly_fabric import DragonflyFabric
from infragraph.infragraph_service import InfraGraphService

from topo.fabric import Fabric

pytestmark = pytest.mark.foreign
TIERS = {"host": 0, "tier_0": 1, "tier_1": 2, "tier_2": 3, "router": 4}


def one_nic_host() -> Device:
    host = Device(name="host", description="one NIC")
    nic = host.components.add(name="nic", description="NIC", count=1)
    nic.choice = Component.NIC
    return host


def theirs(infrastructure: Infrastructure) -> igraph.Graph:
    """infragraph's graph, the ports merged into their devices."""
    service = InfraGraphService()
    service.set_graph(infrastructure)
    pairs: Counter[tuple[str, str]] = Counter()
    for a, b in service.get_networkx_graph().edges():
        one, two = (re.sub(r"^([a-z_0-9]+)\.(\d+)\..*$", r"\1 \2", end) for end in (a, b))
        if one != two:
            pairs[min(one, two), max(one, two)] += 1
    assert set(pairs.values()) == {1}
    names = sorted({name for pair in pairs for name in pair})
    return graph([TIERS[n.split()[0]] for n in names], [(names.index(a), names.index(b)) for a, b in pairs])


def ours(fabric: Fabric) -> igraph.Graph:
    return graph(fabric.devices.tier.tolist(), list(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True)))


def graph(tiers: list[int], pairs: list[tuple[int, int]]) -> igraph.Graph:
    found = igraph.Graph(n=len(tiers), edges=pairs)
    found.vs["color"] = tiers
    return found


def alike(one: igraph.Graph, two: igraph.Graph) -> bool:
    same = Counter(one.vs["color"]) == Counter(two.vs["color"])
    return same and bool(one.isomorphic_bliss(two, color1=one.vs["color"], color2=two.vs["color"]))


@pytest.mark.parametrize(("family", "tiers", "hosts"), [("ft2", 2, 32), ("ft3", 3, 128)])
def test_trees(fabric_of: Callable[..., Fabric], family: str, tiers: int, hosts: int) -> None:
    fabric = fabric_of(family, hosts, host="example-host-1", switch="example-switch-8")
    built = theirs(ClosFatTreeFabric(Switch(port_count=8), one_nic_host(), tiers, [400] * tiers))
    assert alike(ours(fabric), built)
    up = int(fabric.links.id[fabric.link_a == fabric.device_row[str(fabric.devices.name[fabric.link_b[0]])]][0])
    assert not alike(ours(fabric.without(links=[up])), built)


def test_a_dragonfly_and_only_with_the_same_arrangement_of_global_links(fabric_of: Callable[..., Fabric]) -> None:
    built = theirs(DragonflyFabric(Switch(port_count=8), one_nic_host(), a=4, p=2, h=2))
    assert built.vcount() == 72 + 36
    for arrangement in ("absolute", "relative"):
        keys = f", p: 2, a: 4, h: 2, g: 9, arrangement: {arrangement}"
        fabric = fabric_of("dragonfly", 72, host="example-host-1", switch="example-switch-8", keys=keys)
        assert alike(ours(fabric), built) == (arrangement == "absolute")
