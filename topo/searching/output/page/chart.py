"""A search as a picture: every candidate by its closed forms, those that hold, and the front."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from topo.searching.candidates.count import Counted
from topo.searching.candidates.objectives import OBJECTIVES, figure
from topo.searching.record.result import HELD, REFUSED, REFUTED, Search
from topo.searching.running.run import design_name
from topo.units import amount, verb

BOUNDS = {
    "cost_usd": ("cost", "USD", False),
    "switches": ("switches", "", False),
    "links": ("links between switches", "", False),
    "carries": ("all-to-all, at most", "of line rate", True),
}
"""What closed forms know of every candidate: title, unit, whether more is better."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 460, 96, 28, 44, 64
"""Pixels: a page's width, with room for numbers on the left and two lines below."""
FAR = 8.0
"""Candidates that cost (draw, count, ...) more than so many times the dearest of the front are left out, and told: they
would press all others into a corner."""
COLOURS = {"front": "#005a8f", "held": "#14683f", "open": "#9aa4ad", "refuted": "#c98a86"}


def axes_of(search: Search) -> dict[str, tuple[str, str, bool]]:
    """What can be an axis: title, unit, whether more is better."""
    own = {
        name: (OBJECTIVES[name].title, OBJECTIVES[name].unit, OBJECTIVES[name].more)
        for name in search.request.objectives
    }
    return {**BOUNDS, **own}


def points(search: Search) -> list[dict[str, Any]]:
    """The points: kind (front, held, open, refuted), label, and values by axis. Candidates that look alike are one."""
    front = {p.row.number for p in search.front} or {p.row.number for p in search.top[:1]}
    reports = {p.row.number: p.report_path for p in (*search.front, *search.top)}
    result: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in search.rows:
        if row.state == REFUSED or not isinstance(row.counted, Counted):
            continue
        counted = row.counted
        values: dict[str, float] = {"switches": float(counted.total), "carries": counted.throughput_upper}
        values["links"] = float(sum(n for kind, n in counted.counts.links.items() if kind != "endpoint"))
        if counted.cost_lower > 0:
            values["cost_usd"] = counted.cost_lower
        if row.state == HELD and row.judgment is not None:
            values |= row.judgment.values
        kind = "front" if row.number in front else row.state if row.state in (HELD, REFUTED) else "open"
        key = (kind, row.candidate.family, *sorted((k, float(f"{v:.6g}")) for k, v in values.items()))
        point: dict[str, Any] = {"kind": kind, "label": row.candidate.text, "n": 0, "values": values}
        if kind in ("front", HELD) and row.judgment is not None and row.judgment.report:
            point["report"] = reports.get(row.number) or f"reports/{design_name(row, search.request)}.json"
        result.setdefault(key, point)["n"] += 1
    return list(result.values())


def chosen_axes(search: Search) -> tuple[str, str]:
    """The two axes of the first picture."""
    goals = list(search.request.objectives)
    across = goals[0] if goals[0] in axes_of(search) else "cost_usd"
    up = goals[1] if len(goals) > 1 else "carries" if across != "carries" else "switches"
    return across, up


