"""Switches on a shortest path between two endpoints: all pairs at once, by a bit-parallel breadth-first search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.analysis.demand import components
from topo.analysis.network import SwitchNetwork
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.ranks import stable_order

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
    """Neighbours in columns: `column[k]` holds the k-th neighbour of the first len(column[k]) switches of `order`, as
    places in it; `place` is where each switch stands there."""

    order: IntArray
    place: IntArray
    column: list[IntArray]


def hops(net: SwitchNetwork) -> Hops:
    """Hop counts over all endpoint pairs, exact, in O(arcs * switches / 64) word operations a level."""
    at = net.endpoints_at.astype(np.int64)
    pairs: dict[int, int] = {}
    for part, times in _unlike_parts(net, at):
        around = _neighbours(len(part.at), part.u, part.v)
        for sources, weight in _blocks(part.at, len(part.at)):
            for distance, joined in enumerate(_reached(around, sources, weight, part.at)):
                pairs[distance + 1] = pairs.get(distance + 1, 0) + times * joined
    pairs[1] = pairs.get(1, 0) - int(at.sum())
    histogram = {switches: n for switches, n in sorted(pairs.items()) if n}
    total = sum(histogram.values())
    endpoints = int(at.sum())
    mean = sum(switches * n for switches, n in histogram.items()) / total if total else 0.0
    return Hops(max(histogram, default=0), mean, histogram, endpoints * (endpoints - 1) - total)


def hops_proof(fabric: Fabric, network: str, result: Hops) -> dict[str, Any]:
    """The certificate of the hop counts of a network: read by `topo.certificates.kinds.hops`."""
    from topo.certificates import switch_graph_digest

    claim: dict[str, Any] = {}
    if result.max:
        pairs = sum(result.histogram.values())
        mean = Fraction(sum(switches * n for switches, n in result.histogram.items()), pairs)
        claim = {"max": result.max, "mean": str(mean)}
    digest = switch_graph_digest(fabric, network)
    return {"kind": "hops", "fabric": fabric.name, "network": network, "switch_graph": digest, "claim": claim}


@dataclass(frozen=True)
class _Part:
    """Switches that hang together, numbered from 0 in their order: endpoints on each, and the edges between them."""

    at: IntArray
    u: IntArray
    v: IntArray


def _unlike_parts(net: SwitchNetwork, at: IntArray) -> list[tuple[_Part, int]]:
    """The connected components of the network, and how many are the same in their own numbers as each: planes mostly
    are."""
    label = components(net)
    parts = int(label.max(initial=-1)) + 1
    if parts < 2:
        return [(_Part(at, net.u, net.v), 1)]
    members, edges = stable_order(label), stable_order(label[net.u])
    first = np.searchsorted(label[members], np.arange(parts + 1))
    local = np.empty(net.switches, dtype=np.int64)
    local[members] = np.arange(net.switches) - first[label[members]]
    first_edge = np.searchsorted(label[net.u[edges]], np.arange(parts + 1))
    of_nodes, of_edges = np.split(at[members], first[1:-1]), np.split(edges, first_edge[1:-1])
    alike: dict[tuple[bytes, bytes, bytes], tuple[_Part, int]] = {}
    for own, rows in zip(of_nodes, of_edges, strict=True):
        part = _Part(own, local[net.u[rows]], local[net.v[rows]])
        key = part.at.tobytes(), part.u.tobytes(), part.v.tobytes()
        alike[key] = (part, alike[key][1] + 1 if key in alike else 1)
    return list(alike.values())


def _neighbours(switches: int, u: IntArray, v: IntArray) -> _Neighbours:
    """Adjacency with the switches of most neighbours first, so that no column needs padding."""
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    degree = np.bincount(tail, minlength=switches)
    order = np.argsort(-degree, kind="stable")
    place = np.empty(switches, dtype=np.int64)
    place[order] = np.arange(switches)
    tail, head = place[tail], place[head]
    by_tail = stable_order(tail)
    tail, head = tail[by_tail], head[by_tail]
    start = np.concatenate([[0], np.cumsum(degree[order])])
    column = [head[start[: int((degree > k).sum())] + k] for k in range(int(degree.max(initial=0)))]
    return _Neighbours(order, place, column)


def _blocks(at: IntArray, switches: int) -> list[tuple[IntArray, int]]:
    """Source switches in blocks of equal endpoint counts that keep the reached sets within BLOCK_BYTES."""
    width = _width(switches)
    blocks: list[tuple[IntArray, int]] = []
    for weight in np.unique(at[at > 0]).tolist():
        sources = np.flatnonzero(at == weight)
        blocks += [(sources[i : i + width], weight) for i in range(0, len(sources), width)]
    return blocks


def _width(switches: int) -> int:
    """How many sources one block may have."""
    return max(BLOCK_BYTES // (8 * max(switches, 1)), 1) * 64


def _spreading(around: _Neighbours, sources: IntArray) -> Iterator[Words]:
    """The sets of sources that reach each switch (a row at its place, a bit for each source), by distance from 0."""
    switches = len(around.order)
    reached: Words = np.zeros((switches, -(-len(sources) // 64)), dtype=np.uint64)
    bit = np.arange(len(sources))
    reached[around.place[sources], bit // 64] = np.uint64(1) << (bit % 64).astype(np.uint64)
    while True:
        yield reached
        wider = reached.copy()
        for column in around.column:
            wider[: len(column)] |= reached[column]
        if np.array_equal(wider, reached):
            return
        reached = wider


def _reached(around: _Neighbours, sources: IntArray, weight: int, at: IntArray) -> list[int]:
    """Ordered endpoint pairs (self included) first joined at distance 0, 1, ... from these sources."""
    ends = at[around.order]
    counts: list[int] = []
    before = 0
    for reached in _spreading(around, sources):
        held = np.bitwise_count(reached).sum(axis=1, dtype=np.int64)
        joined = weight * int(held @ ends)
        counts.append(joined - before)
        before = joined
    return counts


def pair_hops(net: SwitchNetwork, first: IntArray, second: IntArray) -> IntArray:
    """Shape (pairs,): switches on a shortest path from switch `first[i]` to `second[i]`, 1 where they are the same, 0
    where no path joins them."""
    around = _neighbours(net.switches, net.u, net.v)
    result = np.zeros(len(first), dtype=np.int64)
    sources = np.unique(first)
    width = _width(net.switches)
    for start in range(0, len(sources), width):
        block = sources[start : start + width]
        rows = np.flatnonzero((first >= block[0]) & (first <= block[-1]))
        bit = np.searchsorted(block, first[rows])
        word, shift = bit // 64, (bit % 64).astype(np.uint64)
        row = around.place[second[rows]]
        for distance, reached in enumerate(_spreading(around, block)):
            new = (result[rows] == 0) & ((reached[row, word] >> shift & np.uint64(1)) == 1)
            result[rows[new]] = distance + 1
    return result


def farthest(net: SwitchNetwork, sources: IntArray) -> IntArray:
    """Shape (switches,): links on a shortest path from each switch to the farthest of `sources`; as many as there are
    switches where no path leads to one."""
    around = _neighbours(net.switches, net.u, net.v)
    result = np.zeros(net.switches, dtype=np.int64)
    width = _width(net.switches)
    for start in range(0, len(sources), width):
        block = sources[start : start + width]
        all_at = np.full(net.switches, net.switches, dtype=np.int64)
        for distance, reached in enumerate(_spreading(around, block)):
            whole = np.bitwise_count(reached).sum(axis=1, dtype=np.int64) == len(block)
            all_at[whole] = np.minimum(all_at[whole], distance)
        result = np.maximum(result, all_at[around.place])
    return result
