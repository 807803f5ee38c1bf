"""Pictures of families without tiers: groups (or switches) on a ring, one of them in detail beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from topo.diagrams.drawn.histogram import HISTOGRAM, histogram
from topo.diagrams.facts import Bundle, bundles, headline, per_device, speed, switch_rows
from topo.diagrams.sheet.abbreviations import short_names
from topo.diagrams.sheet.canvas import MARGIN, NORMAL, SMALL, WIDTH, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing
from topo.diagrams.sheet.palette import FAILED, INK, MUTED, NEUTRAL, colour, load_colour, speed_width, tint
from topo.diagrams.sheet.textwidth import fits, text_width
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.units import amount, noun, verb

MOST_LINES, MOST_PAINTED = 1500, 6000
"""More lines than the first make the middle of a ring one colour: only those of the first mark are drawn; painted by
load, up to the second are."""
SMALLEST, BOX_SHARE, LEAST_ROOM = 7.0, 0.8, 16.0
"""The smallest label in points, the part of a mark's room that its box takes, and the room below which nothing is
written."""


@dataclass(frozen=True)
class _Ring:
    """Where a ring lies."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class _Marks:
    """The boxes of a ring in turn: names, a second line where there is room, colours, and the devices behind each."""

    names: Sequence[str]
    shades: Sequence[str]
    held: Sequence[IntArray]
    second: Sequence[str] = ()


@dataclass(frozen=True)
class _Lines:
    """The lines between marks: in the marks' colours, those of the first mark alone where `first_strong`; `paint`
    colours them all and makes those of `strong_if` wide. `every` line, however many there are."""

    bundles: Sequence[Bundle]
    first_strong: bool = False
    paint: Callable[[Bundle], str] | None = None
    strong_if: Callable[[Bundle], bool] = lambda b: False
    every: bool = False


def draw_ring(data: DiagramInput, view: str, rows: IntArray | None = None, every: bool = False) -> Drawing:
    """All switches of the network (or these) on one ring, each with the number of its hosts; `every` link, however many
    there are."""
    fabric = data.fabric
    rows = switch_rows(fabric, data.network) if rows is None else rows
    rows = rows[np.lexsort((fabric.devices.index[rows], fabric.devices.pod[rows]))]
    names = [str(n) for n in fabric.devices.name[rows]]
    radius = max(300.0, _labelled_radius(names)) if every else 300.0
    canvas = Canvas(
        f"{data.title or fabric.name}: {view}", headline(fabric, data.network), max(WIDTH, 2 * radius + 200)
    )
    ring = _Ring(canvas.width / 2, canvas.top + radius + 30, radius)
    hosts = [_hosts_of(fabric, data.network, rows[i : i + 1]) for i in range(len(rows))]
    second = [amount(n, "host") for n in hosts]
    group = np.full(len(fabric.devices), -1, dtype=np.int64)
    group[rows] = np.arange(len(rows))
    shades = [colour(int(p)) if p >= 0 else NEUTRAL for p in fabric.devices.pod[rows].tolist()]
    result = bundles(fabric, group, ~fabric.is_endpoint_link)
    marks = _Marks(names, shades, _held(fabric, data.network, group), second)
    _members(canvas, ring, marks, _Lines(result, every=every))
    note = "Switches in name order on a ring; parallel links are one line; hosts are counted, not drawn."
    notes = [note] if every else [note, *_undrawn(result, names)]
    bottom = canvas.legend(ring.y + radius + 60, _speeds(result), notes)
    return canvas.finish(bottom)


def _labelled_radius(names: Sequence[str]) -> float:
    """The least radius of a ring on which every mark has room for its short name."""
    widest = max((text_width(text, SMALLEST) for text in short_names(names)), default=0.0)
    return len(names) * max((widest + 4) / BOX_SHARE, LEAST_ROOM) / (2 * pi)


