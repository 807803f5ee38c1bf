"""Longest matchings against an assignment of every endpoint, and beyond what an assignment can hold."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.traffic.patterns import longest_matching
from topo.analysis.traffic.value import by_plane
from topo.importers.networkx_graph import from_networkx


def imported(graph: nx.Graph, endpoints: list[int]) -> SwitchNetwork:
    for node, held in zip(graph, endpoints, strict=True):
        graph.nodes[node]["endpoints"] = held
    nx.set_edge_attributes(graph, 400.0, "gbps")
    return switch_network(from_networkx(graph))


def by_endpoints(net: SwitchNetwork, graph: nx.Graph) -> int:
    """The greatest summed distance over all permutations, by networkx's distances and an assignment of endpoints."""
    lengths = dict(nx.all_pairs_shortest_path_length(graph))
    names = net.name[net.at].tolist()
    far = np.array([[lengths[a][b] for b in names] for a in names])
    return int(far[linear_sum_assignment(far, maximize=True)].sum())


@pytest.mark.parametrize("endpoints", [[2] * 12, [4, 2] * 6, [3, 1, 2] * 4])
def test_an_assignment_of_parts_is_one_of_endpoints(endpoints: list[int]) -> None:
    graph = nx.relabel_nodes(nx.random_regular_graph(3, 12, seed=2), str)
    net = imported(graph, endpoints)
    (ends,) = by_plane(net)
    found = longest_matching.matching(net, ends)
    assert found.longest
    assert sorted(found.dst.tolist()) == sorted(found.src.tolist()) == ends.tolist()
    assert found.hops == by_endpoints(net, graph)


def test_no_endpoint_of_a_switch_sends_to_itself_while_another_is_there() -> None:
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from("abc")
    graph.add_edge("a", "b")
    net = imported(graph, [7, 2, 0])
    (ends,) = by_plane(net)
    found = longest_matching.matching(net, ends)
    assert sorted(found.dst.tolist()) == ends.tolist()
    assert (found.dst != found.src).all()
    assert found.hops == by_endpoints(net, graph) == 4


@pytest.mark.parametrize("endpoints", [[2] * 50, [4, 2] * 25])
def test_too_many_for_an_assignment_reach_the_diameter_all_the_same(
    endpoints: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = nx.relabel_nodes(nx.hoffman_singleton_graph(), str)
    net = imported(graph, endpoints)
    (ends,) = by_plane(net)
    monkeypatch.setattr(longest_matching, "MOST_PARTS", 10)
    found = longest_matching.matching(net, ends)
    assert found.longest
    assert found.hops == 2 * len(ends)
    assert sorted(found.dst.tolist()) == ends.tolist()


def test_a_long_matching_is_not_called_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.relabel_nodes(nx.star_graph(9), str)
    net = imported(graph, [1] * 10)
    (ends,) = by_plane(net)
    monkeypatch.setattr(longest_matching, "MOST_PARTS", 5)
    found = longest_matching.matching(net, ends)
    assert sorted(found.dst.tolist()) == ends.tolist()
    assert found.hops <= by_endpoints(net, graph) <= found.most


@pytest.mark.slow
def test_seven_thousand_switches_are_matched() -> None:
    graph = nx.relabel_nodes(nx.random_regular_graph(8, 7000, seed=1), str)
    net = imported(graph, [1] * 7000)
    (ends,) = by_plane(net)
    found = longest_matching.matching(net, ends)
    assert sorted(found.dst.tolist()) == ends.tolist()
    assert found.hops > 0.99 * found.most
