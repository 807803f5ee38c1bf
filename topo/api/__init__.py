"""The public calls."""

from topo.api.as_built import audit, import_fabric, lint_plan, linted_plan, live_routing
from topo.api.designs import build, check, check_file, load_design
from topo.api.files import design_files
from topo.api.questions import (
    bisection,
    collectives,
    cost,
    from_networkx,
    routing,
    search,
    throughput,
    to_networkx,
    verify_certificate,
)
from topo.api.written import diff, draw, export, grow, report_page, write_plan
from topo.fabric import Fabric

__all__ = [
    "audit",
    "bisection",
    "build",
    "check",
    "check_file",
    "collectives",
    "cost",
    "design_files",
    "diff",
    "draw",
    "export",
    "from_networkx",
    "grow",
    "import_fabric",
    "lint_plan",
    "linted_plan",
    "live_routing",
    "load_design",
    "report_page",
    "routing",
    "search",
    "throughput",
    "to_networkx",
    "verify_certificate",
    "write_plan",
]


def _picture(fabric: Fabric) -> str:
    """The overview as SVG, for notebooks."""
    from topo.diagrams import DiagramInput
    from topo.diagrams import draw as drawing_of
    from topo.diagrams.written.render import render

    return render(drawing_of("overview", DiagramInput(fabric, fabric.name)), "svg").decode()


Fabric.picture = _picture
