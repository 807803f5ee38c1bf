"""The drawings as one draw.io file, a page a view: what stands on a box moves with it, lines stay at their boxes.

The rules are those of draw.io's own reference of the format (drawio.com, "The .drawio file format", and mxfile.xsd,
2026): cells 0 and 1 of each page are the root and its layer, ids are unique on a page, a cell is a vertex or an edge,
an edge's geometry is relative, (0, 0) is the top left, and a child's place is that in its parent.
"""

from __future__ import annotations

from topo.diagrams.sheet.model import Box, Drawing, Line, Text
from topo.diagrams.sheet.nested import Nested, left_of, nested
from topo.diagrams.sheet.textwidth import text_width
from topo.diagrams.written.svg import number, plain
from topo.exporters.pages import held, pages
from topo.exporters.plan import Exporter, Plan, exporters

LINE_HEIGHT = 1.4
"""In sizes of the font, as draw.io sets lines."""


def _write(plan: Plan) -> dict[str, bytes]:
    rows = ['<?xml version="1.0" encoding="UTF-8"?>', '<mxfile host="topo" compressed="false">']
    for view, drawing in pages(plan).items():
        rows += _page(plan, view, drawing)
    return {"diagrams/fabric.drawio": "\n".join([*rows, "</mxfile>", ""]).encode()}


def _page(plan: Plan, view: str, drawing: Drawing) -> list[str]:
    result, wide, high = nested(drawing), number(drawing.width), number(drawing.height)
    row = {box.name: i for i, box in enumerate(drawing.boxes)}
    cells = [_line(i, line, row, drawing) for i, line in enumerate(drawing.lines)]
    # A box is written after the box that holds it.
    depth = [_depth(result.parent, i) for i in range(len(drawing.boxes))]
    for i in sorted(range(len(drawing.boxes)), key=lambda i: (depth[i], i)):
        cells.append(_box(plan, drawing, result, i))
    own = set(result.label.values())
    cells += [_text(drawing, result, i) for i in range(len(drawing.texts)) if i not in own]
    return [
        f'<diagram id="{view}" name="{view}">',
        f'<mxGraphModel grid="0" page="1" pageWidth="{wide}" pageHeight="{high}">',
        "<root>",
        '<mxCell id="0"/>',
        '<mxCell id="1" parent="0"/>',
        *cells,
        "</root>",
        "</mxGraphModel>",
        "</diagram>",
    ]


def _depth(parent: list[int], row: int) -> int:
    return 0 if parent[row] < 0 else 1 + _depth(parent, parent[row])


def _corner(drawing: Drawing, row: int) -> tuple[float, float]:
    """The top left of a box, or of the page for -1, y counting downwards."""
    if row < 0:
        return 0.0, 0.0
    box = drawing.boxes[row]
    return box.x - box.w / 2, drawing.height - box.y - box.h / 2


def _cell(id: str, parent: int, style: str, value: str, place: str, tooltip: str = "") -> str:
    home = f"b{parent}" if parent >= 0 else "1"
    cell = f'style="{style}" vertex="1" parent="{home}"><mxGeometry {place} as="geometry"/></mxCell>'
    if tooltip:
        return f'<UserObject id="{id}" label="{plain(value)}" devices="{plain(tooltip)}"><mxCell {cell}</UserObject>'
    return f'<mxCell id="{id}" value="{plain(value)}" {cell}'


def _box(plan: Plan, drawing: Drawing, result: Nested, row: int) -> str:
    box = drawing.boxes[row]
    parent = result.parent[row]
    (left, top), (x, y) = _corner(drawing, row), _corner(drawing, parent)
    label = drawing.texts[result.label[row]] if row in result.label else None
    place = f'x="{number(left - x)}" y="{number(top - y)}" width="{number(box.w)}" height="{number(box.h)}"'
    words = label.text if label else ""
    return _cell(f"b{row}", parent, _box_style(box, label), words, place, held(plan, drawing, box.name))


def _box_style(box: Box, label: Text | None) -> str:
    words = {
        "rounded": int(box.rounded),
        "html": 0,
        "fillColor": box.fill,
        "strokeColor": box.stroke,
        "strokeWidth": number(box.stroke_width),
    }
    if box.rounded:
        words |= {"absoluteArcSize": 1, "arcSize": 10}
    if label:
        words |= {"fontSize": number(label.size), "fontColor": label.colour}
    return "".join(f"{key}={value};" for key, value in words.items())


def _text(drawing: Drawing, result: Nested, row: int) -> str:
    text, parent = drawing.texts[row], result.holder[row]
    (x, y), high = _corner(drawing, parent), text.size * LINE_HEIGHT
    top = drawing.height - text.y - high / 2
    place = (
        f'x="{number(left_of(text) - x)}" y="{number(top - y)}"'
        f' width="{number(text_width(text.text, text.size))}" height="{number(high)}"'
    )
    style = (
        "text;html=0;strokeColor=none;fillColor=none;spacing=0;align=center;verticalAlign=middle;"
        f"fontSize={number(text.size)};fontColor={text.colour};"
    )
    return _cell(f"t{row}", parent, style, text.text, place)


def _line(row: int, line: Line, rows: dict[str, int], drawing: Drawing) -> str:
    style = f"endArrow=none;html=0;rounded=0;strokeColor={line.colour};strokeWidth={number(line.width)};"
    style += "dashed=1;" if line.dashed else ""
    ends = ""
    for key, end, name, (x, y) in (
        ("source", "exit", line.a, line.points[0]),
        ("target", "entry", line.b, line.points[-1]),
    ):
        if name not in rows:
            continue
        box, (left, top) = drawing.boxes[rows[name]], _corner(drawing, rows[name])
        across, down = (x - left) / box.w, (drawing.height - y - top) / box.h
        style += f"{end}X={_share(across)};{end}Y={_share(down)};{end}Perimeter=0;"
        ends += f' {key}="b{rows[name]}"'
    points = [f'x="{number(x)}" y="{number(drawing.height - y)}"' for x, y in line.points]
    bends = "".join(f"<mxPoint {p}/>" for p in points[1:-1])
    inside = f'<mxPoint {points[0]} as="sourcePoint"/><mxPoint {points[-1]} as="targetPoint"/>'
    inside += f'<Array as="points">{bends}</Array>' if bends else ""
    place = f'<mxGeometry relative="1" as="geometry">{inside}</mxGeometry>'
    cell = f'style="{style}" edge="1" parent="1"{ends}>{place}</mxCell>'
    if line.title:
        return f'<UserObject id="l{row}" label="" tooltip="{plain(line.title)}"><mxCell {cell}</UserObject>'
    return f'<mxCell id="l{row}" value="" {cell}'


def _share(part: float) -> str:
    """Where on a side a line ends, from 0 to 1."""
    return f"{min(max(part, 0.0), 1.0):.4f}".rstrip("0").rstrip(".")


exporters.add("drawio", Exporter("drawings as draw.io pages", _write, "what a summary leaves out; ports"))
