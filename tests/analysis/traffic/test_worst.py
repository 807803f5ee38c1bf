"""The worst permutation against all permutations, closed forms, and its own proof."""

from fractions import Fraction
from itertools import pairwise, permutations

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from topo.analysis.demand import Flows, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import route
from topo.analysis.throughput import throughput
from topo.analysis.traffic import demand_of
from topo.analysis.traffic import worst as _worst
from topo.analysis.traffic import worst_single as _worst_single
from topo.analysis.traffic import worst_spread as _worst_spread
from topo.analysis.traffic.transport_kernel import transport
from topo.analysis.traffic.worst import worst_permutation
from topo.design import build, parse_design
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


@pytest.mark.sampled(4)
@pytest.mark.parametrize("split", ["port", "next-hop"])
@pytest.mark.parametrize("seed", range(5))
def test_no_permutation_is_worse(seed, split):
    fabric = small(seed)
    net = switch_network(fabric)
    n = len(net.at)
    found = worst_permutation(fabric, net, 0, "spray-next-hop" if split == "next-hop" else "spray")
    least = None
    for p in permutations(range(n)):
        src, dst = np.arange(n), np.array(p)
        moved = src != dst
        demand = from_endpoint_pairs(fabric, net, "x", Flows(src[moved], dst[moved], net.endpoint_gbps[moved]))
        value = route(fabric, demand, f"spray:split={split}").lower
        least = value if least is None else min(least, value or least)
    assert found.lower == found.upper == least
    assert route(fabric, found.demand, f"spray:split={split}").lower == least


@pytest.mark.parametrize(("family", "gpus"), [("ft2", 2048), ("mpft", 4096), ("mrft", 4096), ("ft3", 4096)])
def test_full_trees_carry_every_permutation(family, gpus):
    fabric = tree(family, gpus)
    found = worst_permutation(fabric, switch_network(fabric), 0)
    assert found.lower == found.upper == 1


@pytest.mark.parametrize(("family", "gpus"), [("ft2", 2048), ("mpft", 4096), ("ft3", 4096)])
def test_splits_are_told_by_one_destination_of_each_orbit(family, gpus, monkeypatch):
    asked, divisor = [], _worst_spread.split_divisor
    monkeypatch.setattr(_worst, "FEW", 0)
    monkeypatch.setattr(_worst_spread, "split_divisor", lambda *of: asked.append(of) or divisor(*of))
    net = switch_network(fabric := tree(family, gpus))
    found = worst_permutation(fabric, net, 0)
    everyone = np.flatnonzero(net.endpoints_at)
    assert asked
    for channels, weight, some in asked:
        assert 0 < len(some) <= len(everyone) / 16
        assert found.priced.scale == divisor(channels, weight, some) == divisor(channels, weight, everyone)


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


def test_uneven_leaves():
    fabric = tree("ft2", 2040)
    found = worst_permutation(fabric, switch_network(fabric), 0)
    assert found.lower == found.upper == 1


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(4))
def test_no_permutation_is_worse_for_the_tables(seed):
    fabric = small(seed)
    found = worst_permutation(fabric, switch_network(fabric), 0, "static")
    values = [route(fabric, d, "static").lower for d in all_permutations(fabric)]
    assert found.lower == found.upper == min(v for v in values if v is not None)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(4))
def test_no_hash_is_worse_than_any_path(seed):
    fabric = small(seed)
    found = worst_permutation(fabric, switch_network(fabric), 0, "ecmp")
    for draw in range(1, 4):
        values = [route(fabric, d, f"ecmp:seed={draw},seeds=1").lower for d in all_permutations(fabric)]
        least = min(v for v in values if v is not None)
        assert found.lower <= least
        assert draw > 1 or found.upper >= least
    assert route(fabric, found.demand, "ecmp:seeds=1").lower == found.upper


def all_permutations(fabric: Fabric) -> list:
    net = switch_network(fabric)
    n = len(net.at)
    demands = []
    for p in permutations(range(n)):
        src, dst = np.arange(n), np.array(p)
        moved = src != dst
        demands.append(from_endpoint_pairs(fabric, net, "x", Flows(src[moved], dst[moved], net.endpoint_gbps[moved])))
    return demands


def test_tables_of_a_tree_send_a_whole_leaf_up_one_link():
    """Destination-mod-k: the 32 endpoints of a leaf find 32 destinations elsewhere that share an uplink."""
    fabric = tree("ft2", 2048)
    found = worst_permutation(fabric, switch_network(fabric), 0, "static")
    assert found.lower == found.upper == Fraction(1, 32)
    hashed = worst_permutation(fabric, switch_network(fabric), 0, "ecmp")
    assert Fraction(1, 32) == hashed.lower <= hashed.upper <= Fraction(1, 25)


