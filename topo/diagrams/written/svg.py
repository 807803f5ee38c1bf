"""A drawing as SVG, from its own positions and without any system library: the shapes, groups and titles that Graphviz
writes of the same DOT, so that what reads one reads the other."""

from __future__ import annotations

from html import escape

from topo.diagrams.sheet.model import Box, Drawing, Line, Text

CORNER = 5.0
"""Points by which a rounded box's corners are cut."""
BASELINE = 0.35
"""A text's baseline lies this part of its size below the middle: half the height of the font's capitals."""
ANCHORS = {"middle": "middle", "left": "start", "right": "end"}

DARK = (
    "<style>@media screen and (prefers-color-scheme: dark) "
    "{ .graph { filter: invert(0.9) hue-rotate(180deg); } }</style>"
)
"""For readers whose screen is dark: light and dark change places, and colours keep their hue. Graphviz
writes none of it."""


def to_svg(drawing: Drawing, font: str) -> str:
    """The drawing as an SVG document of its size in points, with `font` as the family of every text."""
    wide, high = number(drawing.width), number(drawing.height)
    rows = [
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
        f'<svg width="{wide}pt" height="{high}pt" viewBox="0 0 {wide} {high}"'
        ' xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
        f'<g id="graph0" class="graph" transform="translate(0 {high})">',
        f"<title>{plain(drawing.title)}</title>",
        DARK,
        f'<polygon fill="#ffffff" stroke="none" points="0,0 0,-{high} {wide},-{high} {wide},0 0,0"/>',
    ]
    rows += [_line(i, line) for i, line in enumerate(drawing.lines, 1)]
    rows += [_box(i, box) for i, box in enumerate(drawing.boxes, 1)]
    rows += [_text(i, text, font) for i, text in enumerate(drawing.texts)]
    return "\n".join([*rows, "</g>", "</svg>", ""])


def plain(text: str) -> str:
    """`text` as XML shows it, every character that cannot be printed as a space."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def number(value: float) -> str:
    """A length in points with at most two decimals."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _point(x: float, y: float) -> str:
    return f"{number(x)},{number(-y)}"


def _line(row: int, line: Line) -> str:
    dashed = ' stroke-dasharray="5,2"' if line.dashed else ""
    width = f' stroke-width="{number(line.width)}"' if line.width != 1.0 else ""
    steps = "L".join(_point(x, y) for x, y in line.points)
    path = f'<path fill="none" stroke="{line.colour}"{width}{dashed} d="M{steps}"/>'
    if line.title:
        path = f'<a xlink:title="{plain(line.title)}">{path}</a>'
    return f'<g id="edge{row}" class="edge"><title>{plain(f"{line.a}--{line.b}")}</title>{path}</g>'


def _box(row: int, box: Box) -> str:
    left, right, low, high = box.x - box.w / 2, box.x + box.w / 2, box.y - box.h / 2, box.y + box.h / 2
    width = f' stroke-width="{number(box.stroke_width)}"' if box.stroke_width != 1.0 else ""
    look = f'fill="{box.fill}" stroke="{box.stroke}"{width}'
    if box.rounded:
        r = min(CORNER, box.w / 2, box.h / 2)
        turn = f"A{number(r)},{number(r)} 0 0 1 "
        shape = (
            f'<path {look} d="M{_point(left + r, high)}L{_point(right - r, high)}{turn}{_point(right, high - r)}'
            f"L{_point(right, low + r)}{turn}{_point(right - r, low)}L{_point(left + r, low)}"
            f'{turn}{_point(left, low + r)}L{_point(left, high - r)}{turn}{_point(left + r, high)}Z"/>'
        )
    else:
        corners = [(right, high), (left, high), (left, low), (right, low), (right, high)]
        shape = f'<polygon {look} points="{" ".join(_point(x, y) for x, y in corners)}"/>'
    return f'<g id="node{row}" class="node"><title>{plain(box.name)}</title>{shape}</g>'


def _text(row: int, text: Text, font: str) -> str:
    return (
        f'<g id="text{row}" class="node"><title>text {row}</title><text xml:space="preserve"'
        f' text-anchor="{ANCHORS[text.anchor]}" x="{number(text.x)}" y="{number(BASELINE * text.size - text.y)}"'
        f' font-family="{font}" font-size="{number(text.size)}" fill="{text.colour}">{plain(text.text)}</text></g>'
    )
