"""One look for every view: colours that colour-blind readers can tell apart, and line widths that say a speed."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#b8a200", "#6f6f6f")
"""M. Okabe and K. Ito, "Color Universal Design", 2008, in an order that keeps neighbours apart; yellow darkened so that
it shows as a line on white, black replaced by a grey."""

INK = "#1b1f24"
MUTED = "#5f6b76"
PAPER = "#ffffff"
NEUTRAL = "#4a6078"
HOST_FILL = "#eef1f4"
FAILED = "#b3261e"
OVERLOAD = 2.0
"""The utilisation from which on a link has the darkest red."""


def colour(index: int) -> str:
    """The colour of a plane or rail; they repeat after eight, so views also write the number."""
    return COLOURS[index % len(COLOURS)] if index >= 0 else NEUTRAL


def tint(hex_colour: str, strength: float) -> str:
    """A colour mixed with white; strength 1 is the colour itself."""
    channels = [int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - c) * strength):02x}" for c in channels)


def speed_width(gbps: float) -> float:
    """Line width in points of a link of this speed: 100G 1.0, 200G 1.6, 400G 2.2, 800G 2.8."""
    return round(min(max(1.0 + 0.6 * log2(max(gbps, 1.0) / 100), 0.6), 4.0), 2)


def load_colour(utilisation: float) -> str:
    """Utilisation to colour: the viridis scale (S. van der Walt, N. Smith) from yellow at 0 to dark violet at 1; above
    it from a light red to a dark one at `OVERLOAD`, and no darker beyond."""
    if utilisation > 1.0 + 1e-6:
        return _mixed(("#f26b5b", FAILED, "#4f0b07"), (utilisation - 1) / (OVERLOAD - 1))
    return _mixed(("#c8e020", "#5ec962", "#21918c", "#3b528b", "#440154"), utilisation)


def _mixed(stops: Sequence[str], share: float) -> str:
    """The colour at a share (0 to 1) of the way along evenly spaced stops."""
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    low = min(int(place), len(stops) - 2)
    mixed = (
        round(int(stops[low][i : i + 2], 16) * (1 - place + low) + int(stops[low + 1][i : i + 2], 16) * (place - low))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{c:02x}" for c in mixed)
