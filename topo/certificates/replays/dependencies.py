"""Which channels wait for which, and whether any wait in a circle, with numpy alone.

Channel d depends on channel c where a packet may hold c and wait for d. Packets are known by where they are and where
they go; sets of destinations are bits of machine words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.channels import Channels
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, IntArray

Words = npt.NDArray[np.uint64]

MOST_WORDS = 1 << 24
"""Words in which the levels of one block of destinations are held."""
AT_ONCE = 1 << 19
"""Words that are compared at once."""
ARRIVED, NO_ENTRY = -1, -2
"""What tables say in place of a channel: at the end's own switch, and where they say nothing."""


@dataclass(frozen=True)
class Turns:
    """Pairs of channels that meet at a switch, (c, d) with c into it and d out of it, sorted by `into` (channels,), all
    channels in the order of the switch they lead to: the pairs of into[i] are first[i] .. first[i + 1] - 1, with the
    channels that leave its head in turn. `place` is the inverse of `into`, `begin` (switches + 1,) where each switch's
    channels stand in `into`."""

    into: IntArray
    place: IntArray
    begin: IntArray
    first: IntArray


def turns_of(channels: Channels) -> Turns:
    """All pairs that meet."""
    into = np.argsort(channels.head, kind="stable").astype(np.int64)
    place = np.empty_like(into)
    place[into] = np.arange(len(into))
    degree = np.diff(channels.start)
    begin = np.searchsorted(channels.head[into], np.arange(channels.switches + 1)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(degree[channels.head[into]])]).astype(np.int64)
    return Turns(into, place, begin, first)


