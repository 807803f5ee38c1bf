"""The drawings that formats for editors hold."""

from __future__ import annotations

from topo.diagrams import DiagramInput, Drawing, draw
from topo.errors import ParameterError
from topo.exporters.plan import Plan

VIEWS = ("overview", "plane", "pod", "rack")
MOST_DEVICES, MOST_LINKS = 1_000, 5_000
"""Up to here every device and every pair of linked devices is a page too."""


def pages(plan: Plan) -> dict[str, Drawing]:
    """The drawings by view, without those of which the plan has nothing."""
    data = DiagramInput(plan.fabric, plan.title, places=plan.places)
    small = len(plan.fabric.devices) <= MOST_DEVICES and len(plan.fabric.links) <= MOST_LINKS
    result: dict[str, Drawing] = {}
    for view in (*VIEWS, *(["full"] if small else [])):
        try:
            result[view] = draw(view, data)
        except ParameterError:
            continue
    return result


def held(plan: Plan, drawing: Drawing, box: str, most: int = 12) -> str:
    """The names of the devices that a box stands for, in short where they are many; empty where it stands for none."""
    rows = drawing.holds.get(box)
    if rows is None:
        return ""
    names = [str(n) for n in plan.fabric.devices.name[rows]]
    return " ".join(names) if len(names) <= most else f"{names[0]} ... {names[-1]} ({len(names):,})"
