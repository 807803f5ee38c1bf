"""Static routing: destination-mod-k in its published cases, tables as data, tables that are wrong."""

from collections import defaultdict
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from topo.analysis.demand import Flows, all_to_all, from_endpoint_pairs
from topo.analysis.network import switch_network
from topo.analysis.routing import given_tables, route
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.routing.tables import table_loads
from topo.design import build, parse_design
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


def shift(fabric: Fabric, k: int):
    net = switch_network(fabric)
    n = len(net.at)
    order = np.lexsort((np.arange(n), net.at))
    return from_endpoint_pairs(fabric, net, "shift", Flows(order, np.roll(order, -k), net.endpoint_gbps))


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("family", "gpus"), [("ft2", 2048), ("ft3", 4096), ("mrft", 4096)])
@pytest.mark.parametrize("k", [1, 31, 32, 33, 1000, 1024])
def test_shifts_on_full_trees_are_free_of_contention(family, gpus, k):
    """Zahavi, D-Mod-K routing providing non-blocking traffic for shift permutations on real life fat trees, 2010."""
    fabric = tree(family, gpus)
    found = route(fabric, shift(fabric, k), "static")
    assert found.lower == found.upper == 1


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("family", "gpus", "n"), [("ft2", 2048, 2048), ("mpft", 16384, 2048), ("mrft", 16384, 16384), ("ft3", 16384, 16384)]
)
def test_all_to_all_on_full_trees_is_ideal(family, gpus, n):
    fabric = tree(family, gpus)
    found = route(fabric, all_to_all(fabric), "static")
    assert found.lower == found.upper == Fraction(n - 1, n - 32)


def test_minhop_overloads_the_upper_tier():
    """The same digit at both levels: a spine sends everything that a leaf gave it to one core."""
    fabric = tree("ft3", 16384)
    demand = all_to_all(fabric)
    assert route(fabric, demand, "static:rule=minhop").lower < route(fabric, demand, "static").lower / 8


def follow(fabric: Fabric, numbers: np.ndarray, src: int, dst: int) -> list[tuple[int, int]]:
    """(link row, way) from endpoint to endpoint, port number by port number."""
    net = switch_network(fabric)
    port_row = {
        (int(d), int(n)): i for i, (d, n) in enumerate(zip(fabric.ports.device, fabric.ports.number, strict=True))
    }
    switch, path = int(net.device[net.at[src]]), []
    for _ in range(100):
        number = int(numbers[dst][np.searchsorted(net.device, switch)])
        port = port_row[switch, number]
        link = int(fabric.link_of_port[port])
        way = int(fabric.links.b[link] == port)
        far = int(fabric.ports.device[fabric.links.a[link] if way else fabric.links.b[link]])
        if far == net.host[dst]:
            return path
        path.append((link, way))
        switch = far
    raise AssertionError("runs in a circle")


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", range(4))
def test_loads_follow_the_exported_port_numbers(seed):
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.random_regular_graph(4, 10, seed=seed))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
    nx.set_edge_attributes(graph, 400, "gbps")
    for u, v in list(graph.edges())[:6]:
        graph.add_edge(u, v, gbps=400)
    fabric = from_networkx(graph)
    tables = static_tables(fabric)
    n = len(fabric.endpoints)
    numbers = tables.port_numbers(np.arange(n))
    far = dict(nx.all_pairs_shortest_path_length(nx.Graph(graph)))
    net = switch_network(fabric)
    count: dict = defaultdict(int)
    for s in range(n):
        for d in range(n):
            path = follow(fabric, numbers, s, d) if s != d else []
            assert len(path) == far[int(str(net.name[net.at[s]]))][int(str(net.name[net.at[d]]))]
            for step in path:
                count[step] += 1
    found = route(fabric, all_to_all(fabric), "static")
    assert found.lower == found.upper == Fraction(n - 1, max(count.values()))
    expected = np.zeros((len(fabric.links), 2))
    for (row, way), k in count.items():
        expected[row, way] = k * 400 / (n - 1)
    assert found.link_gbps(fabric) == pytest.approx(expected)
    again, _ = table_loads(given_tables(fabric, net, numbers.T.copy()), all_to_all(fabric))
    assert again.gbps == pytest.approx(found.loads.gbps)
    pairs = from_endpoint_pairs(fabric, net, "x", Flows(np.arange(n), np.roll(np.arange(n), 1), np.full(n, 400.0)))
    steps = [x for s in range(n) for x in follow(fabric, numbers, s, (s - 1) % n)]
    most = max(steps.count(x) for x in steps)
    assert route(fabric, pairs, "static").lower == Fraction(1, most)


