"""Shortest paths between switches: fewest hops first, then least cable."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.fabric.model import FloatArray, IntArray

BLOCK = 1 << 23
"""Arcs times sources that are worked on at once."""


def path_blocks(
    net: SwitchNetwork, sources: IntArray, edge_m: FloatArray
) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
    """For blocks of source switches: the sources (ascending), and to every switch (shape (sources, switches) each) the
    links on a path with the fewest, inf where there is none, and the least cable on such a path in metres.
    `edge_m` (shape (edges,)) is the length of each edge."""
    order = np.argsort(net.head, kind="stable")
    tail, head = net.tail[order], net.head[order]
    metres = np.concatenate([edge_m, edge_m])[order]
    first = np.flatnonzero(np.concatenate([[True], head[1:] != head[:-1]])) if len(head) else np.zeros(0, np.int64)
    targets = head[first]
    step = max(BLOCK // max(len(tail), 1), 1)
    for start in range(0, len(sources), step):
        block = sources[start : start + step]
        shape = (len(block), net.switches)
        distance, cable = np.full(shape, np.inf), np.full(shape, np.inf)
        distance[np.arange(len(block)), block] = cable[np.arange(len(block)), block] = 0
        frontier = cable.copy()
        hop = 0
        while len(first) and np.isfinite(frontier).any():
            hop += 1
            least = np.minimum.reduceat(frontier[:, tail] + metres, first, axis=1)
            frontier = np.full(shape, np.inf)
            new = np.isinf(distance[:, targets]) & np.isfinite(least)
            frontier[:, targets] = np.where(new, least, np.inf)
            cable = np.minimum(cable, frontier)
            distance[np.isfinite(frontier)] = hop
        yield block, distance, cable
