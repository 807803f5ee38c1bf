"""The share of a bisection: the least, over halves of the hosts, of the capacity between them over the line rate of the
weaker half. Where all hosts have one line rate it is the bisection over that of the smaller half.

From below, whichever proves most: the bisection over the most that a weaker half can have; every split of a small
network; a routing that carries every traffic within the line rates t times. The last proves min(s, t), with s the least
ratio (at most 1) of an endpoint link's speed to its line rate: halves of rates w <= W - w are joined by at least
min(s, t) w (`flow`), where all hosts have the same part of their rate in each plane and component. Where all endpoints
of each are on one switch, t is unbounded and no proof is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from topo.certificates.reading.cut import CutGraph
from topo.certificates.reading.flow_graph import groups, switch_graph
from topo.fabric import Fabric
from topo.fabric.model import BoolArray
from topo.fabric.ranks import distinct, ranks
from topo.fabric.speed import exact

COMBINATIONS = 2**16
"""Numbers of hosts of each kind in a half that are gone through for the most that a weaker half can have."""


@dataclass(frozen=True)
class HostRates:
    """`kind[h]` is the kind of host h of a cut graph, by line rate; `of_kind` the rates in Gb/s, ascending."""

    kind: tuple[int, ...]
    of_kind: tuple[Fraction, ...]

    @property
    def total(self) -> Fraction:
        """The line rate of all hosts in Gb/s."""
        return sum((rate * n for rate, n in zip(self.of_kind, self.sizes(), strict=True)), Fraction(0))

    def sizes(self) -> list[int]:
        """How many hosts are of each kind."""
        return [int(n) for n in np.bincount(np.array(self.kind, dtype=np.int64), minlength=len(self.of_kind))]

    def weaker(self, on_a: BoolArray) -> Fraction:
        """The line rate in Gb/s of the weaker of two sides; `on_a` has a place for each host, and may have more."""
        own = np.array(self.kind, dtype=np.int64)[on_a[: len(self.kind)]]
        counts = np.bincount(own, minlength=len(self.of_kind)).tolist()
        one = sum((rate * n for rate, n in zip(self.of_kind, counts, strict=True)), Fraction(0))
        return min(one, self.total - one)

    def most(self) -> Fraction:
        """What the weaker half has at most, in Gb/s: exactly where few kinds make few cases, else half of all."""
        sizes, hosts = self.sizes(), len(self.kind)
        if len(sizes) > 1 and prod(n + 1 for n in sizes[:-1]) > COMBINATIONS:
            return self.total / 2
        best = Fraction(0)
        for counts in product(*(range(n + 1) for n in sizes[:-1])):
            for size in {hosts // 2, hosts - hosts // 2}:
                last = size - sum(counts)
                if 0 <= last <= sizes[-1]:
                    one = sum((r * n for r, n in zip(self.of_kind, (*counts, last), strict=True)), Fraction(0))
                    best = max(best, min(one, self.total - one))
        return best


def host_rates(fabric: Fabric, network: int, graph: CutGraph) -> HostRates:
    """The line rates of the hosts of a network: the sums of those of their endpoints in it."""
    rows = np.flatnonzero(fabric.endpoints.network == network)
    speed, kind = np.unique(fabric.endpoints.gbps[rows]), ranks(fabric.endpoints.gbps[rows])
    width = max(len(speed), 1)
    pair, times = np.unique(fabric.endpoints.host[rows].astype(np.int64) * width + kind, return_counts=True)
    held = np.stack([pair % width, times], axis=1)
    host = graph.device[: graph.hosts]
    start, stop = np.searchsorted(pair // width, host), np.searchsorted(pair // width, host, side="right")
    known: dict[bytes, Fraction] = {}
    summed = []
    for i, j in zip(start.tolist(), stop.tolist(), strict=True):
        key = held[i:j].tobytes()
        if key not in known:
            known[key] = sum((exact(float(speed[k])) * n for k, n in held[i:j].tolist()), Fraction(0))
        summed.append(known[key])
    of_kind = sorted(set(summed))
    number = {one: i for i, one in enumerate(of_kind)}
    return HostRates(tuple(number[one] for one in summed), tuple(of_kind))


def permutation_share(fabric: Fabric, network: str, carried: Fraction) -> Fraction:
    """The share that a routing proves which carries every traffic within the line rates `carried` times; 0 where hosts
    have unlike parts of their line rates in planes and components, or in none."""
    graph, row = switch_graph(fabric, network), fabric.networks.index(network)
    if not len(graph.at):
        return Fraction(0)
    group = groups(graph)[graph.at]
    _, group = np.unique(group, return_inverse=True)
    number = int(group.max()) + 1
    _, hosts = np.unique(fabric.endpoints.host[fabric.endpoints.network == row], return_inverse=True)
    rows = np.flatnonzero(fabric.endpoints.network == row)
    place = np.full(len(fabric.endpoints), -1, dtype=np.int64)
    place[graph.endpoint] = np.arange(len(graph.endpoint))
    parts: dict[int, list[Fraction]] = {}
    for h, e in zip(hosts.reshape(-1).tolist(), rows.tolist(), strict=True):
        if place[e] < 0:
            return Fraction(0)
        parts.setdefault(h, [Fraction(0)] * number)[int(group[place[e]])] += exact(float(fabric.endpoints.gbps[e]))
    if len({_normed(one) for one in parts.values()}) > 1:
        return Fraction(0)
    pairs = np.unique(np.stack([graph.attach, graph.rate]), axis=1).T.tolist()
    return min([exact(a) / exact(r) for a, r in pairs] + [Fraction(1), carried])


def local_share(fabric: Fabric, network: str) -> Fraction:
    """The share where nothing has to be carried between switches: all endpoints of a plane and component are on one of
    them; 0 elsewhere."""
    graph = switch_graph(fabric, network)
    used = distinct(graph.at)
    alone = len(np.unique(groups(graph)[used])) == len(used)
    return permutation_share(fabric, network, Fraction(1)) if alone else Fraction(0)


def _normed(parts: Sequence[Fraction]) -> tuple[Fraction, ...]:
    total = sum(parts, Fraction(0))
    return tuple(one / total for one in parts)
