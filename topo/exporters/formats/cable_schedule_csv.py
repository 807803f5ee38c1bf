"""The cable schedule as CSV: a row for each link of each cable."""

from __future__ import annotations

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes


def _write(plan: Plan) -> dict[str, bytes]:
    return {"cable-schedule.csv": csv_bytes(plan.links.columns)}


exporters.add("cable-schedule-csv", Exporter("cable schedule, CSV", _write, "devices and ports without a cable"))
