"""Spray against path-by-path fractions, closed forms and relabellings."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from topo.analysis.demand import Demand, Flows, all_to_all, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import channels_of, route
from topo.analysis.routing.spread import spread_loads, spread_loads_by_orbit
from topo.analysis.symmetry import network_symmetry
from topo.design import build, parse_design
from topo.errors import InputError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


def random_graph(seed: int, parallel: bool = True) -> nx.MultiGraph:
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.random_regular_graph(3, 12, seed=seed))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
    nx.set_edge_attributes(graph, 400, "gbps")
    if parallel:
        for u, v in list(graph.edges())[:5]:
            graph.add_edge(u, v, gbps=int(rng.choice([200, 400])))
    return graph


def oracle(graph: nx.MultiGraph, pairs: dict[tuple, Fraction], per_next_hop: bool) -> dict[tuple, Fraction]:
    """Load of every single link in each direction, as exact fractions, one packet's walk at a time."""
    load: dict[tuple, Fraction] = defaultdict(Fraction)
    far = dict(nx.all_pairs_shortest_path_length(graph))
    for (s, t), gbps in pairs.items():
        now = {s: gbps}
        for left in range(far[s][t], 0, -1):
            after: dict = defaultdict(Fraction)
            for v, flow in now.items():
                nearer = [u for u in graph[v] if far[u][t] == left - 1]
                ports = sum(len(graph[v][u]) for u in nearer)
                for u in nearer:
                    links = len(graph[v][u])
                    part = flow / len(nearer) / links if per_next_hop else flow / ports
                    for key in graph[v][u]:
                        load[v, u, key] += part
                    after[u] += part * links
            now = after
    return load


def uniform_pairs(graph: nx.MultiGraph) -> dict[tuple, Fraction]:
    ends = nx.get_node_attributes(graph, "endpoints")
    n = sum(ends.values())
    return {
        (s, t): Fraction(400 * ends[s] * ends[t], n - 1) for s in graph for t in graph if s != t and ends[s] * ends[t]
    }


def least(graph: nx.MultiGraph, load: dict[tuple, Fraction]) -> Fraction:
    return min(Fraction(graph[u][v][k]["gbps"]) / x for (u, v, k), x in load.items() if x)


@pytest.mark.parametrize("split", ["port", "next-hop"])
@pytest.mark.parametrize("seed", range(8))
def test_every_link_of_a_random_graph(seed, split):
    graph = random_graph(seed)
    fabric = from_networkx(graph)
    found = route(fabric, all_to_all(fabric), f"spray:split={split}")
    expected = oracle(graph, uniform_pairs(graph), split == "next-hop")
    assert found.lower == found.upper == least(graph, expected)
    by_ends: dict[tuple, list] = defaultdict(list)
    for (u, v, _), x in expected.items():
        by_ends[str(u), str(v)].append(float(x))
    link_gbps = found.link_gbps(fabric)
    names = fabric.devices.name
    ours: dict[tuple, list] = defaultdict(list)
    for row in np.flatnonzero(~fabric.is_endpoint_link):
        a, b = str(names[fabric.link_a[row]]), str(names[fabric.link_b[row]])
        ours[a, b].append(link_gbps[row, 0])
        ours[b, a].append(link_gbps[row, 1])
    for pair, values in ours.items():
        assert sorted(values) == pytest.approx(sorted(by_ends[pair] or [0.0] * len(values)))


