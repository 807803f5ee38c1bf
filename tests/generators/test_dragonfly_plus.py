"""Dragonfly+ against its paper's counts and rules."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from flat_support import built, design, graph_of, measured_hops, symmetry_orbits

from topo.analysis.network import switch_network
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError

SHAPES = [
    (4, 4, 4, 4, 17),
    (8, 4, 4, 3, 5),
    (8, 3, 2, 5, 4),
    (8, 2, 5, 1, 6),
    (8, 4, 4, 3, 4),
    (4, 2, 3, 3, 2),
    (8, 1, 1, 4, 5),
]


@pytest.mark.parametrize(("p", "leaves", "spines", "h", "g"), SHAPES)
def test_groups_are_leaf_spine_trees_joined_all_to_all(p: int, leaves: int, spines: int, h: int, g: int) -> None:
    keys = f"p: {p}, leaves: {leaves}, spines: {spines}, h: {h}, g: {g}"
    fabric, counts = built(p * leaves * g // 8 * 8, f"family: dragonfly-plus, {keys}")
    graph, net = graph_of(fabric), switch_network(fabric)
    group, index = np.divmod(np.arange(net.switches), leaves + spines)
    for one in range(g):
        inside = graph.subgraph(np.flatnonzero(group == one).tolist())
        assert nx.is_isomorphic(inside, nx.complete_bipartite_graph(leaves, spines))
    pairs: Counter[tuple[int, int]] = Counter()
    spread: dict[tuple[int, int], Counter[int]] = {}
    of_spine: Counter[int] = Counter()
    for u, v, links in graph.edges(data="weight"):
        if group[u] != group[v]:
            assert min(index[u], index[v]) >= leaves
            pairs[min(group[u], group[v]), max(group[u], group[v])] += links
            for end, other in ((u, v), (v, u)):
                of_spine[end] += links
                spread.setdefault((int(group[end]), int(group[other])), Counter())[int(index[end])] += links
    pairwise = spines * h // (g - 1)
    assert set(pairs.values()) == {pairwise}
    assert len(pairs) == g * (g - 1) // 2
    assert max(of_spine.values()) <= h
    for used in spread.values():
        assert max(used.values()) == -(-pairwise // spines)
    assert counts.max_hops == measured_hops(fabric)
    orbits = symmetry_orbits(fabric, "dragonfly-plus")
    assert len([orbit for orbit in orbits if any(index[s] < leaves for s in orbit)]) == 1
    if pairwise % spines == 0:
        assert len(orbits) == 2


def test_balanced_defaults_at_radix_64() -> None:
    fabric, counts = built(8192, "family: dragonfly-plus")
    origin = fabric.origins[0]
    assert [origin[key] for key in ("p", "leaves", "spines", "h", "g")] == [32, 32, 32, 32, 8]
    assert counts.switches == {"switch": 512}
    assert counts.links == {"endpoint": 8192, "group": 8192, "global": 28 * (32 * 32 // 7)}


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ("g: 1026", "g", "at most 1,025"),
        ("leaves: 40, h: 40", "leaves", "at most 64 together"),
        ("p: 40, spines: 40", "spines", "at most 24 beside 40 endpoints"),
        ("g: 1, p: 8, leaves: 2", "gpus", "at most 16"),
    ],
)
def test_what_does_not_fit_is_told(keys: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(64, f"family: dragonfly-plus, {keys}"), "d", load_catalog()))
    problem = error.value.problems[0]
    assert problem.key.endswith(key)
    assert allowed in problem.allowed
