"""What a placement costs: the routes of all links, or the cables that copper cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray, Table
from topo.placement.cables.cabling import needs_of
from topo.placement.cables.cages import cages_of
from topo.placement.cables.choose import Market, Need, choose, market
from topo.placement.floor.routes import Routes
from topo.placement.improving.seats import Hall

COPPER = ("passive-copper", "active-copper")
QUARTERS = 4
"""Costs of optical cables are counted in quarters: a splitter fibre is shared by two or four links."""


@dataclass(frozen=True)
class Entries(Table):
    """Pairs of devices that links join (shape (entries,)), sorted by `group`; `reach_mm` is how far copper reaches, -1
    where no copper fits and for lengths."""

    a: IntArray
    b: IntArray
    group: IntArray
    reach_mm: IntArray


@dataclass(frozen=True)
class Objective:
    """The sum over groups of `weight` (shape (groups,)) times the greatest value of the group's entries: the length of
    the route in millimetres, or 1 where it is longer than copper reaches."""

    optical: bool
    entries: Entries
    weight: IntArray

    def value(self, length_mm: IntArray, reach_mm: IntArray) -> IntArray:
        """The values of entries by the lengths of their routes."""
        return (length_mm > reach_mm).astype(np.int64) if self.optical else length_mm

    @cached_property
    def starts(self) -> IntArray:
        """Shape (groups,): the first entry of each group."""
        return np.searchsorted(self.entries.group, np.arange(len(self.weight)))

    @cached_property
    def alone(self) -> BoolArray:
        """Shape (entries,): the entry is its group's only one."""
        return np.asarray(np.bincount(self.entries.group, minlength=len(self.weight))[self.entries.group] == 1)

    @cached_property
    def of_device(self) -> tuple[IntArray, IntArray]:
        """Entries by device: the entries in order of their devices, and where each device's start (devices + 1)."""
        ends = np.concatenate([self.entries.a, self.entries.b])
        rows = np.tile(np.arange(len(self.entries)), 2)
        order = np.argsort(ends, kind="stable")
        most = int(ends.max(initial=-1)) + 1
        return rows[order], np.searchsorted(ends[order], np.arange(most + 1))

    def touching(self, device: int) -> IntArray:
        """The entries of a device."""
        rows, start = self.of_device
        return rows[start[device] : start[device + 1]] if device + 1 < len(start) else rows[:0]


def length_objective(fabric: Fabric) -> Objective:
    """The routes of all links; parallel links are one entry of more weight."""
    a, b = np.minimum(fabric.link_a, fabric.link_b), np.maximum(fabric.link_a, fabric.link_b)
    pairs, count = np.unique(np.stack([a, b]), axis=1, return_counts=True)
    n = pairs.shape[1]
    entries = Entries(pairs[0].astype(np.int64), pairs[1].astype(np.int64), np.arange(n), np.full(n, -1))
    return Objective(False, entries, count.astype(np.int64))


def optics_objective(fabric: Fabric, catalog: Catalog, price_book: PriceBook | None) -> Objective:
    """The cables of links that copper does not reach. Links that share cages go over copper together or not at all."""
    cages = cages_of(fabric, catalog)
    offered = market(catalog, price_book)
    needs, of_group = needs_of(cages, np.zeros(cages.groups))
    reach, quarters = zip(*(_copper_reach(need, offered) for need in needs), strict=True) if needs else ((), ())
    reach_mm, per_link = np.array(reach, dtype=np.int64), np.array(quarters, dtype=np.int64)
    a, b = np.minimum(fabric.link_a, fabric.link_b), np.maximum(fabric.link_a, fabric.link_b)
    rows = np.unique(np.stack([cages.group, a, b]), axis=1)
    need = of_group[rows[0]]
    entries = Entries(rows[1].astype(np.int64), rows[2].astype(np.int64), rows[0].astype(np.int64), reach_mm[need])
    return Objective(True, entries, cages.links_of_group * per_link[of_group])


def _copper_reach(need: Need, offered: Market) -> tuple[int, int]:
    """Millimetres up to which copper is chosen (-1 for never), and the least quarters of an optical cable a link."""
    lengths = sorted({metres for c in offered.cables for metres in (*c.lengths_m, c.max_m) if metres})
    reach, quarters = -1, []
    copper = True
    for metres in lengths:
        choice = choose(Need(need.classes, need.hub, need.spokes, need.links, metres), offered)
        copper = copper and choice is not None and choice.medium in COPPER
        if copper:
            reach = round(metres * 1000)
        elif choice is None:
            quarters.append(QUARTERS)
        elif choice.medium not in COPPER:
            quarters.append(QUARTERS // need.links if choice.plugged else QUARTERS * choice.fibres // choice.ways)
    return reach, max(min(quarters, default=QUARTERS), 1)


@dataclass(frozen=True)
class Metric:
    """Lengths of routes between seats, in millimetres."""

    hall: Hall
    routes: Routes

    @cached_property
    def drop_m(self) -> FloatArray:
        """Shape (seats,)."""
        return self.routes.drop_m(self.hall.height_m)

    @cached_property
    def between(self) -> tuple[FloatArray, BoolArray, BoolArray]:
        """Shape (racks, racks) each: metres without drops and slack, whether the drops count, and whether the
        difference in height counts instead."""
        n = len(self.routes.racks)
        a, b = np.arange(n)[:, None], np.arange(n)[None, :]
        measured, metres = self.routes.override(a, b)
        same = a == b
        base = np.where(same, 0.0, self.routes.along_m(a, b))
        return np.where(measured, metres - self.routes.floor.slack_m, base), ~same & ~measured, same & ~measured

    def length_mm(self, p: IntArray, q: IntArray) -> IntArray:
        """Lengths between seats, of shapes that broadcast."""
        base, drops, inside = self.between
        r, s = self.hall.seats.rack[p], self.hall.seats.rack[q]
        height = self.hall.height_m
        length = base[r, s] + np.where(drops[r, s], self.drop_m[p] + self.drop_m[q], 0.0)
        length = length + np.where(inside[r, s], np.abs(height[p] - height[q]), 0.0) + self.routes.floor.slack_m
        return np.rint(length * 1000).astype(np.int64)
