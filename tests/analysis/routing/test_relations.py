"""What must hold between routings, whatever the fabric: independent engines against each other."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often, slow
from topo.analysis.demand import all_to_all
from topo.analysis.network import switch_network
from topo.analysis.routing import fair_rates, route
from topo.analysis.throughput import throughput
from topo.analysis.traffic import demand_of
from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def designed(compute: str, gpus: int) -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{{compute}, switch: nvidia-qm9700}}\n"
    return build(parse_design(text))


def uniform(graph: nx.Graph, endpoints: int = 1) -> Fabric:
    nx.set_node_attributes(graph, endpoints, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    return from_networkx(graph)


@st.composite
def fabrics(draw):
    nodes = draw(st.integers(3, 9))
    tree = [(i, draw(st.integers(0, i - 1))) for i in range(1, nodes)]
    extra = draw(st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=12))
    graph = nx.MultiGraph([e for e in tree + extra if e[0] != e[1]])
    for node in graph:
        graph.nodes[node]["endpoints"] = draw(st.integers(0, 3))
    graph.nodes[0]["endpoints"] = graph.nodes[nodes - 1]["endpoints"] = 2
    for u, v, k in graph.edges:
        graph.edges[u, v, k]["gbps"] = draw(st.sampled_from([100, 400]))
    return from_networkx(graph)


@often(20, 60, fabrics())
def test_order_of_routings(fabric):
    """Adaptive over all paths beats adaptive over shortest ones, which beats every routing along shortest paths."""
    demand = all_to_all(fabric)
    best = throughput(fabric, routing="adaptive").network_upper
    shortest = throughput(fabric, routing="adaptive:paths=minimal").network_upper
    assert shortest <= best * (1 + 1e-9)
    for routing in ("spray", "spray:split=next-hop", "ecmp:seeds=3", "static"):
        found = route(fabric, demand, routing)
        assert float(found.upper) <= shortest * (1 + 1e-9)
        assert found.loads.unserved == 0
        served = sum(found.length_gbps.values())
        weight = np.bincount(demand.network.at)
        apart = (weight.sum() ** 2 - (weight**2).sum()) * 400 / (weight.sum() - 1)
        assert served == pytest.approx(apart)
        carried = found.loads.gbps.sum()
        assert carried == pytest.approx(sum((n - 1) * gbps for n, gbps in found.length_gbps.items()))


@pytest.mark.parametrize("q", [3, 4, 5, 7, 8, 9])
def test_slim_fly_adaptive_is_spray(q):
    """From any switch the others are 2q(q-1) + q^2 cross-link hops away in all, and each has q cross links."""
    fabric = designed(f"family: slim-fly, q: {q}, p: 4", 8 * q * q)
    n, p = 8 * q * q, 4
    assert len(fabric.endpoints) == n
    found = route(fabric, all_to_all(fabric), "spray")
    assert found.lower == found.upper == Fraction(n - 1, p * p * (3 * q - 2))
    adaptive = throughput(fabric)
    assert adaptive.network_lower == adaptive.network_upper == float(found.lower)


@pytest.mark.parametrize(
    ("graph", "spray"),
    [
        (nx.circular_ladder_graph(3), Fraction(5, 3)),
        (nx.circular_ladder_graph(5), None),
        (nx.frucht_graph(), None),
        (nx.convert_node_labels_to_integers(nx.grid_graph((3, 5), periodic=True)), None),
        (nx.random_regular_graph(3, 12, seed=4), None),
    ],
)
def test_named_graphs(graph, spray):
    fabric = uniform(graph)
    found = route(fabric, all_to_all(fabric), "spray")
    adaptive = throughput(fabric)
    assert float(found.upper) <= adaptive.network_lower * (1 + 1e-9)
    if spray is not None:
        assert found.lower == spray


def test_spray_may_gain_from_a_lost_link_where_adaptive_may_not():
    """A shortcut attracts all shortest paths; without it they spread. Adaptive never gains."""
    graph = nx.Graph([(0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (5, 3), (0, 3)])
    for node in graph:
        graph.nodes[node]["endpoints"] = 4 if node in (0, 3) else 0
    nx.set_edge_attributes(graph, 400, "gbps")
    whole = from_networkx(graph)
    net = switch_network(whole)
    short = int(np.flatnonzero((net.u == 0) & (net.v == 3))[0])
    link = int(whole.links.id[np.flatnonzero(net.edge_of_link == short)[0]])
    less = whole.without(links=[link])
    spray = [route(f, all_to_all(f), "spray").lower for f in (whole, less)]
    assert spray[1] == 2 * spray[0]
    assert throughput(less, baseline=whole).network_upper <= throughput(whole).network_lower


def test_relabelling_keeps_the_distribution_of_ecmp():
    graph = nx.random_regular_graph(4, 12, seed=2)
    means = []
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(12)
        fabric = uniform(nx.relabel_nodes(graph, dict(enumerate(order.tolist()))), 4)
        found = route(fabric, all_to_all(fabric), "ecmp:seeds=150").samples
        means.append(found.mean)
        spread = float(np.std(found.values))
    error = spread / 150**0.5
    assert max(means) - min(means) < 5 * error
    assert spread > 0


@pytest.mark.parametrize("gpus", [1024, slow(4096)])
def test_traffic_between_gpus_weighs_alike_for_all_routings(gpus):
    """Switch weights that are no sums of line rates: static is ideal on full planes, and so is spray."""
    fabric = designed("family: mpft", gpus)
    demand = demand_of(fabric, "gpu-all-to-all")
    spray, static = (route(fabric, demand, r) for r in ("spray", "static"))
    assert static.lower == spray.lower == spray.upper == Fraction(gpus - 1, 8 * (gpus // 8 - 32))
    hashed = route(fabric, demand, "ecmp:qp=8,seeds=1")
    share = 0.9 if gpus > 1024 else 0.85
    assert share * spray.lower < hashed.lower < spray.lower
    rates = fair_rates(fabric, demand, "static")
    assert rates.slowest[0] == pytest.approx((gpus - 1) / (8 * (gpus // 8 - 1)))
