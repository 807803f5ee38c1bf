"""Symmetry that a certificate claims, verified before anything is built on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import parts, rows
from topo.errors import CertificateError
from topo.fabric.joined import least_joined
from topo.fabric.model import IntArray

COMPARED_AT_MOST = 16
"""Earlier generators that a further one is compared with."""


@dataclass(frozen=True)
class VerifiedOrbits:
    """Orbits of nodes and arcs, each named by its least member."""

    node: IntArray
    arc: IntArray
    node_size: IntArray
    """Shape (nodes,): how many nodes the orbit of each node has."""
    arc_size: IntArray
    """Shape (arcs,): how many arcs the orbit of each arc has."""


def verified_orbits(graph: FlowGraph, certificate: Mapping[str, Any]) -> VerifiedOrbits:
    """Orbits under the certificate's `generators`; raises CertificateError for one that is no automorphism."""
    every_node, every_arc = np.arange(graph.nodes), np.arange(len(graph.tail))
    node: IntArray = every_node
    arc: IntArray = every_arc
    earlier: list[IntArray] = []
    for i, generator in enumerate(parts(certificate, "generators")):
        image = image_of(generator, i, graph.nodes)
        seen = np.flatnonzero(arc == every_arc) if commutes(image, earlier) else every_arc
        arcs, arcs_to = _arc_images(graph, image, seen, i)
        _preserves_demand(graph, image, i)
        node, arc = joined(node, every_node, image), joined(arc, arcs, arcs_to)
        earlier.append(image)
    sizes = (np.bincount(node, minlength=graph.nodes)[node], np.bincount(arc, minlength=len(arc))[arc])
    return VerifiedOrbits(node, arc, *sizes)


def image_of(generator: Mapping[str, Any], i: int, nodes: int) -> IntArray:
    """Shape (nodes,): where generator i takes each node; raises CertificateError where it is no permutation."""
    only(generator, f"generator {i}", ("moved", "to"))
    moved, to = rows(generator.get("moved"), "moved", nodes), rows(generator.get("to"), "to", nodes)
    if len(moved) != len(to) or len(np.unique(moved)) != len(moved) or not np.array_equal(np.sort(moved), np.sort(to)):
        raise CertificateError(f"generator {i} is no permutation")
    image = np.arange(nodes)
    image[moved] = to
    return image


def commutes(image: IntArray, earlier: list[IntArray]) -> bool:
    """Whether one arc of each orbit of the `earlier` generators, all verified, tells what a further one does to arcs.

    Of a permutation p that commutes with each of them it does: an arc of the orbit of r is g(r) for some product g of
    them, and p(g(r)) = g(p(r)) is an arc like p(r), in the orbit of p(r)."""
    if len(earlier) > COMPARED_AT_MOST:
        return False
    return all(np.array_equal(image[one], one[image]) for one in earlier)


def joined(label: IntArray, a: IntArray, b: IntArray) -> IntArray:
    """Orbits, by their least member, where members `a` are joined to members `b`."""
    return least_joined(len(label), label[a], label[b])[label] if len(a) else label


def _arc_images(graph: FlowGraph, image: IntArray, seen: IntArray, i: int) -> tuple[IntArray, IntArray]:
    """The arcs of those `seen` at nodes that generator i moves, and where it takes them."""
    moved = image != np.arange(graph.nodes)
    arcs = seen[moved[graph.tail[seen]] | moved[graph.head[seen]]]
    try:
        to = graph.arcs_of(image[graph.tail[arcs]], image[graph.head[arcs]])
    except CertificateError:
        raise CertificateError(f"generator {i} takes an arc to where there is none") from None
    if (graph.capacity[to] != graph.capacity[arcs]).any():
        raise CertificateError(f"generator {i} takes an arc to one of another capacity")
    return arcs, to


def _preserves_demand(graph: FlowGraph, image: IntArray, i: int) -> None:
    same = (graph.sends[image] == graph.sends).all() and (graph.receives[image] == graph.receives).all()
    members = graph.group >= 0
    same = same and bool((members[image] == members).all())
    met = np.unique(np.stack([graph.group, graph.group[image]])[:, members], axis=1)
    same = same and len(np.unique(met[0])) == met.shape[1] == len(np.unique(met[1]))
    if same and len(graph.extra):
        before = sorted(zip(graph.extra_src.tolist(), graph.extra_dst.tolist(), graph.extra.tolist(), strict=True))
        src, dst = image[graph.extra_src], image[graph.extra_dst]
        same = before == sorted(zip(src.tolist(), dst.tolist(), graph.extra.tolist(), strict=True))
    if not same:
        raise CertificateError(f"generator {i} does not preserve the demand")
