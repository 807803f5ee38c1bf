"""Adaptive throughput against the direct program, closed forms, and its own certificates."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from plain_designs import tree
from throughput_oracle import direct, imported

from tests.slow import often
from topo.analysis.throughput import Throughput, throughput
from topo.certificates import verify_certificate
from topo.fabric import Fabric


def proved(fabric: Fabric, intact: Fabric | None = None, routing: str = "adaptive") -> Throughput:
    """The answer, its certificate read back from JSON and checked against the claim."""
    answer = throughput(fabric, routing=routing, baseline=intact)
    bounds = verify_certificate(intact or fabric, json.loads(json.dumps(answer.certificate))).bounds
    for key in ("lower", "upper", "network_lower", "network_upper"):
        assert getattr(answer, key) == (float(bounds[key]) if key in bounds else math.inf)
    return answer


def a_partial_mesh() -> nx.Graph:
    """A leaf-spine where each of six leaves reaches three of four spines."""
    graph = nx.Graph()
    for leaf in range(6):
        for spine in range(4):
            if (leaf + spine) % 4:
                graph.add_edge(leaf, 6 + spine)
    return graph


NAMED = {
    "prism": (nx.circular_ladder_graph(3), Fraction(5, 3)),
    "torus 3x5": (nx.Graph(nx.grid_2d_graph(3, 5, periodic=True)), Fraction(14, 9)),
    "moebius ladder": (nx.circulant_graph(10, [1, 5]), Fraction(3, 2)),
    "frucht": (nx.frucht_graph(), None),
    "petersen": (nx.petersen_graph(), Fraction(9, 5)),
    "hoffman-singleton": (nx.hoffman_singleton_graph(), Fraction(49, 13)),
    "random 3-regular": (nx.random_regular_graph(3, 12, seed=1), None),
    "random 4-regular": (nx.random_regular_graph(4, 11, seed=3), None),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_graphs_with_equal_endpoint_counts(name: str) -> None:
    graph, expected = NAMED[name]
    fabric = imported(graph, 1)
    answer = proved(fabric)
    assert answer.exact
    if expected is not None:
        assert answer.network_lower == float(expected)
    if len(graph) <= 15:
        assert answer.network_lower == pytest.approx(direct(fabric), rel=1e-7)


@pytest.mark.parametrize("name", ["prism", "torus 3x5", "moebius ladder", "frucht", "petersen", "random 3-regular"])
def test_glop_solves_the_direct_program_to_the_same(name: str) -> None:
    fabric = imported(NAMED[name][0], 1)
    assert proved(fabric).network_lower == pytest.approx(direct(fabric, solver="glop"), rel=1e-7)


def test_leaf_spine_where_leaves_reach_some_spines() -> None:
    graph = a_partial_mesh()
    fabric = imported(graph, [4 if node < 6 else 0 for node in graph])
    assert proved(fabric).network_lower == pytest.approx(direct(fabric), rel=1e-7)


@st.composite
def small_fabrics(draw: st.DrawFn) -> Fabric:
    """Random connected graphs, some symmetric, with equal or unequal endpoint counts and link speeds."""
    kind = draw(st.sampled_from(["regular", "gnm", "circulant", "bipartite", "tree"]))
    seed = draw(st.integers(0, 10_000))
    if kind == "regular":
        degree, n = draw(st.sampled_from([(3, 8), (3, 10), (4, 9), (4, 7)]))
        graph = nx.random_regular_graph(degree, n, seed=seed)
    elif kind == "gnm":
        n = draw(st.integers(3, 9))
        graph = nx.gnm_random_graph(n, draw(st.integers(n - 1, 2 * n)), seed=seed)
    elif kind == "circulant":
        n = draw(st.integers(4, 10))
        graph = nx.circulant_graph(n, draw(st.sampled_from([[1], [1, 2], [2, 3]])))
    elif kind == "bipartite":
        graph = nx.complete_bipartite_graph(draw(st.integers(2, 5)), draw(st.integers(1, 4)))
    else:
        graph = nx.balanced_tree(2, 2)
    graph = nx.convert_node_labels_to_integers(graph)
    parts = [sorted(c) for c in sorted(nx.connected_components(graph), key=min)]
    graph.add_edges_from((a[0], b[0]) for a, b in pairwise(parts))
    rng = np.random.default_rng(seed)
    if draw(st.booleans()):
        for a, b in graph.edges():
            graph.edges[a, b]["gbps"] = float(rng.choice([100.0, 200.0, 400.0]))
    equal = draw(st.booleans())
    counts = [2] * len(graph) if equal else rng.integers(0, 4, len(graph)).tolist()
    counts[0], counts[-1] = max(counts[0], 1), max(counts[-1], 1)
    return imported(graph, counts)


@often(20, 120, small_fabrics(), st.sampled_from(["any", "minimal"]))
def test_reduced_program_is_the_direct_program(fabric: Fabric, paths: str) -> None:
    answer = proved(fabric, routing=f"adaptive:paths={paths}")
    assert answer.exact
    assert answer.network_lower == pytest.approx(direct(fabric, minimal=paths == "minimal"), rel=1e-6)


@often(13, 40, small_fabrics(), st.integers(0, 1000))
def test_losing_a_link_never_adds(fabric: Fabric, pick: int) -> None:
    inner = fabric.links.id[~fabric.is_endpoint_link]
    less = fabric.without(links=[int(inner[pick % len(inner)])])
    before, after = proved(fabric), proved(less, fabric)
    whole = not after.cut_off
    if whole:
        assert after.network_upper <= before.network_lower


@often(8, 25, small_fabrics(), st.integers(0, 1000))
def test_relabelling_changes_nothing(fabric: Fabric, seed: int) -> None:
    from topo.exporters.networkx import to_networkx

    first = throughput(fabric)
    graph = to_networkx(fabric)
    switches = [n for n, d in graph.nodes(data=True) if d.get("tier") != "host"]
    rng = np.random.default_rng(seed)
    names = {s: f"r{i:03d}" for i, s in enumerate(rng.permutation(switches).tolist())}
    shuffled = nx.Graph()
    counts = dict.fromkeys(switches, 0)
    for switch in fabric.endpoint_switch.tolist():
        counts[str(fabric.devices.name[switch])] += 1
    for s in sorted(switches, key=names.__getitem__):
        shuffled.add_node(names[s], endpoints=counts[s])
    for row in np.flatnonzero(~fabric.is_endpoint_link).tolist():
        a, b = (names[str(fabric.devices.name[e[row]])] for e in (fabric.link_a, fabric.link_b))
        speed = float(fabric.links.gbps[row])
        shuffled.add_edge(a, b, gbps=speed)
    from topo.importers.networkx_graph import from_networkx

    second = throughput(from_networkx(shuffled))
    assert (first.network_lower, first.network_upper) == (second.network_lower, second.network_upper)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("family", "gpus", "endpoints"),
    [("ft2", 2048, 2048), ("mpft", 16384, 2048), ("ft3", 16384, 16384), ("mrft", 16384, 16384), ("ft3", 15000, 15000)],
)
def test_full_trees_carry_their_closed_form(family: str, gpus: int, endpoints: int) -> None:
    """(N - 1) / (N - h), with h = 32 endpoints on a leaf."""
    answer = proved(tree(gpus, f"family: {family}"))
    assert answer.exact
    assert answer.lower == 1.0
    assert answer.network_lower == float(Fraction(endpoints - 1, endpoints - 32))


@pytest.mark.parametrize("q", [5, 7, 9])
def test_slim_fly_carries_its_closed_form(q: int) -> None:
    """(N - 1) / (p^2 (3q - 2)) with links as fast as endpoints."""
    fabric = tree(8 * q * q, f"family: slim-fly, q: {q}, p: 4")
    answer = proved(fabric)
    n = len(fabric.endpoints)
    p = n // (2 * q * q)
    assert answer.exact
    assert answer.network_lower == float(Fraction(n - 1, p * p * (3 * q - 2)))


def test_minimal_paths_never_carry_more() -> None:
    fabric = imported(nx.random_regular_graph(3, 14, seed=5), 2)
    assert proved(fabric, routing="adaptive:paths=minimal").network_lower <= proved(fabric).network_lower


def test_planes_add() -> None:
    graph = nx.random_regular_graph(3, 8, seed=2)
    both = nx.disjoint_union(graph, graph)
    for node in both:
        both.nodes[node].update(plane=node // 8, endpoints=2)
    assert proved(imported(both, 2)).network_lower == proved(imported(graph, 2)).network_lower


def test_a_single_switch_is_unbounded() -> None:
    graph = nx.Graph()
    graph.add_node(0)
    answer = proved(imported(graph, 4))
    assert answer.network_lower == math.inf
    assert answer.lower == 1.0
    assert answer.exact