def front_svg(search: Search, across: str = "", up: str = "") -> str:
    """The picture as SVG: the same search gives the same bytes."""
    x, y = (across, up) if across and up else chosen_axes(search)
    axes = axes_of(search)
    every = [p for p in points(search) if x in p["values"] and y in p["values"]]
    shown = [p for p in every if not any(p["values"][a] > _farthest(every, a, axes) for a in (x, y))]
    far = sum(p["n"] for p in every) - sum(p["n"] for p in shown)
    xs, ys = _scale([p["values"][x] for p in shown]), _scale([p["values"][y] for p in shown])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_caption(search))}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="700" fill="#1b1f24">{escape(_caption(search))}</text>',
    ]
    for value in _ticks(*xs):
        at = _x(value, xs)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e3e7ea"/>')
        parts.append(
            f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#505a64">{_tick(value)}</text>'
        )
    for value in _ticks(*ys):
        at = _y(value, ys)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#e3e7ea"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#505a64">{_tick(value)}</text>')
    low = f'x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 26}"'
    side = f'transform="translate(20 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)"'
    for where, axis in ((low, x), (side, y)):
        parts.append(f'<text {where} text-anchor="middle" fill="#1b1f24">{_title(axes[axis])}</text>')
    for kind in ("refuted", "open", "held"):
        for p in (p for p in shown if p["kind"] == kind):
            spot = f'cx="{_x(p["values"][x], xs):.1f}" cy="{_y(p["values"][y], ys):.1f}"'
            parts.append(f'<circle {spot} r="3" fill="{COLOURS[kind]}" fill-opacity="0.55"/>')
    best = sorted((p for p in shown if p["kind"] == "front"), key=lambda p: (p["values"][x], p["values"][y]))
    if len(best) > 1:
        path = "L".join(f"{_x(p['values'][x], xs):.1f} {_y(p['values'][y], ys):.1f}" for p in best)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS["front"]}" stroke-width="2"/>')
    for p in best:
        spot = f'cx="{_x(p["values"][x], xs):.1f}" cy="{_y(p["values"][y], ys):.1f}"'
        parts.append(f'<circle {spot} r="6" fill="{COLOURS["front"]}"><title>{escape(p["label"])}</title></circle>')
    names = {"front": "front, proved", "held": "holds", "open": "costs no less", "refuted": "refuted"}
    at_x = LEFT
    for kind, name in names.items():
        if any(p["kind"] == kind for p in shown):
            parts.append(f'<circle cx="{at_x + 5}" cy="{HEIGHT - 9}" r="4" fill="{COLOURS[kind]}"/>')
            parts.append(f'<text x="{at_x + 14}" y="{HEIGHT - 5}" fill="#505a64">{name}</text>')
            at_x += 34 + 7 * len(name)
    if far:
        told = f"{amount(far, 'candidate')} {verb(far, 'lie')} beyond"
        parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 5}" text-anchor="end" fill="#505a64">{told}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _farthest(shown: Sequence[Mapping[str, Any]], axis: str, axes: Mapping[str, tuple[str, str, bool]]) -> float:
    """The largest value of an axis that is drawn."""
    front = [p["values"][axis] for p in shown if p["kind"] == "front"]
    return FAR * max(front) if front and max(front) > 0 and not axes[axis][2] else math.inf


def _caption(search: Search) -> str:
    number = len(search.front)
    front = f"{amount(number, 'design')} that nothing beats, " if number > 1 else ""
    return f"{amount(search.request.file.gpus, 'GPU')}: {front}{search.claim}"


def _title(axis: tuple[str, str, bool]) -> str:
    title, unit, _ = axis
    return escape(f"{title} ({unit})" if unit else title)


def _scale(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


def _x(value: float, scale: tuple[float, float]) -> float:
    return LEFT + (value - scale[0]) / (scale[1] - scale[0]) * (WIDTH - LEFT - RIGHT)


def _y(value: float, scale: tuple[float, float]) -> float:
    return HEIGHT - BOTTOM - (value - scale[0]) / (scale[1] - scale[0]) * (HEIGHT - TOP - BOTTOM)


def _ticks(low: float, high: float) -> list[float]:
    raw = (high - low) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw)
    first = math.ceil(low / step)
    return [k * step for k in range(first, math.floor(high / step) + 1)]


def _tick(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.4g} M"
    return figure(round(value, 9) + 0.0)


def chart_data(search: Search) -> Mapping[str, Any]:
    """What the page's script draws: axes by name, the points, and the first two axes."""
    x, y = chosen_axes(search)
    axes = {name: {"title": title, "unit": unit, "more": more} for name, (title, unit, more) in axes_of(search).items()}
    return {"axes": axes, "points": points(search), "x": x, "y": y, "far": FAR}
