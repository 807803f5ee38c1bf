"""The cable schedule as a workbook, one sheet per role, with filters and frozen headers."""

from __future__ import annotations

from topo.exporters._bom import bom_columns
from topo.exporters._devices import device_columns
from topo.exporters._plan import Exporter, Plan, exporters
from topo.exporters._xlsx import Sheet, workbook


def _write(plan: Plan) -> dict[str, bytes]:
    sheets = [
        Sheet("links", plan.links.columns),
        Sheet("cables", plan.links.cable_columns),
        Sheet("devices", device_columns(plan.fabric)),
        Sheet("bom", bom_columns(plan.bom)),
    ]
    return {"cable-schedule.xlsx": workbook(sheets)}


exporters.add("cable-schedule-xlsx", Exporter("cable schedule, workbook", _write))
