"""Tiers as strips of boxes, bottom to top: a box per device where they fit, else per group of alike devices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from topo.diagrams.facts import Bundle, bundles, name_numbers, per_device, speed, tier_count
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, NORMAL, SMALL, Canvas
from topo.diagrams.sheet.model import Box
from topo.diagrams.sheet.palette import HOST_FILL, INK, MUTED, speed_width, tint
from topo.diagrams.sheet.textwidth import fits
from topo.fabric import HOST, SPINE, TIER_NAMES, Fabric
from topo.fabric.model import BoolArray, IntArray

LONGEST_LABEL = 16
"""Letters of a short label; longer ones are no shorter than names."""
MOST_BOXES = 64
"""Most boxes in a strip."""
ALL_LINES, FAINT_LINES = 320, 2400
"""Up to so many bundles between two strips all are drawn, up to so many faintly, with two fans drawn strong."""
STRIP, GAP = 36.0, 120.0
"""Points: the height of a strip of boxes, and the room for lines between two."""

Shade = Callable[[IntArray], str]
"""Device rows of one box to its colour."""


@dataclass(frozen=True)
class Tier:
    """One strip: devices of one kind. `key` (shape (devices of the fabric,)) groups them where they are too many, or
    always where `grouped`; `word` names a group by its key."""

    lines: tuple[str, ...]
    devices: IntArray
    key: IntArray | None = None
    word: str = ""
    grouped: bool = False


@dataclass
class Strips:
    """Where the boxes stand; `group` is the box of each device, -1 where it is not shown."""

    group: IntArray
    boxes: list[Box] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    shade: list[str] = field(default_factory=list)
    devices: list[IntArray] = field(default_factory=list)
    bottom: float = 0.0

    def first(self, level: int) -> int:
        """The first box of a strip."""
        return self.level.index(level)


def tier_of(fabric: Fabric, tier: int, devices: IntArray, key: IntArray | None = None, word: str = "") -> Tier:
    """The strip of a tier, titled with its count and the names it runs from and to."""
    d = fabric.devices
    rows = devices[np.lexsort((d.index[devices], d.pod[devices], d.plane[devices]))]
    names = d.name[rows]
    span = f"{names[0]} …" if len(names) > 1 else str(names[0]) if len(names) else ""
    last = str(names[-1]) if len(names) > 1 else ""
    return Tier((TIER_NAMES[tier], tier_count(tier, len(rows)), span, last), rows, key, word)


def lent_tier(fabric: Fabric, rows: IntArray) -> Tier:
    """The strip of switches of another network that are the spines of the one that is drawn."""
    base = tier_of(fabric, SPINE, rows)
    of = fabric.networks[int(fabric.devices.network[rows[0]])]
    return Tier((base.lines[0], f"{len(rows):,} of network {of}", *base.lines[2:]), base.devices)


def place(canvas: Canvas, fabric: Fabric, tiers: Sequence[Tier], shade: Shade, gap: float = GAP) -> Strips:
    """Draws the boxes of the strips, the first on top, and gives where they stand."""
    strips = Strips(np.full(len(fabric.devices), -1, dtype=np.int64))
    y = canvas.top + STRIP / 2
    left, room = GUTTER, canvas.width - GUTTER - MARGIN
    for level, tier in enumerate(tiers):
        items, pitch, w, texts, size = _readable(fabric, tier, room)
        for i, (name, _, rows) in enumerate(items):
            colour = shade(rows)
            host = fabric.devices.tier[rows[0]] == HOST
            fill = HOST_FILL if host else tint(colour, 0.2)
            x = left + pitch * (i + 0.5)
            unique = canvas.box(name, x, y, w, STRIP, fill, MUTED if host else colour, holds=rows)
            if len(rows) > 1 and texts:
                canvas.stack(x, y, w, [(texts[i], size, INK), (f"{len(rows):,}", size, MUTED)])
            elif texts:
                canvas.text(x, y, texts[i], size)
            strips.group[rows] = len(strips.boxes)
            strips.boxes.append(Box(unique, x, y, w, STRIP))
            strips.level.append(level)
            strips.shade.append(colour)
            strips.devices.append(rows)
        canvas.tier(y, tier.lines)
        y += STRIP + gap
    strips.bottom = y - gap - STRIP / 2
    return strips


def _readable(
    fabric: Fabric, tier: Tier, room: float
) -> tuple[list[tuple[str, str, IntArray]], float, float, list[str], float]:
    """The boxes of a strip, their pitch and width, and their labels with the size; where no label fits, fewer boxes
    that stand for more devices each."""
    for most in (MOST_BOXES, MOST_BOXES // 2, MOST_BOXES // 4):
        items = _items(fabric, tier, most)
        pitch = room / max(len(items), 1)
        w = min(pitch * 0.92, 150.0)
        texts, size = _labels([name for name, _, _ in items], [label for _, label, _ in items], w)
        if texts:
            break
    return items, pitch, w, texts, size


def _labels(names: list[str], short: list[str], width: float) -> tuple[list[str], float]:
    """What to write into boxes of this width, and at what size: names, or short labels, or nothing."""
    for texts, size in ((names, SMALL), (short, SMALL), (short, 7.5), (short, 7.0)):
        if fits(texts, size, width - (4 if size == SMALL else 1)):
            return texts, size
    return [], SMALL


def _items(fabric: Fabric, tier: Tier, most: int) -> list[tuple[str, str, IntArray]]:
    """(name, short label, device rows) of each box of a strip."""
    rows = tier.devices
    d = fabric.devices
    if len(rows) <= most and not tier.grouped:
        short = _short(fabric, rows)
        return [(str(d.name[r]), text, np.array([r])) for r, text in zip(rows.tolist(), short, strict=True)]
    if tier.key is not None:
        values, first = np.unique(tier.key[rows], return_index=True)
        values = values[np.argsort(first)]
        if len(values) <= most:
            return [(f"{tier.word} {v}", str(v), rows[tier.key[rows] == v]) for v in values.tolist()]
    size = ceil(len(rows) / most)
    size = 1 << (size - 1).bit_length()
    return [
        (f"{d.name[part[0]]} to {d.name[part[-1]]}", str(d.index[part[0]]), part)
        for part in (rows[i : i + size] for i in range(0, len(rows), size))
    ]


def _short(fabric: Fabric, rows: IntArray) -> list[str]:
    """A short label of each device: its index; where the names are of several kinds, what tells the kinds apart and
    the number in the name."""
    stems, result = name_numbers(fabric, rows)
    kinds = {"".join(c for c in stem if not c.isdecimal()) for stem in stems}
    words = [stem.split("-") for stem in stems]
    while len({each[0] for each in words}) == 1 and min(map(len, words)) > 1:
        words = [each[1:] for each in words]
    texts = [f"{'-'.join(each)} {number}" for each, number in zip(words, result.tolist(), strict=True)]
    if len(kinds) > 1 and len(set(texts)) == len(texts) and max(map(len, texts)) <= LONGEST_LABEL:
        return texts
    return [str(i) for i in fabric.devices.index[rows].tolist()]


def join(
    canvas: Canvas, fabric: Fabric, strips: Strips, links: BoolArray, paint: Callable[[Bundle], str] | None = None
) -> list[Bundle]:
    """Draws the selected links as bundles, and says in each gap between strips how many there are of each device.

    Between strips with many bundles only the fan of the first lower box and that of the first upper box are strong.
    `paint` gives a bundle a colour of its own; then as many as may be are drawn in full.
    """
    result = bundles(fabric, strips.group, links)
    for (upper, lower), here in sorted(_by_gap(strips, result).items()):
        firsts = {strips.first(upper), strips.first(lower)}
        thin = 1.0 if len(here) <= 80 else 0.45
        for b in here:
            strong = len(here) <= ALL_LINES or bool({b.a, b.b} & firsts)
            if paint and len(here) <= FAINT_LINES:
                _bundle_line(canvas, strips, b, paint(b), True, 0.15 if len(here) > ALL_LINES else thin)
            elif strong:
                _bundle_line(canvas, strips, b, paint(b) if paint else _own_shade(strips, b), True, thin)
            elif len(here) <= FAINT_LINES:
                _bundle_line(canvas, strips, b, tint(_own_shade(strips, b), 0.2), False, 0.2)
        _gap_text(canvas, fabric, strips, links, upper, lower)
    return result


def _by_gap(strips: Strips, result: Sequence[Bundle]) -> dict[tuple[int, int], list[Bundle]]:
    """Bundles by the strips they join, (upper, lower); faint ones first, so that strong lines lie on top."""
    gaps: dict[tuple[int, int], list[Bundle]] = {}
    for b in result:
        upper, lower = sorted((strips.level[b.a], strips.level[b.b]))
        if upper != lower:
            gaps.setdefault((upper, lower), []).append(b)
    for (upper, lower), here in gaps.items():
        firsts = {strips.first(upper), strips.first(lower)}
        here.sort(key=lambda b: bool({b.a, b.b} & firsts))
    return gaps


def _own_shade(strips: Strips, b: Bundle) -> str:
    """The colour of the lower box, or of the upper one where the lower is a host."""
    low, _ = ends_of(strips, b)
    first, second = (b.a, b.b) if strips.boxes[b.a] is low else (b.b, b.a)
    return strips.shade[first] if strips.shade[first] != MUTED else strips.shade[second]


def ends_of(strips: Strips, b: Bundle) -> tuple[Box, Box]:
    """The lower and the upper box of a bundle."""
    a, c = strips.boxes[b.a], strips.boxes[b.b]
    return (a, c) if a.y >= c.y else (c, a)


def _bundle_line(canvas: Canvas, strips: Strips, b: Bundle, colour: str, titled: bool, thin: float) -> None:
    low, high = ends_of(strips, b)
    points = [(low.x, low.y - low.h / 2), (high.x, high.y + high.h / 2)]
    title = f"{b.links:,} × {speed(b.gbps)}" if titled else ""
    canvas.line(low.name, high.name, points, b.gbps, colour, title, width=speed_width(b.gbps) * thin)


def _gap_text(canvas: Canvas, fabric: Fabric, strips: Strips, links: BoolArray, upper: int, lower: int) -> None:
    """'2,048 × 400G · 32 up a leaf · 64 down a spine', in the middle of a gap, counted on the devices shown."""
    level = np.append(np.array(strips.level), -1)
    at_a, at_b = level[strips.group[fabric.link_a]], level[strips.group[fabric.link_b]]
    rows = np.flatnonzero(links & (((at_a == lower) & (at_b == upper)) | ((at_a == upper) & (at_b == lower))))
    speeds = " + ".join(
        f"{int((fabric.links.gbps[rows] == g).sum()):,} × {speed(g)}"
        for g in np.unique(fabric.links.gbps[rows]).tolist()
    )
    ends = np.concatenate([fabric.link_a[rows], fabric.link_b[rows]])
    parts = [speeds]
    for here, way in ((lower, "up"), (upper, "down")):
        devices = np.concatenate([d for d, v in zip(strips.devices, strips.level, strict=True) if v == here])
        tier = TIER_NAMES[int(fabric.devices.tier[devices[0]])]
        parts.append(f"{per_device(fabric, ends, devices)} {way} a {tier}")
    y0 = strips.boxes[strips.first(lower)].y
    y1 = strips.boxes[strips.first(upper)].y
    canvas.label((GUTTER + canvas.width - MARGIN) / 2, (y0 + y1) / 2, " · ".join(parts), NORMAL)
