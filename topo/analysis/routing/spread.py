"""Loads of an equal split over all shortest next hops.

Every flow at a switch is divided equally over the ports that lead to a switch one hop nearer to its destination (or
equally over the neighbours, and within a bundle over its links). Loads are sums, quotients and products of nonnegative
numbers only, so their relative rounding error is at most the number of operations on the longest chain times 2^-53;
where the demand is whole and a common multiple of all divisors is small enough, demands are multiplied by it first and
no rounding happens at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.routing.channels import Channels
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import EXACT_BELOW, Matrix, fractions_as_whole, matrix_of
from topo.analysis.symmetry import Symmetry
from topo.fabric.model import BoolArray, FloatArray, IntArray

LEVELS = 64
"""Distances for which divisors are told apart: where a path is longer, loads are floating point."""


@dataclass(frozen=True)
class SpreadLoads:
    """Loads, and the demand in Gb/s by the number of switches on its paths (row d: d + 1 switches)."""

    loads: ChannelLoads
    by_length: FloatArray


def port_weight(channels: Channels, per_next_hop: bool) -> IntArray:
    """The share of each channel in a split: 1 per port, or the same for every neighbour."""
    if not per_next_hop or not len(channels):
        return np.ones(len(channels), dtype=np.int64)
    common = lcm(*np.unique(channels.parallel).tolist())
    return np.asarray(common // channels.parallel, dtype=np.int64)


def spread_loads(channels: Channels, demand: Demand, per_next_hop: bool = False) -> SpreadLoads:
    """Loads on every channel for an equal split per port, or per next hop; exact where whole numbers allow it."""
    matrix = matrix_of(demand)
    weight = port_weight(channels, per_next_hop)
    divisor = _divisor(channels, weight, matrix, _sample(matrix)) if matrix.whole else 0
    while True:
        exact = 0 < divisor * matrix.total < EXACT_BELOW
        scale = float(divisor) if exact else 1.0
        load, seen, by_length, lost = _run(channels, weight, matrix, slice(None), scale)
        needed = _multiple(seen)
        if not exact or (needed and divisor % needed == 0):
            break
        divisor = lcm(divisor, needed) if needed else 0
    unit = matrix.unit / int(scale)
    levels = int(np.flatnonzero(by_length).max(initial=0))
    steps = len(matrix.dest) + (levels + 1) * (int(channels.degree.max(initial=0)) + 4) + 4
    error = 0.0 if exact else 1.01 * steps * ROUNDING
    loads = ChannelLoads(channels, load, unit, error, lost * float(unit))
    return SpreadLoads(loads, by_length[: levels + 1] * float(unit))


def spread_loads_by_orbit(
    channels: Channels, demand: Demand, symmetry: Symmetry, per_next_hop: bool = False
) -> SpreadLoads:
    """As `spread_loads`, from one destination of each orbit of verified automorphisms of the network.

    An automorphism takes the equal split towards one destination to that towards its image. Summed over an orbit of n
    destinations, every channel of an arc orbit therefore carries the same: n times what the representative puts on all
    of them, over their number.
    """
    matrix = matrix_of(demand)
    weight = port_weight(channels, per_next_hop)
    orbit = symmetry.node_orbit[matrix.dest]
    _, rows, sizes = np.unique(orbit, return_index=True, return_counts=True)
    arc_orbit = symmetry.arc_orbit[channels.arc]
    members = np.bincount(arc_orbit)
    divisor = _divisor(channels, weight, matrix, rows) if matrix.whole else 0
    rate = matrix.class_weight[matrix.dest_class[rows]]
    arriving = (rate.sum(axis=1) * rate[np.arange(len(rows)), matrix.dest[rows]]).max(initial=0.0)
    whole = 0 < divisor * arriving * channels.switches < EXACT_BELOW
    scale = float(divisor) if whole else 1.0
    total, by_length, lost = [0.0] * len(members), np.zeros(channels.switches + 1), 0.0
    for row, size in zip(rows.tolist(), sizes.tolist(), strict=True):
        load, _, lengths, missed = _run(channels, weight, matrix, np.array([row]), scale)
        on_orbit = np.bincount(arc_orbit, weights=load, minlength=len(members)).tolist()
        total = [old + size * (int(new) if whole else new) for old, new in zip(total, on_orbit, strict=True)]
        by_length += size * lengths
        lost += size * missed
    unit = matrix.unit / int(scale)
    levels = int(np.flatnonzero(by_length).max(initial=0))
    lost, by_length = lost * float(unit), by_length[: levels + 1] * float(unit)
    each = fractions_as_whole([Fraction(x) / max(n, 1) for x, n in zip(total, members.tolist(), strict=True)])
    if whole and each:
        return SpreadLoads(ChannelLoads(channels, each[0][arc_orbit], unit * each[1], 0.0, lost), by_length)
    value = (np.array(total, dtype=np.float64) / np.maximum(members, 1))[arc_orbit]
    steps = len(rows) + (levels + 2) * (int(channels.degree.max(initial=0)) + 4) + len(channels) + 8
    return SpreadLoads(ChannelLoads(channels, value, unit, 1.01 * steps * ROUNDING, lost), by_length)


def spread_to(channels: Channels, demand: Demand, dest: IntArray) -> FloatArray:
    """Shape (channels,): Gb/s of an equal split per port of what goes to `dest`, some of the demand's destinations."""
    matrix = matrix_of(demand)
    rows = np.searchsorted(matrix.dest, dest)
    return _run(channels, port_weight(channels, False), matrix, rows, 1.0)[0] * float(matrix.unit)


