"""The symmetry of a network with its hosts: which failures are alike, by verified permutations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import components
from topo.analysis.failures._classes import Classes, Tie, host_classes
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.symmetry import ColouredGraph, Symmetry, find_symmetry, switch_proposals
from topo.analysis.symmetry.graph import generated
from topo.analysis.symmetry.search import searched
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.ranks import distinct, ranks, ranks_together


@dataclass(frozen=True)
class HostedGraph:
    """Nodes: the switches of `net`, then one node per class of hosts (equal parts on the same switches, at the same
    speeds, in like scale-up domains), then one per kind of domain that joins unlike hosts: so far the nodes of a
    certificate, `stated` of them; last one per plane, where some plane has switches that no path joins. `edge_of_link`
    (fabric links,) and `edge_of_endpoint` (n,) give the edge of each link of the network, -1 for others; edge e is arc
    e and arc e + edges of `graph`. `class_of_host` (fabric devices,) is a node or -1."""

    net: SwitchNetwork
    graph: ColouredGraph
    symmetry: Symmetry
    edges: int
    edge_of_link: IntArray
    edge_of_endpoint: IntArray
    class_of_host: IntArray
    stated: int

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


def hosted_graph(fabric: Fabric, network: int) -> HostedGraph:
    """The switches and host classes of a network with their verified symmetry."""
    net = switch_network(fabric, network)
    classes = host_classes(fabric, net)
    n, m = net.switches, len(classes.hosts)
    tie = classes.of_host[net.host] * n + net.at
    ties, edge_of_endpoint = distinct(tie), ranks(tie)
    mixed = classes.mixed()
    of_domain = {d: i for i, d in enumerate(mixed)}
    joins = [(i, of_domain[d]) for i, d in enumerate(classes.domain) if d in of_domain]
    member, joint = np.array(joins, dtype=np.int64).reshape(-1, 2).T
    plane, apart = _planes(net), _planes_apart(net)
    stated = n + m + len(mixed)
    u = np.concatenate([net.u, ties // max(n, 1) + n, member + n, np.arange(len(apart))])
    v = np.concatenate([net.v, ties % max(n, 1), joint + n + m, apart + stated])
    tied = _tied(classes, ties, n)
    plain = _speeds(fabric, net)
    others = _numbered([*tied, *[()] * len(joins), *[("plane",)] * len(apart)])
    label = np.concatenate([plain, others + int(plain.max(initial=-1)) + 1])
    own = _colours(classes, mixed) + int(net.plane.max(initial=0)) + 1
    last = int(max(own.max(initial=0), net.plane.max(initial=0))) + 1
    graph = ColouredGraph(
        np.concatenate([plane, own, np.full(int(apart.max(initial=-1)) + 1, last)]),
        np.concatenate([u, v]),
        np.concatenate([v, u]),
        np.concatenate([label, label]),
    )
    edge_of_link = net.edge_of_link.copy()
    edge_of_link[fabric.endpoint_link[net.endpoint]] = edge_of_endpoint + net.edges
    symmetry = _symmetry(graph, [_extended(p, classes, mixed, apart) for p in switch_proposals(fabric, net, network)])
    node = np.where(classes.of_host >= 0, classes.of_host + n, -1)
    return HostedGraph(net, graph, symmetry, len(u), edge_of_link, edge_of_endpoint + net.edges, node, stated)


def _tied(classes: Classes, ties: IntArray, switches: int) -> list[tuple[object, ...]]:
    """What joins the class to the switch of each of `ties` (class * switches + switch)."""
    shown: list[dict[int, list[Tie]]] = []
    for kind in classes.kind:
        at: dict[int, list[Tie]] = {}
        for tie in classes.plain[kind][1]:
            at.setdefault(int(tie[0]), []).append(tie[1:])
        shown.append(at)
    pairs = (divmod(tie, max(switches, 1)) for tie in ties.tolist())
    return [tuple(shown[i].get(switch, ())) for i, switch in pairs]


def _planes(net: SwitchNetwork) -> IntArray:
    """Shape (switches,): the plane of each switch where links join planes, else 0."""
    joined = bool((net.plane[net.u] != net.plane[net.v]).any())
    return np.where(joined, net.plane, 0).astype(np.int64)


def _planes_apart(net: SwitchNetwork) -> IntArray:
    """Shape (switches,): the plane of each switch, numbered from 0, where links join none of a plane's switches to
    others of it: a permutation could else scatter them over planes. Empty where each plane hangs together, so that
    whatever keeps links keeps planes, and where links join planes, which have colours of their own."""
    none = np.zeros(0, dtype=np.int64)
    if not net.switches or bool((net.plane[net.u] != net.plane[net.v]).any()):
        return none
    planes, row = np.unique(net.plane, return_inverse=True)
    alone = len(np.unique(components(net))) == len(planes)
    return none if alone else row.reshape(-1).astype(np.int64)


def _colours(classes: Classes, mixed: list[int]) -> IntArray:
    """Equal numbers for classes of equal hosts, as many, in domains alike but for where they hang; then for domains."""
    silent = [tuple(k for k in members if k < 0) for members in classes.inside]
    own: list[tuple[object, ...]] = [
        (*classes.plain[kind][0], hosts, share, silent[d])
        for kind, d, hosts, share in zip(classes.kind, classes.domain, classes.hosts, classes.share, strict=True)
    ]
    own += [(classes.domains[d], silent[d]) for d in mixed]
    return _numbered(own)


def _symmetry(graph: ColouredGraph, proposals: list[IntArray | None]) -> Symmetry:
    """The verified group of the family's proposals; with what a search finds, where some of them tear hosts apart."""
    whole = [p for p in proposals if p is not None]
    if len(whole) == len(proposals):
        return find_symmetry(graph, whole)
    return generated(graph, [*whole, *searched(graph)])


