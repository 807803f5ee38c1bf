"""Hop counts against networkx and closed forms."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest

from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.paths.hops import farthest, hops, pair_hops
from topo.design import build, parse_design
from topo.importers.networkx_graph import from_networkx


def tree(family: str, gpus: int, extra: str = "") -> SwitchNetwork:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700"
    return switch_network(build(parse_design(text + extra + "}\n")))


def by_networkx(graph: nx.Graph) -> dict[int, int]:
    count: Counter[int] = Counter()
    ends = nx.get_node_attributes(graph, "endpoints")
    for s, near in nx.all_pairs_shortest_path_length(graph):
        for t, d in near.items():
            count[d + 1] += ends[s] * (ends[t] - (s == t))
    return {k: n for k, n in sorted(count.items()) if n}


@pytest.mark.parametrize("seed", range(6))
def test_random_graphs_with_unequal_endpoint_counts(seed):
    graph = nx.gnm_random_graph(90, 110 + 20 * seed, seed=seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = (node * 7 + seed) % 4
    nx.set_edge_attributes(graph, 400, "gbps")
    found = hops(switch_network(from_networkx(graph)))
    expected = by_networkx(graph)
    assert dict(found.histogram) == expected
    assert found.max == max(expected)
    ends = sum(d for _, d in graph.nodes(data="endpoints"))
    assert found.apart == ends * (ends - 1) - sum(expected.values())
    assert found.mean == pytest.approx(sum(k * n for k, n in expected.items()) / sum(expected.values()))


def test_more_sources_than_one_block(monkeypatch):
    graph = nx.random_regular_graph(3, 200, seed=1)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    monkeypatch.setattr("topo.analysis.paths.hops.BLOCK_BYTES", 1)
    assert dict(hops(switch_network(from_networkx(graph))).histogram) == by_networkx(graph)


def test_three_tier_tree_at_full_size():
    pairs = hops(tree("ft3", 65536)).histogram
    assert pairs == {1: 65536 * 31, 3: 65536 * (1024 - 32), 5: 65536 * (65536 - 1024)}


def test_planes_are_apart():
    found = hops(tree("mpft", 16384))
    assert found.histogram == {1: 16384 * 31, 3: 16384 * (2048 - 32)}
    assert found.apart == 16384 * (16384 - 2048)


def test_no_endpoints_at_all():
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 400, "gbps")
    found = hops(switch_network(from_networkx(graph)))
    assert (found.max, found.mean, dict(found.histogram), found.apart) == (0, 0.0, {}, 0)


@pytest.mark.parametrize("seed", range(3))
def test_chosen_pairs_against_networkx(seed):
    graph = nx.gnm_random_graph(200, 150 + 80 * seed, seed=seed)
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    net = switch_network(from_networkx(graph))
    random = np.random.default_rng(seed)
    first, second = random.integers(net.switches, size=(2, 500))
    far = dict(nx.all_pairs_shortest_path_length(graph))
    assert pair_hops(net, first, second).tolist() == [
        far[u][v] + 1 if v in far[u] else 0 for u, v in zip(first.tolist(), second.tolist(), strict=True)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_farthest_of_some(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.gnm_random_graph(90, 130, seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = 1
    for edge in graph.edges.values():
        edge["gbps"] = 100.0
    net = switch_network(from_networkx(graph))
    some = np.sort(np.random.default_rng(seed).choice(net.switches, 70, replace=False))
    plain = nx.Graph(zip(net.u.tolist(), net.v.tolist(), strict=True))
    plain.add_nodes_from(range(net.switches))
    apart = dict(nx.all_pairs_shortest_path_length(plain))
    expected = [max(apart[s].get(t, net.switches) for t in some.tolist()) for s in range(net.switches)]
    assert farthest(net, some).tolist() == expected
    monkeypatch.setattr("topo.analysis.paths.hops.BLOCK_BYTES", 1)
    assert farthest(net, some).tolist() == expected


@pytest.mark.parametrize("planes", [[3, 3, 3], [3, 4, 3], [1, 1, 5, 5]])
def test_parts_that_hang_together_are_looked_at_once_each(planes):
    """Planes that are the same count as often as they are there; planes of other sizes, or with other endpoints on the
    same switches, count as themselves."""
    graph = nx.Graph()
    for plane, spines in enumerate(planes):
        part = nx.complete_bipartite_graph(4, spines)
        for node in part:
            part.nodes[node]["endpoints"] = (2 + (plane == 1) * (node % 2)) if node < 4 else 0
        graph = nx.disjoint_union(graph, part)
    nx.set_edge_attributes(graph, 400, "gbps")
    assert dict(hops(switch_network(from_networkx(graph))).histogram) == by_networkx(graph)
