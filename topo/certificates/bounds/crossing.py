"""What crosses which arc, of what every switch sends every other: equally split, or any choice of shortest paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.channels import FAR, Channels, distances
from topo.fabric.model import IntArray

BLOCK = 1 << 20
"""Entries (destination, channel) that are held at once."""


@dataclass(frozen=True)
class Crossing:
    """Some pairs of an arc and a receiver, and who crosses: of what `sender[i]` sends to[pair[i]] at most share[i] of
    a certificate's scale crosses the arc number arc[pair[i]]."""

    arc: IntArray
    to: IntArray
    pair: IntArray
    sender: IntArray
    share: IntArray

    def __len__(self) -> int:
        return len(self.arc)


@dataclass(frozen=True)
class _Passing:
    """Of what switch `s` sends the receiver of `row` at most `share` passes the switch `via`; shape (entries,) each."""

    row: IntArray
    s: IntArray
    via: IntArray
    share: IntArray


@dataclass(frozen=True)
class _Ways:
    """Channels nearer to the receiver, sorted by `key`: row * switches + one end of them."""

    row: IntArray
    channel: IntArray
    start: IntArray

    @classmethod
    def of(cls, nearer: npt.NDArray[np.bool_], channels: IntArray, end: IntArray, switches: int) -> _Ways:
        """Those among `channels`, by their `end` (all channels,)."""
        order = channels[np.argsort(end[channels], kind="stable")]
        row, column = np.nonzero(nearer[:, order])
        many = np.bincount(row * switches + end[order[column]], minlength=len(nearer) * switches)
        return cls(row, order[column], np.concatenate([[0], np.cumsum(many)]).astype(np.int64))

    def from_(self, key: IntArray) -> tuple[IntArray, IntArray]:
        """(entry, place): which of the given keys, and where its ways stand, one after the other."""
        first, many = self.start[key], self.start[key + 1] - self.start[key]
        entry = np.repeat(np.arange(len(key)), many)
        return entry, np.arange(len(entry)) + np.repeat(first - np.cumsum(many) + many, many)


def crossings(
    channels: Channels, part: IntArray | None, arcs: IntArray, senders: IntArray, scale: int
) -> Iterator[Crossing]:
    """Who crosses the given channels (bundles), number i being arcs[i]. Flows are divided in proportion to `part`
    (channels,) at every hop, shares rounded up; None takes all of them over every shortest path. Senders and receivers
    are numbers of `senders`."""
    n = channels.switches
    number = np.full(n, -1, dtype=np.int64)
    number[senders] = np.arange(len(senders))
    row_of = np.full(len(channels), -1, dtype=np.int64)
    row_of[arcs] = np.arange(len(arcs))
    step = max(BLOCK // max(len(channels), 1), 64)
    for first in range(0, len(senders), step):
        to = senders[first : first + step]
        far = distances(channels, to)
        nearer = (far[:, channels.head] == far[:, channels.tail] - 1) & (far[:, channels.tail] < FAR)
        split = None if part is None else (part, _by_tail(channels, nearer * part))
        ways = _Ways.of(nearer, arcs, channels.tail, n)
        entries: list[tuple[IntArray, IntArray, IntArray]] = []
        for at in _passing(channels, split, nearer, far, np.unique(channels.tail[arcs]), scale):
            sends = number[at.s] >= 0
            entry, place = ways.from_((at.row * n + at.via)[sends])
            share = at.share[sends][entry]
            if split is not None:
                part, total = split
                share = -(-share * part[ways.channel[place]] // total[at.row[sends][entry], at.via[sends][entry]])
            entries.append((place, number[at.s[sends]][entry], share))
        joined = [np.concatenate([np.zeros(0, dtype=np.int64), *column]) for column in zip(*entries, strict=True)]
        if joined:
            yield Crossing(row_of[ways.channel], first + ways.row, *joined)


def _passing(
    channels: Channels,
    split: tuple[IntArray, IntArray] | None,
    nearer: npt.NDArray[np.bool_],
    far: npt.NDArray[np.int16],
    tails: IntArray,
    scale: int,
) -> Iterator[_Passing]:
    """What passes the switches `tails`, by how far the senders are from the receivers, the nearest first. `split`: the
    share of each channel, and what those of its switch that lead nearer have together; None takes all over each."""
    n = channels.switches
    ways = _Ways.of(nearer, np.arange(len(channels)), channels.head, n)
    none = np.zeros(0, dtype=np.int64)
    came = _Passing(none, none, none, none)
    for hops in range(1, int(far[far < FAR].max(initial=0)) + 1):
        row, column = np.nonzero(far[:, tails] == hops)
        start = tails[column]
        at = _Passing(
            np.concatenate([came.row, row]),
            np.concatenate([came.s, start]),
            np.concatenate([came.via, start]),
            np.concatenate([came.share, np.full(len(row), scale)]),
        )
        yield at
        entry, place = ways.from_(at.row * n + at.s)
        channel = ways.channel[place]
        key, group = np.unique((at.row[entry] * n + channels.tail[channel]) * n + at.via[entry], return_inverse=True)
        to, tail = key // (n * n), key // n % n
        share: IntArray = np.full(len(key), scale)
        if split is not None:
            part, total = split
            came_in = np.zeros(len(key), dtype=np.int64)
            np.add.at(came_in, group.reshape(-1), at.share[entry] * part[channel])
            share = -(-came_in // total[to, tail])
        came = _Passing(to, tail, key % n, share)


def _by_tail(channels: Channels, values: IntArray) -> IntArray:
    """Shape (rows, switches): sums of (rows, channels) over the channels that leave a switch."""
    result = np.zeros((len(values), channels.switches), dtype=np.int64)
    tails = np.flatnonzero(np.diff(channels.start) > 0)
    if len(tails) and len(values):
        result[:, tails] = np.add.reduceat(values, channels.start[tails], axis=1)
    return result
