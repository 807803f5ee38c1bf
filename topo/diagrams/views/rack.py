"""Racks: one of each kind from the front, and the floor from above with every rack in the colour of its kind."""

from __future__ import annotations

import numpy as np

from topo.diagrams.drawn.floor import draw_floor, floor_keys, letter
from topo.diagrams.drawn.keys import hue_keys, hues
from topo.diagrams.registry import views
from topo.diagrams.sheet.canvas import MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import HOST_FILL, INK, MUTED, NEUTRAL, PAPER, tint
from topo.diagrams.sheet.textwidth import fitted
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.placement import Places
from topo.placement.floor.alike import kinds_of
from topo.units import amount

UNIT, WIDE, MOST_KINDS = 11.0, 148.0, 4
"""Points: the height of a rack unit and the width of a rack; kinds of racks whose fronts stand beside the floor."""
FLOOR_LEFT = MARGIN + MOST_KINDS * (WIDE + 26) + 10
"""Points: the floor stands right of the fronts."""


def _draw(data: DiagramInput) -> Drawing:
    fabric, places = data.fabric, data.places
    if places is None:
        raise ParameterError("view", "rack", "the design has no floor plan", "designs with `floor`", "floor: {}")
    kinds = kinds_of(fabric, places)
    power = places.used_power_w
    heads = [
        f"{amount(len(places.racks), 'rack')} of {_some(places.units_of)} units · "
        f"{amount(len(np.unique(places.racks.hall)), 'hall')} · "
        f"{places.used_units.mean():.1f} units used on average · "
        f"at most {power.max() / 1000:.1f} kW known in a rack of {_some(places.limit_w / 1000)} kW"
    ]
    canvas = Canvas(f"{data.title or fabric.name}: racks", heads)
    top = canvas.top + 34
    for i, (rack, count) in enumerate(kinds[:MOST_KINDS]):
        x = MARGIN + (WIDE + 26) * (i + 0.5) + 13
        _front(canvas, fabric, places, rack, f"kind {letter(i)}, {_of(count)}", (x, top))
    draw_floor(canvas, fabric, places, kinds, FLOOR_LEFT, top)
    bottom = top + places.rack_units * UNIT + 30
    note = "Front views: the first rack of each kind; racks of a kind hold as many of each part of each network."
    left_out = len(places.racks) - sum(count for _, count in kinds[:MOST_KINDS])
    if left_out:
        note += (
            f" {amount(left_out, 'rack')} of other kinds {'is' if left_out == 1 else 'are'} not shown from the front."
        )
    bottom = canvas.legend(bottom, floor_keys(fabric, places, kinds))
    return canvas.finish(
        canvas.legend(bottom, _front_keys(fabric, places, [rack for rack, _ in kinds[:MOST_KINDS]]), [note])
    )


def _of(count: int) -> str:
    return f"one of {count:,} alike" if count > 1 else "the only one"


def _front_keys(fabric: Fabric, places: Places, shown: list[int]) -> list[Key]:
    """What the colours in the front views mean: of what these racks hold, and of nothing else."""
    inside = np.flatnonzero(np.isin(places.rack, shown))
    switches = inside[~fabric.is_host[inside]]
    keys = [Key("host", HOST_FILL, edge=MUTED)] if len(switches) < len(inside) else []
    if len(switches):
        shade = hues(fabric)
        neutral = any(shade(np.array([row])) == NEUTRAL for row in switches.tolist())
        keys += [Key("switch", tint(NEUTRAL, 0.25), edge=NEUTRAL)] if neutral else []
        keys += [
            Key(f"switch of {key.text}", tint(key.colour, 0.25), edge=key.colour) for key in hue_keys(fabric, switches)
        ]
    if places.panels is not None and np.isin(places.panels.rack, shown).any():
        keys.append(Key("patch panel", PAPER, edge=INK))
    if np.isin(places.fixtures.rack, shown).any():
        keys.append(Key("what the rack itself holds", PAPER, edge=MUTED))
    return keys


