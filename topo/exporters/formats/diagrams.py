"""Drawings in the set of exports: Graphviz DOT and SVG of the overview, one plane, one pod and the racks."""

from __future__ import annotations

from topo.diagrams import DiagramInput, draw
from topo.diagrams.written.render import render
from topo.errors import ParameterError
from topo.exporters.plan import Exporter, Plan, exporters

VIEWS = ("overview", "plane", "pod", "rack")


def _write(plan: Plan) -> dict[str, bytes]:
    files = {}
    data = DiagramInput(plan.fabric, plan.title, places=plan.places)
    for view in VIEWS:
        try:
            drawing = draw(view, data)
        except ParameterError:
            continue
        for format in ("dot", "svg"):
            files[f"diagrams/{view}.{format}"] = render(drawing, format)
    return files


exporters.add("diagrams", Exporter("drawings, Graphviz DOT and SVG", _write, "what a summary leaves out"))
