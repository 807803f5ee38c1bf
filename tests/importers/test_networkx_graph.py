"""Import from and export to networkx, against networkx itself."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.network import switch_network
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import ParameterError
from topo.exporters.networkx import to_networkx
from topo.fabric import HOST, SWITCH, Fabric
from topo.importers.networkx_graph import from_networkx

MPFT = """
name: small
gpus: 64
host: h800-node
networks:
  compute: {family: mpft, switch: nvidia-qm9700, planes: 8}
  storage: {family: ft2, switch: nvidia-qm9700}
"""


def ring(n: int = 5, **node: Any) -> nx.Graph[Any]:
    graph = nx.cycle_graph(n)
    nx.set_edge_attributes(graph, 100.0, "gbps")
    nx.set_node_attributes(graph, {v: {"endpoints": v, **node} for v in graph})
    return graph


def edges_of(fabric: Fabric) -> dict[tuple[str, str], tuple[int, float]]:
    net = switch_network(fabric)
    pairs = zip(net.name[net.u], net.name[net.v], net.links, net.gbps, strict=True)
    return {(min(u, v), max(u, v)): (int(n), float(g)) for u, v, n, g in pairs}


def test_counts_names_speeds() -> None:
    fabric = from_networkx(ring())
    assert int((fabric.devices.tier == SWITCH).sum()) == 5
    assert int((fabric.devices.tier == HOST).sum()) == len(fabric.endpoints) == 0 + 1 + 2 + 3 + 4
    assert set(fabric.devices.name[fabric.devices.tier == SWITCH]) == {"0", "1", "2", "3", "4"}
    assert fabric.devices.gpus.sum() == 10
    at = switch_network(fabric)
    assert dict(zip(at.name, at.endpoints_at.tolist(), strict=True)) == {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4}
    assert edges_of(fabric) == {("0", "1"): (1, 100.0), ("1", "2"): (1, 100.0), ("2", "3"): (1, 100.0),
                                ("3", "4"): (1, 100.0), ("0", "4"): (1, 100.0)}  # fmt: skip
    assert set(fabric.endpoints.gbps) == {400.0}


def test_every_port_is_used_once_and_at_its_device() -> None:
    fabric = from_networkx(ring())
    used = np.concatenate([fabric.links.a, fabric.links.b])
    assert sorted(used.tolist()) == list(range(len(fabric.ports)))
    assert (np.diff(fabric.ports.device) >= 0).all()
    assert (fabric.ports.gbps[fabric.links.a] == fabric.links.gbps).all()
    assert (fabric.ports.gbps[fabric.links.b] == fabric.links.gbps).all()
    for device in range(len(fabric.devices)):
        numbers = fabric.ports.number[fabric.ports.device == device]
        assert numbers.tolist() == list(range(1, len(numbers) + 1))


def test_speeds_of_node_and_graph() -> None:
    graph = ring()
    graph.graph["endpoint_gbps"] = 200
    graph.nodes[4]["endpoint_gbps"] = 800.0
    fabric = from_networkx(graph)
    at = fabric.devices.name[fabric.endpoint_switch]
    assert set(fabric.endpoints.gbps[at == "4"]) == {800.0}
    assert set(fabric.endpoints.gbps[at != "4"]) == {200.0}
    assert (fabric.links.gbps[fabric.endpoint_link] == fabric.endpoints.gbps).all()


def test_parallel_links_of_a_multigraph_form_a_bundle() -> None:
    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    graph.add_node("x", endpoints=1)
    graph.add_node("y", endpoints=1)
    for gbps in (100, 400, 400):
        graph.add_edge("y", "x", gbps=gbps)
    graph.add_edge("x", "y", gbps=50, active=False)
    fabric = from_networkx(graph)
    between = ~fabric.is_endpoint_link
    assert between.sum() == 4
    assert len(set(fabric.links.bundle[between])) == 1
    assert len(set(fabric.links.bundle)) == 3
    assert edges_of(fabric) == {("x", "y"): (3, 900.0)}


def test_planes() -> None:
    graph = nx.disjoint_union(ring(3, plane=0), ring(3, plane=2))
    fabric = from_networkx(graph)
    assert sorted(set(fabric.endpoints.plane)) == [0, 2]
    assert (fabric.endpoints.plane == fabric.devices.plane[fabric.endpoint_switch]).all()
    assert (fabric.links.plane == fabric.devices.plane[fabric.link_b]).all()


def test_names_are_sanitised() -> None:
    graph = nx.grid_2d_graph(2, 2)
    nx.set_edge_attributes(graph, 1.0, "gbps")
    assert set(from_networkx(graph).devices.name) == {"0_0", "0_1", "1_0", "1_1"}


@pytest.mark.parametrize("hosts", [True, False])
def test_round_trip_keeps_the_switch_graph(hosts: bool) -> None:
    fabric = build(parse_design(MPFT, "small", load_catalog()))
    graph = to_networkx(fabric, hosts=hosts, network="compute")
    again = from_networkx(graph)
    assert edges_of(again) == edges_of(fabric)
    before, after = switch_network(fabric), switch_network(again)
    for net in (before, after):
        assert len(net.at) == 64
    count = dict(zip(before.name, before.endpoints_at, strict=True))
    assert count == dict(zip(after.name, after.endpoints_at, strict=True))
    assert dict(zip(before.name, before.plane, strict=True)) == dict(zip(after.name, after.plane, strict=True))
    assert again.devices.gpus.sum() == 64
    assert (again.devices.tier == HOST).sum() == (8 if hosts else 64)
    if hosts:
        assert again.endpoints.gpu_first.tolist() == list(range(8)) * 8
        assert again.endpoints.plane.tolist() == list(range(8)) * 8
        one = nx.MultiGraph(to_networkx(again))
        assert nx.utils.edges_equal(one.edges(), graph.edges())


def test_export_has_every_device_link_and_port() -> None:
    fabric = build(parse_design(MPFT, "small", load_catalog()))
    graph = to_networkx(fabric)
    assert len(graph) == len(fabric.devices)
    assert graph.number_of_edges() == len(fabric.links)
    ends = [(d["a"], d["a_port"]) for *_, d in graph.edges(data=True)]
    ends += [(d["b"], d["b_port"]) for *_, d in graph.edges(data=True)]
    assert len(set(ends)) == len(ends) == 2 * len(fabric.links)
    for u, v, data in graph.edges(data=True):
        assert {u, v} == {data["a"], data["b"]}
    assert {d["tier"] for _, d in graph.nodes(data=True)} == {"host", "leaf"}
    with pytest.raises(ParameterError, match="several networks"):
        from_networkx(graph)


def test_export_counts_endpoints_and_refuses_mixed_speeds() -> None:
    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    graph.add_node("s")
    for name, gbps in (("h1", 100), ("h2", 400)):
        graph.add_node(name, tier="host")
        graph.add_edge(name, "s", gbps=gbps)
    fabric = from_networkx(graph)
    with pytest.raises(ValueError, match="100 and 400"):
        to_networkx(fabric, hosts=False)
    less = fabric.without(devices=["h1"])
    assert to_networkx(less, hosts=False).nodes["s"] == {
        "tier": "switch", "network": "compute", "plane": 0, "index": 0, "endpoints": 1, "endpoint_gbps": 400.0,
    }  # fmt: skip


def bad_node(**data: Any) -> nx.Graph[Any]:
    graph = ring()
    graph.nodes[2].update(data)
    return graph


def bad_edge(u: Any, v: Any, **data: Any) -> nx.Graph[Any]:
    graph = ring()
    graph.add_edge(u, v, **data)
    return graph


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph([(0, 1)]), "directed graphs are refused"),
        (nx.MultiDiGraph([(0, 1)]), "directed graphs are refused"),
        ({0: [1]}, "is no networkx graph"),
        (nx.Graph(), "nothing to import"),
        (bad_edge(1, 1, gbps=1), "self-loops are refused"),
        (bad_edge(0, 2), "edge 0 - 2: gbps: is no speed"),
        (bad_edge(0, 2, gbps=0), "is no speed"),
        (bad_edge(0, 2, gbps=float("inf")), "is no speed"),
        (bad_edge(0, 2, gbps=float("nan")), "is no speed"),
        (bad_edge(0, 2, gbps=1e300), "(?s)is no speed.*1,000,000"),
        (bad_edge(0, 2, gbps=5e-324), "is no speed"),
        (bad_edge(0, 2, gbps=10**400), "is no speed"),
        (bad_node(endpoint_gbps=1e-7), "node 2: endpoint_gbps: is no speed"),
        (bad_edge(0, 2, gbps="400"), "is no speed"),
        (bad_node(endpoints=-1), "node 2: endpoints: is no count"),
        (bad_node(endpoints=1.5), "is no count"),
        (bad_node(endpoints=True), "is no count"),
        (bad_node(endpoints=10**12), "is no count"),
        (bad_node(endpoints=4_000_000), "too many in all"),
        (bad_node(endpoint_gbps=0), "node 2: endpoint_gbps: is no speed"),
        (bad_node(plane=-1), "plane: is no count"),
        (bad_node(plane=1), "joins two planes"),
        (bad_node(tier="host"), "a host counts its NICs"),
        (bad_edge("0", 1, gbps=1), "becomes the same device name"),
        (bad_edge("1-h0", 1, gbps=1), "is also the name of an endpoint's host"),
        (bad_edge("", 1, gbps=1), "gives no device name"),
    ],
)
def test_bad_graphs_are_refused(graph: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        from_networkx(graph)


def test_two_hosts_on_one_edge_are_refused() -> None:
    graph = nx.Graph()
    graph.add_nodes_from("ab", tier="host")
    graph.add_edge("a", "b", gbps=1)
    with pytest.raises(ParameterError, match="joins two hosts"):
        from_networkx(graph)
