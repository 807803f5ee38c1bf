"""Fabrics of the families without tiers, and their switch graphs in networkx."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from topo.analysis.network import switch_network
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build, closed_forms
from topo.fabric import HOST, Fabric, PortRole
from topo.generators import Counts
from topo.generators.family import families


def design(gpus: int, compute: str) -> str:
    return f"name: d\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{switch: nvidia-qm9700, {compute}}}\n"


def built(gpus: int, compute: str) -> tuple[Fabric, Counts]:
    """The fabric, with its closed forms, every column of its wiring checked against them."""
    parsed = parse_design(design(gpus, compute), "d", load_catalog())
    fabric, counts = build(parsed), closed_forms(parsed)["compute"]
    switches = fabric.devices.tier != HOST
    assert dict(counts.switches) == {"switch": int(switches.sum())}
    found = {k: int((fabric.links.kind == i).sum()) for i, k in enumerate(fabric.link_kinds)}
    assert dict(counts.links) == {k: n for k, n in found.items() if n}
    used = np.concatenate([fabric.links.a, fabric.links.b])
    assert len(np.unique(used)) == len(used), "a port is used twice"
    spare = (fabric.ports.role == PortRole.SPARE) & switches[fabric.ports.device]
    assert dict(counts.spare) == {"switch": int(spare.sum())}
    assert len(fabric.endpoints) == gpus
    assert (fabric.endpoint_switch >= 0).all()
    assert (fabric.ports.gbps[fabric.links.a] == fabric.links.gbps).all()
    assert (fabric.ports.gbps[fabric.links.b] == fabric.links.gbps).all()
    pair = np.stack([fabric.link_a, fabric.link_b])
    new = np.concatenate([[True], (pair[:, 1:] != pair[:, :-1]).any(axis=0)])
    assert (np.cumsum(new) - 1 == fabric.links.bundle).all()
    assert len(np.unique(pair, axis=1).T) == new.sum(), "links of a bundle lie apart"
    return fabric, counts


def graph_of(fabric: Fabric) -> nx.Graph[Any]:
    net = switch_network(fabric)
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(net.switches))
    graph.add_weighted_edges_from(zip(net.u.tolist(), net.v.tolist(), net.links.tolist(), strict=True))
    return graph


def measured_hops(fabric: Fabric) -> int:
    net = switch_network(fabric)
    lengths = dict(nx.all_pairs_shortest_path_length(graph_of(fabric)))
    at = set(net.at.tolist())
    return 1 + max(lengths[u][v] for u in at for v in at)


def symmetry_orbits(fabric: Fabric, family: str) -> set[frozenset[int]]:
    """Orbits of the switches under the family's symmetries, each proved to be an automorphism of the switch graph."""
    net = switch_network(fabric)
    local = np.full(len(fabric.devices), -1)
    local[net.device] = np.arange(net.switches)
    edges = {(min(u, v), max(u, v)): n for u, v, n in zip(net.u.tolist(), net.v.tolist(), net.links, strict=True)}
    together: nx.Graph[Any] = nx.empty_graph(net.switches)
    for permutation in families.get(family).symmetries(fabric, 0):
        assert sorted(permutation.tolist()) == list(range(len(fabric.devices)))
        p = local[permutation[net.device]]
        assert (net.endpoints_at[p] == net.endpoints_at).all()
        for (u, v), n in edges.items():
            a, b = int(p[u]), int(p[v])
            assert edges.get((min(a, b), max(a, b))) == n
        together.add_edges_from((i, int(j)) for i, j in enumerate(p))
    return {frozenset(c) for c in nx.connected_components(together)}
