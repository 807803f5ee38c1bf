"""A split of the network in two halves and what crosses it; without one given, the bisection's best split."""

from __future__ import annotations

from math import isfinite

import numpy as np

from topo.diagrams.facts import Bundle, bundles, speed, tier_count
from topo.diagrams.registry import views
from topo.diagrams.sheet.canvas import GUTTER, MARGIN, NORMAL, SMALL, Canvas, Key
from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.diagrams.sheet.palette import COLOURS, FAILED, INK, MUTED, speed_width, tint
from topo.errors import ParameterError
from topo.fabric import TIER_NAMES, Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.solvers.budget import QUESTION_S
from topo.units import amount, verb

CELL, ROW = 48.0, 130.0
"""Points: the width of a box, and from one row to the next."""
LIMIT_S = QUESTION_S / 20
"""Seconds for finding a split where none is given: the picture is of the split, not of its proof."""
SIDES = ("half A", "half B")


def _draw(data: DiagramInput) -> Drawing:
    fabric = data.fabric
    side, title = _side(data)
    d = fabric.devices
    own = np.union1d(np.flatnonzero(fabric.switches_in(data.network)), _hosts(fabric, data.network))
    links = fabric.links.network == data.network
    crossing = links & (side[fabric.link_a] != side[fabric.link_b])
    total = float(fabric.links.gbps[crossing].sum())
    heads = [
        title,
        f"{amount(int(crossing.sum()), 'link')} {verb(int(crossing.sum()), 'cross')}, {total:,.0f} Gb/s each way · "
        + " | ".join(f"{name}: {_size(fabric, own, side == (i == 0))}" for i, name in enumerate(SIDES)),
    ]
    canvas = Canvas(f"{data.title or fabric.name}: cut", [h for h in heads if h])
    group = np.full(len(d), -1, dtype=np.int64)
    tiers = [int(t) for t in np.unique(d.tier[own])[::-1]]
    middle = (GUTTER + canvas.width - MARGIN) / 2
    centre = (GUTTER + (middle - GUTTER) * 0.42, canvas.width - MARGIN - (middle - GUTTER) * 0.42)
    boxes: list[str] = []
    for level, tier in enumerate(tiers):
        y = canvas.top + 24 + CELL / 2 + level * ROW
        canvas.tier(y, [TIER_NAMES[tier], tier_count(tier, int((d.tier[own] == tier).sum()))])
        for half in (0, 1):
            rows = own[(d.tier[own] == tier) & (side[own] == (half == 0))]
            if not len(rows):
                boxes.append("")
                continue
            shade = COLOURS[half]
            title = f"{SIDES[half]} {TIER_NAMES[tier]}"
            name = canvas.box(title, centre[half], y, 280, CELL, tint(shade, 0.18), shade, holds=rows)
            names = d.name[rows]
            span = f"{names[0]} … {names[-1]}" if len(rows) > 1 else str(names[0])
            canvas.stack(centre[half], y, 270, [(tier_count(tier, len(rows)), NORMAL, INK), (span, SMALL, MUTED)])
            group[rows] = len(boxes)
            boxes.append(name)
    for half in (0, 1):
        canvas.text(centre[half], canvas.top + 6, SIDES[half], NORMAL)
    result = bundles(fabric, group, links)
    _lines(canvas, result, boxes)
    bottom = canvas.top + 24 + CELL + (len(tiers) - 1) * ROW
    keys = [Key(f"{speed(g)} link", MUTED, speed_width(g)) for g in sorted({b.gbps for b in result})]
    keys += [Key("inside a half", MUTED, 2.2), Key("crosses the cut", FAILED, 2.2)]
    note = "A box is all devices of one tier and half; names run from the first to the last of them."
    return canvas.finish(canvas.legend(bottom + 36, keys, [note]))


def _side(data: DiagramInput) -> tuple[BoolArray, str]:
    """Which devices are in half A, and what the cut is."""
    if data.cut_side is not None:
        return data.cut_side, data.cut_title
    from topo.analysis.bisection import bisection
    from topo.certificates.reading.cut import mask_of

    fabric = data.fabric
    if len(_hosts(fabric, data.network)) < 2:
        raise ParameterError(
            "view", "cut", f"{fabric.name} has too few hosts to split", hint="--view overview draws it"
        )
    result = data.halves or bisection(fabric, data.network, LIMIT_S)
    size = len(fabric.devices)
    hosts = mask_of(result.certificate["hosts"], size)
    side = _spread_switches(fabric, data.network, hosts, hosts | mask_of(result.certificate["switches"], size))
    proved = "exact" if result.exact else f"at least {result.lower_gbps:,.0f} is proved"
    share = f", {result.share_upper:.3g} of half the line rate" if isfinite(result.share_upper) else ""
    return side, f"bisection of the hosts: {result.upper_gbps:,.0f} Gb/s ({proved}){share}"


