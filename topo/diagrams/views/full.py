"""Every device and link, on request: positions are computed, nothing is left out, names show on hovering."""

from __future__ import annotations

from topo.diagrams.drawn.everything import draw_everything
from topo.diagrams.registry import views
from topo.diagrams.sheet.model import View

views.add("full", View("every device and every link", lambda data: draw_everything(data, "full")))
