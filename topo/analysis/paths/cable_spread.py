"""How many ordered pairs of endpoints are so many switches and so many metres of cable apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.analysis.paths.shortest import path_blocks
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.fabric.model import FloatArray, IntArray

PER_M = 100
"""Lengths are rounded to the centimetre: a twentieth of a nanosecond."""
COLUMNS = 2**22
"""Columns of a table for a path of PATH of the longest cables: where cables are longer than 650 m, steps are."""
PATH = 64
"""Cables of a path that the table has room for: more than a path between switches of 1,000 hops apart in a flat family
takes."""


@dataclass(frozen=True)
class CableSpread:
    """`pairs[s, c]`: ordered pairs of different endpoints whose path crosses s switches and c / `per_m` metres of
    cable, both endpoint links included. `within[s, c]`: those of them that belong to one scale-up domain (one host,
    where it has none)."""

    pairs: FloatArray
    within: FloatArray
    per_m: float


def cable_spread(fabric: Fabric, net: SwitchNetwork, length_m: FloatArray) -> CableSpread:
    """Over the shortest of the paths with the fewest switches; `length_m` (fabric links,) in metres."""
    per_m = min(PER_M, COLUMNS / (PATH * max(float(length_m.max(initial=0.0)), 1e-9)))
    own = np.rint(length_m[fabric.endpoint_link[net.endpoint]] * per_m).astype(np.int64)
    edge_m = np.full(net.edges, np.inf)
    mask = net.edge_of_link >= 0
    np.minimum.at(edge_m, net.edge_of_link[mask], length_m[mask])
    by_switch = np.argsort(net.at, kind="stable")
    start = np.searchsorted(net.at[by_switch], np.arange(net.switches + 1))
    first, second = _mates(net, joined_hosts(fabric, net.host))
    mate_start = np.searchsorted(net.at[first], np.arange(net.switches + 1))
    result = _Table()
    within = _Table()
    for sources, distance, cable in path_blocks(net, np.flatnonzero(net.endpoints_at), edge_m):
        for row, u in enumerate(sources.tolist()):
            near = distance[row][net.at]
            joined = np.flatnonzero(np.isfinite(near))
            crossed = near[joined].astype(np.int64) + 1
            cm = np.rint(cable[row][net.at[joined]] * per_m).astype(np.int64) + own[joined]
            mates = slice(mate_start[u], mate_start[u + 1])
            i, j = first[mates], second[mates]
            reach = np.isfinite(near[j])
            i, j = i[reach], j[reach]
            hop = near[j].astype(np.int64) + 1
            within.add(hop, np.rint(cable[row][net.at[j]] * per_m).astype(np.int64) + own[i] + own[j])
            lengths, count = np.unique(own[by_switch[start[u] : start[u + 1]]], return_counts=True)
            for metres, n in zip(lengths.tolist(), count.tolist(), strict=True):
                result.add(crossed, cm + metres, float(n))
                result.add(np.array([1]), np.array([2 * metres]), -float(n))
    return CableSpread(*_alike(result.table, within.table), per_m)


def _mates(net: SwitchNetwork, domain: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of ordered pairs of different endpoints of one domain, by the switch of the first."""
    order = np.argsort(domain, kind="stable")
    width = np.bincount(domain[order])
    width = width[width > 0]
    begin = np.repeat(np.cumsum(width) - width, width)
    times = np.repeat(width, width)
    first = np.repeat(np.arange(len(order)), times)
    within = np.arange(len(first)) - np.repeat(np.cumsum(times) - times, times)
    second = np.repeat(begin, times) + within
    apart = first != second
    first, second = order[first[apart]], order[second[apart]]
    by_switch = np.argsort(net.at[first], kind="stable")
    return first[by_switch], second[by_switch]


class _Table:
    """Counts by switches and centimetres that grow as they are needed."""

    def __init__(self) -> None:
        self.table: FloatArray = np.zeros((1, 1))

    def add(self, switches: IntArray, cm: IntArray, weight: float = 1.0) -> None:
        """Adds `weight` for each entry."""
        if not len(switches):
            return
        rows = max(int(switches.max()) + 1, self.table.shape[0])
        columns = max(int(cm.max()) + 1, self.table.shape[1])
        if (rows, columns) != self.table.shape:
            wider = np.zeros((rows, columns + 1024))
            wider[: self.table.shape[0], : self.table.shape[1]] = self.table
            self.table = wider
        width = self.table.shape[1]
        key = switches * width + cm
        low = int(key.min())
        counted = np.bincount(key - low)
        self.table.reshape(-1)[low : low + len(counted)] += counted * weight


def _alike(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both padded to one shape."""
    shape = tuple(np.maximum(a.shape, b.shape))
    padded = [np.zeros(shape), np.zeros(shape)]
    for wide, narrow in zip(padded, (a, b), strict=True):
        wide[: narrow.shape[0], : narrow.shape[1]] = narrow
    return padded[0], padded[1]
