"""The symmetry of a network with its hosts: which failures are alike, by verified permutations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.symmetry import ColouredGraph, Symmetry, find_symmetry, switch_proposals
from topo.analysis.symmetry.graph import generated
from topo.analysis.symmetry.search import searched
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

Ties = tuple[tuple[int | float, ...], ...]


@dataclass(frozen=True)
class HostedGraph:
    """Nodes: the switches of `net`, then one node per class of hosts (equal parts on the same switches, at the same
    speeds). `edge_of_link` (fabric links,) and `edge_of_endpoint` (n,) give the edge of each link of the network, -1
    for others; edge e is arc e and arc e + edges of `graph`. `class_of_host` (fabric devices,) is a node or -1."""

    net: SwitchNetwork
    graph: ColouredGraph
    symmetry: Symmetry
    edges: int
    edge_of_link: IntArray
    edge_of_endpoint: IntArray
    class_of_host: IntArray

    def edge_orbit(self) -> IntArray:
        """Shape (edges,): edges that verified permutations carry into each other share a number."""
        least: IntArray = self.symmetry.arc_orbit.reshape(2, -1).min(axis=0)
        return least

    def edge_images(self) -> list[IntArray]:
        """Where each verified generator takes each edge, shape (edges,) each."""
        images = []
        for generator in self.symmetry.generators:
            arcs = self.graph.arc_image(generator)
            assert arcs is not None
            images.append(arcs[: self.edges] % max(self.edges, 1))
        return images


def unlike_cables(fabric: Fabric, network: int = 0) -> int:
    """How many links, examined one by one, stand for all links of a network, endpoint links included."""
    return len(np.unique(hosted_graph(fabric, network).edge_orbit()))


def hosted_graph(fabric: Fabric, network: int) -> HostedGraph:
    """The switches and host classes of a network with their verified symmetry."""
    net = switch_network(fabric, network)
    keys, class_of_endpoint, class_of_host = _classes(fabric, net)
    n = net.switches
    key = class_of_endpoint * n + net.at
    ties, edge_of_endpoint = np.unique(key, return_inverse=True)
    u = np.concatenate([net.u, ties // max(n, 1) + n])
    v = np.concatenate([net.v, ties % max(n, 1)])
    parallel = np.stack([net.gbps, net.links.astype(np.float64), *_extremes(fabric, net)])
    count = np.bincount(edge_of_endpoint, minlength=len(ties))
    rates = [
        np.bincount(edge_of_endpoint, weights=w, minlength=len(ties)) for w in (net.endpoint_gbps, net.attach_gbps)
    ]
    columns = np.concatenate([parallel, np.stack([*rates, count.astype(np.float64), np.full(len(ties), -1.0)])], axis=1)
    label = np.unique(columns, axis=1, return_inverse=True)[1].reshape(-1) if columns.shape[1] else net.u[:0]
    mixed = bool((net.plane[net.u] != net.plane[net.v]).any())
    own = np.where(mixed, net.plane, 0) if n else net.plane
    hosts = np.bincount(class_of_host[class_of_host >= 0], minlength=len(keys))
    kinds = {k: i for i, k in enumerate(sorted({(key[0], int(c)) for key, c in zip(keys, hosts, strict=True)}))}
    top = int(own.max(initial=0)) + 1
    colour = np.array([kinds[key[0], int(c)] + top for key, c in zip(keys, hosts, strict=True)], dtype=np.int64)
    graph = ColouredGraph(
        np.concatenate([own, colour]).astype(np.int64),
        np.concatenate([u, v]),
        np.concatenate([v, u]),
        np.concatenate([label, label]),
    )
    edge_of_link = net.edge_of_link.copy()
    edge_of_link[fabric.endpoint_link[net.endpoint]] = edge_of_endpoint + net.edges
    symmetry = _symmetry(graph, [_extended(p, keys, hosts, n) for p in switch_proposals(fabric, net, network)])
    node = np.where(class_of_host >= 0, class_of_host + n, -1)
    return HostedGraph(net, graph, symmetry, len(u), edge_of_link, edge_of_endpoint + net.edges, node)


def _symmetry(graph: ColouredGraph, proposals: list[IntArray | None]) -> Symmetry:
    """The verified group of the family's proposals; with what a search finds, where some of them tear hosts apart."""
    whole = [p for p in proposals if p is not None]
    if len(whole) == len(proposals):
        return find_symmetry(graph, whole)
    return generated(graph, [(p, graph.arc_image(p)) for p in [*whole, *searched(graph)]])


Key = tuple[tuple[float, ...], Ties]


def _classes(fabric: Fabric, net: SwitchNetwork) -> tuple[list[Key], IntArray, IntArray]:
    """What the hosts of each class are (own part; ties) and the class of each endpoint and host. GPUs without a
    scale-up domain depend on their own NIC, so there the NIC of every tie counts too."""
    ends, devices = fabric.endpoints, fabric.devices
    scale_up = np.array([*fabric.scale_up_gbps, 0.0])
    own = np.where(scale_up[devices.group[net.host]] > 0, -1, ends.gpu_first[net.endpoint])
    columns = [net.at, net.endpoint_gbps, net.attach_gbps, own, ends.gpu_count[net.endpoint]]
    order = np.lexsort((*reversed(columns), net.host))
    host = net.host[order]
    rows = np.stack([c[order].astype(np.float64) for c in columns], axis=1)
    start = np.flatnonzero(np.diff(host, prepend=-1))
    stop = np.append(start[1:], len(host))[: len(start)]
    found: dict[Key, int] = {}
    by_bytes: dict[tuple[int, int, bytes], int] = {}
    of_host = np.full(len(devices), -1, dtype=np.int64)
    for i, j in zip(start.tolist(), stop.tolist(), strict=True):
        h = int(host[i])
        part = int(devices.group[h]), int(devices.gpus[h])
        short = (*part, rows[i:j].tobytes())
        if short not in by_bytes:
            ties = tuple((int(t[0]), *t[1:]) for t in rows[i:j].tolist())
            by_bytes[short] = found.setdefault(((float(part[0]), float(part[1])), ties), len(found))
        of_host[h] = by_bytes[short]
    return list(found), of_host[net.host], of_host


def _extended(permutation: IntArray, keys: list[Key], hosts: IntArray, switches: int) -> IntArray | None:
    """A permutation of the switches carried over to the host classes; None where it tears hosts apart."""
    row = {key: i for i, key in enumerate(keys)}
    image = np.empty(len(keys), dtype=np.int64)
    to = permutation.tolist()
    for i, (part, ties) in enumerate(keys):
        moved = tuple(sorted((to[int(t[0])], *t[1:]) for t in ties))
        at = row.get((part, moved), -1)
        if at < 0 or hosts[at] != hosts[i]:
            return None
        image[i] = at
    return np.concatenate([permutation, image + switches])


def _extremes(fabric: Fabric, net: SwitchNetwork) -> tuple[FloatArray, FloatArray]:
    """The slowest and fastest link of each edge (unlike parallel links must not be exchanged for like ones)."""
    rows = np.flatnonzero(net.edge_of_link >= 0)
    low, high = np.full(net.edges, np.inf), np.zeros(net.edges)
    np.minimum.at(low, net.edge_of_link[rows], fabric.links.gbps[rows])
    np.maximum.at(high, net.edge_of_link[rows], fabric.links.gbps[rows])
    return low, high
