"""How many links are how full, as bars in the colours of the load."""

from __future__ import annotations

from math import ceil

import numpy as np

from topo.diagrams.sheet.canvas import MARGIN, SMALL, Canvas
from topo.diagrams.sheet.palette import INK, MUTED, load_colour
from topo.fabric.model import FloatArray

HISTOGRAM = 124.0
"""Points from the title of a histogram to what may stand below it."""
LEFT, BARS = 640.0, 72.0
"""Where its axis begins, and how high the highest bar is, in points."""
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Widths of a bin, as shares of a speed: the first that makes no more than `MOST_BINS`."""
MOST_BINS = 40
"""Of more, a bar would be thinner than can be told from the next."""


def bin_counts(use: FloatArray) -> tuple[float, list[int]]:
    """The width of a bin, and how many values each bin holds from 0 on; an upper end belongs to its bin, so that a
    link that is just full is not counted as overloaded."""
    highest = max(float(use.max(initial=0.0)), 1.0)
    step = next((s for s in STEPS if highest <= s * MOST_BINS), STEPS[-1] * ceil(highest / MOST_BINS))
    place = np.maximum(np.ceil(use.ravel() / step - 1e-6).astype(np.int64) - 1, 0)
    return step, np.bincount(place, minlength=ceil(highest / step - 1e-6)).tolist()


def histogram(canvas: Canvas, use: FloatArray, top: float) -> None:
    """Bars over the share of a link's speed, each link counted once a direction (`use`: any shape), at the right of the
    sheet from `top` down."""
    step, counts = bin_counts(use)
    room, floor = canvas.width - MARGIN - LEFT, top + 20 + BARS
    pitch, most = room / len(counts), max(counts)
    canvas.text(LEFT, top + 4, "links by the share of their speed, each direction counted", SMALL, MUTED, "left")
    for i, count in enumerate(counts):
        if count:
            high = max(BARS * count / most, 1.5)
            name = f"{i * step:.0%} to {(i + 1) * step:.0%}: {count:,}"
            shade = load_colour((i + 0.5) * step)
            canvas.box(
                name, LEFT + pitch * (i + 0.5), floor - high / 2, pitch * 0.86, high, shade, shade, rounded=False
            )
    canvas.box("axis of the loads", LEFT + room / 2, floor + 1, room, 1.5, INK, INK, 0.5, rounded=False)
    canvas.text(LEFT - 6, floor - BARS, f"{most:,}", SMALL, MUTED, "right")
    canvas.text(LEFT - 6, floor, "0", SMALL, MUTED, "right")
    end = len(counts) * step
    mark = next(m for m in (0.25, 0.5, 1, 2, 5, 10, 10 ** ceil(np.log10(end))) if end / m <= 12)
    for k in range(int(end / mark + 1e-6) + 1):
        canvas.text(LEFT + room * k * mark / end, floor + 11, f"{k * mark:.0%}", SMALL, MUTED)
