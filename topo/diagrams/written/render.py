"""What a view placed as a file: SVG from the positions themselves, PNG and PDF by Graphviz (engine nop2, the same as
`neato -n2`), and the DOT that Graphviz draws to the same picture."""

from __future__ import annotations

import re
from itertools import pairwise

from topo.diagrams.sheet.model import Box, Drawing, Line, Text
from topo.diagrams.sheet.textwidth import text_width
from topo.diagrams.written.svg import number as _n
from topo.diagrams.written.svg import to_svg
from topo.errors import ParameterError, nearest

FONT = "DejaVu Sans,Verdana,sans-serif"
"""The shipped font; Verdana has the same widths, for a reader's browser that lacks it."""


def render(drawing: Drawing, format: str) -> bytes:
    """The drawing as `svg`, `png` (96 dpi), `pdf` or `dot`; raises ParameterError for another format.

    The same drawing gives the same bytes; of PNG and PDF under one version of Graphviz. SVG and DOT need no library
    of the system.
    """
    if format == "svg":
        return to_svg(drawing, FONT).encode()
    dot = to_dot(drawing)
    if format == "dot":
        return dot.encode()
    if format not in ("png", "pdf"):
        raise ParameterError("format", format, "unknown format", "svg, png, pdf, dot", nearest(format, ["svg", "png"]))
    from topo.diagrams.written.engine import run_graphviz

    data = run_graphviz(dot, format)
    if format == "pdf":
        return re.sub(rb"/CreationDate \(D:\d{14}", b"/CreationDate (D:20000101000000", data)
    return data


def to_dot(drawing: Drawing) -> str:
    """The drawing as Graphviz DOT with every position in it (`neato -n2 -Tsvg` draws it as it is meant)."""
    rows = [
        f"graph {_quoted(drawing.title)} {{",
        '  graph [outputorder=edgesfirst, pad=0, splines=line, bgcolor="#ffffff"];',
        f'  node [shape=box, style=filled, label="", fixedsize=true, fontname="{FONT}", penwidth=1];',
        f'  edge [fontname="{FONT}"];',
        f'  "the page" [style=invis, pos="{_n(drawing.width / 2)},{_n(drawing.height / 2)}",'
        f" width={drawing.width / 72:.4f}, height={drawing.height / 72:.4f}];",
    ]
    rows += [_box(b) for b in drawing.boxes]
    rows += [_line(line) for line in drawing.lines]
    rows += [_text(i, t) for i, t in enumerate(drawing.texts)]
    return "\n".join([*rows, "}", ""])


def _box(b: Box) -> str:
    words = [w for w, on in (("filled", b.fill != "none"), ("rounded", b.rounded)) if on]
    style = "" if words == ["filled"] else f', style="{",".join(words)}"'
    width = f", penwidth={_n(b.stroke_width)}" if b.stroke_width != 1.0 else ""
    return (
        f'  {_quoted(b.name)} [pos="{_n(b.x)},{_n(b.y)}", width={b.w / 72:.4f}, height={b.h / 72:.4f},'
        f' fillcolor="{b.fill if b.fill != "none" else "#ffffff"}", color="{b.stroke}"{width}{style}];'
    )


def _line(line: Line) -> str:
    points = line.points
    bezier = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = (x1 - x0) / 3, (y1 - y0) / 3
        bezier += [(x0 + dx, y0 + dy), (x1 - dx, y1 - dy), (x1, y1)]
    pos = " ".join(f"{_n(x)},{_n(y)}" for x, y in bezier)
    dashed = ", style=dashed" if line.dashed else ""
    title = f", tooltip={_quoted(line.title)}" if line.title else ""
    return (
        f'  {_quoted(line.a)} -- {_quoted(line.b)} [pos="{pos}", penwidth={_n(line.width)},'
        f' color="{line.colour}"{dashed}{title}];'
    )


def _text(row: int, t: Text) -> str:
    """A label as a node of its own; flush left or right inside a node as wide as the text, whatever font shows it."""
    wide = 0.0 if t.anchor == "middle" else 1.06 * text_width(t.text, t.size)
    x = t.x + {"middle": 0.0, "left": wide / 2, "right": -wide / 2}[t.anchor]
    flush = {"middle": "", "left": "\\l", "right": "\\r"}[t.anchor]
    return (
        f'  "text {row}" [shape=plaintext, style="", fixedsize=false, width={wide / 72:.4f}, height=0, margin=0,'
        f' pos="{_n(x)},{_n(t.y)}", label={_quoted(t.text, flush)}, fontsize={_n(t.size)}, fontcolor="{t.colour}"];'
    )


def _quoted(text: str, end: str = "") -> str:
    """A DOT string that shows exactly `text`: no escape sequence, entity or HTML-like label comes alive in it."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;").replace("<", "&lt;")
    return f'"{escaped.replace(">", "&gt;")}{end}"'
