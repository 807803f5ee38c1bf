"""The drawings as SVG in Visio's own structure: every box with what is on it is a group, its devices are shape data.

The structure is the one that Visio writes and reads back (namespace `visio/2003/SVGExtensions`; R. See, S. Du and
B. Shaw, SVG Scenarios using Microsoft Office Visio 2003, SVG Open 2003): a page, in it groups and shapes, each with its
own number and title, a shape with one geometry and at most one text. Nothing else of SVG is used: no style sheet,
transformation, link or text anchor, at which importers differ.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count

from topo.diagrams.sheet.model import Box, Drawing, Line, Text
from topo.diagrams.sheet.nested import left_of, nested
from topo.diagrams.written.svg import BASELINE, CORNER, number, plain
from topo.exporters.pages import held, pages
from topo.exporters.plan import Exporter, Plan, exporters

NAMESPACE = "http://schemas.microsoft.com/visio/2003/SVGExtensions/"
FONT = "Verdana"
"""What every Windows has; as wide as the font that the drawing was laid out in."""


def _write(plan: Plan) -> dict[str, bytes]:
    return {f"diagrams/visio/{view}.svg": _page(plan, drawing).encode() for view, drawing in pages(plan).items()}


def _page(plan: Plan, drawing: Drawing) -> str:
    wide, high = number(drawing.width), number(drawing.height)
    numbers = count(1)
    rows = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:v="{NAMESPACE}"'
        f' width="{drawing.width / 72:.4f}in" height="{drawing.height / 72:.4f}in" viewBox="0 0 {wide} {high}">',
        '<v:documentProperties v:langID="1033" v:viewMarkup="false"/>',
        f'<g v:mID="0" v:index="1" v:groupContext="foregroundPage"><title>{plain(drawing.title)}</title>',
    ]
    for line in drawing.lines:
        title = f"{line.a} -- {line.b}"
        rows.append(_group("shape", next(numbers), title, [_line(line, drawing.height)], line.title))
    result = nested(drawing)
    inside, texts = defaultdict(list), defaultdict(list)
    for row, parent in enumerate(result.parent):
        inside[parent].append(row)
    own = set(result.label.values())
    for row, box in enumerate(result.holder):
        if row not in own:
            texts[box].append(row)

    def shape(row: int) -> str:
        text = drawing.texts[row]
        return _group("shape", next(numbers), text.text, [_text(text, drawing.height)])

    def boxed(row: int) -> str:
        box, label = drawing.boxes[row], result.label.get(row)
        devices = held(plan, drawing, box.name)
        look = [_box(box, drawing.height)]
        look += [_text(drawing.texts[label], drawing.height)] if label is not None else []
        if not inside[row] and not texts[row]:
            words = drawing.texts[label].text if label is not None else ""
            return _group("shape", next(numbers), box.name, look, words, devices)
        selected = next(numbers)
        parts = [_group("shape", next(numbers), f"{box.name} (box)", look)]
        parts += [boxed(child) for child in inside[row]]
        parts += [shape(text) for text in texts[row]]
        return _group("group", selected, box.name, parts, "", devices)

    rows += [boxed(row) for row in inside[-1]]
    rows += [shape(row) for row in texts[-1]]
    return "\n".join([*rows, "</g>", "</svg>", ""])


def _group(kind: str, number: int, title: str, inside: list[str], words: str = "", devices: str = "") -> str:
    data = (
        f'<v:custProps><v:cp v:nameU="Devices" v:lbl="Devices" v:type="0" v:langID="1033"'
        f' v:val="VT4({plain(devices)})"/></v:custProps>'
    )
    return (
        f'<g id="{kind}{number}" v:mID="{number}" v:groupContext="{kind}">{data if devices else ""}'
        f"<title>{plain(title)}</title>{f'<desc>{plain(words)}</desc>' if words else ''}{''.join(inside)}</g>"
    )


def _box(box: Box, height: float) -> str:
    corner = f' rx="{number(min(CORNER, box.w / 2, box.h / 2))}"' if box.rounded else ""
    return (
        f'<rect x="{number(box.x - box.w / 2)}" y="{number(height - box.y - box.h / 2)}" width="{number(box.w)}"'
        f' height="{number(box.h)}"{corner} fill="{box.fill}" stroke="{box.stroke}"'
        f' stroke-width="{number(box.stroke_width)}"/>'
    )


def _line(line: Line, height: float) -> str:
    points = " ".join(f"{number(x)},{number(height - y)}" for x, y in line.points)
    dashed = ' stroke-dasharray="5,2"' if line.dashed else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="{number(line.width)}"{dashed}/>'
    )


def _text(text: Text, height: float) -> str:
    return (
        f'<text x="{number(left_of(text))}" y="{number(height - text.y + BASELINE * text.size)}"'
        f' font-family="{FONT}" font-size="{number(text.size)}" fill="{text.colour}">{plain(text.text)}</text>'
    )


exporters.add("visio-svg", Exporter("drawings as SVG groups for Visio", _write, "what a summary leaves out; ports"))