def _spread_switches(fabric: Fabric, network: int, hosts: BoolArray, side: BoolArray) -> BoolArray:
    """The same hosts in half A, the switches shared out as a person would (each with most of what is below it, ties in
    halves of the row) where that cuts no more: a least cut often has all switches in one half."""
    d = fabric.devices
    links = np.flatnonzero(fabric.links.network == network)
    a, b, gbps = fabric.link_a[links], fabric.link_b[links], fabric.links.gbps[links]
    spread = hosts.copy()
    switches = np.flatnonzero(fabric.switches_in(network))
    for tier in np.unique(d.tier[switches]).tolist():
        rows = switches[d.tier[switches] == tier]
        below = d.tier[a] < tier
        weight = np.where(spread[a[below]], 1.0, -1.0) * gbps[below]
        pull = np.bincount(b[below], weights=weight, minlength=len(d))[rows]
        first = np.zeros(len(rows), dtype=np.bool_)
        ties = np.flatnonzero(pull == 0)
        planes = d.plane[rows[ties]]
        rank = np.arange(len(ties)) - np.searchsorted(planes, planes)
        first[ties] = rank < np.bincount(planes - planes.min(initial=0))[planes - planes.min(initial=0)] // 2
        spread[rows] = (pull > 0) | first
    cut, other = (float(gbps[s[a] != s[b]].sum()) for s in (side, spread))
    return spread if other <= cut * (1 + 1e-9) else side


def _hosts(fabric: Fabric, network: int) -> IntArray:
    return np.unique(fabric.endpoints.host[fabric.endpoints.network == network])


def _size(fabric: Fabric, own: IntArray, side: BoolArray) -> str:
    rows = own[side[own]]
    hosts = int(fabric.is_host[rows].sum())
    return f"{amount(hosts, 'host')} and {amount(len(rows) - hosts, 'switch')}"


def _lines(canvas: Canvas, result: list[Bundle], boxes: list[str]) -> None:
    """Links inside a half straight up, links across as red diagonals; their counts beside them."""
    place = {b.name: b for b in canvas.boxes}
    merged: dict[tuple[int, int, float], Bundle] = {}
    for b in result:
        key = (min(b.a, b.b), max(b.a, b.b), b.gbps)
        had = merged.get(key)
        merged[key] = Bundle(*key, b.links + had.links if had else b.links, 0)
    shift: dict[tuple[int, int], int] = {}
    for b in merged.values():
        low, high = (b.a, b.b) if place[boxes[b.a]].y >= place[boxes[b.b]].y else (b.b, b.a)
        p, q = place[boxes[low]], place[boxes[high]]
        if low == high:
            canvas.label(p.x, p.y + CELL / 2 + 12, f"{b.links:,} × {speed(b.gbps)} inside", SMALL)
            continue
        crosses = low % 2 != high % 2
        turn = shift.get((low, high), 0)
        shift[low, high] = turn + 1
        title = f"{b.links:,} × {speed(b.gbps)}"
        if p.y == q.y:
            left, right = (p, q) if p.x < q.x else (q, p)
            points = [(left.x + left.w / 2, p.y), (right.x - right.w / 2, p.y)]
            at = ((p.x + q.x) / 2, p.y + 16 * turn)
        else:
            lean = 60 if crosses else 0
            towards = 1 if q.x > p.x else -1
            x0, x1 = p.x + towards * lean, q.x - towards * lean
            points = [(x0, p.y - CELL / 2), (x1, q.y + CELL / 2)]
            share = 0.28 if crosses else 0.5
            at = (x0 + (x1 - x0) * share, p.y - CELL / 2 + (q.y - p.y + CELL) * share + 16 * turn)
        canvas.line(p.name, q.name, points, b.gbps, FAILED if crosses else MUTED, title)
        canvas.label(*at, title, 10)


views.add("cut", View("a split in two halves and the links that cross it", _draw))
