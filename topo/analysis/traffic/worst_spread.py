"""The worst load of every channel where traffic may be split: an equal split, or any choice of shortest paths."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from topo.analysis.routing import Channels, split_divisor
from topo.analysis.traffic.worst_value import Line, Search
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.solvers.budget import now, spend

MOST_ENTRIES = 1 << 25
"""Entries of (sender, destination) held at once."""
BIGGEST = 1 << 61
"""Totals up to it leave two bits of a signed 64-bit number free."""
ENTRIES_PER_S = 2e7
"""Entries that a slow core goes through in a second."""


class Split(NamedTuple):
    """Flows split in proportion to `weight` (channels,), or any way over shortest paths for None. Splits `towards`
    these switches are as those towards all; None for all with endpoints."""

    weight: IntArray | None
    towards: IntArray | None = None


def search_spread(
    channels: Channels,
    split: Split,
    line: Line,
    chosen: IntArray,
    deadline: float,
    prices: IntArray | None = None,
) -> Search:
    """Every chosen channel's worst load under an equal split in proportion to the split's weights; None takes 1 for
    every channel on any shortest path. Channels that are not reached by `deadline` (of `budget.now`) are only known to
    carry no more than everything. The rounding covers a checker that rounds up where this rounds down. `prices`
    (len(chosen), len(line.switch)), where given, has every channel solved to the end and is filled with the senders'
    prices, in units of 1 / scale."""
    from topo.analysis.traffic.passing_kernel import passing, solve_tail

    dest, sender, speed = line.switch, line.number(channels.switches), channels.gbps
    weight = split.weight
    scale, exact = _scale(channels, split, line)
    share = np.ones(len(channels), dtype=np.int64) if weight is None else weight
    everything = np.full(len(chosen), line.total * scale, dtype=np.int64)
    search = Search(chosen, everything, everything.copy(), scale)
    room = np.zeros(len(dest), dtype=np.int64), np.empty((5, len(dest) ** 2), dtype=np.int64)
    tails, which = np.unique(channels.tail[chosen], return_inverse=True)
    step = max(MOST_ENTRIES // max(len(dest) ** 2, 1), 1)
    for low in range(0, len(tails), step):
        if low and now() > deadline:
            search.complete = False
            break
        own = tails[low : low + step].astype(np.int64)
        spend(float(len(own)) * len(dest) ** 2, ENTRIES_PER_S)
        degree = channels.degree[own]
        base = np.concatenate([[0], np.cumsum(degree)])
        total = np.zeros((len(own), len(dest)), dtype=np.int64)
        nearer = np.zeros((int(base[-1]), len(dest)), dtype=np.bool_)
        count = np.zeros(len(own), dtype=np.int64)
        shape = (len(own), len(dest) ** 2)
        to, source = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32)
        part = np.empty(shape, dtype=np.int64)
        hops = passing(
            channels.start, channels.head, share, dest, sender, own, scale, weight is None,
            total, nearer, count, to, source, part,
        )  # fmt: skip
        search.rounding = 0 if exact else max(search.rounding, 2 * line.total * (hops + 1))
        for k in range(len(own)):
            rows, n = np.flatnonzero(which == low + k), int(count[k])
            at = chosen[rows]
            ways = nearer[base[k] + at - channels.start[own[k]]]
            tail = _Tail(rows, speed[at], ways, share[at] if weight is not None else 0 * at, int(sender[own[k]]))
            solve = partial(solve_tail, to[k, :n], source[k, :n], part[k, :n], total[k])
            _each(search, tail, solve, line.units, room, prices)
    return search


class _Tail(NamedTuple):
    """Chosen channels that leave one switch: their rows among the chosen, speeds, the destinations they are nearer to
    (shape (rows, destinations)), their shares of a split (0: any choice), and the endpoints of the switch itself."""

    rows: IntArray
    gbps: FloatArray
    ways: BoolArray
    share: IntArray
    sends: int


def _each(
    search: Search,
    tail: _Tail,
    solve: Callable[..., tuple[int, int, int, int]],
    units: IntArray,
    room: tuple[IntArray, IntArray],
    prices: IntArray | None,
) -> None:
    """Offers the worst load of each channel of a switch, the slowest first; what is alike is solved once. `room` is
    what the kernel writes senders' prices and entries to."""
    price, work = room
    known: dict[tuple[int, bytes], int] = {}
    for at in np.argsort(tail.gbps, kind="stable").tolist():
        i, gbps, share, ways = int(tail.rows[at]), float(tail.gbps[at]), int(tail.share[at]), tail.ways[at]
        same = known.setdefault((share, ways.tobytes()), i)
        if same != i:
            search.bound[i], search.simple[i] = search.bound[same], search.simple[same]
            if prices is not None:
                prices[i] = prices[same]
            continue
        beat = search.best * gbps if prices is None else -1.0
        result = solve(ways, share, tail.sends, units, units, beat, work, price)
        if prices is not None:
            prices[i] = price
        search.offer(i, gbps, result, work)


def _scale(channels: Channels, split: Split, line: Line) -> tuple[int, bool]:
    """(scale, exact): exact where fractions are whole parts of 1 / scale; otherwise they are rounded down, by less than
    one at every hop."""
    weight, towards = split
    if weight is None:
        return 1, True
    most = int(np.bincount(channels.tail, weights=weight, minlength=1).max(initial=1))
    largest = max(most, line.total, 1)
    exact = split_divisor(channels, weight, line.switch if towards is None else towards)
    if 0 < exact * largest < BIGGEST:
        return exact, True
    return 1 << ((BIGGEST // largest).bit_length() - 1), False