def split_divisor(channels: Channels, weight: IntArray, dest: IntArray) -> int:
    """A number that can be divided exactly at every split on the way to the switches `dest`; 0 where there is no
    small one."""
    switches = channels.switches
    if not len(dest):
        return 1
    everyone = np.ones((1, switches))
    none = np.zeros(0, dtype=np.int64)
    matrix = Matrix(
        Fraction(1), True, 1.0, dest, np.zeros(len(dest), dtype=np.int64), everyone, none, none, np.zeros(0)
    )
    return _multiple(_run(channels, weight, matrix, slice(None), 1.0)[1])


def _run(
    channels: Channels, weight: IntArray, matrix: Matrix, rows: slice | IntArray, scale: float
) -> tuple[FloatArray, BoolArray, FloatArray, float]:
    from topo.analysis.routing.spread_kernel import spread

    most = int(np.bincount(channels.tail, weights=weight, minlength=1).max(initial=0))
    load, by_length = np.zeros(len(channels)), np.zeros(channels.switches + 1)
    seen = np.zeros((min(channels.switches + 1, LEVELS), most + 1), dtype=np.bool_)
    first = matrix.first
    dest, dest_class = matrix.dest[rows], matrix.dest_class[rows]
    if not isinstance(rows, slice) and len(first):
        dest_first = first[:-1][rows]
        last = first[1:][rows]
        pick = np.concatenate([np.arange(0), *(np.arange(a, b) for a, b in zip(dest_first, last, strict=True))])
        first = np.concatenate([[0], np.cumsum(last - dest_first)]).astype(np.int64)
        source, amount = matrix.source[pick], matrix.amount[pick]
    else:
        source, amount = matrix.source, matrix.amount
    lost = spread(
        channels.start, channels.head, weight, dest, dest_class, matrix.class_weight,
        first, source, amount, scale, load, seen, by_length,
    )  # fmt: skip
    return load, seen, by_length, float(lost)


def _sample(matrix: Matrix) -> IntArray:
    """A few destinations whose divisors are likely those of all."""
    rows = np.unique(np.linspace(0, len(matrix.dest) - 1, min(len(matrix.dest), 4)).astype(np.int64))
    return np.asarray(rows[rows >= 0])


def _divisor(channels: Channels, weight: IntArray, matrix: Matrix, rows: IntArray) -> int:
    """A number that every flow can be divided by at every switch on its way, as the given destinations tell."""
    return _multiple(_run(channels, weight, matrix, rows, 1.0)[1])


def _multiple(seen: BoolArray) -> int:
    """The product over the distances of the least common multiple of the divisors there; 0 where it is too large."""
    if seen[-1].any() and len(seen) == LEVELS:
        return 0
    product = 1
    for level in seen:
        product *= lcm(*np.flatnonzero(level).tolist())
        if product > EXACT_BELOW:
            return 0
    return product
