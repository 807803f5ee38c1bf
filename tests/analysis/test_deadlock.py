"""Channel dependencies against path enumeration, lanes against the graph of (channel, lane) pairs."""

import itertools

import networkx as nx
import numpy as np
import pytest

from topo.analysis.deadlock.deadlock import FixedLanes, _by_distance, deadlock, fixed_lanes
from topo.analysis.network import switch_network
from topo.analysis.routing import given_tables
from topo.analysis.routing.rules.static import static_tables
from topo.design import build, parse_design
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return build(parse_design(text + extra + "}\n"))


def fabric_of(graph: nx.Graph, every: int = 1) -> Fabric:
    for i, node in enumerate(graph):
        graph.nodes[node]["endpoints"] = 2 if i % every == 0 else 0
    nx.set_edge_attributes(graph, 400, "gbps")
    return from_networkx(graph)


def all_paths(graph: nx.Graph) -> list[list[tuple]]:
    ends = [n for n, d in graph.nodes(data=True) if d["endpoints"]]
    paths = (p for s in ends for t in ends if s != t for p in nx.all_shortest_paths(graph, s, t))
    return [list(itertools.pairwise(p)) for p in paths]


def dependencies(paths: list[list[tuple]]) -> nx.DiGraph:
    return nx.DiGraph({(c, d) for path in paths for c, d in itertools.pairwise(path)})


GRAPHS = [
    ("ring", nx.cycle_graph(7), 1),
    ("short ring", nx.cycle_graph(4), 1),
    ("triangle", nx.cycle_graph(3), 1),
    ("torus", nx.convert_node_labels_to_integers(nx.grid_graph((4, 5), periodic=True)), 1),
    ("mesh", nx.convert_node_labels_to_integers(nx.grid_graph((3, 4))), 1),
    ("few senders", nx.convert_node_labels_to_integers(nx.grid_graph((4, 4), periodic=True)), 5),
    ("Petersen", nx.petersen_graph(), 1),
    ("Hoffman-Singleton", nx.hoffman_singleton_graph(), 1),
    *((f"random {s}", nx.random_regular_graph(4, 16, seed=s), 2) for s in range(4)),
    ("tree", nx.balanced_tree(3, 3), 1),
    ("leaf-spine", nx.complete_bipartite_graph(4, 3), 1),
]


@pytest.mark.parametrize(("name", "graph", "every"), GRAPHS, ids=[g[0] for g in GRAPHS])
def test_all_shortest_paths(name, graph, every):
    fabric = fabric_of(graph, every)
    paths = all_paths(graph)
    expected = dependencies(paths)
    found = deadlock(fabric, routing="spray")
    assert found.dependencies == expected.number_of_edges()
    assert found.acyclic == nx.is_directed_acyclic_graph(expected)
    if found.acyclic:
        assert (found.lanes, found.minimum, found.cycle) == (1, 1, ())
        return
    circle = [tuple(int(end.split()[0]) for end in step.split(" -> ")) for step in found.cycle]
    for c, d in zip(circle, circle[1:] + circle[:1], strict=True):
        assert expected.has_edge(c, d)
    lanes_free_of_cycles(fabric, graph, paths, found)
    assert found.minimum == (2 if found.lanes == 2 else None)
    assert deadlock(fabric, routing="adaptive").minimum is None


def lanes_free_of_cycles(fabric: Fabric, graph: nx.Graph, paths: list[list[tuple]], found) -> None:
    net = switch_network(fabric)
    names = [int(str(n)) for n in net.name]
    place = dict(zip(names, _by_distance(net).tolist(), strict=True))
    used, extended = 0, nx.DiGraph()
    for path in paths:
        lane, steps = 0, []
        for i, (v, u) in enumerate(path):
            if found.method == "lane per hop":
                lane = i
            elif i and place[path[i - 1][1]] > place[path[i - 1][0]] and place[u] < place[v]:
                lane += 1
            steps.append(((v, u), lane))
        used = max(used, lane + 1)
        extended.add_edges_from(itertools.pairwise(steps))
    assert used == found.lanes
    assert nx.is_directed_acyclic_graph(extended)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("seed", range(4))
