"""The whole fabric on one sheet: planes (or pods, or rails) side by side, tiers bottom to top, bundles with counts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topo.diagrams.drawn.columns import Column, columns, hosts_under
from topo.diagrams.drawn.everything import draw_everything, is_small
from topo.diagrams.drawn.rings import draw_groups
from topo.diagrams.facts import Bundle, bundles, headline, own_rows, speed, switch_rows, tier_count, tiers_of
from topo.diagrams.registry import views
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.model import Box, DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import HOST_FILL, INK, MUTED, NEUTRAL, PAPER, colour, speed_width, tint
from topo.diagrams.sheet.textwidth import fitted, text_width
from topo.fabric import HOST, LEAF, SWITCH, TIER_NAMES, Fabric
from topo.fabric.model import IntArray
from topo.units import amount

ROW, CELL, HOST_CELL = 118.0, 46.0, 58.0
"""Points: from one row to the next, and the widths of a switch's and a host's box."""
DIP = 18.0
"""How far below two boxes of a row their line runs: clear of both, above the labels in the gap."""


@dataclass
class _Cells:
    """Groups of devices that are one box each, with the place of the box and its column."""

    group: IntArray
    names: list[str] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    colour: list[str] = field(default_factory=list)

    def add(self, rows: IntArray, name: str, x: float, column: int, shade: str) -> None:
        self.group[rows] = len(self.names)
        self.names.append(name)
        self.x.append(x)
        self.column.append(column)
        self.colour.append(shade)


@dataclass(frozen=True)
class _Page:
    """Where boxes go: the height of each tier, the middle of each column and how far apart they are; `main` are the
    columns of the network that is drawn. What is drawn is added to `cells`."""

    canvas: Canvas
    data: DiagramInput
    main: list[Column]
    centre: list[float]
    pitch: float
    y: dict[int, float]
    top: float
    cells: _Cells

    @property
    def fabric(self) -> Fabric:
        return self.data.fabric

    @property
    def column_width(self) -> float:
        return min(self.pitch - 14, 230)


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    if is_small(fabric):
        return draw_everything(data, "overview")
    if SWITCH in tiers_of(fabric, data.network):
        return draw_groups(data, "overview")
    others = [n for n in range(len(fabric.networks)) if n != data.network]
    kind, main = columns(fabric, data.network, 9 - len(others))
    shown = switch_rows(fabric, data.network)
    others_own = {n: np.setdiff1d(own_rows(fabric, n), shown) for n in others}
    extra = [Column(f"network {fabric.networks[n]}", "", NEUTRAL, rows) for n, rows in others_own.items() if len(rows)]
    heads = [line for n in (data.network, *others) for line in headline(fabric, n)]
    canvas = Canvas(f"{data.title or fabric.name}: overview", heads)
    tiers = sorted({t for n in (data.network, *others) for t in tiers_of(fabric, n)}, reverse=True)
    top = canvas.top + (26 if kind or extra else 0)
    y = {t: top + CELL / 2 + i * ROW for i, t in enumerate(tiers)}
    y[HOST] = top + len(tiers) * ROW + HOST_CELL / 2
    all_columns = [*main, *extra]
    room = canvas.width - GUTTER - MARGIN
    pitch = room / max(len(all_columns), 1)
    centre = [GUTTER + pitch * (i + 0.5) for i in range(len(all_columns))]
    cells = _Cells(np.full(len(fabric.devices), -1, dtype=np.int64))
    page = _Page(canvas, data, main, centre, pitch, y, top, cells)
    _spanning_cells(page)
    for i, column in enumerate(all_columns):
        _column(page, column, i)
    _hosts(page)
    result = bundles(fabric, cells.group, np.ones(len(fabric.links), dtype=np.bool_))
    _bundle_lines(canvas, fabric, result, cells, centre, y)
    for t in tiers:
        own = switch_rows(fabric, data.network)
        number = int((fabric.devices.tier[own] == t).sum())
        canvas.tier(y[t], [TIER_NAMES[t], tier_count(t, number)] if number else [TIER_NAMES[t]])
    canvas.tier(y[HOST], ["hosts", amount(int(fabric.is_host.sum()), "host")])
    keys = _legend(fabric, kind, result)
    note = f"One column per {kind}; a line stands for all links between two boxes, with their count." if kind else ""
    bottom = canvas.legend(y[HOST] + HOST_CELL / 2 + 34, keys, [note] if note else [])
    return canvas.finish(bottom)


def _spanning_cells(page: _Page) -> None:
    """Switches of the network that belong to no column: one wide box per tier above all of its columns."""
    canvas, fabric, centre, y = page.canvas, page.fabric, page.centre, page.y
    taken = np.concatenate([c.devices for c in page.main])
    free = np.setdiff1d(switch_rows(fabric, page.data.network), taken)
    left, right = centre[0] - page.pitch / 2 + 7, centre[len(page.main) - 1] + page.pitch / 2 - 7
    for tier in np.unique(fabric.devices.tier[free]).tolist():
        rows = free[fabric.devices.tier[free] == tier]
        shade = NEUTRAL
        middle, fill = (left + right) / 2, tint(shade, 0.14)
        name = canvas.box(f"all {TIER_NAMES[tier]}", middle, y[tier], right - left, CELL, fill, holds=rows)
        lines = [(tier_count(tier, len(rows)), NORMAL, INK), (_parts(fabric, rows), SMALL, MUTED)]
        canvas.stack((left + right) / 2, y[tier], right - left - 12, lines)
        page.cells.add(rows, name, (left + right) / 2, -1, shade)


def _column(page: _Page, column: Column, i: int) -> None:
    canvas, fabric, y = page.canvas, page.fabric, page.y
    x, width = page.centre[i], page.column_width
    shade = column.colour or MUTED
    if column.title:
        highest = y[int(fabric.devices.tier[column.devices].max())] - CELL / 2
        room = width + 10
        short = column.title if text_width(column.title, NORMAL) <= room else column.title.removeprefix("network ")
        title = fitted(short, NORMAL, room)
        if highest > page.top:
            canvas.label(x, highest - 14, title, NORMAL)
        else:
            canvas.text(x, page.top - 16, title, NORMAL)
    for tier in np.unique(fabric.devices.tier[column.devices]).tolist():
        rows = column.devices[fabric.devices.tier[column.devices] == tier]
        rails = np.unique(fabric.devices.rail[rows])
        if tier == LEAF and len(rails) > 1 and rails[0] >= 0 and len(rails) <= 16 and width / len(rails) >= 9:
            _rail_chips(page, column, rows, i)
            continue
        label = column.title or "the network"
        fill = tint(shade, 0.16) if column.colour else PAPER
        name = canvas.box(f"{label} {TIER_NAMES[tier]}", x, y[tier], width, CELL, fill, shade, holds=rows)
        second = column.note or _parts(fabric, rows)
        canvas.stack(x, y[tier], width - 8, [(tier_count(tier, len(rows)), NORMAL, INK), (second, SMALL, MUTED)])
        page.cells.add(rows, name, x, i, shade)


def _rail_chips(page: _Page, column: Column, rows: IntArray, i: int) -> None:
    """The leaves of one column, a chip per rail, with their number above."""
    canvas, fabric = page.canvas, page.fabric
    x, y, width = page.centre[i], page.y[LEAF], page.column_width
    rails = np.unique(fabric.devices.rail[rows]).tolist()
    one_plane = fabric.devices.plane[fabric.devices.network == fabric.devices.network[rows[0]]].max() <= 0
    chip = width / len(rails)
    for k, rail in enumerate(rails):
        own = rows[fabric.devices.rail[rows] == rail]
        at = x - width / 2 + chip * (k + 0.5)
        shade = colour(rail) if one_plane else column.colour or MUTED
        label, fill = f"{column.title} rail {rail} leaf", tint(shade, 0.3)
        name = canvas.box(label, at, y + 8, chip - 2, CELL - 18, fill, shade, holds=own)
        canvas.text(at, y + 8, f"r{rail}" if chip >= 16 else "", SMALL)
        page.cells.add(own, name, at, i, shade)
    each = np.unique(np.bincount(fabric.devices.rail[rows])[rails])
    split = f"{each[0]:,} a rail" if len(each) == 1 else f"{each[0]:,}–{each[-1]:,} a rail"
    canvas.label(x, y - 15, f"{tier_count(LEAF, len(rows))}, {split}", SMALL)


def _hosts(page: _Page) -> None:
    canvas, fabric, centre, y = page.canvas, page.fabric, page.centre, page.y[HOST]
    left, right = centre[0] - page.pitch / 2 + 7, centre[-1] + page.pitch / 2 - 7
    middle, width = (left + right) / 2, right - left
    rows = np.flatnonzero(fabric.is_host)
    name = canvas.box("hosts", middle, y, width, HOST_CELL, HOST_FILL, holds=rows)
    lines = []
    for group, part in enumerate(fabric.groups):
        own = rows[fabric.devices.group[rows] == group]
        gpus = int(fabric.devices.gpus[own].max(initial=0))
        scale_up = fabric.scale_up_gbps[group]
        inside = f", {speed(scale_up)} per GPU inside the {_within(fabric, own)}" if gpus and scale_up else ""
        lines.append((f"{len(own):,} × {part} with {amount(gpus, 'GPU')}{inside}", NORMAL, INK))
    by_column = _column_of(fabric, page.main)
    under = hosts_under(fabric, page.data.network, by_column)
    shown = lines[:2] + (
        [(f"and {amount(len(lines) - 2, 'more kind')} of host", SMALL, MUTED)] if len(lines) > 2 else []
    )
    split = under is not None and len(page.main) > 1
    canvas.stack(middle, y - (9 if split else 0), width - 12, shown[: 2 if split else 3])
    if under is not None and split:
        for i in range(len(page.main)):
            canvas.text(centre[i], y + 19, amount(under(i), "host"), SMALL, MUTED)
    page.cells.add(rows, name, middle, -1, MUTED)


def _within(fabric: Fabric, hosts: IntArray) -> str:
    """What the scale-up network of these hosts spans: the host, or a domain of so many."""
    most = int(np.bincount(fabric.devices.domain[hosts]).max(initial=1))
    return "host" if most == 1 else f"domain of {amount(most, 'host')}"


def _column_of(fabric: Fabric, main: list[Column]) -> IntArray:
    result = np.full(len(fabric.devices), -1, dtype=np.int64)
    for i, column in enumerate(main):
        result[column.devices] = i
    return result


def _bundle_lines(
    canvas: Canvas, fabric: Fabric, result: list[Bundle], cells: _Cells, centre: list[float], y: dict[int, float]
) -> None:
    """Straight up where one end is a wide box; one label per column and gap with all its links."""
    box = {b.name: b for b in canvas.boxes}
    totals: dict[tuple[int, float], dict[float, int]] = {}
    for bundle in result:
        if bundle.a == bundle.b:
            continue
        low, high = bundle.a, bundle.b
        a, b = box[cells.names[low]], box[cells.names[high]]
        if a.y < b.y:
            low, high, a, b = high, low, b, a
        narrow = low if a.w <= b.w else high
        straight = min(a.w, b.w) * 2 < max(a.w, b.w) or a.x == b.x
        x0, x1 = (cells.x[narrow],) * 2 if straight else (a.x, b.x)
        y0, y1 = a.y - a.h / 2, b.y + b.h / 2
        title = f"{bundle.links:,} × {speed(bundle.gbps)}"
        points = [(x0, y0), (x1, y1)]
        at = cells.column[narrow]
        key = (round((centre[at] if at >= 0 else (x0 + x1) / 2) * 100), (y0 + y1) / 2)
        if a.y == b.y:
            points = _below(a, b)
            key = (round((points[1][0] * 3 + points[2][0]) * 25), points[1][1])
        canvas.line(a.name, b.name, points, bundle.gbps, cells.colour[narrow], title)
        totals.setdefault(key, {})
        totals[key][bundle.gbps] = totals[key].get(bundle.gbps, 0) + bundle.links
    for (x100, middle), speeds in totals.items():
        rows = [f"{n:,} × {speed(g)}" for g, n in sorted(speeds.items())]
        for i, text in enumerate(rows):
            canvas.label(x100 / 100, middle + (i - (len(rows) - 1) / 2) * 15, text, 10)


def _below(a: Box, b: Box) -> list[tuple[float, float]]:
    """From one box to another in its row: down, across and up again, beside the middle, where other lines are."""
    way = 0.25 if a.x < b.x else -0.25
    ends = (a.x + way * a.w, b.x - way * b.w)
    low = max(a.y + a.h / 2, b.y + b.h / 2) + DIP
    return [(ends[0], a.y + a.h / 2), (ends[0], low), (ends[1], low), (ends[1], b.y + b.h / 2)]


def _parts(fabric: Fabric, rows: IntArray) -> str:
    return ", ".join(fabric.parts[p] for p in np.unique(fabric.devices.part[rows]).tolist() if p >= 0)


def _legend(fabric: Fabric, kind: str, result: list[Bundle]) -> list[Key]:
    keys = [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in sorted({b.gbps for b in result})]
    if kind == "plane":
        planes = np.unique(fabric.devices.plane[fabric.devices.plane >= 0]).tolist()
        keys += [Key(f"plane {p}", colour(p)) for p in planes[:8]]
    else:
        rails = np.unique(fabric.devices.rail[fabric.devices.tier == LEAF])
        keys += [Key(f"rail {r}", colour(r)) for r in rails[rails >= 0].tolist()[:16]]
    return keys


views.add("overview", View("planes, tiers and bundled links with counts", _draw))
