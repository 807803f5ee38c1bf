"""The cables that pass patch panels, and the panels, as CSV."""

from __future__ import annotations

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.segments import panel_columns, segment_rows
from topo.exporters.table import csv_bytes


def _write(plan: Plan) -> dict[str, bytes]:
    rows = segment_rows(plan.links)
    assert rows is not None
    return {
        "segments.csv": csv_bytes(rows.columns),
        "panels.csv": csv_bytes(panel_columns(rows.patching, rows.places)),
    }


def _refuses(plan: Plan) -> str:
    return "" if plan.cabling.patching is not None else "no cable of the design passes patch panels"


exporters.add(
    "patch-panels", Exporter("cords, trunks and patch panels, CSV", _write, "cables that pass no panel", _refuses)
)
