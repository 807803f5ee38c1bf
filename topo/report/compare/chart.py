"""The comparison as a picture: small bar charts side by side, one for each question, in the order of the designs."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

from topo.report.compare.render import cell_text
from topo.report.figure import Cell, Comparison, Row

ACROSS, PANEL, GAP, MARGIN, BAR, STEP, HEAD, NAMES = 3, 330, 24, 16, 14, 22, 40, 120
"""Pixels: three panels across fill a page's width, each with room for names of some 18 characters."""
START, END = 'text-anchor="start"', 'text-anchor="end"'
BOLD = START + ' font-weight="bold"'
INK, QUIET, GOOD, RANGE = "#1b1f24", "#6b7280", "#2f6fb0", "#a9c6e3"


def as_svg(value: Comparison, title: str = "") -> str:
    """An SVG document. A bar ends at the lower end of an interval; a lighter one goes on to the upper."""
    rows = [row for row in value.rows if row.drawn]
    panel_height = HEAD + STEP * len(value.names) + GAP
    lines = -(-len(rows) // ACROSS)
    top = MARGIN + (34 if title else 0)
    width = 2 * MARGIN + ACROSS * PANEL + (ACROSS - 1) * GAP
    height = top + lines * panel_height + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    if title:
        parts.append(_words(MARGIN, MARGIN + 16, title, 18, INK))
    for i, row in enumerate(rows):
        x = MARGIN + i % ACROSS * (PANEL + GAP)
        parts += _panel(row, value.names, x, top + i // ACROSS * panel_height)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _words(x: float, y: float, text: str, size: int, colour: str, how: str = START) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" {how}>{escape(text)}</text>'


def _panel(row: Row, names: tuple[str, ...], x: float, y: float) -> list[str]:
    unit = f" ({row.unit})" if row.unit else ""
    wish = {"less": "less is better", "more": "more is better"}.get(row.better, "")
    parts = [_words(x, y + 14, row.title.strip() + unit, 14, INK, BOLD)]
    parts.append(_words(x + PANEL, y + 14, wish, 11, QUIET, END))
    longest = max((_end(cell) for cell in row.cells if cell is not None), default=0.0) or 1.0
    room = PANEL - NAMES - 110
    for i, (name, cell) in enumerate(zip(names, row.cells, strict=True)):
        base = y + HEAD - 14 + i * STEP
        parts.append(_words(x + NAMES - 8, base + 11, _short(name), 12, INK, END))
        if cell is None:
            parts.append(_words(x + NAMES, base + 11, "not examined", 12, QUIET))
            continue
        low, high = cell.lower / longest * room, _end(cell) / longest * room
        if high > low:
            parts.append(_bar(x + NAMES, base, high, RANGE))
        parts.append(_bar(x + NAMES, base, low, GOOD))
        parts.append(_words(x + NAMES + high + 6, base + 11, cell_text(cell), 12, INK))
    return parts


def _end(cell: Cell) -> float:
    return cell.upper if math.isfinite(cell.upper) else cell.lower


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{BAR}" fill="{colour}"/>'


def _short(name: str, most: int = 18) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
