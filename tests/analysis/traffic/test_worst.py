"""The worst permutation against all permutations, closed forms, and its own proof."""

from fractions import Fraction
from itertools import permutations

import networkx as nx
import numpy as np
import pytest

from topo.analysis.demand import from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import route
from topo.analysis.traffic import _worst, demand_of
from topo.analysis.traffic._worst import worst_permutation
from topo.design import build, parse_design
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


def small(seed: int) -> Fabric:
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.gnm_random_graph(6, 8, seed=seed))
    graph = nx.MultiGraph(graph.subgraph(max(nx.connected_components(graph), key=len)))
    nodes = list(graph)
    for node in nodes:
        graph.nodes[node]["endpoints"] = 0
    for node in rng.choice(nodes, 5):
        graph.nodes[int(node)]["endpoints"] += 1
    nx.set_edge_attributes(graph, 400, "gbps")
    u, v = next(iter(graph.edges()))
    graph.add_edge(u, v, gbps=300)
    return from_networkx(graph)


@pytest.mark.parametrize("split", ["port", "next-hop"])
@pytest.mark.parametrize("seed", range(5))
def test_no_permutation_is_worse(seed, split):
    fabric = small(seed)
    net = switch_network(fabric)
    n = len(net.at)
    found = worst_permutation(fabric, net, 0, split == "next-hop")
    least = None
    for p in permutations(range(n)):
        src, dst = np.arange(n), np.array(p)
        moved = src != dst
        demand = from_endpoint_pairs(fabric, net, "x", src[moved], dst[moved], net.endpoint_gbps[moved])
        value = route(fabric, demand, f"spray:split={split}").lower
        least = value if least is None else min(least, value or least)
    assert found.lower == found.upper == least
    assert route(fabric, found.demand, f"spray:split={split}").lower == least


@pytest.mark.parametrize(("family", "gpus"), [("ft2", 2048), ("mpft", 4096), ("mrft", 4096), ("ft3", 4096)])
def test_full_trees_carry_every_permutation(family, gpus):
    fabric = tree(family, gpus)
    found = worst_permutation(fabric, switch_network(fabric), 0)
    assert found.lower == found.upper == 1


def test_oversubscription_shows():
    fabric = tree("ft2", 1536, ", oversubscription: 3")
    found = worst_permutation(fabric, switch_network(fabric), 0)
    assert found.lower == found.upper == Fraction(1, 3)


@pytest.mark.parametrize("k", [5, 6, 8])
def test_ring(k):
    """The (k - 1) div 2 switches before a link send to as many behind it, the farthest to the nearest."""
    graph = nx.cycle_graph(k)
    nx.set_node_attributes(graph, 3, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    found = worst_permutation(fabric, switch_network(fabric), 0)
    assert found.lower == found.upper == Fraction(1, 3 * ((k - 1) // 2))


def test_uneven_leaves_that_are_too_many_to_match(monkeypatch):
    fabric = tree("ft2", 2040)
    net = switch_network(fabric)
    exact = worst_permutation(fabric, net, 0)
    assert exact.lower == exact.upper == 1
    monkeypatch.setattr(_worst, "MOST_UNITS", 100)
    close = worst_permutation(fabric, net, 0)
    assert close.lower <= 1 <= close.upper
    assert close.lower == 1
    demand = close.demand
    assert route(fabric, demand, "spray").lower == close.upper


def test_a_wrong_assignment_gets_no_tight_proof():
    """The prices bound every assignment, whichever one they were made from."""
    rng = np.random.default_rng(1)
    full = rng.integers(0, 50, (6, 6)).astype(float)
    best = max(sum(full[i, p[i]] for i in range(6)) for p in permutations(range(6)))
    for p in list(permutations(range(6)))[::37]:
        assert _worst._proved(full, np.array(p)) >= best


def test_as_a_traffic():
    fabric = tree("ft2", 1536, ", oversubscription: 3")
    demand = demand_of(fabric, "worst-permutation")
    assert demand.traffic == "worst-permutation"
    assert route(fabric, demand, "spray").lower == Fraction(1, 3)
    assert np.unique(demand.flows.dst).size == len(demand.flows.dst)


def test_too_many_unlike_channels(monkeypatch):
    monkeypatch.setattr(_worst, "MOST_STEPS", 10)
    fabric = small(1)
    with pytest.raises(LimitReachedError, match="unlike channels"):
        worst_permutation(fabric, switch_network(fabric), 0)
