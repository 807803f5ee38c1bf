"""Our full fat-trees are those of infragraph, an independent generator: the same graph up to renaming."""

from __future__ import annotations

import re
from collections import Counter

import igraph
import pytest
from infragraph import Component, Device
from infragraph.blueprints.devices.generic.generic_switch import Switch
from infragraph.blueprints.fabrics.clos_fat_tree_fabric import ClosFatTreeFabric
from infragraph.infragraph_service import InfraGraphService
from tree_cases import tree

from topo.fabric import Fabric

TIERS = {"host": 0, "tier_0": 1, "tier_1": 2, "tier_2": 3}


def theirs(radix: int, tiers: int, nics: int) -> igraph.Graph:
    """infragraph's tree, its NICs and ports merged into their devices."""
    host = Device(name="host", description="NICs only")
    component = host.components.add(name="nic", description="NIC", count=nics)
    component.choice = Component.NIC
    service = InfraGraphService()
    service.set_graph(ClosFatTreeFabric(Switch(port_count=radix), host, tiers, [400] * tiers))
    pairs: Counter[tuple[str, str]] = Counter()
    for a, b in service.get_networkx_graph().edges():
        one, two = (re.sub(r"^([a-z_0-9]+)\.(\d+)\..*$", r"\1 \2", end) for end in (a, b))
        if one != two:
            pairs[min(one, two), max(one, two)] += 1
    names = sorted({name for pair in pairs for name in pair})
    return graph(
        [TIERS[name.split()[0]] for name in names], {(names.index(a), names.index(b)): n for (a, b), n in pairs.items()}
    )


def ours(fabric: Fabric) -> igraph.Graph:
    pairs = Counter(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True))
    return graph(fabric.devices.tier.tolist(), pairs)


def graph(tiers: list[int], pairs: dict[tuple[int, int], int]) -> igraph.Graph:
    """A simple graph whose vertices are coloured by tier, with a vertex in the middle of each bundle, coloured by how
    many links it has (bliss knows no edge colours)."""
    found = igraph.Graph(n=len(tiers) + len(pairs))
    middle = range(len(tiers), len(tiers) + len(pairs))
    found.vs["color"] = tiers + [10 + n for n in pairs.values()]
    found.add_edges([edge for m, (a, b) in zip(middle, pairs, strict=True) for edge in ((a, m), (m, b))])
    return found


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("family", "radix", "tiers", "nics"),
    [
        ("ft2", 4, 2, 1),
        ("ft2", 8, 2, 2),
        ("ft2", 16, 2, 8),
        ("ft3", 4, 3, 1),
        ("ft3", 4, 3, 2),
        ("ft3", 6, 3, 1),
        ("ft3", 8, 3, 4),
    ],
)
def test_the_same_graph(family: str, radix: int, tiers: int, nics: int) -> None:
    hosts = 2 * (radix // 2) ** tiers // nics
    fabric, _ = tree(family, hosts, radix // 2, nics)
    one, two = ours(fabric), theirs(radix, tiers, nics)
    assert Counter(one.vs["color"]) == Counter(two.vs["color"])
    assert one.isomorphic_bliss(two, color1=one.vs["color"], color2=two.vs["color"])


def test_a_crossed_pair_of_cables_is_no_longer_the_same() -> None:
    fabric, _ = tree("ft3", 16, 2)
    one = ours(fabric)
    pairs = Counter(zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True))
    up = [pair for pair in pairs if fabric.devices.tier[pair[0]] == 1]
    (a, b), (c, d) = (
        up[0],
        next(p for p in up if p[0] != up[0][0] and fabric.devices.pod[p[0]] != fabric.devices.pod[up[0][0]]),
    )
    del pairs[a, b], pairs[c, d]
    pairs[a, d] += 1
    pairs[c, b] += 1
    two = graph(fabric.devices.tier.tolist(), pairs)
    assert not one.isomorphic_bliss(two, color1=one.vs["color"], color2=two.vs["color"])