@pytest.mark.parametrize("seed", range(4))
def test_sparse_demand(seed):
    graph = random_graph(seed)
    fabric = from_networkx(graph)
    net = switch_network(fabric)
    rng = np.random.default_rng(seed)
    src, dst = rng.integers(0, len(net.at), (2, 30))
    gbps = rng.choice([100.0, 250.0, 400.0], 30)
    found = route(fabric, from_endpoint_pairs(fabric, net, "x", Flows(src, dst, gbps)), "spray")
    pairs: dict[tuple, Fraction] = defaultdict(Fraction)
    node = [n for n, d in graph.nodes(data=True) for _ in range(d["endpoints"])]
    for s, t, g in zip(src, dst, gbps, strict=True):
        if node[s] != node[t]:
            pairs[node[s], node[t]] += Fraction(g)
    assert found.lower == found.upper == least(graph, oracle(graph, pairs, False))


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("family", "gpus", "n", "leaf"),
    [
        ("ft2", 2048, 2048, 32),
        ("mpft", 16384, 2048, 32),
        ("mrft", 16384, 16384, 32),
        ("ft3", 16384, 16384, 32),
        ("ft3", 65536, 65536, 32),
    ],
)
def test_full_trees_reach_their_closed_form(family, gpus, n, leaf):
    fabric = tree(family, gpus)
    found = route(fabric, all_to_all(fabric), "spray")
    assert found.lower == found.upper == Fraction(n - 1, n - leaf)
    assert found.exact
    assert found.max_switches == (5 if gpus > 2048 and family != "mpft" else 3)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("per_next_hop", [False, True])
@pytest.mark.parametrize(
    ("family", "gpus", "extra"),
    [("ft2", 1000, ""), ("mpft", 4096, ""), ("ft3", 4096, ""), ("mrft", 3072, ""), ("slim-fly", 784, ", q: 7, p: 8")],
)
def test_one_destination_of_each_orbit_stands_for_all(family, gpus, extra, per_next_hop):
    fabric = tree(family, gpus, extra)
    demand = all_to_all(fabric)
    channels = channels_of(fabric, demand.network)
    symmetry = network_symmetry(fabric, demand.network, 0)
    assert len(symmetry.representatives) < demand.network.switches / 2
    whole = spread_loads(channels, demand, per_next_hop)
    folded = spread_loads_by_orbit(channels, demand, symmetry, per_next_hop)
    assert folded.loads.gbps == pytest.approx(whole.loads.gbps)
    assert folded.by_length == pytest.approx(whole.by_length)
    low, high = folded.loads.carried.floats()
    assert low <= float(whole.loads.carried.lower) <= high
    assert high / low - 1 < 1e-9


def test_relabelling_changes_nothing():
    graph = random_graph(3)
    expected = None
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(graph))
        named = nx.relabel_nodes(graph, {old: f"s{new:02d}" for old, new in zip(graph, order, strict=True)})
        shuffled = nx.MultiGraph()
        shuffled.add_nodes_from(sorted(named.nodes(data=True)))
        shuffled.add_edges_from(named.edges(data=True))
        fabric = from_networkx(shuffled)
        found = route(fabric, all_to_all(fabric), "spray")
        histogram = np.sort(found.loads.gbps).round(6).tolist()
        expected = expected or (found.lower, histogram)
        assert (found.lower, histogram) == expected


def test_rounded_loads_enclose_the_exact_value():
    """Divisors with a huge common multiple: floating point, with a bound that holds."""
    graph = random_graph(5)
    fabric = from_networkx(graph)
    net = switch_network(fabric)
    pairs = len(net.at)
    src, dst = np.arange(pairs), np.roll(np.arange(pairs), 3)
    gbps = 400 / np.arange(1.0, pairs + 1) / 7
    found = route(fabric, from_endpoint_pairs(fabric, net, "x", Flows(src, dst, gbps)), "spray")
    node = [n for n, d in graph.nodes(data=True) for _ in range(d["endpoints"])]
    demand: dict[tuple, Fraction] = defaultdict(Fraction)
    for s, t, g in zip(src.tolist(), dst.tolist(), gbps.tolist(), strict=True):
        if node[s] != node[t]:
            demand[node[s], node[t]] += Fraction(g)
    exact = least(graph, oracle(graph, demand, False))
    assert found.lower < exact < found.upper
    assert float(found.upper / found.lower) - 1 < 1e-12