def _extended(switch: IntArray, classes: Classes, mixed: list[int], apart: IntArray) -> IntArray | None:
    """A permutation of the switches carried over to all nodes; None where it tears hosts, their domains or planes
    apart."""
    image = classes.image(switch)
    to_plane = dict(zip(apart.tolist(), apart[switch].tolist(), strict=True)) if len(apart) else {}
    torn = len(apart) and any(to_plane[p] != q for p, q in zip(apart.tolist(), apart[switch].tolist(), strict=True))
    if image is None or torn or len(set(to_plane.values())) < len(to_plane):
        return None
    of_domain = {d: i for i, d in enumerate(mixed)}
    to_class, to_domain = image
    n, m = len(switch), len(to_class)
    moved = [of_domain[to_domain[d]] + n + m for d in mixed]
    stated = n + m + len(mixed)
    whole = [*switch.tolist(), *(i + n for i in to_class), *moved, *(to_plane[p] + stated for p in sorted(to_plane))]
    return np.array(whole, dtype=np.int64)


def _speeds(fabric: Fabric, net: SwitchNetwork) -> IntArray:
    """Equal numbers for edges between switches with the same links: as many, of as many Gb/s in all, where these are
    alike, else speed by speed."""
    rows = np.flatnonzero(net.edge_of_link >= 0)
    edge, gbps = net.edge_of_link[rows], fabric.links.gbps[rows]
    result = ranks_together(net.links, net.gbps)
    unlike = distinct(edge[gbps * net.links[edge] != net.gbps[edge]]).tolist()
    one_by_one = _numbered([tuple(sorted(gbps[edge == e].tolist())) for e in unlike])
    result[unlike] = int(result.max(initial=-1)) + 1 + one_by_one
    return result


def _numbered(keys: list[tuple[object, ...]]) -> IntArray:
    """Equal keys share a number."""
    number: dict[tuple[object, ...], int] = {}
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
