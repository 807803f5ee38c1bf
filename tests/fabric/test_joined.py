"""Connected components as networkx finds them."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from topo.fabric.joined import components, least_joined


@pytest.mark.parametrize("seed", range(30))
def test_what_pairs_join_is_what_networkx_finds(seed: int) -> None:
    draw = np.random.default_rng(seed)
    nodes = int(draw.integers(0, 60))
    pairs = draw.integers(0, max(nodes, 1), (2, int(draw.integers(0, 2 * nodes)) if nodes else 0))
    graph = nx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(pairs.T.tolist())
    parts = sorted(map(sorted, nx.connected_components(graph)))
    number = {node: row for row, part in enumerate(parts) for node in part}
    assert components(nodes, *pairs).tolist() == [number[node] for node in range(nodes)]
    assert least_joined(nodes, *pairs).tolist() == [parts[number[node]][0] for node in range(nodes)]


def test_a_long_chain_in_any_order_is_one() -> None:
    order = np.random.default_rng(3).permutation(5_000)
    assert not components(len(order), order[:-1], order[1:]).any()