def test_static_tables(seed):
    graph = nx.random_regular_graph(3, 14, seed=seed)
    fabric = fabric_of(graph)
    net = switch_network(fabric)
    numbers = static_tables(fabric).port_numbers(np.arange(len(net.at)))
    port_to = {}
    for row in np.flatnonzero(~fabric.is_endpoint_link):
        for near, far in ((fabric.links.a, fabric.links.b), (fabric.links.b, fabric.links.a)):
            v, u = fabric.ports.device[near[row]], fabric.ports.device[far[row]]
            port_to[int(np.searchsorted(net.device, v)), int(fabric.ports.number[near[row]])] = int(
                np.searchsorted(net.device, u)
            )
    paths = []
    for d, t in enumerate(net.at.tolist()):
        for s in range(net.switches):
            v, path = s, []
            while v != t:
                u = port_to[v, int(numbers[d, v])]
                path.append((v, u))
                v = u
            paths.append(path)
    expected = dependencies(paths)
    found = deadlock(fabric, routing="static")
    assert found.dependencies == expected.number_of_edges()
    assert found.acyclic == nx.is_directed_acyclic_graph(expected)
    again = deadlock(fabric, tables=given_tables(fabric, net, numbers.T.copy()), routing="static")
    assert (again.dependencies, again.lanes) == (found.dependencies, found.lanes)


@pytest.mark.parametrize("routing", ["spray", "ecmp:qp=2", "static", "adaptive"])
@pytest.mark.parametrize(("family", "gpus"), [("ft2", 512), ("mpft", 2048), ("mrft", 4096), ("ft3", 4096)])
def test_trees_need_one_lane(family, gpus, routing):
    found = deadlock(tree(family, gpus), routing=routing)
    assert (found.acyclic, found.lanes, found.minimum, found.method) == (True, 1, 1, "acyclic")


def test_a_valley_in_a_degraded_tree_may_close_a_circle():
    """Two leaf pairs that share no spine any more reach each other by a leaf between: down, then up again."""
    graph = nx.Graph()
    graph.add_nodes_from(["l0", "l1", "l2"], endpoints=2)
    graph.add_nodes_from(["s0", "s1", "s2"], endpoints=0)
    for leaf, spine in (("l0", "s0"), ("l1", "s0"), ("l1", "s1"), ("l2", "s1"), ("l2", "s2"), ("l0", "s2")):
        graph.add_edge(leaf, spine, gbps=400)
    found = deadlock(from_networkx(graph))
    assert found.acyclic
    graph.add_nodes_from(["l3"], endpoints=2)
    graph.remove_edge("l0", "s2")
    graph.add_edges_from([("l3", "s2"), ("l3", "s3"), ("l0", "s3")], gbps=400)
    found = deadlock(from_networkx(graph))
    assert not found.acyclic
    assert len(found.cycle) == 8
    assert found.lanes == 2


def test_a_circle_in_given_tables():
    graph = nx.cycle_graph(4)
    fabric = fabric_of(graph)
    net = switch_network(fabric)
    numbers = static_tables(fabric).port_numbers(np.arange(len(net.at))).T.copy()
    ahead = [next(int(n) for d, n in enumerate(numbers[v]) if net.at[d] == (v + 1) % 4) for v in range(4)]
    for v in range(3):
        numbers[v, net.at == 3] = ahead[v] if v else numbers[v, net.at == 1][0]
    numbers[2, net.at == 3] = numbers[2, net.at == 1][0]
    assert not deadlock(fabric, tables=given_tables(fabric, net, numbers)).acyclic


def test_unknown_routing():
    with pytest.raises(ParameterError, match="has no known paths"):
        deadlock(fabric_of(nx.cycle_graph(4)), routing="valiant")


def test_nothing_to_route():
    graph = nx.Graph()
    graph.add_node(0, endpoints=3)
    found = deadlock(from_networkx(graph))
    assert (found.acyclic, found.lanes, found.channels) == (True, 1, 0)


