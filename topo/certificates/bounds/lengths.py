"""A length per link as the proof that no routing does better."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.flows import hops_to
from topo.certificates.reading.flow_graph import UNLIMITED, FlowGraph
from topo.certificates.reading.question import only
from topo.certificates.reading.symmetry import VerifiedOrbits
from topo.certificates.reading.whole import Whole, dot, ends_of, number_list, whole_array
from topo.errors import CertificateError
from topo.fabric.model import IntArray

BLOCK = 8
"""Destinations whose distances are computed at once."""


def lengths_bound(graph: FlowGraph, orbits: VerifiedOrbits, proof: Mapping[str, Any], minimal: bool) -> Fraction | None:
    """The throughput that the lengths of `proof` allow at most; None where they prove nothing.

    `lengths` holds tail, head and length of one arc of each orbit that has any. Whatever is routed uses at least
    demand * distance of the total capacity * length (Shahrokhi, Matula, "The maximum concurrent flow problem", J. ACM
    37, 1990). Raises CertificateError for malformed lengths.
    """
    only(proof, "an upper bound", ("lengths",))
    triples = number_list(proof.get("lengths"), "lengths", 3, 0)
    tail, head = ends_of(triples, 3, graph.nodes, "a length")
    arc = graph.arcs_of(tail, head)
    if len(np.unique(orbits.arc[arc])) != len(arc):
        raise CertificateError("two lengths are about the same arcs")
    value = whole_array(triples[2::3])
    by_orbit: Whole = np.zeros(len(graph.tail), dtype=value.dtype)
    by_orbit[orbits.arc[arc]] = value
    length = by_orbit[orbits.arc]
    if (length[graph.capacity == UNLIMITED] != 0).any():
        raise CertificateError("an arc without a capacity has a length")
    weight = sum(int(c) * int(v) for c, v in zip(graph.capacity.tolist(), length.tolist(), strict=True) if v)
    first = np.unique(orbits.node[graph.possible_destinations])
    needed = 0
    for start in range(0, len(first), BLOCK):
        block = first[start : start + BLOCK]
        for node, distance in zip(block.tolist(), _distances(graph, block, length, minimal), strict=True):
            column = graph.column(node)
            busy = np.flatnonzero(column)
            if (distance[busy] < 0).any():
                raise CertificateError(f"node {node} is sent what cannot reach it")
            needed += dot(distance[busy], column[busy]) * int(orbits.node_size[node])
    return graph.capacity_unit * weight / (graph.demand_unit * needed) if needed else None


def _distances(graph: FlowGraph, nodes: IntArray, length: Whole, minimal: bool) -> Whole:
    """Shape (len(nodes), nodes): the distance of every node to each of `nodes`; -1 where there is no path."""
    far = int(sum(length.tolist())) + 1
    kind = np.int64 if far < 2**61 else object
    order = np.argsort(graph.tail, kind="stable")
    tail, head, cost = graph.tail[order], graph.head[order], length[order].astype(kind)
    start = np.flatnonzero(np.diff(tail, prepend=-1))
    # A column for each destination, so that a row of distances is read at once.
    result: Whole = np.full((graph.nodes, len(nodes)), far, dtype=kind)
    result[nodes, np.arange(len(nodes))] = 0
    costs = cost[:, None]
    if minimal and len(tail):
        hops = np.stack([hops_to(graph, int(node)) for node in nodes], axis=1)
        costs = np.where(hops[tail] == hops[head] + 1, costs, far)
    while len(tail):
        through = np.minimum.reduceat(result[head] + costs, start, axis=0)
        nearer = np.minimum(result[tail[start]], through)
        if np.array_equal(nearer, result[tail[start]]):
            break
        result[tail[start]] = nearer
    distances: Whole = np.ascontiguousarray(np.where(result >= far, -1, result).T)
    return distances
