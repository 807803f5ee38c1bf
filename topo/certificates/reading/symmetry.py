"""Symmetry that a certificate claims, verified before anything is built on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph, components
from topo.certificates.reading.question import only
from topo.certificates.reading.whole import parts, rows
from topo.errors import CertificateError
from topo.fabric.model import IntArray


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
    node_pairs: list[IntArray] = []
    arc_pairs: list[IntArray] = []
    for i, generator in enumerate(parts(certificate, "generators")):
        only(generator, f"generator {i}", ("moved", "to"))
        moved = rows(generator.get("moved"), "moved", graph.nodes)
        to = rows(generator.get("to"), "to", graph.nodes)
        if (
            len(moved) != len(to)
            or len(np.unique(moved)) != len(moved)
            or not np.array_equal(np.sort(moved), np.sort(to))
        ):
            raise CertificateError(f"generator {i} is no permutation")
        image = np.arange(graph.nodes)
        image[moved] = to
        arcs, arcs_to = _arc_images(graph, image, i)
        _preserves_demand(graph, image, i)
        node_pairs.append(np.stack([moved, to]))
        arc_pairs.append(np.stack([arcs, arcs_to]))
    node = _joined(graph.nodes, node_pairs)
    arc = _joined(len(graph.tail), arc_pairs)
    sizes = (np.bincount(node, minlength=graph.nodes)[node], np.bincount(arc, minlength=len(arc))[arc])
    return VerifiedOrbits(node, arc, *sizes)


def _joined(size: int, pairs: list[IntArray]) -> IntArray:
    both = np.concatenate([np.zeros((2, 0), dtype=np.int64), *pairs], axis=1)
    return components(size, both[0], both[1])


def _arc_images(graph: FlowGraph, image: IntArray, i: int) -> tuple[IntArray, IntArray]:
    moved = image != np.arange(graph.nodes)
    arcs = np.flatnonzero(moved[graph.tail] | moved[graph.head])
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
