"""Weights of next hops: the capacity left towards a destination, as whole table entries."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.flow_graph import FlowGraph
from topo.errors import CertificateError
from topo.fabric.model import IntArray


def entries_towards(
    graph: FlowGraph, hops: npt.NDArray[np.int16], far: int, capacity: IntArray, entries: int
) -> IntArray:
    """Shape (arcs,): the table entries of each arc on shortest paths to the node that lies `hops` (nodes,) away, 1
    elsewhere. A node has left, towards it, the sum over its next hops of what the arc and the next hop have left.

    `far` is the number of hops of what has no path. Raises CertificateError where the entries are too few.
    """
    away = hops[graph.tail].astype(np.int64)
    nearer = np.flatnonzero((hops[graph.head] == away - 1) & (away < far))
    by_node: dict[int, list[int]] = {}
    for arc in nearer.tolist():
        by_node.setdefault(int(graph.tail[arc]), []).append(arc)
    left: dict[int, int] = {}
    result = np.ones(len(graph.tail), dtype=np.int64)
    for node in sorted(by_node, key=lambda n: int(hops[n])):
        arcs = by_node[node]
        has = [min(int(capacity[a]), left.get(int(graph.head[a]), int(capacity[a]))) for a in arcs]
        left[node] = sum(has)
        result[arcs] = _entries(tuple(has), entries)
    return result


@lru_cache(maxsize=65536)
def _entries(has: tuple[int, ...], entries: int) -> tuple[int, ...]:
    if len(has) > entries:
        raise CertificateError(f"{len(has)} next hops do not fit into {entries} table entries")
    if min(has) <= 0:
        raise CertificateError("a next hop has no capacity left")
    largest, everything = max(has), sum(has)
    tried = []
    for step in range(1, entries + 1):
        parts = [max(1, int(Fraction(x * step, largest) + Fraction(1, 2))) for x in has]
        if sum(parts) <= entries:
            excess = max(Fraction(n, sum(parts)) / Fraction(x, everything) for n, x in zip(parts, has, strict=True))
            tried.append((excess, step, tuple(parts)))
    return min(tried)[2]
