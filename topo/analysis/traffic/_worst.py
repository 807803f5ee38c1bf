"""The worst permutation for an equal split, and the proof that none is worse.

For one channel, the most that any permutation of the endpoints can put on it is an assignment problem between switches:
a switch with n endpoints sends and receives n units, and each unit from s to t puts the fraction f(s, t) on the channel
that the routing sends that way (B. Towles, W. J. Dally, "Worst-case traffic for oblivious routing functions", SPAA
2002). Channels of one verified arc orbit have the same worst case, so one of each orbit is solved. Its dual, a price
per sender and receiver with price(s) + price(t) >= f(s, t), proves that no permutation puts more on it: prices come
from the assignment by shortest paths, and what they prove is counted in whole numbers.

Where the switches' numbers of endpoints have no large common divisor and are too many to match one by one, every switch
is given the largest number for the bound, and pairs of switches exchange the smaller number for the permutation that is
shown; the two ends then differ a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from topo.analysis.demand import Demand, components, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import Channels, channels_of, split_divisor
from topo.analysis.routing._spread import port_weight
from topo.analysis.symmetry import network_symmetry
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

MOST_STEPS = 3e10
MOST_UNITS = 6_000


@dataclass(frozen=True)
class WorstChannel:
    """One channel's worst case: with at most `bound` line rates on it whatever the permutation, and `reached` by
    the assignment of row `match[i]` to row i, where row i holds `held[i]` endpoints in the order of switches; `channel`
    stands for `stands_for` channels."""

    channel: int
    stands_for: int
    reached: Fraction
    bound: Fraction
    match: IntArray
    held: IntArray


@dataclass(frozen=True)
class WorstPermutation:
    """The least throughput of any permutation under an equal split lies in [lower, upper] for the network alone;
    `demand` is a permutation that reaches `upper`. None where no permutation loads the network."""

    lower: Fraction | None
    upper: Fraction | None
    demand: Demand
    orbits: tuple[WorstChannel, ...]


def worst_permutation(fabric: Fabric, net: SwitchNetwork, network: int, per_next_hop: bool = False) -> WorstPermutation:
    """The worst permutation of the endpoints of a network whose line rates are equal.

    Raises LimitReachedError where too many channels are unlike each other.
    """
    channels = channels_of(fabric, net)
    rates = np.unique(net.endpoint_gbps)
    if len(rates) > 1:
        raise LimitReachedError("the worst permutation needs endpoints of one line rate")
    units = _Units.of(net)
    chosen, stands_for = _representatives(fabric, net, network, channels)
    steps = float(len(chosen)) * len(units.switch) * max(len(channels), 1)
    if steps > MOST_STEPS or units.rows > MOST_UNITS:
        raise LimitReachedError(
            f"{len(chosen):,} unlike channels and {units.rows:,} senders are too many for the worst permutation"
        )
    weight = port_weight(channels, per_next_hop)
    scale = split_divisor(channels, weight, units.switch)
    rough = _Units.of(net, one_by_one=False)
    rows = zip(chosen.tolist(), stands_for.tolist(), strict=True)
    found = [_worst_on(channels, weight, rough, c, n, scale) for c, n in rows]
    if units.rows > rough.rows:
        found = _refined(channels, weight, units, found, scale)
    rate = Fraction(float(rates[0])) if len(rates) else Fraction(1)
    speed = [Fraction(float(channels.gbps[w.channel])) / rate for w in found]
    lower = [s / w.bound for s, w in zip(speed, found, strict=True) if w.bound]
    upper = [(s / w.reached, i) for i, (s, w) in enumerate(zip(speed, found, strict=True)) if w.reached]
    least, row = min(upper, default=(None, -1))
    demand = _permutation(fabric, net, found[row] if upper else None)
    return WorstPermutation(min(lower, default=None), least, demand, tuple(found))


@dataclass(frozen=True)
class _Units:
    """Senders: `switch` holds endpoints, `count` of them; row i of the assignment stands for `size` endpoints of
    switch[owner[i]], or at most that many where one row stands for all of a switch."""

    switch: IntArray
    count: IntArray
    owner: IntArray
    size: int
    held: IntArray
    """Shape (rows,): how many endpoints a row really has."""

    @property
    def rows(self) -> int:
        """Rows of the assignment."""
        return len(self.owner)

    @staticmethod
    def of(net: SwitchNetwork, one_by_one: bool = True) -> _Units:
        switch = np.flatnonzero(net.endpoints_at)
        count = net.endpoints_at[switch]
        size = gcd(*count.tolist()) if len(count) else 1
        if not one_by_one or count.sum() // size > MOST_UNITS:
            return _Units(switch, count, np.arange(len(switch)), int(count.max(initial=1)), count)
        owner = np.repeat(np.arange(len(switch)), count // size)
        return _Units(switch, count, owner, size, np.full(len(owner), size))


def _representatives(fabric: Fabric, net: SwitchNetwork, network: int, channels: Channels) -> tuple[IntArray, IntArray]:
    """The slowest channel of each arc orbit, and how many channels the orbit has."""
    symmetry = network_symmetry(fabric, net, network)
    orbit = symmetry.arc_orbit[channels.arc]
    order = np.lexsort((np.arange(len(orbit)), channels.gbps, orbit))
    first = np.unique(orbit[order], return_index=True)[1]
    return np.asarray(order[first]), np.bincount(orbit)[orbit[order[first]]]


def _refined(
    channels: Channels, weight: IntArray, units: _Units, rough: list[WorstChannel], scale: int
) -> list[WorstChannel]:
    """Solved endpoint by endpoint, the most promising channels first, until no bound is above what is reached."""
    found = list(rough)
    load = [float(w.bound) / float(channels.gbps[w.channel]) for w in rough]
    best = Fraction(0)
    for i in np.argsort(-np.array(load), kind="stable").tolist():
        speed = Fraction(float(channels.gbps[rough[i].channel]))
        if rough[i].bound / speed <= best:
            break
        found[i] = _worst_on(channels, weight, units, rough[i].channel, rough[i].stands_for, scale)
        best = max(best, found[i].reached / speed)
    return found


def _worst_on(
    channels: Channels, weight: IntArray, units: _Units, channel: int, stands_for: int, scale: int
) -> WorstChannel:
    from scipy.optimize import linear_sum_assignment

    from topo.analysis.routing._crossing_kernel import crossing

    column = np.full(channels.switches, -1, dtype=np.int64)
    column[units.switch] = np.arange(len(units.switch))
    part = np.zeros((len(units.switch), len(units.switch)))
    tail = int(channels.tail[channel])
    crossing(channels.start, channels.head, weight, tail, channel, units.switch, column, float(scale or 1 << 40), part)
    if not scale:
        part = np.floor(part)
    full = part.T[np.ix_(units.owner, units.owner)]
    row, match = linear_sum_assignment(full, maximize=True)
    exchanged = np.minimum(units.held, units.held[match])
    reached = sum(int(f) * int(n) for f, n in zip(full[row, match].tolist(), exchanged.tolist(), strict=True))
    bound = _proved(full, match)
    if not scale:
        bound += len(full) * (channels.switches + 2)
    whole = Fraction(1, scale or 1 << 40)
    return WorstChannel(channel, stands_for, reached * whole, bound * units.size * whole, match, units.held)


def _proved(full: FloatArray, match: IntArray) -> int:
    """An upper bound on any assignment from prices: its value itself where the assignment is optimal.

    Sender prices a and receiver prices b with a(s) + b(t) >= f(s, t): b by Bellman-Ford over exchanges of receivers,
    then a(s) = max over t of f(s, t) - b(t), so that the bound holds whatever b is.
    """
    own = full[np.arange(len(full)), match]
    b = np.zeros(len(full))
    for _ in range(len(full) + 1):
        a = own - b[match]
        better = (full - a[:, None]).max(axis=0, initial=0.0)
        if (better <= b).all():
            break
        b = np.maximum(b, better)
    a = (full - b[None, :]).max(axis=1, initial=0.0)
    return sum(int(x) for x in a.tolist()) + sum(int(x) for x in b.tolist())


def _permutation(fabric: Fabric, net: SwitchNetwork, worst: WorstChannel | None) -> Demand:
    """The endpoints of every unit to those of its match; pairs that no path joins send to nobody."""
    order = np.argsort(net.at, kind="stable")
    if worst is None:
        src = dst = order[:0]
    else:
        match, held = worst.match, worst.held
        first = np.concatenate([[0], np.cumsum(held)])[:-1]
        exchanged = np.minimum(held, held[match])
        seat = np.arange(exchanged.sum()) - np.repeat(np.cumsum(exchanged) - exchanged, exchanged)
        src, dst = order[np.repeat(first, exchanged) + seat], order[np.repeat(first[match], exchanged) + seat]
        part = components(net)
        kept = (src != dst) & (part[net.at[src]] == part[net.at[dst]])
        src, dst = src[kept], dst[kept]
    return from_endpoint_pairs(fabric, net, "worst-permutation", src, dst, net.endpoint_gbps[src])
