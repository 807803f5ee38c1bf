"""What is carried while some groups are broken, each pattern asked once; and which groups are alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topo.analysis.failures import HostedGraph, alike_device_sets, alike_link_sets, hosted_graph, lost
from topo.analysis.network import switch_network
from topo.analysis.reliability.groups import Family
from topo.analysis.throughput import Throughput, before_failures, throughput
from topo.analysis.throughput.before import Before
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.model import IntArray, StrArray
from topo.solvers.budget import now

CAP = 1.0
"""Nobody gets more than line rate, in whatever pattern."""
START = 0.2
"""Share of the time for what all patterns start from."""
Given = Callable[[tuple[int, ...], tuple[str, ...]], Throughput]
LEAST_S = 0.5
"""Seconds that a pattern gets at least."""


@dataclass(frozen=True)
class State:
    """What a pattern carries: the share of line rate lies in [lower, upper]; and how many GPUs it cuts off."""

    lower: float
    upper: float
    cut_off: float
    known: bool = True


@dataclass(frozen=True)
class Broken:
    """What is broken: link ids and device names, sorted."""

    links: tuple[int, ...] = ()
    devices: tuple[str, ...] = ()

    def and_(self, other: Broken) -> Broken:
        """Both."""
        links = tuple(sorted({*self.links, *other.links}))
        return Broken(links, tuple(sorted({*self.devices, *other.devices})))


@dataclass(frozen=True)
class Alike:
    """`count` groups of one family that verified permutations carry into each other; one of them."""

    family: int
    count: int
    one: Broken


@dataclass
class Patterns:
    """The questions of one fabric, each answered once, while there is time until `end` (as `now` tells time)."""

    fabric: Fabric
    network: int
    traffic: str
    routing: str
    end: float
    known: dict[Broken, State] = field(default_factory=dict)
    proofs: dict[Broken, dict[str, Any] | None] = field(default_factory=dict)
    asked: int = 0
    given: Given | None = None
    """What answers instead of a solver, by what is taken away."""
    _before: Before | None = None

    def __post_init__(self) -> None:
        if self.given is not None:
            return
        left = max(self.end - now(), 0.0)
        self._before = before_failures(self.fabric, self.network, self.traffic, self.routing, START * left)

    @property
    def late(self) -> bool:
        """No time is left."""
        return self.given is None and now() > self.end

    def less(self, broken: Broken) -> Fabric:
        """The fabric without what is broken."""
        return self.fabric.without(links=broken.links, devices=broken.devices)

    def warm(self) -> None:
        """Finds what all patterns start from, before the first of them pays for it."""
        if self._before is not None and self._before.wanted:
            self._before.start(switch_network(self.fabric, self.network).name)

    def state(self, broken: Broken, share_s: float | None = None) -> State:
        """What is carried; anything between nothing and line rate where no time is left."""
        if broken not in self.known:
            if self.late:
                return State(0.0, CAP, 0.0, False)
            self.known[broken] = self._found(broken, share_s)
        return self.known[broken]

    def _found(self, broken: Broken, share_s: float | None) -> State:
        self.asked += 1
        less = self.less(broken) if broken != Broken() else self.fabric
        gone = lost(self.fabric, less, self.network).gpus if less is not self.fabric else 0
        left = max(min(self.end - now(), share_s or math.inf), LEAST_S)
        try:
            result = (
                throughput(less, self.traffic, self.routing, self.network, self.fabric, left, before=self._before)
                if self.given is None
                else self.given(broken.links, broken.devices)
            )
        except LimitReachedError:
            self.proofs[broken] = None
            return State(0.0, CAP, gone, False)
        self.proofs[broken] = result.certificate
        if math.isinf(result.lower):
            return State(0.0, 0.0, gone)
        return State(min(result.lower, CAP), min(result.upper, CAP), gone)


def broken_of(fabric: Fabric, family: Family, groups: Sequence[int]) -> Broken:
    """What these groups of a family take away, by id and name."""
    rows = np.array(groups, dtype=np.int64)
    links = fabric.links.id[family.links_of(rows)].tolist()
    return Broken(tuple(sorted(links)), tuple(sorted(fabric.devices.name[family.devices_of(rows)].tolist())))


def alike(
    intact: Fabric, less: Fabric, network: int, families: Sequence[Family], symmetry: HostedGraph | None = None
) -> Iterator[Alike]:
    """Groups of the intact fabric by what they still take away in `less` (a fabric that lacks some of its parts), alike
    ones as one; those that take nothing more away are not among them. `symmetry`: the `hosted_graph` of `less`, where
    it is at hand."""
    hosted = symmetry or hosted_graph(less, network)
    link_row = _rows(intact.links.id, less.links.id)
    device_row = _rows(intact.devices.name, less.devices.name)
    for number, family in enumerate(families):
        if not len(family.device):
            yield from _of_links(less, hosted, number, family, link_row)
        elif not len(family.link):
            yield from _of_devices(less, hosted, number, family, device_row)
        else:
            yield from _one_by_one(intact, number, family)


def _rows(names: IntArray | StrArray, left: IntArray | StrArray) -> IntArray:
    """Shape (names,): the row that each name has in `left`, -1 where it is gone."""
    order = np.argsort(left)
    if not len(order):
        return np.full(len(names), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(left[order], names), len(order) - 1)
    return np.where(left[order][at] == names, order[at], -1)


def _of_links(less: Fabric, hosted: HostedGraph, number: int, family: Family, row: IntArray) -> Iterator[Alike]:
    rows = row[family.link]
    kept = rows >= 0
    kept[kept] = hosted.edge_of_link[rows[kept]] >= 0
    of, rows = family.link_group[kept], rows[kept]
    for one in alike_link_sets(less, hosted, of, rows, lambda i: ""):
        yield Alike(number, one.stands_for, Broken(tuple(sorted(one.first.links))))


def _of_devices(less: Fabric, hosted: HostedGraph, number: int, family: Family, row: IntArray) -> Iterator[Alike]:
    rows = row[family.device]
    of, rows = family.device_group[rows >= 0], rows[rows >= 0]
    order = np.argsort(of, kind="stable")
    starts = np.flatnonzero(np.diff(of[order], prepend=-1))
    sets = [np.sort(part) for part in np.split(rows[order], starts[1:])] if len(order) else []
    for first, count in alike_device_sets(less, hosted, sets):
        yield Alike(number, count, Broken((), tuple(sorted(less.devices.name[sets[first]].tolist()))))


def _one_by_one(intact: Fabric, number: int, family: Family) -> Iterator[Alike]:
    for group in range(family.size):
        yield Alike(number, 1, broken_of(intact, family, [group]))
