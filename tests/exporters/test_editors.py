"""Drawings for editors: draw.io's file and SVG for Visio, read by Python's XML parser and by the rules that the
formats' own references state; the page of every device holds the fabric."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from tests.exporters.conftest import PlanOf
from topo.diagrams import Box, Drawing, Line, Text
from topo.diagrams.sheet.nested import nested
from topo.exporters import Plan, build_files
from topo.exporters.formats.visio_svg import NAMESPACE
from topo.exporters.pages import pages

KINDS = [
    {"family": "ft2", "gpus": 256},
    {"family": "mpft", "gpus": 128},
    {
        "family": "jellyfish",
        "gpus": 64,
        "host": "example-host-1",
        "switch": "example-switch-8",
        "p": 2,
        "r": 5,
        "seed": 1,
    },
]
SVG = "{http://www.w3.org/2000/svg}"
V = f"{{{NAMESPACE}}}"


@pytest.fixture(scope="module", params=KINDS, ids=lambda k: str(k["family"]))
def plan(request: pytest.FixtureRequest, plan_of: PlanOf) -> Plan:
    return plan_of(**request.param, title='a <b> & "c"')


def pairs(plan: Plan) -> set[frozenset[str]]:
    f = plan.fabric
    names = f.devices.name.tolist()
    return {frozenset((names[a], names[b])) for a, b in zip(f.link_a.tolist(), f.link_b.tolist(), strict=True)}


def between(plan: Plan, box: dict[str, str]) -> set[frozenset[str]]:
    """The pairs of boxes that a link joins: a switch without a tier is drawn as one with its hosts."""
    found = {frozenset(box[name] for name in pair) for pair in pairs(plan)}
    return {pair for pair in found if len(pair) == 2}


def drawio(plan: Plan) -> dict[str, ET.Element]:
    """Pages by name, after the rules of drawio.com, "The .drawio file format", and mxfile.xsd."""
    root = ET.fromstring(build_files(plan, ["drawio"])["diagrams/fabric.drawio"])
    assert root.tag == "mxfile"
    found = {}
    for page in root:
        assert page.tag == "diagram"
        (model,) = page
        (cells,) = model
        assert (model.tag, cells.tag) == ("mxGraphModel", "root")
        assert [(c.get("id"), c.get("parent")) for c in cells[:2]] == [("0", None), ("1", "0")]
        ids: dict[str, ET.Element] = {}
        for cell in cells:
            inner = cell if cell.tag == "mxCell" else cell.find("mxCell")
            assert cell.tag in ("mxCell", "UserObject")
            assert inner is not None
            assert cell.get("id") not in ids
            assert cell is inner or inner.get("id") is None
            parent = inner.get("parent")
            assert parent is None or parent in ids, "a parent stands before its children"
            ids[str(cell.get("id"))] = inner
        for id, cell in list(ids.items())[2:]:
            assert (cell.get("vertex"), cell.get("edge")) in (("1", None), (None, "1")), id
            assert re.fullmatch(r"(text;)?([A-Za-z]+=[^;=]+;)+", str(cell.get("style")))
            (place,) = cell
            assert (place.tag, place.get("as")) == ("mxGeometry", "geometry")
            if cell.get("edge"):
                assert place.get("relative") == "1"
                assert {p.get("as") for p in place} <= {"sourcePoint", "targetPoint", "points"}
                assert all(ids[str(cell.get(end))].get("vertex") for end in ("source", "target") if cell.get(end))
            else:
                assert float(str(place.get("width"))) > 0
                assert float(str(place.get("height"))) > 0
        found[str(page.get("name"))] = cells
    return found


def test_drawio_holds_the_fabric(plan: Plan) -> None:
    found = drawio(plan)
    assert {"overview", "full"} <= set(found)
    told = {str(c.get("id")): str(c.get("devices")).split(" ") for c in found["full"] if c.get("devices")}
    box = {name: id for id, names in told.items() for name in names}
    assert Counter(n for names in told.values() for n in names) == Counter(plan.fabric.devices.name.tolist())
    edges = [
        (c if c.tag == "mxCell" else c[0]) for c in found["full"] if (c if c.tag == "mxCell" else c[0]).get("edge")
    ]
    joined = [frozenset((str(e.get("source")), str(e.get("target")))) for e in edges if e.get("source") in told]
    assert Counter(joined) == Counter(between(plan, box))


def test_drawio_boxes_stand_where_the_drawing_has_them(plan: Plan) -> None:
    """The place of a child is that in its parent, from the top left."""
    for view, cells in drawio(plan).items():
        drawing = pages(plan)[view]
        place: dict[str, tuple[float, float]] = {"1": (0.0, 0.0)}
        for cell in cells[2:]:
            inner = cell if cell.tag == "mxCell" else cell[0]
            if inner.get("vertex"):
                x, y = place[str(inner.get("parent"))]
                at = inner[0]
                place[str(cell.get("id"))] = (x + float(str(at.get("x"))), y + float(str(at.get("y"))))
        for row, box in enumerate(drawing.boxes):
            x, y = place[f"b{row}"]
            assert x == pytest.approx(box.x - box.w / 2, abs=0.05)
            assert y == pytest.approx(drawing.height - box.y - box.h / 2, abs=0.05)


def visio(plan: Plan, view: str) -> ET.Element:
    """The page of a view, after what Visio writes itself: numbered groups and shapes, each with a title, a shape with
    one geometry and at most one text, nothing else of SVG."""
    root = ET.fromstring(build_files(plan, ["visio-svg"])[f"diagrams/visio/{view}.svg"])
    assert str(root.get("width")).endswith("in")
    assert len(str(root.get("viewBox")).split()) == 4
    (page,) = root.findall(f"{SVG}g")
    assert page.get(f"{V}groupContext") == "foregroundPage"
    numbers = []
    for group in page.iter(f"{SVG}g"):
        inside = [child.tag.removeprefix(SVG) for child in group if not child.tag.startswith(V)]
        kind = group.get(f"{V}groupContext")
        assert inside.count("title") == 1
        numbers.append(group.get(f"{V}mID"))
        drawn = [tag for tag in inside if tag not in ("title", "desc", "g")]
        if kind == "shape":
            assert group.get("id") == f"shape{numbers[-1]}"
            assert "g" not in inside
            assert drawn in (["rect"], ["rect", "text"], ["polyline"], ["text"])
        else:
            assert kind in ("group", "foregroundPage")
            assert not drawn
    assert len(numbers) == len(set(numbers))
    known = {"g", "title", "desc", "rect", "polyline", "text", "svg"}
    assert {e.tag.removeprefix(SVG) for e in root.iter() if not e.tag.startswith(V)} <= known
    assert not {key for e in root.iter() for key in e.attrib} & {"transform", "class", "style", "text-anchor"}
    return page


def test_visio_holds_the_fabric(plan: Plan) -> None:
    page = visio(plan, "full")
    told: dict[str, list[str]] = {}
    for group in page.iter(f"{SVG}g"):
        for cp in group.findall(f"{V}custProps/{V}cp"):
            told[str(group.findtext(f"{SVG}title"))] = str(cp.get(f"{V}val"))[4:-1].split(" ")
    box = {name: title for title, names in told.items() for name in names}
    assert Counter(n for names in told.values() for n in names) == Counter(plan.fabric.devices.name.tolist())
    titles = [frozenset(str(t.text).split(" -- ")) for t in page.iter(f"{SVG}title")]
    joined = [t for t in titles if len(t) == 2 and t <= set(told)]
    assert Counter(joined) == Counter(between(plan, box))


@pytest.mark.parametrize("view", ["overview", "plane", "full"])
def test_visio_draws_what_the_drawing_has(plan: Plan, view: str) -> None:
    if view not in pages(plan):
        pytest.skip("nothing of the kind")
    drawing, page = pages(plan)[view], visio(plan, view)
    rects = Counter(
        tuple(round(float(str(r.get(k))), 1) for k in ("x", "y", "width", "height")) for r in page.iter(f"{SVG}rect")
    )
    wanted = Counter(
        tuple(
            round(v, 1)
            for v in (round(b.x - b.w / 2, 2), round(drawing.height - b.y - b.h / 2, 2), round(b.w, 2), round(b.h, 2))
        )
        for b in drawing.boxes
    )
    assert sum((rects - wanted).values()) <= 0.02 * sum(wanted.values())
    assert sum(rects.values()) == len(drawing.boxes)
    assert Counter(t.text for t in page.iter(f"{SVG}text")) == Counter(t.text for t in drawing.texts)
    assert len(list(page.iter(f"{SVG}polyline"))) == len(drawing.lines)


def test_what_is_nested_in_what() -> None:
    boxes = (
        Box("inner", 50, 50, 20, 10),
        Box("frame", 50, 50, 80, 80, fill="none"),
        Box("over", 50, 50, 60, 60),
        Box("apart", 150, 50, 20, 20),
        Box("in over", 50, 70, 10, 10),
    )
    texts = (Text(50, 50, "label"), Text(150, 52, "a"), Text(150, 47, "b"), Text(300, 300, "loose"), Text(50, 70, "i"))
    lines = (Line("inner", "apart", ((60, 50), (140, 50))),)
    found = nested(Drawing("t", 400, 400, boxes, lines, texts))
    assert found.parent == [1, -1, 1, -1, 2], "what is drawn over a box does not hold it, a frame does"
    assert found.holder == [0, 3, 3, -1, 4]
    assert found.label == {0: 0, 4: 4}
    assert nested(Drawing("t", 1, 1, (), (), ())).parent == []
