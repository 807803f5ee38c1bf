"""The worst load of every channel where traffic may be split: an equal split, or any choice of shortest paths."""

from __future__ import annotations

import numpy as np

from topo.analysis.routing import Channels, split_divisor
from topo.analysis.traffic.worst_value import Line, Search
from topo.fabric.model import IntArray
from topo.solvers.budget import now, spend

MOST_ENTRIES = 1 << 25
"""Entries of (sender, destination) held at once."""
BIGGEST = 1 << 61
"""Totals up to it leave two bits of a signed 64-bit number free."""
ENTRIES_PER_S = 2e7
"""Entries that a slow core goes through in a second."""


def search_spread(
    channels: Channels,
    weight: IntArray | None,
    line: Line,
    chosen: IntArray,
    deadline: float,
    prices: IntArray | None = None,
) -> Search:
    """Every chosen channel's worst load under an equal split in proportion to `weight`; None takes 1 for every channel
    on any shortest path. Channels that are not reached by `deadline` (of `budget.now`) are only known to carry
    no more than everything. The rounding covers a checker that rounds up where this rounds down. `prices` (len(chosen),
    len(line.switch)), where given, has every channel solved to the end and is filled with the senders' prices, in units
    of 1 / scale."""
    from topo.analysis.traffic.passing_kernel import passing, solve_tail

    dest, sender, speed = line.switch, line.number(channels.switches), channels.gbps
    scale, exact = _scale(channels, weight, line)
    share = np.ones(len(channels), dtype=np.int64) if weight is None else weight
    everything = np.full(len(chosen), line.total * scale, dtype=np.int64)
    search = Search(chosen, everything, everything.copy(), scale)
    price = np.zeros(len(dest), dtype=np.int64)
    work = np.empty((5, len(dest) ** 2), dtype=np.int64)
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
            known: dict[tuple[int, bytes], int] = {}
            rows = np.flatnonzero(which == low + k)
            for i in rows[np.argsort(speed[chosen[rows]], kind="stable")].tolist():
                c = int(chosen[i])
                ways = nearer[base[k] + c - channels.start[own[k]]]
                kind = (int(share[c]), ways.tobytes())
                if kind in known:
                    search.bound[i], search.simple[i] = search.bound[known[kind]], search.simple[known[kind]]
                    if prices is not None:
                        prices[i] = prices[known[kind]]
                    continue
                known[kind] = i
                n = int(count[k])
                result = solve_tail(
                    to[k, :n], source[k, :n], part[k, :n], total[k], ways, 0 if weight is None else int(share[c]),
                    int(sender[own[k]]), line.units, line.units,
                    search.best * float(speed[c]) if prices is None else -1.0, work, price,
                )  # fmt: skip
                if prices is not None:
                    prices[i] = price
                search.offer(i, float(speed[c]), result, work)
    return search


def _scale(channels: Channels, weight: IntArray | None, line: Line) -> tuple[int, bool]:
    """(scale, exact): exact where fractions are whole parts of 1 / scale; otherwise they are rounded down, by less than
    one at every hop."""
    if weight is None:
        return 1, True
    most = int(np.bincount(channels.tail, weights=weight, minlength=1).max(initial=1))
    largest = max(most, line.total, 1)
    exact = split_divisor(channels, weight, line.switch)
    if 0 < exact * largest < BIGGEST:
        return exact, True
    return 1 << ((BIGGEST // largest).bit_length() - 1), False
