"""Racks on the floor, and which device stands in which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from topo.fabric.model import BoolArray, FloatArray, IntArray, StrArray, Table
from topo.placement.floor.kinds import RackKind

UNIT_M = 0.04445
"""Height of a rack unit (EIA-310)."""

PLINTH_M = 0.1
"""Floor to the lowest unit."""


@dataclass(frozen=True)
class Racks(Table):
    """Racks that hold something (shape (racks,) each): hall, row and position from 1, and where on the floor."""

    name: StrArray
    hall: IntArray
    row: IntArray
    position: IntArray
    x_m: FloatArray
    y_m: FloatArray


@dataclass(frozen=True)
class Panels(Table):
    """Patch panels (shape (panels,) each): the rack's row, the lowest unit, and the number in the rack from 1."""

    rack: IntArray
    ru: IntArray
    number: IntArray

    def names(self, racks: Racks) -> list[str]:
        """1A01-P02: the second panel of rack 1A01."""
        name = racks.name[self.rack].tolist()
        return [f"{rack}-P{n:02d}" for rack, n in zip(name, self.number.tolist(), strict=True)]


@dataclass(frozen=True)
class Fixtures(Table):
    """What racks hold beside devices (shape (fixtures,) each): the rack's row, the lowest unit, the height, a name."""

    rack: IntArray
    ru: IntArray
    units: IntArray
    name: StrArray


@dataclass(frozen=True)
class Improvement:
    """What a search gained over the rule. `objective`: `length` (metres of route over all links) or `optics` (cables
    that copper cannot be). `bound`: no placement in the same racks is below it, by what `bound_by` says. `moved`:
    devices that stand elsewhere than under the rule."""

    objective: Literal["length", "optics"]
    rule: float
    value: float
    bound: float
    bound_by: Literal["constraint solver", "distances"]
    moved: int

    @property
    def gain_percent(self) -> float:
        """Of the rule's value."""
        return 100 * (1 - self.value / self.rule) if self.rule else 0.0

    @property
    def gap_percent(self) -> float:
        """What may be left to gain, of the value."""
        return 100 * (1 - self.bound / self.value) if self.value else 0.0


@dataclass(frozen=True)
class Places:
    """Where devices stand. `rack`: shape (devices,), a row of `racks`; `ru` the lowest unit from 1, `units` the height,
    0 of devices that stand in what a rack holds. `power_w`: shape (devices,), NaN where the catalog knows none. `kind`:
    shape (racks,), which of `kinds` each rack is. `assumed` names parts whose height is assumed. `panel_units` is the
    height of each of `panels`."""

    site: str
    racks: Racks
    rack: IntArray
    ru: IntArray
    units: IntArray
    power_w: FloatArray
    kind: IntArray
    kinds: tuple[RackKind, ...]
    assumed: tuple[str, ...]
    improvement: Improvement | None = None
    panels: Panels | None = None
    panel_units: int = 0

    @property
    def rack_units(self) -> int:
        """Units of the highest rack."""
        return max(kind.part.rack_units for kind in self.kinds)

    @cached_property
    def units_of(self) -> IntArray:
        """Shape (racks,): units of each."""
        return np.array([kind.part.rack_units for kind in self.kinds], dtype=np.int64)[self.kind]

    @cached_property
    def limit_w(self) -> FloatArray:
        """Shape (racks,): power that each can draw."""
        return np.array([kind.most_power_w for kind in self.kinds], dtype=np.float64)[self.kind]

    @cached_property
    def fixtures(self) -> Fixtures:
        """What racks hold beside devices and panels, rack by rack."""
        rows = [(rack, ru, content) for rack, kind in enumerate(self.kind.tolist()) for ru, content in
                self.kinds[kind].fixed]  # fmt: skip
        return Fixtures(
            np.array([rack for rack, _, _ in rows], dtype=np.int64),
            np.array([ru for _, ru, _ in rows], dtype=np.int64),
            np.array([content.rack_units for _, _, content in rows], dtype=np.int64),
            np.array([content.name for _, _, content in rows], dtype=np.str_),
        )

    @cached_property
    def used_units(self) -> IntArray:
        """Shape (racks,): occupied units, those of contents and panels included."""
        devices = np.bincount(self.rack, weights=self.units, minlength=len(self.racks)).astype(np.int64)
        fixed = np.array([sum(c.rack_units for _, c in kind.fixed) for kind in self.kinds], dtype=np.int64)
        return devices + fixed[self.kind] + self.panel_units * self.panels_per_rack

    @cached_property
    def panels_per_rack(self) -> IntArray:
        """Shape (racks,)."""
        rack = self.panels.rack if self.panels is not None else np.zeros(0, dtype=np.int64)
        return np.bincount(rack, minlength=len(self.racks))

    @cached_property
    def used_power_w(self) -> FloatArray:
        """Shape (racks,): the power of what is known, contents included."""
        known = np.nan_to_num(self.power_w)
        fixed = np.array([kind.power_w for kind in self.kinds], dtype=np.float64)
        return np.bincount(self.rack, weights=known, minlength=len(self.racks)).astype(np.float64) + fixed[self.kind]

    def draws(self, word: str) -> list[tuple[str, int, float]]:
        """Name, racks and known power in W of each `row` or `hall`, as they stand on the floor."""
        racks = self.racks
        columns = (racks.hall, racks.row if word == "row" else np.zeros_like(racks.row))
        keys, of, count = np.unique(np.stack(columns), axis=1, return_inverse=True, return_counts=True)
        watts = np.bincount(of.reshape(-1), weights=self.used_power_w, minlength=keys.shape[1])
        names = [rack_name(h, r, 0)[:-2] if r else str(h) for h, r in keys.T.tolist()]
        return list(zip(names, count.tolist(), watts.tolist(), strict=True))

    @cached_property
    def height_m(self) -> FloatArray:
        """Shape (devices,): the middle of each device above the floor."""
        return PLINTH_M + (self.ru - 1 + self.units / 2) * UNIT_M

    @cached_property
    def power_known(self) -> BoolArray:
        """Shape (devices,)."""
        return np.isfinite(self.power_w)

    def only(self, devices: IntArray, named: Sequence[str] = ()) -> Places:
        """The places of these devices alone, without racks that then hold nothing and are not `named`."""
        kept = np.isin(self.racks.name, list(named))
        kept[self.rack[devices]] = True
        row = np.cumsum(kept) - 1
        return replace(
            self,
            racks=self.racks.rows(kept),
            kind=self.kind[kept],
            rack=row[self.rack[devices]],
            ru=self.ru[devices],
            units=self.units[devices],
            power_w=self.power_w[devices],
            improvement=None,
        )


def rack_name(hall: int, row: int, position: int) -> str:
    """Hall, row in letters and position, each from 1: (1, 3, 7) is 1C07."""
    letters = ""
    while row:
        row, rest = divmod(row - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{hall}{letters}{position:02d}"
