"""How full the trays are: the cables' cross-sections summed along every row and every tray that crosses the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.catalog import Cable, Catalog
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement.cables.cabling import MEDIA, Cabling
from topo.placement.floor.floor import Floor
from topo.placement.floor.racks import Places
from topo.placement.floor.routes import Routes, rack_part

ASSUMED_MM = {"passive-copper": 9.4, "active-copper": 9.4, "aoc": 3.0, "multimode": 3.0, "single-mode": 3.0}
"""Diameters of cables whose part states none: twin-axial copper as the parts of the catalog that state it, jacketed
fibre 3 mm. Plans count how many cables rest on this."""


@dataclass(frozen=True)
class Tray:
    """One tray where it is fullest: along a row (`1C`) or across the rows of a hall (`1 cross 0.5`); `at_m` is where,
    from the first rack of the row or the first row. `assumed` of its `cables` there have an assumed diameter."""

    name: str
    at_m: float
    cables: int
    mm2: float
    fill_percent: float
    assumed: int


def trays(fabric: Fabric, catalog: Catalog, floor: Floor, cabling: Cabling, places: Places) -> tuple[Tray, ...]:
    """Every tray that carries cables, the fullest first. A cable lies on the shortest way: along its row to a cross
    tray and along the other row; of several as short the one that is named first. Cables inside a rack use no tray, nor
    do those of measured rack pairs, whose way nobody states (they are left out); a trunk lies there once."""
    routes = Routes(floor, rack_part(catalog, floor), places.racks)
    first = cabling.cables.first_link
    a, b = places.rack[fabric.link_a[first]], places.rack[fabric.link_b[first]]
    measured, _ = routes.override(a, b)
    once = np.ones(len(first), dtype=np.bool_)
    if cabling.patching is not None:
        once[cabling.patching.cable] = cabling.patching.first
    lie = np.flatnonzero((a != b) & ~measured & once)
    area, assumed = _areas(catalog, cabling)
    area, assumed, a, b = area[lie], assumed[lie], a[lie], b[lie]
    racks = places.racks
    cross_x, cross_hall, cross_name = _crossings(routes)
    same = (racks.hall[a] == racks.hall[b]) & (racks.row[a] == racks.row[b])
    ways = np.abs(racks.x_m[a][:, None] - cross_x) + np.abs(racks.x_m[b][:, None] - cross_x)
    near = (cross_hall == racks.hall[a][:, None]) | (cross_hall == racks.hall[b][:, None])
    cross = np.argmin(np.where(near, np.round(ways, 9), np.inf), axis=1) if len(a) else np.zeros(0, dtype=np.int64)
    names: list[str] = []
    tray: list[IntArray] = []
    low: list[FloatArray] = []
    high: list[FloatArray] = []
    row_name = [str(n).rstrip("0123456789") for n in racks.name]
    rows = sorted(set(row_name))
    code = np.array([rows.index(n) for n in row_name], dtype=np.int64)
    turn = cross_x[cross]
    for end, other in ((a, np.where(same, racks.x_m[b], turn)), (b, np.where(same, racks.x_m[b], turn))):
        tray.append(code[end])
        low.append(np.minimum(racks.x_m[end], other))
        high.append(np.maximum(racks.x_m[end], other))
    names = rows + cross_name
    tray.append(np.where(same, -1, len(rows) + cross))
    low.append(np.minimum(racks.y_m[a], racks.y_m[b]))
    high.append(np.maximum(racks.y_m[a], racks.y_m[b]))
    pieces = (np.concatenate(tray), np.concatenate(low), np.concatenate(high))
    start = np.concatenate([_starts(racks.x_m, code, len(rows)), np.zeros(len(cross_name))])
    cable = np.tile(np.arange(len(lie)), 3)
    return _fullest(names, start, pieces, area[cable], assumed[cable], floor.tray_mm2)


def _areas(catalog: Catalog, cabling: Cabling) -> tuple[FloatArray, BoolArray]:
    """Shape (cables,) each: the cross-section in square millimetres, and whether the diameter is assumed."""
    stated = []
    for name in cabling.parts:
        part = catalog.get("cable", name) if catalog.path("cable", name) else None
        stated.append(part.diameter_mm if isinstance(part, Cable) and part.diameter_mm else np.nan)
    known = np.array([*stated, np.nan])[cabling.laid_part]
    default = np.array([*(ASSUMED_MM[m] for m in MEDIA), ASSUMED_MM["multimode"]])[cabling.cables.medium]
    width = np.where(np.isnan(known), default, known)
    return np.asarray(np.pi * (width / 2) ** 2), np.isnan(known)


def _crossings(routes: Routes) -> tuple[FloatArray, IntArray, list[str]]:
    """Where trays cross the rows: x, hall and name of each."""
    floor = routes.floor
    width = floor.racks_per_row * (floor.rack_pitch_m or routes.part.width_mm / 1000)
    halls = np.unique(routes.racks.hall).tolist()
    result = [
        ((h - 1) * (width + floor.hall_gap_m) + f * width, h, f"{h} cross {f:g}")
        for h in halls
        for f in floor.cross_trays
    ]
    x, hall, name = zip(*result, strict=True)
    return np.array(x), np.array(hall), list(name)


def _starts(x_m: FloatArray, row: IntArray, rows: int) -> FloatArray:
    first = np.full(rows, np.inf)
    np.minimum.at(first, row, x_m)
    return first


def _fullest(
    names: Sequence[str],
    start: FloatArray,
    pieces: tuple[IntArray, FloatArray, FloatArray],
    area: FloatArray,
    assumed: BoolArray,
    tray_mm2: float,
) -> tuple[Tray, ...]:
    """Sweeps along each tray: pieces begin and end, and the greatest sum in between counts."""
    tray, low, high = pieces
    lie = (tray >= 0) & (high > low + 1e-9)
    tray, area, assumed = tray[lie], area[lie], assumed[lie]
    where = np.round(np.concatenate([low[lie], high[lie]]), 6)
    kind = np.repeat([1, -1], len(tray))
    order = np.lexsort((kind, where, np.tile(tray, 2)))
    of = np.tile(tray, 2)[order]
    change = (kind * np.tile(area, 2))[order]
    count, guess = kind[order], (kind * np.tile(assumed, 2))[order]
    total, cables, assumed_now = np.cumsum(change), np.cumsum(count), np.cumsum(guess)
    result = []
    for code in np.unique(tray).tolist():
        rows = np.flatnonzero(of == code)
        best = int(rows[np.argmax(np.round(total[rows], 3))])
        mm2 = round(float(total[best]), 1)
        at = round(float(where[order[best]] - start[code]), 3)
        result.append(
            Tray(names[code], at, int(cables[best]), mm2, round(100 * mm2 / tray_mm2, 2), int(assumed_now[best]))
        )
    return tuple(sorted(result, key=lambda t: (-t.fill_percent, t.name)))


__all__ = ["ASSUMED_MM", "Tray", "trays"]
