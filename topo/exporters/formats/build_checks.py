"""What the plan demands of trays and cages: named checks, tray fill, and weights, as CSV."""

from __future__ import annotations

from topo.catalog import Cable
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes, rows_to_columns, written
from topo.placement.faults.inspect import CHECKS, inspect
from topo.placement.faults.trays import trays


def _checks(plan: Plan) -> bytes:
    """A row a fault; a row `passed` for each check that finds none."""
    faults = inspect(plan.fabric, plan.catalog, plan.cabling, plan.places, plan.design.file.floor)
    rows = []
    for name in sorted(CHECKS):
        if name == "patch-panels" and plan.cabling.patching is None:
            continue
        own = [f for f in faults if f.check == name]
        rows += [(name, "undecided" if f.undecided else "fault", str(f.count), f.message, f.example) for f in own] or [
            (name, "passed", "0", "", "")
        ]
    return csv_bytes(rows_to_columns(("check", "result", "count", "message", "example"), rows, ("count",)))


def _weights(plan: Plan) -> bytes:
    """A row a cable type: metres and kilograms; empty where the catalog knows no weight. Other parts have none."""
    rows = []
    for line in plan.bom.lines:
        if line.kind != "cable":
            rows.append((line.kind, line.part, str(line.count), "", "", "the catalog holds no weight"))
            continue
        part = plan.catalog.get("cable", line.part)
        kg = part.kg_per_m if isinstance(part, Cable) else None
        metres = (line.length_m or 0.0) * line.count
        remark = "" if kg else "the catalog holds no weight"
        rows.append(
            (line.kind, line.part, str(line.count), written(metres), written(metres * kg) if kg else "", remark)
        )
    titles = ("kind", "part", "count", "metres", "kg", "remark")
    return csv_bytes(rows_to_columns(titles, rows, ("count", "metres", "kg")))


def _trays(plan: Plan) -> bytes:
    """A row a tray where it is fullest, the fullest tray first."""
    floor = plan.design.file.floor
    assert floor is not None
    assert plan.places is not None
    rows = [
        (t.name, written(t.at_m), str(t.cables), written(t.mm2), written(t.fill_percent), str(t.assumed))
        for t in trays(plan.fabric, plan.catalog, floor, plan.cabling, plan.places)
    ]
    titles = ("tray", "at_m", "cables", "mm2", "fill_percent", "cables_of_assumed_diameter")
    return csv_bytes(rows_to_columns(titles, rows, titles[1:]))


def _write(plan: Plan) -> dict[str, bytes]:
    return {"cabling-checks.csv": _checks(plan), "trays.csv": _trays(plan), "weights.csv": _weights(plan)}


def _refuses(plan: Plan) -> str:
    return "" if plan.places is not None else "the design has no floor plan"


exporters.add(
    "build-checks",
    Exporter("named checks of the cabling, tray fill and weights, CSV", _write, "links and devices", _refuses),
)
