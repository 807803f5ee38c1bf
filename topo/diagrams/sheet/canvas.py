"""A sheet that a view draws on from the top down; `finish` turns it into a Drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from topo.diagrams.sheet.model import Anchor, Box, Drawing, Line, Text
from topo.diagrams.sheet.palette import INK, MUTED, PAPER, speed_width
from topo.diagrams.sheet.textwidth import fitted, text_width
from topo.fabric.model import IntArray

WIDTH, MARGIN = 1200.0, 30.0
"""Points of a drawing and of its edge: it fits a screen and, shrunk by a third, a page of A4 across; what needs more
grows beyond."""
GUTTER = 150.0
"""Left of it stand the names of the tiers."""
SMALL, NORMAL, LARGE = 9.0, 11.0, 20.0
"""Sizes of text in points: labels of boxes, everything else, the title."""


@dataclass(frozen=True)
class Key:
    """One entry of the legend: a swatch of a colour, with an `edge` where it has another, or a line of a width."""

    text: str
    colour: str
    line_width: float = 0.0
    dashed: bool = False
    edge: str = ""


class Canvas:
    """Collects boxes, lines and texts; y counts downwards from the top until `finish`.

    `scale` enlarges all that must stay readable on sheets wider than the usual 1200 points.
    """

    def __init__(self, title: str, numbers: Sequence[str], width: float = WIDTH) -> None:
        self.title, self.width, self.scale = title, width, width / WIDTH
        self.margin = MARGIN * self.scale
        self.boxes: list[Box] = []
        self.lines: list[Line] = []
        self.texts: list[Text] = []
        self.holds: dict[str, IntArray] = {}
        self._names: set[str] = {"the page"}
        s, room = self.scale, width - 2 * self.margin
        y = 28 * s
        for part, size in _heading(title, LARGE * s, room):
            self.text(self.margin, y, part, size, INK, "left")
            y += 1.3 * size
        for line in numbers:
            for part in wrapped(line, 12 * s, room):
                self.text(self.margin, y, part, 12 * s, MUTED, "left")
                y += 17 * s
        self.top = y + 12 * s

    def box(
        self,
        name: str,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str = PAPER,
        stroke: str = MUTED,
        stroke_width: float = 1.0,
        rounded: bool = True,
        holds: IntArray | None = None,
    ) -> str:
        """A box around (x, y) that stands for the device rows it `holds`; gives the name under which lines find it
        (made unique)."""
        unique, n = name, 2
        while unique in self._names:
            unique, n = f"{name} ({n})", n + 1
        self._names.add(unique)
        self.boxes.append(Box(unique, x, y, w, h, fill, stroke, stroke_width, rounded))
        if holds is not None and len(holds):
            self.holds[unique] = holds
        return unique

    def text(
        self, x: float, y: float, text: str, size: float = NORMAL, colour: str = INK, anchor: Anchor = "middle"
    ) -> None:
        """One line of text."""
        self.texts.append(Text(x, y, text, size, colour, anchor))

    def label(self, x: float, y: float, text: str, size: float = NORMAL, colour: str = INK) -> None:
        """A text on a white ground, for use on lines."""
        self.box(
            f"ground {len(self.texts)}",
            x,
            y,
            text_width(text, size) * 1.05 + 10,
            size * 1.45,
            PAPER,
            PAPER,
            rounded=False,
        )
        self.text(x, y, text, size, colour)

    def stack(
        self, x: float, y: float, width: float, lines: Sequence[tuple[str, float, str]], gap: float = 1.3
    ) -> None:
        """Centred lines of (text, size, colour) in a block around y, each cut to the width."""
        height = math.fsum(size * gap for _, size, _ in lines)
        top = y - height / 2
        for text, size, colour in lines:
            self.text(x, top + size * gap / 2, fitted(text, size, width), size, colour)
            top += size * gap

    def line(
        self,
        a: str,
        b: str,
        points: Sequence[tuple[float, float]],
        gbps: float,
        colour: str,
        title: str = "",
        dashed: bool = False,
        width: float = 0.0,
    ) -> None:
        """A line between two boxes; its width says the speed unless one is given."""
        self.lines.append(Line(a, b, tuple(points), width or speed_width(gbps), colour, dashed, title))

    def tier(self, y: float, lines: Sequence[str]) -> None:
        """The name of a tier in the left margin, its first line stronger."""
        s = self.scale
        room = GUTTER * s - self.margin - 8
        rows = [(t, (NORMAL if i == 0 else SMALL) * s, INK if i == 0 else MUTED) for i, t in enumerate(lines) if t]
        top = y - math.fsum(size * 1.35 for _, size, _ in rows) / 2
        for text, size, shade in rows:
            self.text(self.margin, top + size * 0.675, fitted(text, size, room), size, shade, "left")
            top += size * 1.35

    def legend(self, y: float, keys: Sequence[Key], notes: Sequence[str] = ()) -> float:
        """The legend from y on, wrapped to the width; gives the y below it."""
        s, x = self.scale, self.margin
        size = 10 * s
        for n, key in enumerate(keys):
            shown = fitted(key.text, size, self.width - 2 * self.margin - 46 * s)
            width = 22 * s + text_width(shown, size) + 22 * s
            if x + width > self.width - self.margin and x > self.margin:
                x, y = self.margin, y + 18 * s
            if key.line_width:
                a = self.box(f"legend {n} from", x + 1, y, 1, 1, PAPER, PAPER)
                b = self.box(f"legend {n} to", x + 17 * s, y, 1, 1, PAPER, PAPER)
                self.line(a, b, [(x, y), (x + 18 * s, y)], 0, key.colour, "", key.dashed, key.line_width * s)
            else:
                self.box(f"legend {n}", x + 8 * s, y, 14 * s, 10 * s, key.colour, key.edge or key.colour)
            self.text(x + 24 * s, y, shown, size, INK, "left")
            x += width
        y += 20 * s if keys else 0
        for note in notes:
            for part in wrapped(note, SMALL * s, self.width - 2 * self.margin):
                self.text(self.margin, y, part, SMALL * s, MUTED, "left")
                y += 13 * s
        return y + 6 * s

    def finish(self, bottom: float) -> Drawing:
        """The drawing, `bottom` points high."""
        return Drawing(
            self.title,
            self.width,
            bottom,
            tuple(replace(b, y=bottom - b.y) for b in self.boxes),
            tuple(replace(line, points=tuple((x, bottom - y) for x, y in line.points)) for line in self.lines),
            tuple(replace(t, y=bottom - t.y) for t in self.texts),
            self.holds,
        )


def _heading(title: str, size: float, width: float) -> list[tuple[str, float]]:
    """The title in lines with their sizes: in one line if it fits, smaller if need be; else what follows the last
    colon, which says what of the design is shown, stands below the rest."""
    for smaller in (size, size * 0.85):
        if text_width(title, smaller) <= width:
            return [(title, smaller)]
    whole, colon, part = title.rpartition(": ")
    if not colon:
        return [(fitted(title, size * 0.85, width), size * 0.85)]
    return [(fitted(whole, size, width), size), (fitted(part, size * 0.8, width), size * 0.8)]


def wrapped(text: str, size: float, width: float) -> list[str]:
    """A text broken at ' · ' or blanks into lines of at most `width` points."""
    if text_width(text, size) <= width:
        return [text]
    mark = " · " if " · " in text else " "
    lines, now = [], ""
    for word in text.split(mark):
        longer = f"{now}{mark}{word}" if now else word
        if now and text_width(longer, size) > width:
            lines.append(now)
            now = word
        else:
            now = longer
    return [fitted(line, size, width) for line in [*lines, now]]
