"""The checker's own reading of a network with its hosts, and which of its parts verified permutations exchange.

Nodes are the switches, then the classes of hosts, numbered by their first host. Hosts of a class are of one group, have
equally many GPUs and the same ties: (switch, line rate, link speed, GPUs served) of each of their endpoints, with the
first GPU served where no scale-up domain joins them. Hosts of a class, and parallel links of one kind, may be exchanged
freely; a generator that keeps the colours of nodes and the kinds of links between them carries over to all devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from topo.certificates._flow_graph import SwitchGraph, components
from topo.certificates._whole import parts, rows
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Hosted:
    """Edges join `u` < `v`, sorted by both; `label` tells which links an edge has. `edge_of_link` and `kind_of_link`
    (fabric links,) are -1 for links of no edge; `class_of_host` (fabric devices,) is a node or -1."""

    graph: SwitchGraph
    colour: IntArray
    u: IntArray
    v: IntArray
    label: IntArray
    edge_of_link: IntArray
    kind_of_link: IntArray
    class_of_host: IntArray

    @property
    def nodes(self) -> int:
        """Switches and classes."""
        return len(self.colour)

    def edge_image(self, image: IntArray, i: int) -> IntArray:
        """Where generator i takes each edge; raises CertificateError where it is no automorphism."""
        a, b = image[self.u], image[self.v]
        key = self.u * self.nodes + self.v
        wanted = np.minimum(a, b) * self.nodes + np.maximum(a, b)
        at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        if (self.colour[image] != self.colour).any():
            raise CertificateError(f"generator {i} exchanges unlike switches or hosts")
        if len(key) and ((key[at] != wanted).any() or (self.label[at] != self.label).any()):
            raise CertificateError(f"generator {i} takes links to where there are no such links")
        return at


def hosted(fabric: Fabric, graph: SwitchGraph) -> Hosted:
    """The graph of a network; raises CertificateError where a scale-up domain joins unlike hosts."""
    devices = fabric.devices
    class_of_host, ties, first = _classes(fabric, graph)
    n, m = len(graph.device), len(first)
    row = fabric.networks.index(graph.name)
    local = np.full(len(devices), -1, dtype=np.int64)
    local[graph.device] = np.arange(n)
    links = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    a, b = local[fabric.link_a[links]], local[fabric.link_b[links]]
    ends = fabric.endpoint_link[graph.endpoint]
    where = np.concatenate([links, ends])
    low = np.concatenate([np.minimum(a, b), graph.at])
    high = np.concatenate([np.maximum(a, b), class_of_host[fabric.endpoints.host[graph.endpoint]]])
    plain = np.zeros((len(links), ties.shape[1]))
    plain[:, 0] = fabric.links.gbps[links]
    kind = _numbered(np.concatenate([plain, ties]))
    key, edge = np.unique(low * (n + m) + high, return_inverse=True)
    edge = edge.reshape(-1)
    # The links of an edge between a class and a switch are those of all its hosts: as many of each kind for each.
    kinds = int(kind.max(initial=0)) + 1
    pair, count = np.unique(edge * kinds + kind, return_counts=True)
    label = _labels(len(key), pair // kinds, np.stack([pair % kinds, count], axis=1))
    hosts = np.bincount(class_of_host[class_of_host >= 0] - n, minlength=m)
    mixed = bool((graph.plane[graph.tail] != graph.plane[graph.head]).any())
    shown = np.stack([devices.group[first], devices.gpus[first], hosts, _domain_size(fabric, class_of_host, first)])
    own = _numbered(shown.T.astype(np.float64))
    colour = np.concatenate([np.where(mixed, graph.plane, -1), own + int(graph.plane.max(initial=0)) + 1])
    edge_of_link, kind_of_link = (np.full(len(fabric.links), -1, dtype=np.int64) for _ in range(2))
    edge_of_link[where], kind_of_link[where] = edge, kind
    u, v = key // max(n + m, 1), key % max(n + m, 1)
    return Hosted(graph, colour.astype(np.int64), u, v, label, edge_of_link, kind_of_link, class_of_host)


def _classes(fabric: Fabric, graph: SwitchGraph) -> tuple[IntArray, FloatArray, IntArray]:
    """(class of each device, kind columns of each endpoint's tie, first host of each class)."""
    ends, devices = fabric.endpoints, fabric.devices
    host = ends.host[graph.endpoint].astype(np.int64)
    joined = np.array([*fabric.scale_up_gbps, 0.0])[devices.group[host]] > 0
    own = np.where(joined, -1, ends.gpu_first[graph.endpoint])
    count = ends.gpu_count[graph.endpoint]
    kind = np.stack([graph.rate, graph.attach, own, count, np.ones(len(host))], axis=1).astype(np.float64)
    full = np.concatenate([graph.at[:, None].astype(np.float64), kind], axis=1)
    tie = _numbered(full)
    order = np.lexsort((tie, host))
    start = np.flatnonzero(np.diff(host[order], prepend=-1))
    stop = np.append(start[1:], len(order))[: len(start)]
    found: dict[tuple[int, int, bytes], int] = {}
    of = np.full(len(devices), -1, dtype=np.int64)
    first: list[int] = []
    sorted_tie = tie[order]
    for i, j in zip(start.tolist(), stop.tolist(), strict=True):
        h = int(host[order[i]])
        key = (int(devices.group[h]), int(devices.gpus[h]), sorted_tie[i:j].tobytes())
        if key not in found:
            found[key] = len(found)
            first.append(h)
        of[h] = found[key] + len(graph.device)
    return of, kind, np.array(first, dtype=np.int64)


def _domain_size(fabric: Fabric, class_of_host: IntArray, first: IntArray) -> IntArray:
    """Shape (classes,): hosts in a scale-up domain of each class; raises CertificateError where domains mix classes or
    differ in size."""
    domain = fabric.devices.domain
    mine = np.flatnonzero((class_of_host >= 0) & (domain >= 0))
    pairs, count = np.unique(np.stack([domain[mine], class_of_host[mine]]), axis=1, return_counts=True)
    if len(np.unique(pairs[0])) != pairs.shape[1]:
        raise CertificateError("a scale-up domain joins hosts that hang on different switches")
    sizes = np.unique(np.stack([pairs[1], count]), axis=1)
    if len(np.unique(sizes[0])) != sizes.shape[1]:
        raise CertificateError("scale-up domains of like hosts differ in size")
    size = np.zeros(int(class_of_host.max(initial=0)) + 1, dtype=np.int64)
    size[sizes[0]] = sizes[1]
    return size[class_of_host[first]] if len(first) else first


def _numbered(columns: FloatArray) -> IntArray:
    """Equal rows of (n, keys) share a number."""
    if not len(columns):
        return np.zeros(0, dtype=np.int64)
    found: IntArray = np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return found


def _labels(edges: int, edge: IntArray, entries: IntArray) -> IntArray:
    """Shape (edges,): equal numbers for equal lists of entries; `edge` is sorted."""
    start = np.searchsorted(edge, np.arange(edges + 1)).tolist()
    found: dict[bytes, int] = {}
    entries = np.ascontiguousarray(entries, dtype=np.int64)
    lists = (entries[i:j].tobytes() for i, j in pairwise(start))
    return np.array([found.setdefault(one, len(found)) for one in lists], dtype=np.int64)


@dataclass(frozen=True)
class Alike:
    """What the generators of a certificate exchange: orbits of nodes and edges by their least member, and where each
    generator takes edges and planes (a dictionary)."""

    node: IntArray
    edge: IntArray
    edge_images: list[IntArray]
    plane_images: list[dict[int, int]]


def alike(hosts: Hosted, certificate: Mapping[str, Any]) -> Alike:
    """The orbits under the certificate's `generators`; raises CertificateError for one that is no automorphism."""
    node_pairs, edge_images, plane_images = [np.zeros((2, 0), dtype=np.int64)], [], []
    for i, generator in enumerate(parts(certificate, "generators")):
        moved, to = (rows(generator.get(key), key, hosts.nodes) for key in ("moved", "to"))
        if len(np.unique(moved)) != len(moved) or not np.array_equal(np.sort(moved), np.sort(to)):
            raise CertificateError(f"generator {i} is no permutation")
        image = np.arange(hosts.nodes)
        image[moved] = to
        edge_images.append(hosts.edge_image(image, i))
        plane_images.append(_planes(hosts, image, i))
        node_pairs.append(np.stack([moved, to]))
    pairs = np.concatenate(node_pairs, axis=1)
    every = np.arange(len(hosts.u))
    edges = [np.stack([every[image != every], image[image != every]]) for image in edge_images]
    both = np.concatenate([np.zeros((2, 0), dtype=np.int64), *edges], axis=1)
    node, edge = components(hosts.nodes, pairs[0], pairs[1]), components(len(every), both[0], both[1])
    return Alike(node, edge, edge_images, plane_images)


def _planes(hosts: Hosted, image: IntArray, i: int) -> dict[int, int]:
    """Where a generator takes each plane."""
    plane = hosts.graph.plane
    met = np.unique(np.stack([plane, plane[image[: len(plane)]]]), axis=1)
    if not len(np.unique(met[0])) == met.shape[1] == len(np.unique(met[1])):
        raise CertificateError(f"generator {i} tears a plane apart")
    return dict(zip(met[0].tolist(), met[1].tolist(), strict=True))
