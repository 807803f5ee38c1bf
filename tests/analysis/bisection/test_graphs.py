"""Fabrics without tiers: the interval holds the truth, whatever the graph and whatever the labels."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.analysis.bisection import bisection
from topo.certificates.kinds.bisection import check
from topo.certificates.reading.cut import cut_graph
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

from .oracles import by_constraints, by_every_side, by_flows


def imported(graph: nx.Graph[Any], endpoints: int = 1, gbps: float = 400) -> Fabric:
    graph = nx.convert_node_labels_to_integers(graph)
    for node in graph:
        graph.nodes[node].setdefault("endpoints", endpoints)
    for edge in graph.edges:
        graph.edges[edge].setdefault("gbps", gbps)
    return from_networkx(graph)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("graph", "endpoints", "links"),
    [
        (nx.petersen_graph(), 2, 5),
        (nx.circular_ladder_graph(3), 3, 3),
        (nx.hypercube_graph(4), 2, 8),
        (nx.frucht_graph(), 2, 4),
        (nx.moebius_kantor_graph(), 2, 6),
        (nx.grid_2d_graph(4, 4, periodic=True), 2, 8),
        (nx.complete_graph(8), 4, 16),
        (nx.complete_graph(7), 4, 14),
        (nx.path_graph(2), 3, 1),
        (nx.star_graph(6), 2, 4),
    ],
)
def test_named_graphs(graph: nx.Graph[Any], endpoints: int, links: int) -> None:
    """Known widths. K7 cuts 4 x 3 links and half of one switch's hosts; the star three leaves and a host of its hub."""
    fabric = imported(graph, endpoints)
    answer = bisection(fabric)
    check(fabric, answer.certificate)
    assert by_constraints(fabric) == links * 400
    assert answer.lower_gbps <= links * 400 == answer.upper_gbps


def test_hypercube_and_petersen_are_proved() -> None:
    """Where the second eigenvalue is tight the interval closes: n/2 links for the cube, 5 for Petersen's graph."""
    for graph, links in ((nx.hypercube_graph(6), 32), (nx.petersen_graph(), 5)):
        answer = bisection(imported(graph, 3))
        assert answer.exact
        assert answer.upper_gbps == links * 400


@st.composite
def small_graphs(draw: Any) -> Fabric:
    """Connected or not, switches with and without endpoints, odd and mixed speeds."""
    n = draw(st.integers(2, 7))
    graph: nx.Graph[Any] = nx.Graph()
    for v in range(n):
        graph.add_node(v, endpoints=draw(st.integers(0, 3)))
    graph.nodes[0]["endpoints"] = 1
    pairs = [(u, v) for u in range(n) for v in range(u)]
    for u, v in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)):
        graph.add_edge(u, v, gbps=draw(st.sampled_from([100.0, 400.0, 12.5, 0.3])))
    graph.graph["endpoint_gbps"] = draw(st.sampled_from([100.0, 400.0]))
    return from_networkx(graph)


@often(20, 120, small_graphs())
def test_any_graph_holds_the_truth(fabric: Fabric) -> None:
    answer = bisection(fabric)
    lower, upper = check(fabric, answer.certificate)
    graph = cut_graph(fabric, 0)
    exact = round(by_constraints(fabric) / float(graph.unit)) * graph.unit
    assert lower <= exact <= upper


@often(4, 40, st.integers(0, 10_000), st.sampled_from([(8, 3), (10, 3), (8, 4), (9, 4)]), st.integers(1, 2))
def test_random_regular(seed: int, size: tuple[int, int], endpoints: int) -> None:
    n, degree = size
    fabric = imported(nx.random_regular_graph(degree, n, seed=seed), endpoints)
    answer = bisection(fabric)
    check(fabric, answer.certificate)
    assert answer.lower_gbps <= by_constraints(fabric) <= answer.upper_gbps
    lost = fabric.without(links=[int(fabric.links.id[-1])])
    assert bisection(lost).lower_gbps <= answer.upper_gbps
    assert by_constraints(lost) <= by_constraints(fabric)


def test_oracles_agree_on_graphs() -> None:
    fabric = imported(nx.circular_ladder_graph(3), 1)
    graph = cut_graph(fabric, 0)
    assert by_constraints(fabric) == by_flows(fabric) == by_every_side(graph) * float(graph.unit)


def test_relabelling_changes_nothing() -> None:
    """Twenty relabellings of one leaf-spine graph with unequal leaves, whose bisection is known exactly."""
    graph: nx.Graph[Any] = nx.complete_bipartite_graph(4, 3)
    for leaf, endpoints in zip(range(4), (4, 3, 2, 2), strict=True):
        graph.nodes[leaf]["endpoints"] = endpoints
    nx.set_node_attributes(graph, dict.fromkeys((4, 5, 6), 0), "endpoints")
    rng = np.random.default_rng(1)
    found = set()
    for _ in range(20):
        order = rng.permutation(7).tolist()
        renamed = nx.relabel_nodes(graph, dict(enumerate(order)))
        shuffled: nx.Graph[Any] = nx.Graph()
        shuffled.add_nodes_from(sorted(renamed.nodes(data=True)))
        shuffled.add_edges_from(renamed.edges)
        answer = bisection(imported(shuffled))
        assert answer.exact
        found.add((answer.lower_gbps, answer.upper_gbps))
    assert found == {(by_constraints(imported(graph)),) * 2}


def test_imported_leaf_spine_is_recognised_without_tiers() -> None:
    """64 leaves of 32 endpoints on 32 spines, as an anonymous graph: full bisection, proved."""
    graph = nx.complete_bipartite_graph(64, 32)
    nx.set_node_attributes(graph, {v: 32 if v < 64 else 0 for v in graph}, "endpoints")
    answer = bisection(imported(graph))
    assert answer.exact
    assert answer.upper_gbps == answer.full_gbps == 1024 * 400


@pytest.mark.slow
def test_slim_fly_of_1682_switches() -> None:
    """q = 29: 12,194.5 links by the second eigenvalue 29, at most 12,209 from a partition: under half a percent."""
    from topo.design.loader import parse_design
    from topo.design.wire import build

    words = "{family: slim-fly, switch: nvidia-qm9700, q: 29, p: 16}"
    fabric = build(parse_design(f"name: d\ngpus: 26912\nhost: h800-node\nnetworks:\n  compute: {words}\n"))
    answer = bisection(fabric)
    assert answer.lower_gbps == 12_195 * 400
    assert answer.upper_gbps <= 12_215 * 400
