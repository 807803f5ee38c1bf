"""Who may send how much, and what a search for the worst permutation knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Flows, components, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.matrix import whole_numbers
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

MOST_UNITS = 1 << 24
"""Of all endpoints together, such as a million of 16 units: line rates with a finer common unit are none of NICs."""


@dataclass(frozen=True)
class Line:
    """Line rates in whole multiples of `unit` Gb/s: `units[i]` those of all endpoints on `switch[i]`, the switches that
    hold endpoints, and `of_endpoint[e]` those of endpoint e."""

    switch: IntArray
    units: IntArray
    of_endpoint: IntArray
    unit: Fraction

    @property
    def total(self) -> int:
        """The units of all endpoints."""
        return int(self.units.sum())

    def number(self, switches: int) -> IntArray:
        """Shape (switches,): the place of each switch in `switch`, -1 for those without endpoints."""
        result = np.full(switches, -1, dtype=np.int64)
        result[self.switch] = np.arange(len(self.switch))
        return result


def line_of(net: SwitchNetwork) -> Line:
    """The line rates of a network; raises LimitReachedError where they have no common unit."""
    units, unit, whole = whole_numbers(net.endpoint_gbps)
    if not whole or float(units.sum()) > MOST_UNITS:
        raise LimitReachedError("the worst permutation needs line rates with a common unit")
    each = units.astype(np.int64)
    switch = np.flatnonzero(net.endpoints_at).astype(np.int64)
    held = np.bincount(net.at, weights=each, minlength=net.switches).astype(np.int64)
    return Line(switch, held[switch], each, unit)


@dataclass(frozen=True)
class Pairs:
    """`amount[i]` units from number `source[i]` to number `to[i]`: switches in a Line's order, or endpoints."""

    source: IntArray
    to: IntArray
    amount: IntArray


@dataclass
class Search:
    """(`bound[i]` + `rounding`) / `scale` units are the most that any permutation puts on channel `chosen[i]`. With
    `simple` in place of `bound` it is what a checker counts without a list of prices.

    `best` is the largest load over speed (scaled units per Gb/s) that was reached, `channel` where, `pairs` who
    sends to whom there, and `through` all entries that were chosen among. It is not `complete` where time ended it."""

    chosen: IntArray
    bound: IntArray
    simple: IntArray
    scale: int
    rounding: int = 0
    complete: bool = True
    best: float = 0.0
    channel: int = -1
    pairs: Pairs | None = field(default=None, repr=False)
    through: Pairs | None = field(default=None, repr=False)

    def offer(self, i: int, speed: float, result: tuple[int, int, int, int], work: IntArray) -> None:
        """What `passing_kernel.solve_tail` found for channel chosen[i]."""
        reached, bound, simple, entries = result
        self.bound[i], self.simple[i] = bound, simple
        if reached > self.best * speed:
            self.best, self.channel = reached / speed, int(self.chosen[i])
            self.through = Pairs(work[1, :entries].copy(), work[0, :entries].copy(), work[4, :entries].copy())
            used = self.through.amount > 0
            self.pairs = Pairs(self.through.source[used], self.through.to[used], self.through.amount[used])


def as_demand(fabric: Fabric, net: SwitchNetwork, line: Line, src: IntArray, dst: IntArray, pairs: Pairs) -> Demand:
    """The traffic in which groups of endpoints send as `pairs` says: endpoint e sends as one of group src[e] and
    receives as one of dst[e]. What is left of all senders and receivers of a component is matched with what is half of
    them further on, but nobody sends to itself."""
    component = components(net)[net.at]
    out, sent = _drawn(src, pairs.source, pairs.to, pairs.amount, line)
    into, received = _drawn(dst, pairs.to, pairs.source, pairs.amount, line)
    rest_out, rest_in = (np.repeat(np.arange(len(src)), line.of_endpoint - done) for done in (sent, received))
    more: list[tuple[IntArray, IntArray]] = []
    for part in np.unique(component[rest_out]).tolist():
        a, b = rest_out[component[rest_out] == part], rest_in[component[rest_in] == part]
        n = min(len(a), len(b))
        more.append((a[:n], np.roll(b, len(b) // 2)[:n]))
    one = np.concatenate([out, *(a for a, _ in more)])
    other = np.concatenate([into, *(b for _, b in more)])
    key, count = np.unique(one * len(src) + other, return_counts=True)
    a, b = np.divmod(key, max(len(src), 1))
    apart = (a != b) & (component[a] == component[b])
    gbps: FloatArray = count[apart] * float(line.unit)
    return from_endpoint_pairs(fabric, net, "worst-permutation", Flows(a[apart], b[apart], gbps))


def _drawn(
    group: IntArray, wanted: IntArray, other: IntArray, amount: IntArray, line: Line
) -> tuple[IntArray, IntArray]:
    """Endpoints that give amount[i] units of group wanted[i], one entry per unit and pair by pair, and how much of each
    endpoint was taken, shape (endpoints,). Every endpoint serves its group's pairs in the order of `other`."""
    order = np.argsort(group, kind="stable")
    unit = np.repeat(order, line.of_endpoint[order])
    pair = np.lexsort((other, wanted))
    many = amount[pair]
    ahead = np.cumsum(many) - many
    first = np.searchsorted(wanted[pair], wanted[pair])
    start = np.searchsorted(group[unit], wanted[pair]) + ahead - ahead[first]
    taken = unit[np.repeat(start - ahead, many) + np.arange(int(many.sum()))]
    by_pair = np.argsort(np.repeat(pair, many), kind="stable")
    return taken[by_pair], np.bincount(taken, minlength=len(group))
