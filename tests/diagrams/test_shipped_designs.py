"""Every view of every shipped design: drawn, under 2 MB, no label on another, none too small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import topo
from topo import api
from topo.catalog import load_catalog
from topo.design.shipped import shipped_design
from topo.diagrams import DiagramInput, Drawing, draw
from topo.diagrams.facts import headline
from topo.diagrams.registry import views
from topo.diagrams.sheet.textwidth import text_width
from topo.diagrams.written.render import render
from topo.generators.family import families
from topo.generators.rule import by_tiers
from topo.placement import Floor, place

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "designs"
DESIGNS = sorted(p.name for p in FOLDER.glob("*.yaml") if p.name != "policy.yaml")
WITHOUT = {
    name: {"rail", "pod"} if name == "jellyfish" else {"rail"}
    for name in families.names()
    if families.get(name).rule is not by_tiers
}
"""Views that a family has nothing for."""


def clashes(drawing: Drawing) -> list[tuple[str, str]]:
    rows = []
    for t in drawing.texts:
        w = text_width(t.text, t.size)
        left = t.x - {"left": 0.0, "middle": w / 2, "right": w}[t.anchor]
        rows.append((left, t.y - t.size * 0.55, left + w, t.y + t.size * 0.55))
    r = np.array(rows)
    over = (np.minimum(r[:, None, 2], r[None, :, 2]) > np.maximum(r[:, None, 0], r[None, :, 0])) & (
        np.minimum(r[:, None, 3], r[None, :, 3]) > np.maximum(r[:, None, 1], r[None, :, 1])
    )
    return [(drawing.texts[i].text, drawing.texts[j].text) for i, j in np.argwhere(over) if i < j]


@pytest.mark.parametrize("name", DESIGNS)
def test_all_views(name: str) -> None:
    design = api.load_design(FOLDER / name)
    fabric = api.build(design)
    data = DiagramInput(fabric, design.title, places=place(fabric, load_catalog(), Floor()))
    skipped = WITHOUT.get(fabric.origins[0].family, set()) | {"full"}
    for view in sorted(set(views.names()) - skipped):
        drawing = draw(view, data)
        assert clashes(drawing) == [], view
        assert min(t.size for t in drawing.texts) * 1600 / drawing.width >= 9, view
        assert len(render(drawing, "svg")) < 2_000_000, view


def test_what_leads_outside_is_named_where_sizes_are() -> None:
    fabric = topo.build(topo.load_design(shipped_design("dgx-h100-ai-factory")))
    lines = {name: headline(fabric, row) for row, name in enumerate(fabric.networks)}
    assert "16 ports lead outside, of in-band-border-leaf-000 to in-band-border-leaf-001" in lines["in-band"][1]
    assert not any("outside" in line for name, both in lines.items() if name != "in-band" for line in both)