def draw_groups(data: DiagramInput, view: str) -> Drawing:
    """The groups of a network on a ring and one group beside it; where there are no groups, all switches."""
    fabric = data.fabric
    rows = switch_rows(fabric, data.network)
    pods = np.unique(fabric.devices.pod[rows])
    pods = pods[pods >= 0].tolist()
    if len(pods) < 2:
        return draw_ring(data, view) if len(rows) <= 64 else _one_of_many(data, view, rows)
    canvas = Canvas(f"{data.title or fabric.name}: {view}", headline(fabric, data.network))
    group = np.full(len(fabric.devices), -1, dtype=np.int64)
    for i, pod in enumerate(pods):
        group[rows[fabric.devices.pod[rows] == pod]] = i
    result = bundles(fabric, group, ~fabric.is_endpoint_link)
    radius = 230.0
    ring = _Ring(MARGIN + radius + 60, canvas.top + radius + 60, radius)
    sizes = np.bincount(group[rows], minlength=len(pods))
    second = [f"{n:,} sw." for n in sizes.tolist()]
    canvas.text(ring.x, canvas.top + 6, amount(len(pods), "group"), NORMAL)
    marks = _Marks([f"group {p}" for p in pods], [colour(p) for p in pods], _held(fabric, data.network, group), second)
    _members(canvas, ring, marks, _Lines(result, first_strong=True))
    one = rows[fabric.devices.pod[rows] == pods[0]]
    own = np.full(len(fabric.devices), -1, dtype=np.int64)
    own[one] = np.arange(len(one))
    inside = bundles(fabric, own, ~fabric.is_endpoint_link)
    side = _Ring(canvas.width - MARGIN - radius - 60, ring.y, radius)
    hosts = _hosts_of(fabric, data.network, one)
    canvas.text(side.x, canvas.top + 6, f"inside group {pods[0]}: {amount(len(one), 'switch')}", NORMAL)
    names = [str(n) for n in fabric.devices.name[one]]
    shades = [colour(pods[0])] * len(one)
    _members(canvas, side, _Marks(names, shades, _held(fabric, data.network, own)), _Lines(inside))
    y = ring.y + radius + 60
    own_links = (
        f"inside group {pods[0]}: {amount(sum(b.links for b in inside), 'link')} among {amount(len(one), 'switch')}"
    )
    for text in (*_facts(fabric, rows, group, pods, result, hosts), own_links):
        canvas.text(MARGIN, y, text, NORMAL, INK, "left")
        y += 17
    note = f"Left: links between groups, those of group {pods[0]} drawn strong. Right: one group, links inside it only."
    notes = [note, *_undrawn(result, marks.names), *_undrawn(inside, names)]
    return canvas.finish(canvas.legend(y + 14, _speeds([*result, *inside]), notes))


def _one_of_many(data: DiagramInput, view: str, rows: IntArray) -> Drawing:
    """A ring of too many switches to link all: the links of the first, and what holds for each."""
    fabric = data.fabric
    canvas = Canvas(f"{data.title or fabric.name}: {view}", headline(fabric, data.network))
    radius = 290.0
    ring = _Ring(canvas.width / 2, canvas.top + radius + 20, radius)
    group = np.full(len(fabric.devices), -1, dtype=np.int64)
    group[rows] = np.arange(len(rows))
    result = bundles(fabric, group, ~fabric.is_endpoint_link)
    names = [str(n) for n in fabric.devices.name[rows]]
    marks = _Marks(names, [NEUTRAL] * len(rows), _held(fabric, data.network, group))
    _members(canvas, ring, marks, _Lines(result, first_strong=True))
    y = ring.y + radius + 44
    mask = ~fabric.is_endpoint_link & (fabric.links.network == data.network)
    ends = np.concatenate([fabric.link_a[mask], fabric.link_b[mask]])
    for text in (
        f"each switch: {per_device(fabric, ends, rows)} links to other switches, "
        f"{per_device(fabric, fabric.endpoint_switch[fabric.endpoints.network == data.network], rows)} endpoints",
        f"strong: the links of {names[0]}",
    ):
        canvas.text(MARGIN, y, text, NORMAL, INK, "left")
        y += 17
    notes = ["Switches in name order on a ring, a mark each.", *_undrawn(result, names)]
    return canvas.finish(canvas.legend(y + 14, _speeds(result), notes))


def _undrawn(result: Sequence[Bundle], names: Sequence[str]) -> list[str]:
    """What a ring of very many links says of those that it leaves out."""
    between = [b for b in result if b.a != b.b]
    if len(result) <= MOST_LINES:
        return []
    drawn = sum(0 in (b.a, b.b) for b in between)
    return [f"Drawn: {drawn:,} of {amount(len(between), 'line')}, those of {names[0]}; the view `full` draws all."]