@pytest.mark.parametrize("seed", range(6))
def test_unequal_line_rates_against_a_linear_program(seed):
    """Every traffic within the line rates, by scipy's HiGHS, channel by channel."""
    rng = np.random.default_rng(seed)
    graph = nx.random_regular_graph(3, 8, seed=seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
        graph.nodes[node]["endpoint_gbps"] = float(rng.choice([100, 200, 400]))
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    net = switch_network(fabric)
    found = worst_permutation(fabric, net, 0)
    rate = np.bincount(net.at, net.endpoint_gbps, net.switches)
    carried = np.zeros((net.switches, net.switches, 24 * 2))
    for s in range(net.switches):
        for t in range(net.switches):
            paths = list(nx.all_shortest_paths(graph, s, t)) if s != t else []
            for path in paths:
                part = 1.0
                for i in range(len(path) - 1):
                    part /= len({p[i + 1] for p in paths if p[: i + 1] == path[: i + 1]})
                for v, u in pairwise(path):
                    carried[s, t, arc_of(net, v, u)] += part
    n = net.switches
    limits = np.concatenate([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
    most = max(
        -linprog(-carried[:, :, c].ravel(), limits, np.concatenate([rate, rate])).fun for c in range(2 * net.edges)
    )
    assert found.lower == found.upper
    assert float(found.lower) == pytest.approx(400 / most, rel=1e-9)
    sent = np.bincount(found.demand.flows.src, found.demand.flows.gbps, len(net.at))
    received = np.bincount(found.demand.flows.dst, found.demand.flows.gbps, len(net.at))
    assert (sent <= net.endpoint_gbps).all()
    assert (received <= net.endpoint_gbps).all()


def arc_of(net, v: int, u: int) -> int:
    return int(np.flatnonzero((net.tail == v) & (net.head == u))[0])


@pytest.mark.sampled(10)
@pytest.mark.parametrize("seed", range(40))
def test_transport_against_a_linear_program(seed):
    rng = np.random.default_rng(seed)
    rows, columns = (int(x) for x in rng.integers(1, 9, 2))
    dense = rng.integers(0, 12, (rows, columns)) * (rng.random((rows, columns)) < 0.6)
    supply, room = rng.integers(0, 6, rows), rng.integers(0, 6, columns)
    row, column = np.nonzero(dense)
    first = np.searchsorted(row, np.arange(rows + 1))
    price, moved = np.zeros(columns, dtype=np.int64), np.zeros(len(row), dtype=np.int64)
    reached, bound = transport(first, column, dense[row, column], supply, room, price, moved)
    limits = np.concatenate([np.kron(np.eye(rows), np.ones(columns)), np.kron(np.ones(rows), np.eye(columns))])
    assert reached == bound == round(-linprog(-dense.ravel(), limits, np.concatenate([supply, room])).fun)
    assert (np.bincount(row, moved, rows) <= supply).all()
    assert (np.bincount(column, moved, columns) <= room).all()


@pytest.mark.parametrize("of", ["spray", "static", "ecmp"])
def test_without_time_the_interval_stays_sound(of, monkeypatch):
    monkeypatch.setattr(_worst_spread, "MOST_ENTRIES", 1)
    monkeypatch.setattr(_worst_single, "MOST_ENTRIES", 1)
    fabric = small(1)
    net = switch_network(fabric)
    exact, rough = (worst_permutation(fabric, net, 0, of, seconds) for seconds in (60.0, 0.0))
    assert 0 < rough.lower <= exact.lower
    assert of == "static" or rough.lower < exact.lower
    assert exact.upper <= rough.upper
    assert route(fabric, rough.demand, _worst.ROUTED_AS[of]).lower == rough.upper


def test_rounded_fractions_bound_from_both_sides(monkeypatch):
    fabric = small(2)
    net = switch_network(fabric)
    exact = worst_permutation(fabric, net, 0)
    monkeypatch.setattr(_worst_spread, "split_divisor", lambda *_: 0)
    rough = worst_permutation(fabric, net, 0)
    assert rough.lower < exact.lower == exact.upper == rough.upper
    assert float(rough.lower) == pytest.approx(float(exact.lower), rel=1e-9)


def test_as_a_traffic():
    fabric = tree("ft2", 1536, ", oversubscription: 3")
    demand = demand_of(fabric, "worst-permutation")
    assert demand.traffic == "worst-permutation"
    assert route(fabric, demand, "spray").lower == Fraction(1, 3)
    assert np.unique(demand.flows.dst).size == len(demand.flows.dst)


def test_throughput_is_an_interval_over_all_permutations():
    fabric = tree("ft2", 2048)
    full = throughput(fabric, "worst-permutation", "adaptive")
    assert (full.lower, full.upper, full.exact) == (1.0, 1.0, True)
    static = throughput(fabric, "worst-permutation:of=static", "static")
    assert (static.lower, static.upper, static.exact) == (1 / 32, 1 / 32, True)
    other = throughput(fabric, "worst-permutation", "static")
    assert (other.lower, other.exact) == (1 / 32, False)
    hashed = throughput(fabric, "worst-permutation:of=ecmp", "ecmp:seeds=3")
    assert (hashed.lower, hashed.exact) == (1 / 32, False)
    assert hashed.upper == hashed.samples["min"]
    graph = nx.cycle_graph(6)
    nx.set_node_attributes(graph, 3, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    ring = throughput(from_networkx(graph), "worst-permutation", "adaptive")
    assert ring.lower == 1 / 6 < ring.upper
    assert not ring.exact


def test_the_worst_links_of_an_adaptive_permutation_are_named():
    fabric = tree("ft2", 1536, ", oversubscription: 3")
    found = throughput(fabric, "worst-permutation", "adaptive")
    assert found.exact
    assert len(found.worst_links) > 0
    assert "and 511 others: 2,400 Gb/s at t = 1, 3 of its speed" in found.worst_links[0]
