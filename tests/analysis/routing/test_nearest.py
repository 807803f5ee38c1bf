"""Breadth-first search over channels and over neighbours, against networkx."""

import networkx as nx
import numpy as np
import pytest

from topo.analysis.routing.next_kernel import nearest_first, neighbours


def searched(start, head, t):
    distance = np.full(len(start) - 1, -1, dtype=np.int64)
    order = np.empty(len(start) - 1, dtype=np.int64)
    count = nearest_first(start, head, t, distance, order)
    return distance.tolist(), order[:count].tolist()


@pytest.mark.parametrize("seed", range(8))
def test_parallel_channels_once_lead_to_the_same_in_the_same_order(seed):
    """Two planes, bundles, and a switch that no other reaches."""
    rng = np.random.default_rng(seed)
    graph = nx.disjoint_union(nx.gnm_random_graph(9, 14, seed=seed), nx.gnm_random_graph(7, 6, seed=seed))
    arcs = [(v, u) for a, b in graph.edges for v, u in [(a, b), (b, a)] for _ in range(rng.integers(1, 4))]
    rng.shuffle(arcs)
    arcs.sort(key=lambda arc: arc[0])
    head = np.array([u for _, u in arcs], dtype=np.int64)
    start = np.searchsorted([v for v, _ in arcs], np.arange(len(graph) + 1)).astype(np.int64)
    near = neighbours(start, head)
    assert np.diff(near[0]).tolist() == [graph.degree[v] for v in graph]
    for t in graph:
        away = nx.single_source_shortest_path_length(graph, t)
        distance, order = searched(start, head, t)
        assert distance == [away.get(v, -1) for v in graph]
        assert sorted(order) == sorted(away)
        assert searched(*near, t) == (distance, order)
