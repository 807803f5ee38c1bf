"""Cables that pass patch panels: what is offered for them, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Panel
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement.cables.choose import Market
from topo.placement.floor.racks import Panels


@dataclass(frozen=True)
class Via:
    """The links that pass panels (shape (links,)), and the fibre and modules that can."""

    links: BoolArray
    offered: Market


@dataclass(frozen=True)
class Patching:
    """The segments of every cable that passes panels: cord from end a to a panel in its rack, trunk to a panel in the
    rack of end b, cord to end b.

    `cable`: shape (n,), rows of `Cabling.cables`, ascending. `panel`: shape (n, 2), rows of `panels` at ends a and b,
    and `position`, shape (n, 2), the adapter from 1. `trunk`: shape (n,), a row of `Cabling.parts`. `trunk_number` and
    `leg`, shape (n,), both from 1: which trunk between the panels it is, and which of its plugs; all legs of a trunk
    join the same two panels. `length_m`: shape (n, 3), what each segment needs; `sold_m` what is ordered.
    """

    part: Panel
    panels: Panels
    cable: IntArray
    panel: IntArray
    position: IntArray
    trunk: IntArray
    trunk_number: IntArray
    leg: IntArray
    length_m: FloatArray
    sold_m: FloatArray

    @property
    def used(self) -> IntArray:
        """Shape (panels,): how many positions of each panel have a cord."""
        return np.bincount(self.panel.ravel(), minlength=len(self.panels))

    @cached_property
    def first(self) -> BoolArray:
        """Shape (n,): the cables on the first leg of a trunk, one for each trunk."""
        return np.asarray(self.leg == 1)

    @property
    def trunks(self) -> int:
        """How many trunks there are."""
        return int(self.first.sum())

    @property
    def spare_legs(self) -> int:
        """Legs of all trunks that no cable passes."""
        return self.trunks * self.part.trunk_legs - len(self.cable)

    @property
    def shared_m(self) -> float:
        """Metres of trunk that the ordered lengths of cables hold more than once, as they share a trunk."""
        return float(self.sold_m[~self.first, 1].sum())