def _members(
    canvas: Canvas,
    ring: _Ring,
    marks: _Marks,
    lines: _Lines,
) -> None:
    """The ring's boxes, labelled where the labels fit, and the lines between them."""
    names, second, shades, result = marks.names, marks.second, marks.shades, lines.bundles
    n = len(names)
    at = [(ring.x + ring.radius * sin(2 * pi * i / n), ring.y - ring.radius * cos(2 * pi * i / n)) for i in range(n)]
    room = 2 * pi * ring.radius / max(n, 1)
    wide = min(room * BOX_SHARE, 96.0)
    short = short_names(names)
    full = fits(list(names), SMALL, wide - 6) and n <= 16
    size = next((z for z in (SMALL, 8.0, SMALLEST) if fits(short, z, max(wide, 12) - 2)), 0.0)
    label = names if full else short if size and room >= LEAST_ROOM else []
    h = 34.0 if full and second else 22.0 if label else 6.0
    longest = max((text_width(text, size) for text in label), default=0.0)
    w = wide if full else max(min(wide, max(26.0, longest + 4)), 4.0)
    boxes = [
        canvas.box(name, x, y, w, h if full else min(h, max(w, 6.0)), tint(shade, 0.25), shade, holds=rows)
        for name, (x, y), shade, rows in zip(names, at, shades, marks.held, strict=True)
    ]
    for i, (x, y) in enumerate(at):
        if full and second:
            canvas.stack(x, y, w - 4, [(names[i], SMALL, INK), (second[i], SMALL, MUTED)])
        elif label:
            canvas.text(x, y, label[i], SMALL if full else size)
    many = not lines.every and len(result) > MOST_LINES
    if lines.paint:
        for b in result:
            if b.a != b.b:
                points = [at[b.a], at[b.b]]
                width = speed_width(b.gbps) * (1.0 if len(result) <= 120 or lines.strong_if(b) else 0.4)
                canvas.line(boxes[b.a], boxes[b.b], points, b.gbps, lines.paint(b), width=width)
        return
    for b in sorted(result, key=lambda b: 0 in (b.a, b.b)):
        strong = 0 in (b.a, b.b)
        if b.a == b.b or (many and not strong):
            continue
        shade = shades[0] if strong and lines.first_strong else "#c9d0d6" if lines.first_strong else shades[b.a]
        width = 0.0 if strong or not lines.first_strong else 0.5
        if not strong and len(result) > 120:
            width, shade = 0.5, tint(shades[b.a], 0.45) if not lines.first_strong else shade
        canvas.line(
            boxes[b.a], boxes[b.b], [at[b.a], at[b.b]], b.gbps, shade, f"{b.links:,} × {speed(b.gbps)}", width=width
        )


def _facts(
    fabric: Fabric, rows: IntArray, group: IntArray, pods: Sequence[int], result: Sequence[Bundle], hosts: int
) -> list[str]:
    between = [b for b in result if b.a != b.b]
    pairs: dict[tuple[int, int], int] = {}
    for b in between:
        key = (min(b.a, b.b), max(b.a, b.b))
        pairs[key] = pairs.get(key, 0) + b.links
    most = len(pods) * (len(pods) - 1) // 2
    counts = sorted(set(pairs.values()))
    each = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,}–{counts[-1]:,}" if counts else "0"
    switches = np.bincount(group[rows])
    size = f"{switches.min():,}" if switches.min() == switches.max() else f"{switches.min():,}–{switches.max():,}"
    global_links: BoolArray = ~fabric.is_endpoint_link & (group[fabric.link_a] >= 0)
    global_links = global_links & (group[fabric.link_a] != group[fabric.link_b])
    ends = np.concatenate([fabric.link_a[global_links], fabric.link_b[global_links]])
    return [
        f"{amount(len(pods), 'group')} of {size} {noun(int(switches.max()), 'switch')}; "
        f"{amount(hosts, 'host')} on those of "
        f"group {pods[0]}",
        f"between groups: {amount(sum(pairs.values()), 'link')}; {len(pairs):,} of {amount(most, 'pair')} "
        f"of groups {verb(len(pairs), 'are')} joined, "
        f"by {each} each; {per_device(fabric, ends, rows)} per switch",
    ]


def _hosts_of(fabric: Fabric, network: int, switches: IntArray) -> int:
    here = (fabric.endpoints.network == network) & np.isin(fabric.endpoint_switch, switches)
    return len(np.unique(fabric.endpoints.host[here]))


def _held(fabric: Fabric, network: int, group: IntArray) -> list[IntArray]:
    """The device rows behind each mark of a ring: its switches (`group`: mark by device row, -1 for none), and the
    hosts with an endpoint on one of them."""
    selected = np.flatnonzero((fabric.endpoints.network == network) & (fabric.endpoint_switch >= 0))
    hosts, on = fabric.endpoints.host[selected], group[fabric.endpoint_switch[selected]]
    switches = np.flatnonzero(group >= 0)
    pairs = np.stack([np.concatenate([group[switches], on]), np.concatenate([switches, hosts])])
    marks, rows = np.unique(pairs[:, pairs[0] >= 0], axis=1)
    return np.split(rows, np.searchsorted(marks, np.arange(1, int(group.max(initial=-1)) + 1)))


