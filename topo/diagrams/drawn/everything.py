"""Every device and every pair of linked devices, at positions computed here: the whole of a tiny fabric, or `full`."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from topo.diagrams.drawn.rings import draw_ring
from topo.diagrams.facts import bundles, headline, speed, tier_count
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, SMALL, WIDTH, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing
from topo.diagrams.sheet.palette import HOST_FILL, INK, MUTED, NEUTRAL, colour, speed_width, tint
from topo.diagrams.sheet.textwidth import fits, text_width
from topo.errors import ParameterError
from topo.fabric import HOST, SWITCH, TIER_NAMES, Fabric
from topo.fabric.model import IntArray
from topo.units import amount

MOST_IN_A_ROW, PITCH, LEAST_SIZE = 512, 22.0, 6.0
"""Boxes in a line, the least distance of their middles, and the least size of the number in each, in points: what can
still be read at the drawing's own size."""
MOST_DEVICES, MOST_PAIRS = 5_000, 50_000
"""More than these nobody reads, and few programs open: such a drawing is refused."""


def is_small(fabric: Fabric) -> bool:
    """Whether a person could draw it all on paper."""
    return int((~fabric.is_host).sum()) <= 24 and int(fabric.is_host.sum()) <= 40 and len(fabric.links) <= 400


@dataclass(frozen=True)
class _Row:
    """Devices of one tier and where they stand."""

    tier: int
    devices: IntArray
    x: list[float]
    y: list[float]
    w: float
    h: float
    size: float


def draw_everything(data: DiagramInput, view: str) -> Drawing:
    """All devices tier by tier from bottom to top; a ring of switches where the family has no tiers."""
    fabric = data.fabric
    _refuse_unreadable(fabric)
    tier = fabric.devices.tier
    if (tier == SWITCH).any():
        return draw_ring(data, view, every=True)
    tiers = np.unique(tier)[::-1].tolist()
    counts = {t: int((tier == t).sum()) for t in tiers}
    widest = max(ceil(n / ceil(n / MOST_IN_A_ROW)) for n in counts.values())
    width = max(WIDTH, widest * PITCH * WIDTH / (WIDTH - GUTTER - MARGIN))
    heads = [line for n in range(len(fabric.networks)) for line in headline(fabric, n)]
    canvas = Canvas(f"{data.title or fabric.name}: {view}", heads, width)
    s, top, placed = canvas.scale, canvas.top, []
    for t in tiers:
        row = _row(fabric, t, canvas, top)
        placed.append(row)
        names = fabric.devices.name[row.devices]
        span = [f"{names[0]} …", str(names[-1])] if len(names) > 1 else [str(names[0])]
        canvas.tier((row.y[0] + row.y[-1]) / 2, [TIER_NAMES[t], tier_count(t, counts[t]), *span])
        top = row.y[-1] + row.h / 2 + 110 * s
    by_plane = len(np.unique(fabric.devices.plane[fabric.devices.plane >= 0])) > 1
    _boxes(canvas, fabric, placed, by_plane)
    place = {int(d): (r.x[i], r.y[i], r.h) for r in placed for i, d in enumerate(r.devices.tolist())}
    result = bundles(fabric, np.arange(len(fabric.devices)), np.ones(len(fabric.links), dtype=np.bool_))
    many = len(result) > 600
    for b in result:
        low, high = (b.a, b.b) if place[b.a][1] >= place[b.b][1] else (b.b, b.a)
        (x0, y0, h0), (x1, y1, h1) = place[low], place[high]
        shade = _hue(fabric, by_plane, b.a, b.b)
        title = "" if many else f"{b.links:,} × {speed(b.gbps)}"
        points = [(x0, y0 - h0 / 2), (x1, y1 + h1 / 2)]
        lower, upper = str(fabric.devices.name[low]), str(fabric.devices.name[high])
        thin = 0.4 * s if many else 0.0
        canvas.line(lower, upper, points, b.gbps, tint(shade, 0.4) if many else shade, title, width=thin)
    bottom = canvas.legend(top - 110 * s + 40 * s, _legend(fabric, by_plane), _notes(many))
    return canvas.finish(bottom)


