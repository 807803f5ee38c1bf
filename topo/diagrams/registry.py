"""The views by name."""

from __future__ import annotations

from topo.diagrams.sheet.model import DiagramInput, Drawing, View
from topo.registry import Registry

views: Registry[View] = Registry("view", "topo.diagrams.views")


def draw(view: str, data: DiagramInput) -> Drawing:
    """The drawing of a view by name; raises ParameterError for an unknown name or where there is nothing to draw."""
    return views.get(view, "view").draw(data)
