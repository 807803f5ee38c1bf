"""Legend entries and colours that several views share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from topo.diagrams.facts import Bundle, speed
from topo.diagrams.sheet.canvas import Key
from topo.diagrams.sheet.palette import MUTED, NEUTRAL, colour, speed_width
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray


def speed_keys(result: Sequence[Bundle]) -> list[Key]:
    """One entry a link speed."""
    return [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in sorted({b.gbps for b in result})]


def hue_keys(fabric: Fabric, switches: IntArray) -> list[Key]:
    """One entry a plane, or a rail where there is one plane."""
    word, column = _column(fabric)
    values = [int(v) for v in np.unique(column[switches]) if v >= 0]
    return [Key(f"{word} {v}", colour(v)) for v in values[:16]] if len(values) > 1 else []


def hues(fabric: Fabric) -> Callable[[IntArray], str]:
    """The colour of a box by the plane of its devices, or by their rail where there is one plane."""
    _, column = _column(fabric)

    def shade(rows: IntArray) -> str:
        if fabric.devices.tier[rows[0]] == HOST:
            return MUTED
        values = np.unique(column[rows])
        return colour(int(values[0])) if len(values) == 1 and values[0] >= 0 else NEUTRAL

    return shade


def _column(fabric: Fabric) -> tuple[str, IntArray]:
    planes = np.unique(fabric.devices.plane[(fabric.devices.network == 0) & ~fabric.is_host])
    return ("plane", fabric.devices.plane) if len(planes) > 1 else ("rail", fabric.devices.rail)
