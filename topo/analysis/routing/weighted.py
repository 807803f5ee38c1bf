"""Loads of a split over all shortest next hops in proportion to the capacity that is left towards the destination.

What is left from a switch towards a destination is the sum over its next hops of the smaller of the bundle to it and
of what is left from there; these are the wanted weights. A switch holds them as table entries, whole numbers with a
sum of at most so many: of the roundings max(1, [w k / top w + 1/2]), k = 1, 2, ..., the first that overloads a next hop
the least, as J. Zhou et al., "WCMP: Weighted Cost Multipathing for Improved Fairness in Data Centers", EuroSys 2014,
measure it: the largest ratio of a next hop's share of the entries to its share of the weights. Equal weights stay
equal, so symmetries of the network are those of the split. The links of a bundle share evenly. All numbers are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.channels import Channels
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import Matrix, matrix_of
from topo.analysis.routing.next_kernel import nearest_first
from topo.analysis.symmetry import Symmetry
from topo.errors import ParameterError
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact
from topo.units import amount


@dataclass(frozen=True)
class WeightedLoads:
    """The throughput of the network, exact where the demand is `whole` (None where nothing is loaded), the loads as
    floats, and the demand in Gb/s by the number of links on its paths."""

    throughput: Fraction | None
    whole: bool
    loads: ChannelLoads
    by_length: FloatArray


@dataclass(frozen=True)
class NextHops:
    """The next hops towards one destination: rows of arcs (those of SwitchNetwork), farthest tails first and the arcs
    of one tail together; `distance` (switches,) in links, -1 where there is no path; `capacity` in units and the table
    `entries` of each arc."""

    destination: int
    distance: IntArray
    arc: IntArray
    capacity: IntArray
    entries: IntArray


@lru_cache(maxsize=65536)
def table_entries(weights: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Whole numbers for weights above 0, at most `most` together; raises ParameterError for more weights than that."""
    if len(weights) > most:
        raise too_few(most, len(weights))
    top, total = max(weights), sum(weights)
    best: tuple[Fraction, tuple[int, ...]] | None = None
    for k in range(1, most + 1):
        rounded = tuple(max(1, (2 * w * k + top) // (2 * top)) for w in weights)
        held = sum(rounded)
        if held > most:
            break
        over = max(Fraction(n * total, w * held) for n, w in zip(rounded, weights, strict=True))
        if best is None or over < best[0]:
            best = over, rounded
    assert best is not None
    return best[1]


def too_few(entries: int, hops: int) -> ParameterError:
    """The error of a table with fewer entries than a switch has next hops."""
    message = f"a switch has {amount(hops, 'next hop')} towards one destination"
    return ParameterError("routing", f"entries={entries}", message, f"entries of at least {hops:,}")


def arc_capacities(net: SwitchNetwork, channels: Channels) -> tuple[IntArray, IntArray, Fraction]:
    """(links, capacity, unit): shape (arcs,) each, what a bundle whose links share evenly carries, in whole units."""
    links = np.tile(net.links, 2)
    slowest = np.full(2 * net.edges, np.inf)
    np.minimum.at(slowest, channels.arc, channels.gbps)
    speeds, row = np.unique(slowest, return_inverse=True)
    fractions = [exact(speed) for speed in speeds.tolist()]
    scale = lcm(*(f.denominator for f in fractions)) if fractions else 1
    whole = np.array([int(f * scale) for f in fractions] or [0], dtype=np.int64)
    return links, whole[row] * links, Fraction(1, scale)


class WeightedSplit:
    """The next hops of a network towards any destination, with their weights."""

    def __init__(self, net: SwitchNetwork, channels: Channels, entries: int) -> None:
        self.net, self.channels, self.entries = net, channels, entries
        self.links, self.capacity, self.unit = arc_capacities(net, channels)
        self._distance = np.full(net.switches, -1, np.int64)
        self._order = np.empty(net.switches, np.int64)

    def towards(self, destination: int) -> NextHops:
        """The next hops of every switch that reaches the destination."""
        net = self.net
        distance, arcs = self._nearer(destination)
        left = np.zeros(net.switches, dtype=np.int64)
        left[destination] = np.iinfo(np.int64).max
        weight = np.zeros(len(arcs), dtype=np.int64)
        level = distance[net.tail[arcs]]
        ends = np.searchsorted(level, np.arange(1, int(level.max(initial=0)) + 2))
        for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            some = arcs[low:high]
            weight[low:high] = np.minimum(self.capacity[some], left[net.head[some]])
            np.add.at(left, net.tail[some], weight[low:high])
        return NextHops(destination, distance, arcs[::-1], weight[::-1], self._rounded(arcs, weight)[::-1])

    def _nearer(self, destination: int) -> tuple[IntArray, IntArray]:
        """(distance, arcs): of every switch, and the arcs that lead nearer, nearest first and by their tails."""
        net = self.net
        self._distance[:] = -1
        nearest_first(self.channels.start, self.channels.head, destination, self._distance, self._order)
        distance = self._distance.copy()
        far = distance[net.tail]
        arcs = np.flatnonzero((far > 0) & (distance[net.head] == far - 1))
        return distance, arcs[np.lexsort((arcs, net.tail[arcs], distance[net.tail[arcs]]))]

    def _most_hops(self) -> int:
        """The most next hops of a switch towards a switch with endpoints."""
        ends = np.flatnonzero(self.net.endpoints_at > 0).tolist()
        return max((int(np.bincount(self.net.tail[self._nearer(t)[1]]).max(initial=0)) for t in ends), default=0)

    def _rounded(self, arcs: IntArray, weight: IntArray) -> IntArray:
        """Table entries of the arcs, those of one tail together."""
        result = np.ones(len(arcs), dtype=np.int64)
        if not len(arcs):
            return result
        tail = self.net.tail[arcs]
        start = np.flatnonzero(np.concatenate([[True], tail[1:] != tail[:-1]]))
        count = np.diff(np.append(start, len(arcs)))
        if count.max() > self.entries:
            raise too_few(self.entries, max(self._most_hops(), int(count.max())))
        uneven = np.minimum.reduceat(weight, start) != np.maximum.reduceat(weight, start)
        for i in np.flatnonzero(uneven).tolist():
            these = slice(int(start[i]), int(start[i] + count[i]))
            result[these] = table_entries(tuple(weight[these].tolist()), self.entries)
        return result


def weighted_loads(split: WeightedSplit, demand: Demand, symmetry: Symmetry | None = None) -> WeightedLoads:
    """Loads on every channel, exact. With verified automorphisms of the network, from one destination of each orbit:
    summed over an orbit of n destinations all arcs of an arc orbit carry the same."""
    net, matrix = split.net, matrix_of(demand)
    rows, sizes = np.arange(len(matrix.dest)), np.ones(len(matrix.dest), dtype=np.int64)
    orbit, members = np.arange(2 * net.edges), np.ones(2 * net.edges, dtype=np.int64)
    if symmetry is not None:
        _, rows, sizes = np.unique(symmetry.node_orbit[matrix.dest], return_index=True, return_counts=True)
        orbit = np.unique(symmetry.arc_orbit, return_inverse=True)[1].reshape(-1)
        members = np.bincount(orbit)
    total: Any = np.zeros(len(members), dtype=object)
    divisor, lost, by_length = 1, 0, [0] * (net.switches + 1)
    for row, size in zip(rows.tolist(), sizes.tolist(), strict=True):
        hops = split.towards(int(matrix.dest[row]))
        sent = _sent(matrix, row, net.switches)
        lost += size * int(sum(sent[hops.distance < 0].tolist()))
        for d in np.unique(hops.distance[hops.distance > 0]).tolist():
            by_length[d] += size * sum(sent[hops.distance == d].tolist())
        flow, own = _divided(net, hops, sent)
        common = lcm(divisor, own)
        total *= common // divisor
        divisor = common
        used = np.flatnonzero(flow != 0)
        np.add.at(total, orbit[hops.arc[used]], flow[used].astype(object) * (size * (common // own)))
    unit = matrix.unit * _scale(matrix)
    worst = _worst(split, total, divisor, orbit, members)
    value = np.array([float(Fraction(x, divisor * n)) for x, n in zip(total.tolist(), members.tolist(), strict=True)])
    each = (value[orbit] / split.links)[split.channels.arc] if len(value) else np.zeros(0)
    loads = ChannelLoads(split.channels, each, unit, 8 * ROUNDING, float(lost * unit))
    longest = max((d for d, gbps in enumerate(by_length) if gbps), default=0)
    lengths = np.array([float(gbps * unit) for gbps in by_length[: longest + 1]])
    return WeightedLoads(split.unit / (unit * worst) if worst else None, matrix.whole, loads, lengths)


def _scale(matrix: Matrix) -> Fraction:
    """What one of the whole numbers of `_sent` is, in the units of the matrix."""
    return Fraction(1) if matrix.whole else Fraction(1, 2**60)


def _sent(matrix: Matrix, row: int, switches: int) -> Any:
    """Shape (switches,): what every switch sends to a destination, in whole numbers (objects)."""
    kind, dest = int(matrix.dest_class[row]), int(matrix.dest[row])
    many = 1 if matrix.whole else 2**60
    if kind >= 0:
        weights = [Fraction(w) for w in matrix.class_weight[kind].tolist()]
        result = [round(w * weights[dest] * many) for w in weights]
        result[dest] = 0
        return np.array(result, dtype=object)
    sent: Any = np.zeros(switches, dtype=object)
    for i in range(int(matrix.first[row]), int(matrix.first[row + 1])):
        if int(matrix.source[i]) != dest:
            sent[int(matrix.source[i])] += round(Fraction(float(matrix.amount[i])) * many)
    return sent


def _divided(net: SwitchNetwork, hops: NextHops, sent: Any) -> tuple[Any, int]:
    """(flow, divisor): shape (arcs of the next hops,), `divisor` times what each carries."""
    tail, head = net.tail[hops.arc], net.head[hops.arc]
    held_by = np.bincount(tail, weights=hops.entries, minlength=net.switches).astype(np.int64)
    level = hops.distance[tail]
    divisor = 1
    for d in np.unique(level).tolist():
        divisor *= lcm(*np.unique(held_by[tail[level == d]]).tolist())
    held: Any = sent * divisor
    small = sum(held.tolist()) * int(hops.entries.max(initial=1)) < 2**62
    held = held.astype(np.int64) if small else held
    flow: Any = np.zeros(len(hops.arc), dtype=held.dtype)
    for d in range(int(level.max(initial=0)), 0, -1):
        these = np.flatnonzero(level == d)
        flow[these] = held[tail[these]] * hops.entries[these] // held_by[tail[these]]
        np.add.at(held, head[these], flow[these])
    return flow, divisor


def _worst(split: WeightedSplit, total: Any, divisor: int, orbit: IntArray, members: IntArray) -> Fraction:
    """The largest load over capacity."""
    first = np.unique(orbit, return_index=True)[1]
    capacity = split.capacity[first].tolist()
    rows = zip(total.tolist(), members.tolist(), capacity, strict=True)
    return max((Fraction(x, divisor * n * c) for x, n, c in rows if x), default=Fraction(0))