def _refuse_unreadable(fabric: Fabric) -> None:
    """Raises ParameterError where there is more than can be read."""
    pairs = int((fabric.links.network >= 0).sum())
    devices = len(fabric.devices)
    if devices > MOST_DEVICES or pairs > MOST_PAIRS:
        raise ParameterError(
            "view", "full",
            f"{amount(devices, 'device')} and {amount(pairs, 'link')} are more than can be read in one drawing",
            f"at most {MOST_DEVICES:,} devices and {MOST_PAIRS:,} links", "draw parts: --view plane, pod, rail or host",
        )  # fmt: skip


def _row(fabric: Fabric, tier: int, canvas: Canvas, top: float) -> _Row:
    d = fabric.devices
    rows = np.flatnonzero(d.tier == tier)
    rows = rows[np.lexsort((d.index[rows], d.pod[rows], d.plane[rows], d.network[rows]))]
    s = canvas.scale
    lines = ceil(len(rows) / MOST_IN_A_ROW)
    per_line = ceil(len(rows) / lines)
    room = canvas.width - (GUTTER + MARGIN) * s
    pitch = room / per_line
    w = min(pitch * 0.86, 120 * s)
    names = [str(n) for n in d.name[rows]]
    labelled = fits(names, SMALL * s, w - 4)
    h = 30.0 * s if labelled or lines == 1 else max(10.0, 0.6 * pitch)
    x = [GUTTER * s + pitch * (i % per_line + 0.5) for i in range(len(rows))]
    y = [top + h / 2 + (i // per_line) * h * 1.5 for i in range(len(rows))]
    return _Row(tier, rows, x, y, w, h, SMALL * s if labelled else 0.0)


def _boxes(canvas: Canvas, fabric: Fabric, placed: list[_Row], by_plane: bool) -> None:
    d = fabric.devices
    for row in placed:
        short = [str(i) for i in d.index[row.devices].tolist()]
        size = _number_size(short, row, canvas.scale)
        for i, device in enumerate(row.devices.tolist()):
            key = int(d.plane[device]) if by_plane else int(d.rail[device])
            other = row.tier == HOST or d.network[device] > 0
            shade = MUTED if other else colour(key) if key >= 0 else NEUTRAL
            fill = HOST_FILL if row.tier == HOST else tint(shade, 0.2)
            held = np.array([device])
            canvas.box(str(d.name[device]), row.x[i], row.y[i], row.w, row.h, fill, shade, holds=held)
            if row.size:
                canvas.text(row.x[i], row.y[i], str(d.name[device]), row.size, INK)
            else:
                canvas.text(row.x[i], row.y[i], short[i], size, INK)


def _number_size(numbers: list[str], row: _Row, scale: float) -> float:
    """The largest size, at most that of small texts, at which the numbers of a row's devices fit into their boxes."""
    widest = max(text_width(number, 1.0) for number in numbers)
    return max(min(SMALL * scale, (row.w - 1) / widest, row.h * 0.7), LEAST_SIZE)


def _hue(fabric: Fabric, by_plane: bool, a: int, b: int) -> str:
    """The colour of the line between two devices: of the plane, or of the rail below."""
    if max(fabric.devices.network[a], fabric.devices.network[b]) > 0:
        return MUTED
    key = fabric.devices.plane if by_plane else fabric.devices.rail
    return colour(max(int(key[a]), int(key[b])))


def _legend(fabric: Fabric, by_plane: bool) -> list[Key]:
    keys = [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in np.unique(fabric.links.gbps).tolist()]
    d = fabric.devices
    word, column = ("plane", d.plane) if by_plane else ("rail", d.rail)
    values = np.unique(column[~fabric.is_host & (d.network == 0)])
    values = values[values >= 0].tolist()
    return keys + [Key(f"{word} {v}", colour(v)) for v in values[:16] if len(values) > 1]


def _notes(many: bool) -> list[str]:
    if many:
        return [
            "Every device is drawn, with its number in its tier and plane; hover a box or a line for names. "
            "Parallel links between two devices are one line."
        ]
    return ["Parallel links between two devices are one line."]
