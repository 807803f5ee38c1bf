"""The bill of materials as CSV."""

from __future__ import annotations

from topo.exporters.bom import bom_columns
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes


def _write(plan: Plan) -> dict[str, bytes]:
    return {"bom.csv": csv_bytes(bom_columns(plan.bom))}


exporters.add("bom", Exporter("bill of materials, CSV", _write, "what stands where: devices, links and places"))
