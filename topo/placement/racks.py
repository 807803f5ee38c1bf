"""Racks on the floor, and which device stands in which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from topo.fabric.model import BoolArray, FloatArray, IntArray, StrArray, Table

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
    """Where devices stand. `rack`: shape (devices,), a row of `racks`; `ru` the lowest unit from 1, `units` the height.
    `power_w`: shape (devices,), NaN where the catalog knows none. `assumed` names parts whose height is assumed.
    `panel_units` is the height of each of `panels`."""

    site: str
    racks: Racks
    rack: IntArray
    ru: IntArray
    units: IntArray
    power_w: FloatArray
    rack_units: int
    rack_power_w: float
    assumed: tuple[str, ...]
    improvement: Improvement | None = None
    panels: Panels | None = None
    panel_units: int = 0

    @cached_property
    def used_units(self) -> IntArray:
        """Shape (racks,): occupied units, those of panels included."""
        devices = np.bincount(self.rack, weights=self.units, minlength=len(self.racks)).astype(np.int64)
        return devices + self.panel_units * self.panels_per_rack

    @cached_property
    def panels_per_rack(self) -> IntArray:
        """Shape (racks,)."""
        rack = self.panels.rack if self.panels is not None else np.zeros(0, dtype=np.int64)
        return np.bincount(rack, minlength=len(self.racks))

    @cached_property
    def used_power_w(self) -> FloatArray:
        """Shape (racks,): the power of what is known."""
        known = np.nan_to_num(self.power_w)
        return np.bincount(self.rack, weights=known, minlength=len(self.racks)).astype(np.float64)

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
