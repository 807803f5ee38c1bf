"""Switches on a shortest path between two endpoints: all pairs at once, by a bit-parallel breadth-first search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topo.analysis.network import SwitchNetwork
from topo.fabric.model import IntArray

Words = npt.NDArray[np.uint64]

BLOCK_BYTES = 1 << 26
"""How much memory one array of reached sets may take."""


@dataclass(frozen=True)
class Hops:
    """How many switches a shortest path crosses, over ordered pairs of different endpoints that are joined.

    Two endpoints on one switch are 1 apart. `histogram` counts pairs by switches crossed; empty, with `max` 0 and
    `mean` 0.0, where no two endpoints are joined. `apart` counts the ordered pairs that no path joins.
    """

    max: int
    mean: float
    histogram: Mapping[int, int]
    apart: int


@dataclass(frozen=True)
class _Neighbours:
    """Neighbours in columns: `column[k]` holds the k-th neighbour of the first len(column[k]) switches of `order`."""

    order: IntArray
    column: list[IntArray]


def hops(net: SwitchNetwork) -> Hops:
    """Hop counts over all endpoint pairs, exact, in O(arcs * switches / 64) word operations a level."""
    at = net.endpoints_at.astype(np.int64)
    around = _neighbours(net)
    pairs: dict[int, int] = {}
    for sources, weight in _blocks(at, net.switches):
        for distance, joined in enumerate(_reached(around, sources, weight, at)):
            pairs[distance + 1] = pairs.get(distance + 1, 0) + joined
    pairs[1] = pairs.get(1, 0) - int(at.sum())
    histogram = {switches: n for switches, n in sorted(pairs.items()) if n}
    total = sum(histogram.values())
    endpoints = int(at.sum())
    mean = sum(switches * n for switches, n in histogram.items()) / total if total else 0.0
    return Hops(max(histogram, default=0), mean, histogram, endpoints * (endpoints - 1) - total)


def _neighbours(net: SwitchNetwork) -> _Neighbours:
    """Adjacency with the switches of most neighbours first, so that no column needs padding."""
    degree = np.bincount(net.tail, minlength=net.switches)
    order = np.argsort(-degree, kind="stable")
    place = np.empty(net.switches, dtype=np.int64)
    place[order] = np.arange(net.switches)
    tail, head = place[net.tail], place[net.head]
    by_tail = np.argsort(tail, kind="stable")
    tail, head = tail[by_tail], head[by_tail]
    start = np.concatenate([[0], np.cumsum(degree[order])])
    column = [head[start[: int((degree > k).sum())] + k] for k in range(int(degree.max(initial=0)))]
    return _Neighbours(order, column)


def _blocks(at: IntArray, switches: int) -> list[tuple[IntArray, int]]:
    """Source switches in blocks of equal endpoint counts that keep the reached sets within BLOCK_BYTES."""
    width = max(BLOCK_BYTES // (8 * max(switches, 1)), 1) * 64
    blocks: list[tuple[IntArray, int]] = []
    for weight in np.unique(at[at > 0]).tolist():
        sources = np.flatnonzero(at == weight)
        blocks += [(sources[i : i + width], weight) for i in range(0, len(sources), width)]
    return blocks


def _reached(around: _Neighbours, sources: IntArray, weight: int, at: IntArray) -> list[int]:
    """Ordered endpoint pairs (self included) first joined at distance 0, 1, ... from these sources."""
    switches = len(at)
    place = np.empty(switches, dtype=np.int64)
    place[around.order] = np.arange(switches)
    words = -(-len(sources) // 64)
    reached: Words = np.zeros((switches, words), dtype=np.uint64)
    bit = np.arange(len(sources))
    reached[place[sources], bit // 64] = np.uint64(1) << (bit % 64).astype(np.uint64)
    ends = at[around.order]
    counts: list[int] = []
    before = 0
    while True:
        held = np.bitwise_count(reached).sum(axis=1, dtype=np.int64)
        joined = weight * int(held @ ends)
        counts.append(joined - before)
        before = joined
        wider = reached.copy()
        for column in around.column:
            wider[: len(column)] |= reached[column]
        if np.array_equal(wider, reached):
            return counts
        reached = wider