def _front(canvas: Canvas, fabric: Fabric, places: Places, rack: int, said: str, at: tuple[float, float]) -> None:
    """One rack from the front, unit 1 at the bottom, its middle and top `at`; `said` stands below its name."""
    x, top = at
    shade = hues(fabric)
    units = int(places.units_of[rack])
    height = units * UNIT
    top += (places.rack_units - units) * UNIT
    name = str(places.racks.name[rack])
    canvas.text(x, top - 24, f"rack {name}", NORMAL)
    canvas.text(x, top - 10, said, SMALL, MUTED)
    canvas.box(f"rack {name}", x, top + height / 2, WIDE, height, PAPER, INK, rounded=False)
    inside = np.flatnonzero(places.rack == rack)
    for device in inside[np.argsort(places.ru[inside])].tolist():
        tall, ru = int(places.units[device]), int(places.ru[device])
        if not tall:
            continue
        y = top + height - (ru - 1 + tall / 2) * UNIT
        host = bool(fabric.is_host[device])
        colour = MUTED if host else shade(np.array([device]))
        fill = HOST_FILL if host else tint(colour, 0.25)
        label = str(fabric.devices.name[device])
        held = np.array([device])
        canvas.box(label, x, y, WIDE - 4, tall * UNIT - 1, fill, colour, rounded=False, holds=held)
        canvas.text(x, y, fitted(label, 7.5, WIDE - 10), 7.5)
    _panels(canvas, places, rack, x, top + height)
    _contents(canvas, fabric, places, rack, x, top + height)
    for ru in range(5, units + 1, 5):
        y = top + height - (ru - 0.5) * UNIT
        canvas.text(x - WIDE / 2 - 3, y, str(ru), 7.0, MUTED, "right")


def _some(values: FloatArray | IntArray) -> str:
    """The values that there are: '48', or '44 or 132'."""
    return " or ".join(f"{value:g}" for value in np.unique(values).tolist())


def _contents(canvas: Canvas, fabric: Fabric, places: Places, rack: int, x: float, floor: float) -> None:
    """What a rack holds beside devices, white; the devices that stand in it side by side."""
    fixed = places.fixtures
    inside = np.flatnonzero((places.rack == rack) & (places.units == 0))
    shade = hues(fabric)
    for row in np.flatnonzero(fixed.rack == rack).tolist():
        ru, tall, name = int(fixed.ru[row]), int(fixed.units[row]), str(fixed.name[row])
        y = floor - (ru - 1 + tall / 2) * UNIT
        canvas.box(
            f"{name} {ru} of {places.racks.name[rack]}", x, y, WIDE - 4, tall * UNIT - 1, PAPER, MUTED, rounded=False
        )
        held = inside[places.ru[inside] == ru]
        if not len(held):
            canvas.text(x, y, fitted(name, 7.5, WIDE - 10), 7.5, MUTED)
        wide = (WIDE - 8) / max(len(held), 1)
        for i, device in enumerate(held.tolist()):
            one, colour = np.array([device]), shade(np.array([device]))
            at, label = x + (i - (len(held) - 1) / 2) * wide, str(fabric.devices.name[device])
            canvas.box(label, at, y, wide - 2, tall * UNIT - 3, tint(colour, 0.25), colour, rounded=False, holds=one)
            canvas.text(at, y, fitted(label, 6.5, wide - 4), 6.5)


def _panels(canvas: Canvas, places: Places, rack: int, x: float, floor: float) -> None:
    """The patch panels of a rack, white with a dark edge."""
    if places.panels is None:
        return
    names = places.panels.names(places.racks)
    for panel in np.flatnonzero(places.panels.rack == rack).tolist():
        middle = int(places.panels.ru[panel]) - 1 + places.panel_units / 2
        y = floor - middle * UNIT
        canvas.box(names[panel], x, y, WIDE - 4, places.panel_units * UNIT - 1, PAPER, INK, rounded=False)
        canvas.text(x, y, fitted(f"patch panel {names[panel]}", 7.5, WIDE - 10), 7.5)


views.add("rack", View("racks from the front, and the floor from above", _draw))
