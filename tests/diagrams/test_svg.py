"""SVG is written without Graphviz, and Graphviz draws the DOT of the same drawing to the same picture."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from topo import api
from topo.diagrams import Box, DiagramInput, Drawing, Line, Text
from topo.diagrams.registry import views
from topo.diagrams.written.engine import run_graphviz
from topo.diagrams.written.render import render, to_dot
from topo.errors import InputError

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
NEAR = 0.02
"""Points by which rounding of sizes to 1/10,000 inch and of positions to 1/100 point may move a corner."""
LEAST = 1.44
"""Graphviz makes no node smaller than 0.02 inch; the invisible ends of a legend's lines are."""

SAMPLE = Drawing(
    "sample & more",
    300,
    200,
    (
        Box("square", 60, 50, 40, 20, fill="#cce3f0", stroke="#0072b2", stroke_width=2),
        Box("round", 200, 50.5, 80, 30, rounded=True),
        Box("frame", 130, 60, 240, 90, fill="none"),
    ),
    (
        Line("square", "round", ((80, 50), (120, 90.25), (160, 50)), width=2.5, title="2 × 400G"),
        Line("round", "square", ((160, 40), (80, 40)), dashed=True),
    ),
    (Text(150, 180, "middle"), Text(10, 150, "left <b>", anchor="left"), Text(290, 150, "right", anchor="right")),
)


def shapes(svg: bytes) -> tuple[dict[str, tuple[float, ...]], dict[str, tuple[float, ...]], list[tuple[str, str, str]]]:
    """Extent of every box, ends of every line, and every text with its anchor and abscissa."""
    root = ElementTree.fromstring(svg)
    boxes, lines, texts = {}, {}, []
    for group in root.iter(f"{SVG}g"):
        kind, title = group.get("class"), group.find(f"{SVG}title")
        for text in group.findall(f"{SVG}text"):
            texts.append(("".join(text.itertext()), text.get("text-anchor", ""), f"{float(text.get('x', 0)):.0f}"))
        found = [e for e in group.iter() if e.tag in (f"{SVG}path", f"{SVG}polygon")]
        if kind not in ("node", "edge") or not found or title is None:
            continue
        points = list(_points(found[0]))
        if kind == "edge":
            lines[title.text or ""] = (*points[0], *points[-1])
        else:
            x, y = zip(*points, strict=True)
            boxes[title.text or ""] = (min(x), min(y), max(x), max(y))
    return boxes, lines, sorted(texts)


def _points(shape: ElementTree.Element) -> Iterator[tuple[float, float]]:
    words = re.sub(r"A\S+ 0 0 1 ", "L", shape.get("d") or shape.get("points") or "")
    for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", words):
        yield float(x), float(y)


def same(ours: dict[str, tuple[float, ...]], theirs: dict[str, tuple[float, ...]]) -> None:
    assert ours.keys() == theirs.keys()
    for name, numbers in ours.items():
        tiny = name.startswith("legend")
        assert numbers == pytest.approx(theirs[name], abs=LEAST / 2 if tiny else NEAR), name


@pytest.mark.parametrize("name", ["sample", "tiny-mpft", "tiny-ft3", "tiny-slim-fly"])
def test_graphviz_draws_the_dot_to_the_same_picture(name: str) -> None:
    if name == "sample":
        drawings = [SAMPLE]
    else:
        fabric = api.build(api.load_design(ROOT / "designs" / f"{name}.yaml"))
        drawings = [views.get(view).draw(DiagramInput(fabric, name)) for view in ("overview", "full")]
    for drawing in drawings:
        ours, theirs = shapes(render(drawing, "svg")), shapes(run_graphviz(to_dot(drawing), "svg"))
        same(ours[0], theirs[0])
        same(ours[1], theirs[1])
        assert [t[:2] for t in ours[2]] == [t[:2] for t in theirs[2]]


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_a_picture_that_needs_a_library_says_so(monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(InputError, match="pygraphviz is not installed and there is no `dot` program") as told:
        render(SAMPLE, ending)
    assert told.value.problems[0].hint.startswith("pip install pygraphviz, or ")


def test_a_library_that_cannot_be_loaded_is_not_one_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As a wheel without the system's libraries says it."""
    (tmp_path / "pygraphviz.py").write_text("raise ImportError('libXrender.so.1: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pygraphviz", raising=False)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(InputError, match=r"cannot be loaded \(libXrender") as told:
        render(SAMPLE, "png")
    assert "libxrender1" in told.value.problems[0].hint


def test_a_pdf_says_nothing_of_the_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for zone in ("UTC", "Asia/Kolkata", "America/St_Johns"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found.append(render(SAMPLE, "pdf"))
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1] == found[2]


def test_no_library_draws_an_svg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    monkeypatch.setenv("PATH", "/nowhere")
    assert render(SAMPLE, "svg").startswith(b"<?xml")