def test_a_lost_spine_spreads_over_the_rest():
    fabric = tree("ft2", 2048).without(devices=["spine-003"])
    found = route(fabric, all_to_all(fabric), "spray")
    assert found.lower == found.upper == Fraction(2047, 2016) * Fraction(31, 32)


def test_unequal_remaining_links_overload_those_left():
    """Leaf 0 has lost its link to spine 0: others still send it a 32nd of everything only over 31 spines."""
    whole = tree("ft2", 512)
    first = int(np.flatnonzero(~whole.is_endpoint_link)[0])
    fabric = whole.without(links=[int(whole.links.id[first])])
    found = route(fabric, all_to_all(fabric), "spray")
    assert found.exact
    assert found.lower < route(whole, all_to_all(whole), "spray").lower
    worst = found.worst(fabric, 1)[0]
    assert worst.use == pytest.approx(float(1 / found.lower))
    assert "leaf-000" in (worst.from_device, worst.to_device)


def test_worst_links_carry_names_in_the_direction_of_travel():
    graph = nx.Graph([("a", "b", {"gbps": 100})])
    graph.add_node("a", endpoints=3)
    graph.add_node("b", endpoints=1)
    fabric = from_networkx(graph)
    net = switch_network(fabric)
    demand = from_endpoint_pairs(fabric, net, "x", Flows(np.array([0, 1]), np.array([3, 3]), np.array([50.0, 150.0])))
    found = route(fabric, demand, "spray")
    (worst,) = found.worst(fabric)
    assert (worst.from_device, worst.to_device, worst.gbps, worst.use) == ("a", "b", 200.0, 2.0)
    assert found.lower == Fraction(1, 2)
    assert worst.text() == "a 4 -> b 2: 200 Gb/s at t = 1, 2 of its speed"


@pytest.mark.parametrize("routing", ["spray", "ecmp", "static"])
@pytest.mark.parametrize("flows", [None, 0, 3])
def test_nothing_to_carry(routing, flows):
    graph = nx.Graph()
    graph.add_node("a", endpoints=4)
    graph.add_node("b", endpoints=1)
    if flows == 0:
        graph.add_edge("a", "b", gbps=400)
    fabric = from_networkx(graph)
    demand = all_to_all(fabric)
    if flows is not None:
        src = np.arange(flows)
        demand = from_endpoint_pairs(
            fabric, switch_network(fabric), "x", Flows(src, (src + 1) % 4, np.full(flows, 400.0))
        )
    found = route(fabric, demand, routing)
    assert (found.lower, found.upper, found.max_switches, found.worst(fabric)) == (None, None, 0, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spary", "unknown routing"),
        ("spray:split=link", "split of spray is wrong"),
        ("spray:seed=1", "no parameter of this name"),
        ("spray:split", "is no parameter"),
        ("spray:", "nothing follows"),
        ("spray:split=port,split=port", "given twice"),
    ],
)
def test_wrong_words(text, message):
    graph = nx.Graph()
    graph.add_node("a", endpoints=4)
    fabric = from_networkx(graph)
    demand: Demand = all_to_all(fabric)
    with pytest.raises(InputError, match=message):
        route(fabric, demand, text)


def test_weights_that_symmetry_must_keep(monkeypatch):
    """Hosts of other weights on alike leaves: a symmetry that swaps them would be wrong."""
    fabric = tree("ft2", 1024)
    uniform = all_to_all(fabric)
    form = uniform.form
    weight = np.where(np.arange(len(form.weight)) % 3 == 0, form.weight * 2, form.weight)
    demand = replace(uniform, form=replace(form, weight=weight))
    whole = route(fabric, demand, "spray")
    monkeypatch.setattr("topo.analysis.routing.rules.spray.STEPS", 0)
    folded = route(fabric, demand, "spray")
    assert folded.lower == whole.lower
    assert folded.loads.gbps == pytest.approx(whole.loads.gbps)
