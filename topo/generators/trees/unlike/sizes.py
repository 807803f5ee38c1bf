"""What a tree with unlike leaves consists of: its kinds of leaves, their splits, and the spines above them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from topo.catalog import Switch
from topo.fabric.model import IntArray
from topo.generators.layout import PortLayout, most_beside, parted, uniform
from topo.generators.trees.counts.ports import RATIO, TierPorts
from topo.generators.trees.counts.reseat import like as seats_like
from topo.generators.trees.counts.seats import Rails, WholeHosts
from topo.generators.trees.wire import Home

SPLITS = 6
"""Splits of a leaf's ports that are tried, the largest first."""


@dataclass(frozen=True)
class Alone:
    """Leaves without hosts, `count` of them."""

    count: int
    homes: int = 1

    def leaves(self, room: int) -> int:
        """All of them, whatever room they have."""
        return self.count

    def group_of(self, room: int) -> int:
        """Each stands for itself."""
        return 1

    def seats(self, room: int) -> tuple[IntArray, IntArray]:
        """No host has a seat."""
        none = np.zeros(0, dtype=np.int64)
        return none, none


@dataclass(frozen=True)
class Group:
    """Leaves of one kind: their ports, how hosts sit on them, and the rows of their kinds of hosts. `fixed`: the
    (down, up) that leaves without hosts may have, all of whose ports down lead out. `tried`: those that leaves with
    hosts may have, where more keys than the ratio say it. `now`: how the present hosts sit where it is built for
    more."""

    at: str
    ports: TierPorts
    ratio: float | str
    seats: WholeHosts | Rails | Alone
    kinds: tuple[int, ...]
    homes: tuple[Home, ...] = ()
    role: str = "leaf"
    fixed: tuple[tuple[int, int], ...] = ()
    tried: tuple[tuple[int, int], ...] = ()
    now: WholeHosts | Rails | None = None

    @property
    def outside(self) -> int:
        """Ports of a leaf that lead out."""
        return self.fixed[0][0] if self.fixed else 0

    def present(self, down: int) -> Group:
        """The leaves of the present hosts, with so many ports down."""
        if self.now is None or isinstance(self.seats, Alone):
            return self
        return replace(self, seats=seats_like(self.now, self.seats, down))

    @property
    def read(self) -> str:
        """What is said of a ratio that is not taken as it is written; empty of one that is."""
        said = self.ports.read_as(self.ratio)
        return f"{RATIO}: {said}" if said else ""

    def splits(self) -> list[tuple[int, int]]:
        """The (down, up) that are tried, the largest first."""
        exact = self.fixed or self.tried
        return list(exact or islice(self.ports.exact(self.ports.ratio_of(self.ratio)), SPLITS))


@dataclass(frozen=True)
class UnlikeSizes:
    """A plane's leaves by group with their (down, up), and the spines above all of them; `reserved` ports of a spine
    are kept."""

    groups: tuple[Group, ...]
    splits: tuple[tuple[int, int], ...]
    spines: int
    spine: Switch
    reserved: int = 0
    planes: int = 1
    final: UnlikeSizes | None = None
    """The sizes that it is built for, where they are larger."""

    def present(self) -> UnlikeSizes:
        """With the leaves of the present hosts, under the spines of all that it is built for."""
        if all(g.now is None for g in self.groups):
            return self
        groups = tuple(g.present(down) for g, (down, _) in zip(self.groups, self.splits, strict=True))
        return replace(self, groups=groups, final=self)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The kinds of leaves in the order in which their links are dealt: the one that grows is the last."""
        grows = next((k for k, g in enumerate(self.groups) if 0 in g.kinds), 0) if self.final else -1
        return tuple(sorted(range(len(self.groups)), key=lambda k: k == grows))

    @property
    def peer_links(self) -> int:
        """Links between the two leaves of a pair, of a plane."""
        return sum(n // 2 * g.ports.peers for g, n in zip(self.groups, self.leaves, strict=True))

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """Leaves by group."""
        return tuple(g.seats.leaves(down) for g, (down, _) in zip(self.groups, self.splits, strict=True))

    @cached_property
    def speeds(self) -> tuple[tuple[float, int], ...]:
        """Each speed of uplinks, rising, with how many links it has."""
        total: dict[float, int] = {}
        for g, n, (_, up) in zip(self.groups, self.leaves, self.splits, strict=True):
            total[g.ports.high.gbps] = total.get(g.ports.high.gbps, 0) + n * up
        return tuple(sorted(total.items()))

    @property
    def reads(self) -> tuple[str, ...]:
        """How the ratios of leaves are read that are written rounded."""
        return tuple(dict.fromkeys(g.read for g in self.groups if g.read))

    def fits(self, spines: int) -> bool:
        """So many spines have the ports for all links."""
        each = [-(-n // spines) for _, n in self.speeds]
        low, high = self.speeds[0][0], self.speeds[-1][0]
        if low == high:
            return self.spine.ports_at(low) - self.reserved >= each[0]
        return most_beside(self.spine, low, high, each[1]) - self.reserved >= each[0]

    @property
    def cost(self) -> tuple[int, int]:
        """Switches, links between switches."""
        return sum(self.leaves) + self.spines, sum(n for _, n in self.speeds)

    def layout(self) -> PortLayout:
        """The ports of a spine."""
        sizes = self.final or self
        low, (high, links) = sizes.speeds[0][0], sizes.speeds[-1]
        return uniform(self.spine, low) if low == high else parted(self.spine, low, -(-links // self.spines), high)
