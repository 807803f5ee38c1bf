"""The checker's own reading of a network with its hosts, and which of its parts verified permutations exchange.

Nodes are the switches, then the classes of hosts, numbered by their first host, then the kinds of scale-up domains
whose hosts are unlike, by their first host too. Hosts of a kind are of one group, have equally many GPUs and the same
ties: (switch, line rate, link speed, GPUs served) of each of their endpoints, with the first GPU served where no
scale-up domain joins them and endpoints share GPUs. Domains of a kind have as many hosts of each kind; a class is the
hosts of one kind in domains of one kind, and has an edge to that. So whole domains of a kind, hosts of a class inside
one, and parallel links of one kind may be exchanged freely: a generator that keeps the colours of nodes and the kinds
of links between them carries over to all devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import SwitchGraph
from topo.certificates.reading.host_kinds import kinds_of_hosts, shared_domains
from topo.certificates.reading.symmetry import commutes, image_of, joined
from topo.certificates.reading.whole import parts
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.ranks import counted, grouped, ranks, ranks_together


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

    @cached_property
    def key(self) -> IntArray:
        """Shape (edges,): u * nodes + v, ascending."""
        return self.u * self.nodes + self.v

    def edge_image(self, image: IntArray, i: int, seen: IntArray | None = None) -> IntArray:
        """Where generator i takes each edge (of those `seen`); raises CertificateError where it is no automorphism, as
        far as these edges tell."""
        u, v, label = (c if seen is None else c[seen] for c in (self.u, self.v, self.label))
        a, b, key = image[u], image[v], self.key
        wanted = np.minimum(a, b) * self.nodes + np.maximum(a, b)
        at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        if (self.colour[image] != self.colour).any():
            raise CertificateError(f"generator {i} exchanges unlike switches or hosts")
        if len(wanted) and ((key[at] != wanted).any() or (self.label[at] != label).any()):
            raise CertificateError(f"generator {i} takes links to where there are no such links")
        return at


def hosted(fabric: Fabric, graph: SwitchGraph) -> Hosted:
    """The graph of a network."""
    devices = fabric.devices
    kind_of_host, ties = kinds_of_hosts(fabric, graph)
    shared = shared_domains(fabric, kind_of_host)
    n, m = len(graph.device), len(shared.first)
    class_of_host = np.where(shared.of_host >= 0, shared.of_host + n, -1)
    nodes = n + m + len(shared.domains)
    row = fabric.networks.index(graph.name)
    local = np.full(len(devices), -1, dtype=np.int64)
    local[graph.device] = np.arange(n)
    links = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    a, b = local[fabric.link_a[links]], local[fabric.link_b[links]]
    ends = fabric.endpoint_link[graph.endpoint]
    where = np.concatenate([links, ends])
    low = np.concatenate([np.minimum(a, b), graph.at, shared.member + n])
    high = np.concatenate(
        [np.maximum(a, b), class_of_host[fabric.endpoints.host[graph.endpoint]], shared.domain + n + m]
    )
    # Links between switches, links to hosts and joints of domains: no kind is in two of these.
    plain = ranks(fabric.links.gbps[links])
    last = int(plain.max(initial=-1)) + 1
    joins = np.full(len(shared.member), last + int(ties.max(initial=-1)) + 1)
    kind = np.concatenate([plain, ties + last, joins])
    key, edge = _edges(low, high, nodes, [len(links), len(ends), len(shared.member)])
    # The links of an edge between a class and a switch are those of all its hosts: as many of each kind for each.
    kinds = int(kind.max(initial=0)) + 1
    pair, count = counted(edge * kinds + kind)
    label = _labels(len(key), pair // kinds, pair % kinds, count)
    hosts = np.bincount(shared.of_host[shared.of_host >= 0], minlength=m)
    mixed = bool((graph.plane[graph.tail] != graph.plane[graph.head]).any())
    first = shared.first
    shown = np.stack([devices.group[first], devices.gpus[first], hosts, shared.share, shared.silent])
    met = np.zeros((5, len(shared.domains)), dtype=np.int64)
    met[0], met[1:3] = -2, shared.domains.T
    own = ranks_together(*np.concatenate([shown, met], axis=1))
    colour = np.concatenate([np.where(mixed, graph.plane, -1), own + int(graph.plane.max(initial=0)) + 1])
    edge_of_link, kind_of_link = (np.full(len(fabric.links), -1, dtype=np.int64) for _ in range(2))
    edge_of_link[where], kind_of_link[where] = edge[: len(where)], kind[: len(where)]
    u, v = key // max(nodes, 1), key % max(nodes, 1)
    return Hosted(graph, colour.astype(np.int64), u, v, label, edge_of_link, kind_of_link, class_of_host)


def _edges(low: IntArray, high: IntArray, nodes: int, runs: list[int]) -> tuple[IntArray, IntArray]:
    """The distinct keys low * nodes + high, ascending, and the place of each pair among them. The pairs come in `runs`
    of these lengths, of which no two share a key."""
    cuts = np.cumsum(runs)[:-1]
    each = [_of_run(a, b, nodes) for a, b in zip(np.split(low, cuts), np.split(high, cuts), strict=True)]
    result = np.concatenate([unique for unique, _ in each])
    order = np.argsort(result, kind="stable")
    place = np.empty(len(result), dtype=np.int64)
    place[order] = np.arange(len(result))
    start = np.cumsum([0, *(len(unique) for unique, _ in each)])[:-1].tolist()
    return result[order], np.concatenate([place[first + at] for first, (_, at) in zip(start, each, strict=True)])


def _of_run(low: IntArray, high: IntArray, nodes: int) -> tuple[IntArray, IntArray]:
    """The same of one run."""
    key = low * nodes + high
    if (key[1:] >= key[:-1]).all():
        unique, _, place = grouped(key)
        return unique, place
    place = ranks_together(low, high)
    row = np.zeros(int(place.max()) + 1, dtype=np.int64)
    row[place] = np.arange(len(place))
    return key[row], place


def _labels(edges: int, edge: IntArray, kind: IntArray, count: IntArray) -> IntArray:
    """Shape (edges,): equal numbers for equal lists of kinds and how many of each; `edge` is sorted."""
    if len(edge) == edges:  # every edge has an entry, so it has one
        return ranks_together(kind, count)
    entries = np.stack([kind, count], axis=1).astype(np.int64)
    start = np.searchsorted(edge, np.arange(edges + 1)).tolist()
    result: dict[bytes, int] = {}
    lists = (entries[i:j].tobytes() for i, j in pairwise(start))
    return np.array([result.setdefault(one, len(result)) for one in lists], dtype=np.int64)


@dataclass(frozen=True)
class Alike:
    """What the generators of a certificate exchange: orbits of nodes and edges by their least member, and where each
    generator takes nodes and planes (a dictionary)."""

    node: IntArray
    edge: IntArray
    images: list[IntArray]
    plane_images: list[dict[int, int]]


def alike(hosts: Hosted, certificate: Mapping[str, Any]) -> Alike:
    """The orbits under the certificate's `generators`; raises CertificateError for one that is no automorphism."""
    every_node, every_edge = np.arange(hosts.nodes), np.arange(len(hosts.u))
    node: IntArray = every_node
    edge: IntArray = every_edge
    images: list[IntArray] = []
    plane_images = []
    for i, generator in enumerate(parts(certificate, "generators")):
        image = image_of(generator, i, hosts.nodes)
        seen = np.flatnonzero(edge == every_edge) if commutes(image, images) else every_edge
        to = hosts.edge_image(image, i, seen)
        plane_images.append(_planes(hosts, image, i))
        moved = to != seen
        node, edge = joined(node, every_node, image), joined(edge, seen[moved], to[moved])
        images.append(image)
    return Alike(node, edge, images, plane_images)


def _planes(hosts: Hosted, image: IntArray, i: int) -> dict[int, int]:
    """Where a generator takes each plane."""
    plane = hosts.graph.plane
    met = np.unique(np.stack([plane, plane[image[: len(plane)]]]), axis=1)
    if not len(np.unique(met[0])) == met.shape[1] == len(np.unique(met[1])):
        raise CertificateError(f"generator {i} tears a plane apart")
    return dict(zip(met[0].tolist(), met[1].tolist(), strict=True))
