"""The argument for the loss of any link against every link's loss, one by one."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
import numpy as np
import pytest

import topo
from topo.analysis.failures import AnyLink, after_any_link
from topo.analysis.failures._rerouted import least_cut_gbps
from topo.certificates import verify_certificate
from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def random_fabric(seed: int, degree: int = 4) -> Fabric:
    graph: nx.Graph[Any] = nx.random_regular_graph(degree, 10, seed=seed)
    for i, node in enumerate(graph):
        graph.nodes[node]["endpoints"] = 1 + (i * 7 + seed) % 3
    for i, edge in enumerate(graph.edges):
        graph.edges[edge]["gbps"] = 400 if (i + seed) % 3 else 800
    return from_networkx(graph)


def proved(fabric: Fabric, found: AnyLink) -> None:
    bounds = verify_certificate(fabric, json.loads(json.dumps(found.certificate))).bounds
    assert {key: float(value) for key, value in bounds.items()} == {"lower": found.lower, "upper": found.upper}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(4))
def test_it_encloses_the_worst_of_all_links(seed: int) -> None:
    fabric = random_fabric(seed)
    found = after_any_link(fabric, 0, topo.throughput(fabric))
    assert found is not None
    left = [
        topo.throughput(fabric.without(links=[link]), baseline=fabric)
        for link in fabric.links.id[~fabric.is_endpoint_link].tolist()
    ]
    assert 0 < found.lower <= min(t.upper for t in left) + 1e-9
    assert found.upper >= min(t.lower for t in left) - 1e-9
    assert found.lower < found.upper
    proved(fabric, found)


@pytest.mark.parametrize("seed", range(2))
def test_ways_around_each_link_are_never_worse_than_the_least_cut(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fabric = random_fabric(seed)
    intact = topo.throughput(fabric)
    found = after_any_link(fabric, 0, intact)
    monkeypatch.setattr("topo.analysis.failures._rerouted.MOST_DETOURS", 0)
    cut = after_any_link(fabric, 0, intact)
    assert found is not None
    assert cut is not None
    assert cut.certificate is None
    assert cut.lower <= found.lower + 1e-12
    assert cut.upper == found.upper


def test_it_is_exact_where_the_leaf_decides() -> None:
    text = "name: t\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700}\n"
    fabric = build(parse_design(text))
    found = after_any_link(fabric, 0, topo.throughput(fabric))
    rows = topo.analysis.failures.single_failures(fabric, ["cable"])
    assert found is not None
    ends = (min(r.lower for r in rows), min(r.upper for r in rows))
    assert (found.lower, found.upper) == pytest.approx(ends, rel=1e-9)
    proved(fabric, found)


def test_a_bridge_says_nothing() -> None:
    graph: nx.Graph[Any] = nx.barbell_graph(4, 0)
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    assert after_any_link(fabric, 0, topo.throughput(fabric)) is None


@pytest.mark.parametrize("seed", range(5))
def test_the_least_cut_against_networkx(seed: int) -> None:
    graph: nx.Graph[Any] = nx.random_regular_graph(3, 14, seed=seed)
    for i, edge in enumerate(graph.edges):
        graph.edges[edge]["weight"] = 100 * (1 + (i * 5 + seed) % 4)
    ends = np.array(list(graph.edges))
    weights = np.array([graph.edges[edge]["weight"] for edge in graph.edges], dtype=np.float64)
    assert least_cut_gbps(ends[:, 0], ends[:, 1], weights) == nx.stoer_wagner(graph)[0]
