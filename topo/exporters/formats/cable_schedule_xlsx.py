"""The cable schedule as a workbook, one sheet per role, with filters and frozen headers."""

from __future__ import annotations

from topo.exporters.bom import bom_columns, spare_columns
from topo.exporters.devices import device_columns, rack_columns
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.segments import panel_columns, segment_rows
from topo.exporters.xlsx import Sheet, workbook


def _write(plan: Plan) -> dict[str, bytes]:
    sheets = [
        Sheet("links", plan.links.columns),
        Sheet("cables", plan.links.cable_columns),
        Sheet("devices", device_columns(plan.fabric, plan.places)),
        Sheet("bom", bom_columns(plan.bom)),
        Sheet("spares", spare_columns(plan.bom)),
    ]
    if plan.places is not None:
        sheets.insert(3, Sheet("racks", rack_columns(plan.places, plan.fabric, plan.cabling)))
    segments = segment_rows(plan.links)
    if segments is not None:
        sheets += [
            Sheet("segments", segments.columns),
            Sheet("panels", panel_columns(segments.patching, segments.places)),
        ]
    return {"cable-schedule.xlsx": workbook(sheets)}


exporters.add("cable-schedule-xlsx", Exporter("cable schedule, workbook", _write, "ports without a cable"))