def stuck(channels: Channels, turns: Turns, needed: BoolArray) -> int:
    """How many channels wait in a circle, or for one that does: what is left when channels that nothing waits in front
    of are taken away again and again (A. B. Kahn, "Topological sorting of large networks", CACM 1962). `needed` tells
    which of the pairs are dependencies."""
    count = len(channels)
    rows = np.flatnonzero(needed)
    sums = np.searchsorted(rows, turns.first)
    of = np.repeat(np.arange(count), np.diff(sums))
    after = channels.start[channels.head[turns.into[of]]] + rows - turns.first[of]
    begin, size = sums[:-1][turns.place], np.diff(sums)[turns.place]
    waiting = np.bincount(after, minlength=count)
    ready = np.flatnonzero(waiting == 0)
    left = count
    while len(ready):
        left -= len(ready)
        many = size[ready]
        at = np.repeat(begin[ready] - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        if len(at) > count // 8:
            by = np.bincount(after[at], minlength=count)
            waiting -= by
            ready = np.flatnonzero((waiting == 0) & (by > 0))
            continue
        freed, by = np.unique(after[at], return_counts=True)
        waiting[freed] -= by
        ready = freed[waiting[freed] == 0]
    return left


@dataclass(frozen=True)
class Ways:
    """Shortest ways to the switches `to`, a bit each: `onward[c]` (channels, words) tells towards which of them channel
    c leads nearer, `level[d]` (switches, words) which are d links away."""

    to: IntArray
    onward: Words
    level: list[Words]


def ways_to(channels: Channels, to: IntArray) -> Iterator[Ways]:
    """The shortest ways to given switches, in blocks that fit in memory."""
    if not len(to):
        return
    far = 2 * len(_levels(channels, to[:1])) + 1
    step = 64 * max(MOST_WORDS // max(channels.switches * far, 8 * len(channels), 1), 1)
    for first in range(0, len(to), step):
        block = to[first : first + step]
        level = _levels(channels, block)
        onward = np.zeros((len(channels), level[0].shape[1]), dtype=np.uint64)
        for nearer, here in pairwise(level):
            onward |= here[channels.tail] & nearer[channels.head]
        yield Ways(block, onward, level)


def _levels(channels: Channels, to: IntArray) -> list[Words]:
    """The destinations at each distance from every switch, from distance 0 on."""
    rows = np.arange(len(to))
    fresh = np.zeros((channels.switches, -(-len(to) // 64)), dtype=np.uint64)
    np.bitwise_or.at(fresh, (to, rows // 64), np.uint64(1) << (rows % 64).astype(np.uint64))
    tails = np.flatnonzero(np.diff(channels.start) > 0)
    reached, result = fresh, [fresh]
    while len(tails):
        wider = reached.copy()
        wider[tails] |= np.bitwise_or.reduceat(fresh[channels.head], channels.start[tails], axis=0)
        fresh, reached = wider & ~reached, wider
        if not fresh.any():
            break
        result.append(fresh)
    return result


def starts(ways: Ways, sends: BoolArray) -> Words:
    """Shape (switches, words): where each switch that sends sends to, of what it reaches."""
    result = np.zeros_like(ways.level[0])
    for level in ways.level[1:]:
        result |= level
    result[~sends] = 0
    return result


def moved(turns: Turns, marks: Words, onto: Words) -> None:
    """Adds to `onto` (switches, words) what channels (channels, words) bring to the switches they lead to."""
    heads = np.flatnonzero(np.diff(turns.begin) > 0)
    if len(heads):
        onto[heads] |= np.bitwise_or.reduceat(marks[turns.into], turns.begin[heads], axis=0)


def passing(channels: Channels, turns: Turns, ways: Ways, start: Words) -> Words:
    """Shape (channels, words): towards what packets that start as `start` tells (switches, words) take each channel, by
    any shortest way."""
    at = start.copy()
    for level in ways.level[:0:-1]:
        moved(turns, ways.onward & (at & level)[channels.tail], at)
    return ways.onward & at[channels.tail]


def add_needed(channels: Channels, turns: Turns, ways: Ways, used: Words, needed: BoolArray) -> None:
    """Marks the pairs (c, d) such that some destination of used[c] is one that d leads nearer to."""
    words = max(used.shape[1], 1)
    busy = (used != 0).any(axis=1)
    for u in np.flatnonzero((np.diff(turns.begin) > 0) & (np.diff(channels.start) > 0)).tolist():
        rows = np.arange(turns.begin[u], turns.begin[u + 1])
        rows = rows[busy[turns.into[rows]]]
        out = ways.onward[channels.start[u] : channels.start[u + 1]]
        step = max(AT_ONCE // (len(out) * words), 1)
        for i in range(0, len(rows), step):
            part = rows[i : i + step]
            met = (used[turns.into[part]][:, None, :] & out[None, :, :]).any(axis=2)
            pair = turns.first[part][:, None] + np.arange(len(out))
            needed[pair[met]] = True


def add_by_tables(channels: Channels, turns: Turns, taken: IntArray, start: BoolArray, needed: BoolArray) -> None:
    """Marks the pairs that packets need which start at switches as `start` (switches, ends) tells and take channel
    taken[v, e] at switch v on their way to end e; raises CertificateError where they do not find there."""
    ends = taken.shape[1]
    next_of = taken.reshape(-1)
    seen = start.copy().reshape(-1)
    state: IntArray = np.flatnonzero(seen)
    while len(state):
        channel = taken_at(next_of, state, ends)
        state = channels.head[channel] * ends + state % ends
        following = next_of[state]
        refuse_gap(following, state, ends)
        waits = following != ARRIVED
        head = channels.head[channel[waits]]
        needed[turns.first[turns.place[channel[waits]]] + following[waits] - channels.start[head]] = True
        state = fresh(state[waits], seen)


def taken_at(next_of: IntArray, state: IntArray, ends: int) -> IntArray:
    """The channels taken in these states (switch times ends plus end), none of which has arrived."""
    result = next_of[state]
    refuse_gap(result, state, ends)
    return result


def refuse_gap(result: IntArray, state: IntArray, ends: int) -> None:
    """Raises CertificateError where tables say nothing."""
    if len(result) and int(result.min()) == NO_ENTRY:
        switch, end = divmod(int(state[np.argmin(result)]), ends)
        raise CertificateError(f"switch {switch} has no entry for end {end} of its block")


def fresh(state: IntArray, seen: BoolArray) -> IntArray:
    """The states that were not seen before, each once; they are marked as seen."""
    new = np.zeros_like(seen)
    new[state] = True
    new &= ~seen
    seen |= new
    return np.flatnonzero(new)


def longest_by_tables(channels: Channels, taken: IntArray, start: BoolArray, most: int) -> int:
    """Links on the longest path, as `add_by_tables`; raises CertificateError above `most`."""
    ends = taken.shape[1]
    next_of = taken.reshape(-1)
    state: IntArray = np.flatnonzero(start)
    links = 0
    while True:
        refuse_gap(next_of[state], state, ends)
        state = state[next_of[state] != ARRIVED]
        if not len(state):
            return links
        if links == most:
            raise CertificateError(f"a path of the tables has more than {most} links")
        reached = channels.head[next_of[state]] * ends + state % ends
        state = fresh(reached, np.zeros(taken.size, dtype=np.bool_))
        links += 1