def in_lanes(net, found: FixedLanes, paths: list[list[tuple]]) -> list[nx.DiGraph]:
    """The dependencies of every lane, by networkx; switches are named by their numbers."""
    row = {int(str(name)): i for i, name in enumerate(net.name)}
    place = {int(t): j for j, t in enumerate(found.dest)}
    graphs = [nx.DiGraph() for _ in range(found.lanes)]
    for path in paths:
        lane = found.lane[row[path[0][0]], place[row[path[-1][1]]]]
        graphs[lane].add_edges_from(itertools.pairwise(path))
    return graphs


@pytest.mark.parametrize(("name", "graph", "every"), GRAPHS, ids=[g[0] for g in GRAPHS])
def test_fixed_lanes_have_no_circles(name, graph, every):
    fabric = fabric_of(graph, every)
    found = fixed_lanes(fabric)
    lanes = in_lanes(switch_network(fabric), found, all_paths(graph))
    assert all(nx.is_directed_acyclic_graph(lane) for lane in lanes)
    assert len(np.unique(found.lane[found.lane >= 0])) == found.lanes
    answer = deadlock(fabric)
    assert answer.fixed_lanes == (1 if answer.acyclic else found.lanes)
    assert answer.acyclic or found.lanes >= 2


@pytest.mark.parametrize(
    ("graph", "lanes"),
    [
        (nx.balanced_tree(3, 3), 1),
        (nx.complete_bipartite_graph(4, 3), 2),
        (nx.cycle_graph(3), 1),
        (nx.cycle_graph(9), 2),
        (nx.convert_node_labels_to_integers(nx.grid_graph((5, 5), periodic=True)), 5),
        (nx.hoffman_singleton_graph(), 4),
    ],
)
def test_fixed_lanes_of_known_graphs(graph, lanes):
    assert fixed_lanes(fabric_of(graph)).lanes <= lanes


@pytest.mark.parametrize(
    ("words", "spray", "static"),
    [
        ("{family: dragonfly, switch: example-switch-8}", 4, 4),
        ("{family: slim-fly, switch: example-switch-8, q: 3, p: 2}", 4, 3),
    ],
)
def test_fixed_lanes_of_families(words, spray, static):
    """DFSSSP needs 3 on Slim Flies (M. Besta, T. Hoefler, SC 2014); by hops a dragonfly takes as many as links."""
    fabric = build(parse_design(f"name: t\ngpus: 36\nhost: example-host-1\nnetworks:\n  compute: {words}\n"))
    assert 2 <= fixed_lanes(fabric).lanes <= spray
    assert 2 <= fixed_lanes(fabric, routing="static").lanes <= static


@pytest.mark.parametrize("seed", range(3))
def test_fixed_lanes_of_tables(seed):
    graph = nx.random_regular_graph(3, 14, seed=seed)
    fabric = fabric_of(graph)
    net = switch_network(fabric)
    found = fixed_lanes(fabric, routing="static")
    tables = static_tables(fabric)
    rows = tables.channel_rows(np.arange(len(net.at)))
    head = tables.channels.head
    names = [int(str(n)) for n in net.name]
    paths = []
    for d, t in enumerate(net.at.tolist()):
        for s in range(net.switches):
            v, path = s, []
            while v != t:
                path.append((names[v], names[int(head[rows[d, v]])]))
                v = int(head[rows[d, v]])
            paths += [path] if path else []
    assert all(nx.is_directed_acyclic_graph(lane) for lane in in_lanes(net, found, paths))


def test_no_lanes_where_the_work_is_too_much(monkeypatch):
    from topo.analysis.deadlock import deadlock as module

    fabric = fabric_of(nx.cycle_graph(9))
    monkeypatch.setattr(module, "MOST_WORK", 10)
    assert fixed_lanes(fabric) is None
    assert deadlock(fabric).fixed_lanes is None
    monkeypatch.setattr(module, "MOST_WORK", 10**9)
    monkeypatch.setattr(module, "MOST_LANES", 1)
    assert fixed_lanes(fabric) is None
