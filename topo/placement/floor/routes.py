"""How long a cable between two places on the floor has to be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog, Rack
from topo.errors import ParameterError, nearest
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement.floor.floor import Floor
from topo.placement.floor.lengths import COMPUTED, OVERRIDE, Lengths
from topo.placement.floor.racks import PLINTH_M, UNIT_M, Places, Racks


@dataclass(frozen=True)
class Routes:
    """Routes between the racks of a floor: along the trays from rack to rack, up and down to them, and the slack.

    The trays run along every row and cross the rows at `cross_trays`; between devices of one rack no tray is used.
    A rack pair of `rack_pairs` has its measured length.
    """

    floor: Floor
    part: Rack
    racks: Racks

    @property
    def tray_m(self) -> float:
        """Height of the trays above the floor; negative below it."""
        if self.floor.entry == "overhead":
            return PLINTH_M + self.part.rack_units * UNIT_M + self.floor.tray_m
        return -self.floor.tray_m

    def drop_m(self, height_m: FloatArray) -> FloatArray:
        """Metres between the tray and devices whose middle stands at `height_m`."""
        return np.abs(self.tray_m - height_m)

    @cached_property
    def measured(self) -> tuple[IntArray, FloatArray]:
        """Rack pairs with a measured length: sorted keys (lower row x racks + higher row), and the lengths. Of a pair
        that is stated twice the last wins. Raises ParameterError for a rack that nothing stands in."""
        row_of = {str(name): i for i, name in enumerate(self.racks.name)}
        result: dict[int, float] = {}
        for i, pair in enumerate(self.floor.rack_pairs):
            for name in pair.racks:
                if name not in row_of:
                    used = list(row_of)
                    allowed = f"{used[0]} to {used[-1]}" if used else ""
                    hint = nearest(str(name), used)
                    raise ParameterError(
                        f"rack_pairs[{i}].racks", name, "no such rack is used on this floor", allowed, hint
                    )
            low, high = sorted(row_of[name] for name in pair.racks)
            result[low * len(self.racks) + high] = pair.length_m
        keys = sorted(result)
        return np.array(keys, dtype=np.int64), np.array([result[k] for k in keys], dtype=np.float64)

    def override(self, a: IntArray, b: IntArray) -> tuple[BoolArray, FloatArray]:
        """Which pairs of racks are measured, and their lengths (0 for the others)."""
        keys, metres = self.measured
        wanted = np.minimum(a, b) * len(self.racks) + np.maximum(a, b)
        if not len(keys):
            return np.zeros(wanted.shape, dtype=np.bool_), np.zeros(wanted.shape)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = keys[at] == wanted
        return hit, np.where(hit, metres[at], 0.0)

    def length_m(self, a: IntArray, height_a: FloatArray, b: IntArray, height_b: FloatArray) -> FloatArray:
        """Lengths between places: rows of `racks` and heights above the floor, all of shapes that broadcast."""
        drops = self.drop_m(height_a) + self.drop_m(height_b)
        inside = np.abs(height_a - height_b)
        length = np.where(a == b, inside, self.along_m(a, b) + drops) + self.floor.slack_m
        measured, metres = self.override(a, b)
        return np.where(measured, metres, length)

    def along_m(self, a: IntArray, b: IntArray) -> FloatArray:
        """Metres along the trays between racks (rows of `racks`)."""
        floor, racks = self.floor, self.racks
        xa, xb = racks.x_m[a], racks.x_m[b]
        width = floor.racks_per_row * (floor.rack_pitch_m or self.part.width_mm / 1000)
        straight = np.abs(xa - xb)
        crossing = np.full(np.broadcast(xa, xb).shape, np.inf)
        for hall in (racks.hall[a], racks.hall[b]):
            for fraction in floor.cross_trays:
                x = (hall - 1) * (width + floor.hall_gap_m) + fraction * width
                crossing = np.minimum(crossing, np.abs(xa - x) + np.abs(xb - x))
        same_row = (racks.hall[a] == racks.hall[b]) & (racks.row[a] == racks.row[b])
        return np.asarray(np.where(same_row, straight, crossing + np.abs(racks.y_m[a] - racks.y_m[b])))


def rack_part(catalog: Catalog, floor: Floor) -> Rack:
    """The rack part of a floor, as wide and high as the widest and highest of its kinds; raises ParameterError for an
    unknown one."""
    part = catalog.get("rack", floor.rack, "rack")
    assert isinstance(part, Rack)
    others = [catalog.get("rack", name, "racks_of") for name in floor.racks_of.values()]
    every = [part, *(one for one in others if isinstance(one, Rack))]
    most = {key: max(getattr(one, key) for one in every) for key in ("rack_units", "width_mm")}
    return part.model_copy(update=most) if len(every) > 1 else part


def routed(fabric: Fabric, catalog: Catalog, floor: Floor, places: Places) -> Lengths:
    """The length of every link by its route, to the millimetre."""
    routes = Routes(floor, rack_part(catalog, floor), places.racks)
    a, b = places.rack[fabric.link_a], places.rack[fabric.link_b]
    length = routes.length_m(a, places.height_m[fabric.link_a], b, places.height_m[fabric.link_b])
    measured, _ = routes.override(a, b)
    basis = np.where(measured, OVERRIDE, COMPUTED).astype(np.int8)
    return Lengths(np.round(length, 3), np.where(measured, 0.0, floor.slack_m), basis)
