"""What an equal split over shortest next hops sends across one arc, from every switch to every other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import numpy as np
import numpy.typing as npt

from topo.certificates._channels import FAR, Channels, distances
from topo.fabric.model import IntArray

BLOCK = 1 << 25
"""Entries (destination, arc) that are held at once."""
ROUND = 1 << 40
MOST = 1 << 61


@dataclass(frozen=True)
class Crossing:
    """Of what switch s sends `to[i]`, at most share[i, s] / scale crosses the arc: exactly that where `scale` is such
    that all shares are whole, else rounded up."""

    to: IntArray
    share: npt.NDArray[np.int64]
    scale: int


def crossings(channels: Channels, part: IntArray, arcs: IntArray, senders: IntArray) -> Iterator[tuple[int, Crossing]]:
    """(arc, crossing) for every given row of `channels` (bundles) and block of destinations; flows are divided in
    proportion to `part` (channels,). Shares are those of `senders`, who are the destinations too."""
    step = max(BLOCK // max(len(channels), 1), 1)
    around = {int(v): distances(channels, np.array([v]))[0] for v in np.unique(channels.tail[arcs])}
    for first in range(0, len(senders), step):
        to = senders[first : first + step]
        far = distances(channels, to)
        nearer = (far[:, channels.head] == far[:, channels.tail] - 1) & (far[:, channels.tail] < FAR)
        total = _by_tail(channels, nearer * part)
        longest = int(far[far < FAR].max(initial=0))
        whole = lcm(*np.unique(total[total > 0]).tolist()) ** max(longest, 1)
        scale = whole if whole * int(part.max(initial=1)) < MOST // max(int(total.max(initial=1)), 1) else ROUND
        for v, hops in around.items():
            passing = _passing(channels, part, nearer, total, v, hops, scale)
            for arc in arcs[channels.tail[arcs] == v].tolist():
                taken = passing * (nearer[:, arc] * int(part[arc]))[:, None]
                share = -(-taken // np.maximum(total[:, v], 1)[:, None])
                share[np.arange(len(to)), to] = 0
                yield arc, Crossing(to, share[:, senders], scale)


def _by_tail(channels: Channels, values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Shape (rows, switches): sums of (rows, channels) over the channels that leave a switch."""
    found = np.zeros((len(values), channels.switches), dtype=np.int64)
    tails = np.flatnonzero(np.diff(channels.start) > 0)
    if len(tails) and len(values):
        found[:, tails] = np.add.reduceat(values, channels.start[tails], axis=1)
    return found


def _passing(
    channels: Channels,
    part: IntArray,
    nearer: npt.NDArray[np.bool_],
    total: npt.NDArray[np.int64],
    v: int,
    hops: npt.NDArray[np.int16],
    scale: int,
) -> npt.NDArray[np.int64]:
    """Shape (destinations, switches): how much of `scale` passes switch v, from every switch, rounded up."""
    found = np.zeros((len(nearer), channels.switches), dtype=np.int64)
    found[:, v] = scale
    for step in range(1, int(hops[hops < FAR].max(initial=0)) + 1):
        arcs = np.flatnonzero((hops[channels.tail] == step) & (hops[channels.head] == step - 1))
        if not len(arcs):
            break
        came = found[:, channels.head[arcs]] * (nearer[:, arcs] * part[arcs])
        start = np.flatnonzero(np.diff(channels.tail[arcs], prepend=-1))
        tails = channels.tail[arcs[start]]
        found[:, tails] = -(-np.add.reduceat(came, start, axis=1) // np.maximum(total[:, tails], 1))
    return found
