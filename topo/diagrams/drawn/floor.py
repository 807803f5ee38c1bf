"""A floor from above, to scale: every rack in the colour of its kind, rows with their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from topo.diagrams.facts import tier_count
from topo.diagrams.sheet.canvas import MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.palette import COLOURS, INK, MUTED, PAPER, tint
from topo.diagrams.sheet.textwidth import text_width
from topo.fabric import HOST, Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.placement import Places
from topo.placement.floor.alike import alike
from topo.units import amount

DEEP_M = 1.2
"""How deep a rack is drawn."""
SCALES_M = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Lengths of the scale's bar: the longest that takes no more than a third of the width."""
STRENGTH = 0.55
"""How strong the colour of a kind is, so that letters on it can be read."""

Kinds = Sequence[tuple[int, int]]
"""The first rack and the number of racks of each kind, the commonest first."""


def letter(kind: int) -> str:
    """The name of a kind by its place: A to Z, then AA, AB, ..."""
    return (letter(kind // 26 - 1) if kind >= 26 else "") + chr(ord("A") + kind % 26)


def _shade(kind: int) -> str:
    """The colour of a kind; those beyond the eight colours share a grey."""
    return tint(COLOURS[kind], STRENGTH) if kind < len(COLOURS) - 1 else tint(MUTED, 0.25)


def floor_keys(fabric: Fabric, places: Places, kinds: Kinds) -> list[Key]:
    """'A: 4 hosts, 1 leaf, 1 patch panel (25 racks)' for each kind that has a colour of its own, and one entry of the
    rest."""
    own = len(COLOURS) - 1
    keys = [
        Key(f"{letter(i)}: {contents(fabric, places, rack)} ({amount(count, 'rack')})", _shade(i))
        for i, (rack, count) in enumerate(kinds[:own])
    ]
    rest = kinds[own:]
    if rest:
        text = f"{letter(own)}{f' to {letter(len(kinds) - 1)}' if len(rest) > 1 else ''}: other contents"
        keys.append(Key(f"{text} ({amount(sum(count for _, count in rest), 'rack')})", _shade(own)))
    return keys


def contents(fabric: Fabric, places: Places, rack: int) -> str:
    """What a rack holds: '4 hosts, 1 leaf, 1 patch panel'; tiers of several networks are counted together."""
    tiers = fabric.devices.tier[places.rack == rack].tolist()
    count = Counter(tiers)
    result = [amount(count[HOST], "host")] if count[HOST] else []
    result += [tier_count(t, count[t]) for t in sorted(count) if t != HOST]
    panels = int(places.panels_per_rack[rack])
    result += [amount(panels, "patch panel")] if panels else []
    words = places.kinds[int(places.kind[rack])].words()
    return ", ".join([*result, *([words] if words else [])]) or "nothing"


def draw_floor(canvas: Canvas, fabric: Fabric, places: Places, kinds: Kinds, left: float, top: float) -> None:
    """All racks from above, to scale, right of `left` and down from `top`."""
    racks = places.racks
    rows = row_names(places)
    first = left + max(text_width(name, 8.0) for name, _ in rows) + 8
    room_x, room_y = canvas.width - MARGIN - first, places.rack_units * 11.0 - 40
    x, y = racks.x_m - racks.x_m.min(), racks.y_m - racks.y_m.min()
    pitch = _pitch(racks.x_m, racks.y_m)
    scale = min(room_x / (float(x.max()) + pitch), room_y / (float(y.max()) + DEEP_M))
    scale = min(scale, 44.0 / pitch)
    wide, deep = max(pitch * scale * 0.92, 1.5), max(DEEP_M * scale, 1.5)
    canvas.text(left, top - 24, "the floor from above", NORMAL, INK, "left")
    span = f"{float(x.max()):.0f} m by {float(y.max()):.0f} m between the middles of the outer racks"
    canvas.text(left, top - 10, span, SMALL, MUTED, "left")
    halls = np.unique(racks.hall).tolist()
    if len(halls) > 1:
        for hall in halls:
            canvas.text(first + float(x[racks.hall == hall].min()) * scale, top + 4, f"hall {hall}", 8.0, MUTED, "left")
        top += 10
    of = _kind_of(fabric, places, kinds)
    order = np.argsort(places.rack, kind="stable")
    start = np.searchsorted(places.rack[order], np.arange(len(racks) + 1))
    names = [str(name) for name in racks.name]
    named = max(text_width(name, 7.5) for name in names) <= wide - 2
    lettered = wide >= 11 and deep >= 9
    for rack, name in enumerate(names):
        at_x, at_y = first + wide / 2 + float(x[rack]) * scale, top + 6 + deep / 2 + float(y[rack]) * scale
        kind = int(of[rack])
        canvas.box(
            f"floor {name}", at_x, at_y, wide, deep, _shade(kind), MUTED, 0.5, rounded=False,
            holds=order[start[rack] : start[rack + 1]],
        )  # fmt: skip
        if named or lettered:
            canvas.text(at_x, at_y, name if named else letter(kind), 7.5)
    at = -np.inf
    for name, metres in rows:
        if metres * scale - at >= SMALL * 1.3:
            at = metres * scale
            canvas.text(left, top + 6 + deep / 2 + at, name, 8.0, MUTED, "left")
    _scale(canvas, first, top + 6 + float(y.max()) * scale + deep + 16, scale, room_x)


def _kind_of(fabric: Fabric, places: Places, kinds: Kinds) -> IntArray:
    """Shape (racks,): the place of each rack's kind among `kinds`."""
    like = alike(fabric, places)
    place = np.zeros(len(kinds), dtype=np.int64)
    place[like[[rack for rack, _ in kinds]]] = np.arange(len(kinds))
    return place[like]


def row_names(places: Places) -> list[tuple[str, float]]:
    """'row 1A' and its distance in metres from the first row, for each row of racks; 'row A' where several halls stand
    side by side."""
    racks, result = places.racks, []
    several = len(np.unique(racks.hall)) > 1
    for y in np.unique(racks.y_m).tolist():
        rack = int(np.flatnonzero(racks.y_m == y)[0])
        name = str(racks.name[rack]).rstrip("0123456789")
        result.append((f"row {name.lstrip('0123456789') if several else name}", y - float(racks.y_m.min())))
    return result


def _scale(canvas: Canvas, left: float, y: float, scale: float, room: float) -> None:
    """A bar of whole metres."""
    metres = max((m for m in SCALES_M if m * scale <= room / 3), default=SCALES_M[0])
    long = metres * scale
    canvas.box("scale", left + long / 2, y, long, 3.0, INK, INK, 0.5, rounded=False)
    canvas.box("scale, second half", left + long * 0.75, y, long / 2, 3.0, PAPER, INK, 0.5, rounded=False)
    canvas.text(left + long + 6, y, f"{metres} m", SMALL, MUTED, "left")


def _pitch(x: FloatArray, y: FloatArray) -> float:
    """The least distance of two racks in one row, in metres."""
    order = np.lexsort((x, y))
    gaps = np.diff(x[order])[np.diff(y[order]) == 0]
    gaps = gaps[gaps > 1e-9]
    return float(gaps.min()) if len(gaps) else 0.6
