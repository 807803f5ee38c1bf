"""Every view as Chromium shows it, 1,600 pixels wide: no two labels intersect, none is under 9 pixels."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from topo.diagrams import draw
from topo.diagrams.registry import views
from topo.diagrams.written.render import render
from topo.generators.family import families
from topo.generators.rule import by_tiers

sys.path.insert(0, str(Path(__file__).parents[1] / "diagrams"))
from drawing_designs import DESIGNS, SHIPPED, data, fabric

pytestmark = pytest.mark.browser

NAMES = (*DESIGNS, *SHIPPED)
FLAT = {name for name in NAMES if families.get(fabric(name).origins[0].family).rule is not by_tiers}
SHEETS = [
    (name, view)
    for name in NAMES
    for view in views.names()
    if view != "full" and not (view == "rail" and name in FLAT) and (view, name) != ("pod", "jellyfish")
]
BOXES = """() => [...document.querySelectorAll('svg text')].map(t => {
  const r = t.getBoundingClientRect();
  const size = parseFloat(t.getAttribute('font-size')) * t.getCTM().a;
  return [r.left, r.top, r.right, r.bottom, size, t.textContent];
})"""


@pytest.mark.parametrize(("name", "view"), SHEETS)
def test_labels_are_readable(page, name: str, view: str) -> None:
    svg = render(draw(view, data(name)), "svg").decode()
    assert len(svg) < 2_000_000
    page.set_content(f"<body style='margin:0'>{svg[svg.index('<svg') :]}</body>")
    page.evaluate("() => { const s = document.querySelector('svg'); s.setAttribute('width', 1600); }")
    page.evaluate("() => document.querySelector('svg').removeAttribute('height')")
    boxes = page.evaluate(BOXES)
    assert boxes
    assert min(b[4] for b in boxes) >= 9
    assert all(b[0] >= 0 and b[2] <= 1600 for b in boxes)
    by_top = sorted(boxes, key=lambda b: b[1])
    assert clashes(by_top) == []


def clashes(boxes: list) -> list[tuple[str, str]]:
    """Pairs of boxes that share more than half a pixel both ways; `boxes` sorted by top."""
    found = []
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            if b[1] >= a[3] - 0.5:
                break
            if min(a[2], b[2]) - max(a[0], b[0]) > 0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 0.5:
                found.append((a[5], b[5]))
    return found


def test_the_clash_finder_finds_clashes() -> None:
    boxes = [[0, 0, 10, 10, 9, "a"], [5, 5, 15, 15, 9, "b"], [20, 5, 30, 15, 9, "c"]]
    assert clashes(boxes) == [("a", "b")]
    assert all(x[1] <= y[1] for x, y in pairwise(boxes))