def _speeds(result: Sequence[Bundle]) -> list[Key]:
    return [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in sorted({b.gbps for b in result})]


def draw_loaded(
    data: DiagramInput,
    fullest: FloatArray,
    title: str,
    facts: Sequence[str],
    scale: Sequence[Key],
    use: FloatArray,
) -> Drawing:
    """Groups (or switches) on a ring, their links coloured by the fullest (`fullest`: shape (links,)), and how many
    links are how full (`use`: by link and direction); of very many lines the fullest are drawn."""
    canvas, ring, group, names, result, shades = _one_ring(data, f"{data.title or data.fabric.name}: load", [title])
    a, b = group[data.fabric.link_a], group[data.fabric.link_b]
    most: dict[tuple[int, int], float] = {}
    for p, q, v in zip(a.tolist(), b.tolist(), fullest.tolist(), strict=True):
        if p >= 0 and q >= 0:
            most[p, q] = max(most.get((p, q), 0.0), v)
    held = _held(data.fabric, data.network, group)
    note = "Colour: the fullest link between two marks of the ring."
    result = sorted((b for b in result if b.a != b.b), key=lambda b: (most[b.a, b.b], b.a, b.b))
    if len(result) > MOST_PAINTED:
        note += f" Drawn: the {MOST_LINES:,} fullest of {amount(len(result), 'line')}."
        result = result[-MOST_LINES:]
    lines = _Lines(result, first_strong=True, paint=lambda b: load_colour(most[b.a, b.b]))
    _members(canvas, ring, _Marks(names, shades, held), lines)
    top = ring.y + ring.radius + 56
    histogram(canvas, use, top - 8)
    y = max(_write(canvas, top, facts) + 12, top - 8 + HISTOGRAM)
    return canvas.finish(canvas.legend(y, scale, [note]))


def draw_failed(data: DiagramInput, title: str, failed: BoolArray, lost: BoolArray, facts: Sequence[str]) -> Drawing:
    """Groups (or switches) on a ring; what failed and the links lost with it in red."""
    fabric = data.fabric
    canvas, ring, group, names, result, shades = _one_ring(data, title, [])
    for row in np.flatnonzero(failed & (group >= 0)).tolist():
        shades[group[row]] = FAILED
    gone = {(b.a, b.b) for b in bundles(fabric, group, lost & ~fabric.is_endpoint_link)}
    grey = "#d5dadf"
    order = sorted(result, key=lambda b: (b.a, b.b) in gone)
    notes = ["Marks are groups of switches, or switches where there are none."]
    if len(result) > MOST_PAINTED:
        order = [b for b in order if (b.a, b.b) in gone]
        notes.append(f"Drawn: {len(order):,} of {amount(len(result), 'line')}, those with lost links.")
    held = _held(fabric, data.network, group)

    def is_gone(b: Bundle) -> bool:
        return (b.a, b.b) in gone

    lines = _Lines(order, paint=lambda b: FAILED if is_gone(b) else grey, strong_if=is_gone)
    _members(canvas, ring, _Marks(names, shades, held), lines)
    y = _write(canvas, ring.y + ring.radius + 56, facts)
    keys = [*_speeds(result), Key("failed, or with lost links", FAILED, 2.2)]
    return canvas.finish(canvas.legend(y + 12, keys, notes))


def _one_ring(
    data: DiagramInput, title: str, heads: Sequence[str]
) -> tuple[Canvas, _Ring, IntArray, list[str], list[Bundle], list[str]]:
    """A sheet with a ring of the network's groups, or of its switches where there are few or no groups."""
    fabric = data.fabric
    rows = switch_rows(fabric, data.network)
    pods = np.unique(fabric.devices.pod[rows])
    pods = pods[pods >= 0].tolist()
    canvas = Canvas(title, [*heads, *headline(fabric, data.network)])
    ring = _Ring(canvas.width / 2, canvas.top + 300, 280.0)
    group = np.full(len(fabric.devices), -1, dtype=np.int64)
    if len(pods) < 2 or len(rows) <= 64:
        group[rows] = np.arange(len(rows))
        names = [str(n) for n in fabric.devices.name[rows]]
    else:
        for i, pod in enumerate(pods):
            group[rows[fabric.devices.pod[rows] == pod]] = i
        names = [f"group {p}" for p in pods]
    return canvas, ring, group, names, bundles(fabric, group, ~fabric.is_endpoint_link), [NEUTRAL] * len(names)


def _write(canvas: Canvas, y: float, facts: Sequence[str]) -> float:
    for text in facts:
        canvas.text(MARGIN, y, text, NORMAL, INK, "left")
        y += 16
    return y
