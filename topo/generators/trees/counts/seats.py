"""Which leaf and port each host of one plane gets: whole hosts on leaves, or whole rails of scalable units.

With `homes` 2 a leaf stands for a pair of leaves, 2i and 2i + 1: the ends of a host go to them in turn, so both are
filled alike, and all ports are counted on one of them.

Both say how many leaves they need from kinds of hosts and their numbers, and seat the hosts one by one when wired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from topo.errors import ParameterError, either
from topo.fabric.model import IntArray
from topo.units import amount


@dataclass(frozen=True)
class _Run:
    """`count` hosts of `width` ports, `per` on a leaf, from leaf `leaf` on; the first starts behind port `offset`."""

    count: int
    width: int
    per: int
    leaf: int
    offset: int


@dataclass(frozen=True)
class WholeHosts:
    """Hosts of `kinds` (count, ports on a leaf each) in order, each whole on one leaf or on `homes` leaves; at most
    `cap` a leaf where given."""

    kinds: tuple[tuple[int, int], ...]
    cap: int | None = None
    balanced: bool = False
    homes: int = 1
    least: int = 1
    """Leaves that there are at least, filled alike where the hosts need fewer."""

    def group_of(self, room: int) -> int:
        """Leaves that are filled alike."""
        return self.homes

    @cached_property
    def widest(self) -> int:
        """The ports of the widest host, at least 1."""
        return max((w for n, w in self.kinds if n), default=1)

    @property
    def hosts(self) -> int:
        """All hosts."""
        return sum(n for n, _ in self.kinds)

    def most(self, room: int) -> int:
        """Hosts that a leaf of `room` down ports holds, by the widest; 0 where it holds none."""
        return min(room // self.widest, self.cap or room)

    def wanted(self, room: int) -> int:
        """Down ports of a leaf of `cap` hosts, `room` where that is left open."""
        return self.cap * self.widest if self.cap else room

    def leaves(self, room: int) -> int:
        """Leaves of `room` down ports, `least` or as many as the hosts need; raises ParameterError for a host that no
        leaf can hold."""
        return max(self._needed(room), -(-self.least // self.homes) * self.homes)

    def _needed(self, room: int) -> int:
        if not self.most(room):
            raise ParameterError(
                "host",
                f"{self.widest:,} NIC ports",
                f"no leaf can hold this host: a leaf has {amount(room, 'down port')}",
                f"at most {room:,} NIC ports a host",
                "use a switch with more ports, a lower ratio, or one plane per NIC",
            )
        if len(self.kinds) == 1:
            return max(-(-self.kinds[0][0] // self.most(room)), 1) * self.homes
        return _end(list(self._runs(room))) * self.homes

    def _runs(self, room: int) -> Iterator[_Run]:
        leaf, used, seated = 0, 0, 0
        for count, width in self.kinds:
            fill = min(count, (room - used) // width, (self.cap or count + seated) - seated)
            if fill:
                yield _Run(fill, width, fill, leaf, used)
                used, seated, count = used + fill * width, seated + fill, count - fill
            if count:
                per = min(room // width, self.cap or room)
                yield _Run(count, width, per, leaf + 1, 0)
                last = (count - 1) % per + 1
                leaf, used, seated = leaf + -(-count // per), last * width, last

    def seats(self, room: int) -> tuple[IntArray, IntArray]:
        """First leaf, and ports before the first, of each host (shape (hosts,))."""
        balanced = self.balanced or self.leaves(room) > self._needed(room)
        if balanced and len(self.kinds) == 1:
            leaf_of, ports = _balanced(self.hosts, self.leaves(room) // self.homes, self.widest)
            return leaf_of * self.homes, ports
        room = self._least_room(room) if balanced else room
        leaf, before = [], []
        for run in self._runs(room):
            nth, seat = np.divmod(np.arange(run.count), run.per)
            leaf.append(run.leaf + nth)
            before.append(run.offset + seat * run.width)
        return np.concatenate(leaf) * self.homes, np.concatenate(before)

    def _least_room(self, room: int) -> int:
        """The fewest down ports with which hosts of several widths need no leaf more."""
        leaves, low, high = self.leaves(room), self.widest, room
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.leaves(middle) <= leaves else (middle + 1, high)
        return low


def _end(runs: list[_Run]) -> int:
    return max((run.leaf + -(-run.count // run.per) for run in runs), default=1)


def _balanced(hosts: int, leaves: int, width: int) -> tuple[IntArray, IntArray]:
    """`hosts` alike hosts on `leaves` leaves, one more on the first ones."""
    share, more = divmod(hosts, leaves)
    held = np.full(leaves, share)
    held[:more] += 1
    leaf = np.repeat(np.arange(leaves), held)
    return leaf, (np.arange(hosts) - (np.cumsum(held) - held)[leaf]) * width


@dataclass(frozen=True)
class Rails:
    """`hosts` hosts with `rails` NICs of `wide` ports on a leaf each, in scalable units: NIC i on the leaf of its unit
    that holds rail i, or in turn on the `homes` leaves that do; `per_leaf` whole rails a leaf (None: the most that fit
    on a leaf with all hosts and leave room for `others`, endpoints of no rail; else 1).

    `apart`: the fewest rails of a host where its rails go to two leaves of a pair, 0 where they need not; a unit then
    has whole pairs of leaves, and no leaf all rails of a host."""

    hosts: int
    rails: int
    wide: int = 1
    others: int = 0
    per_leaf: int | None = None
    cap: int | None = None
    balanced: bool = False
    homes: int = 1
    apart: int = 0
    least: int = 1
    """Leaves that there are at least, filled alike where the hosts need fewer."""

    @cached_property
    def shares(self) -> tuple[int, ...]:
        """The numbers of rails that a leaf may hold, rising."""
        return _shares(self.rails, self.apart)

    def rails_of(self, room: int) -> int:
        """Whole rails of a leaf of `room` down ports."""
        if self.per_leaf:
            return self.per_leaf
        if self.cap and self.hosts > self.cap:
            return 1
        for r in reversed(self.shares[1:]):
            free = (self.rails // r * room - self.hosts * self.rails * self.wide) * self.homes
            if self.hosts * r * self.wide <= room and free >= self.others:
                return r
        return 1

    def most(self, room: int) -> int:
        """Hosts of a scalable unit."""
        fit = room // (self.rails_of(room) * self.wide)
        return min(fit, self.cap) if self.cap else fit

    def wanted(self, room: int) -> int:
        """Down ports of a leaf of `cap` hosts, `room` where that is left open."""
        return self.cap * self.rails_of(room) * self.wide if self.cap else room

    def group_of(self, room: int) -> int:
        """Leaves of a scalable unit."""
        return self.rails // self.rails_of(room) * self.homes

    def leaves(self, room: int) -> int:
        """Leaves of `room` down ports, `least` or as many as the hosts need; raises ParameterError where a leaf holds
        no host's share of a rail."""
        group = self.group_of(room)
        return max(self._needed(room), -(-self.least // group) * group)

    def _needed(self, room: int) -> int:
        most, r = self.most(room), self.rails_of(room)
        if not most:
            what = (
                f"{amount(self.wide, 'port')} a NIC"
                if r == 1
                else f"{amount(r, 'rail')} a leaf, {amount(r * self.wide, 'port')} a host"
            )
            raise ParameterError(
                "host" if r == 1 else "rails_per_leaf",
                what,
                f"no leaf can hold a NIC of this host: a leaf has {amount(room, 'down port')}",
                f"at most {amount(room, 'port')} a NIC"
                if r == 1
                else either([s for s in self.shares if s * self.wide <= room]),
            )
        return max(-(-self.hosts // most), 1) * self.group_of(room)

    def seats(self, room: int) -> tuple[IntArray, IntArray]:
        """First leaf of its unit, and ports before the first, of each host (shape (hosts,))."""
        group, width = self.group_of(room), self.rails_of(room) * self.wide
        if self.balanced or self.leaves(room) > self._needed(room):
            unit, before = _balanced(self.hosts, self.leaves(room) // group, width)
        else:
            unit, seat = np.divmod(np.arange(self.hosts), self.most(room))
            before = seat * width
        return unit * group, before


@lru_cache(maxsize=256)
def _shares(rails: int, apart: int) -> tuple[int, ...]:
    whole = [r for r in range(1, rails + 1) if rails % r == 0]
    return tuple(r for r in whole if not apart or (r < apart and rails // r % 2 == 0))