def test_rows_come_in_the_order_asked_for():
    """Two rails: endpoints alternate between leaves, so that the order by switch differs from any order asked for."""
    fabric = tree("mrft", 256)
    tables = static_tables(fabric)
    every = tables.channel_rows(np.arange(256))
    for seed in range(5):
        some = np.random.default_rng(seed).permutation(256)[:60]
        assert (tables.channel_rows(some) == every[some]).all()
    swapped = np.array([8, 0, 1])
    assert (tables.channel_rows(swapped) == every[swapped]).all()
    at = tables.network.at
    assert (every[np.arange(256), at] == -1).all()
    assert ((every >= 0).sum(axis=1) == tables.network.switches - 1).all()


def test_a_degraded_tree_still_reaches_everyone():
    whole = tree("ft3", 4096)
    core = next(str(n) for n in whole.devices.name if "core" in str(n))
    fabric = whole.without(devices=[core, "pod00-spine03"])
    found = route(fabric, all_to_all(fabric), "static")
    assert 0 < found.lower < 1
    assert found.max_switches == 5


def line() -> Fabric:
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    return from_networkx(graph)


def test_wrong_tables_are_refused_by_name():
    fabric = line()
    net = switch_network(fabric)
    good = static_tables(fabric).port_numbers(np.arange(3)).T.copy()
    demand = all_to_all(fabric)
    table_loads(given_tables(fabric, net, good), demand)
    circle = good.copy()
    circle[1, 2] = good[1, 0]
    missing = good.copy()
    missing[1, 2] = 0
    nowhere = good.copy()
    nowhere[1, 2] = 9
    with pytest.raises(ParameterError, match="circle of next hops towards 2-h0"):
        table_loads(given_tables(fabric, net, circle), demand)
    with pytest.raises(ParameterError, match="no entry for 2-h0"):
        table_loads(given_tables(fabric, net, missing), demand)
    with pytest.raises(ParameterError, match="no link to a switch on this port"):
        given_tables(fabric, net, nowhere)
    with pytest.raises(ParameterError, match="wrong shape"):
        given_tables(fabric, net, good[:, :2])
    one = from_endpoint_pairs(fabric, net, "x", Flows(np.array([0]), np.array([2]), np.array([1.0])))
    with pytest.raises(ParameterError, match="circle"):
        table_loads(given_tables(fabric, net, circle), one)
    with pytest.raises(ParameterError, match="no entry"):
        table_loads(given_tables(fabric, net, missing), one)


def test_ftree_needs_tiers():
    fabric = line()
    with pytest.raises(ParameterError, match="needs a fabric whose switches have tiers"):
        route(fabric, all_to_all(fabric), "static:rule=ftree")


def test_detours_longer_than_shortest_paths():
    """Tables may lead the long way round a ring; the loads follow."""
    graph = nx.cycle_graph(5)
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    net = switch_network(fabric)
    good = static_tables(fabric).port_numbers(np.arange(5))
    to = {v: {int(n) for n in good[:, v]} - {int(good[v, v])} for v in range(5)}
    ahead = {}
    for v in range(5):
        ahead[v] = next(n for n in to[v] if int(good[(v + 1) % 5, v]) == n)
    tables = np.array([[good[v, v] if v == d else ahead[v] for d in range(5)] for v in range(5)])
    loads, by_length = table_loads(given_tables(fabric, net, tables), all_to_all(fabric))
    assert sorted(loads.gbps.tolist()) == [0.0] * 5 + [1000.0] * 5
    assert np.flatnonzero(by_length).tolist() == [1, 2, 3, 4]
    pair = from_endpoint_pairs(fabric, net, "x", Flows(np.array([0]), np.array([4]), np.array([1.0])))
    assert table_loads(given_tables(fabric, net, tables), pair)[1].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
