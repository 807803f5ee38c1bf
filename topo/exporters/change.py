"""The change plan as files."""

from __future__ import annotations

import json

import numpy as np

from topo.exporters.plan import Plan
from topo.exporters.table import Column, csv_bytes, rows_to_columns, written
from topo.fabric.model import IntArray
from topo.placement.cables.change import Cabled, Changes, changes
from topo.placement.cables.labels import end_labels, port_labels

TITLES = (
    "change", "old_cable_number", "new_cable_number",
    "old_a", "old_b", "new_a", "new_b", "old_label_a", "old_label_b", "new_label_a", "new_label_b",
    "old_part", "new_part", "old_length_m", "new_length_m",
    "old_module_a", "old_module_b", "new_module_a", "new_module_b",
)  # fmt: skip

NUMERIC = ("old_cable_number", "new_cable_number", "old_length_m", "new_length_m")


def change_plan(old: Plan, new: Plan) -> Changes:
    """What has to be done to get from one plan to the other."""
    return changes(Cabled(old.fabric, old.cabling, old.places), Cabled(new.fabric, new.cabling, new.places))


def change_files(old: Plan, new: Plan, result: Changes) -> dict[str, bytes]:
    """`changes.csv`, a line a link that somebody touches (removals first), `devices.csv`, a line a device that comes,
    goes, is replaced or moves, and `changes.json` with the counts."""
    rows: list[tuple[str, ...]] = []
    rows += _rows("remove", old, result.removed, None, None)
    for kind, pairs in result.pairs.items():
        rows += _rows(kind, old, pairs[:, 0], new, pairs[:, 1])
    rows += _rows("add", None, None, new, result.added)
    summary = {
        "schema": "topo.changes/1",
        "old": old.design.name,
        "new": new.design.name,
        "touched": result.touched,
        "counts": result.summary(),
        "renumbered": result.renumbered,
        "devices_added": list(result.devices_added),
        "devices_removed": list(result.devices_removed),
        "devices_replaced": list(result.devices_replaced),
        "devices_moved": list(result.devices_moved),
    }
    columns = rows_to_columns(TITLES, rows, NUMERIC)
    return {
        "changes.csv": csv_bytes(columns),
        "devices.csv": csv_bytes(_devices(old, new, result)),
        "changes.json": (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode(),
    }


def _rows(
    kind: str, old: Plan | None, old_rows: IntArray | None, new: Plan | None, new_rows: IntArray | None
) -> list[tuple[str, ...]]:
    n = len(old_rows) if old_rows is not None else len(new_rows) if new_rows is not None else 0
    before, after = _side(old, old_rows, n), _side(new, new_rows, n)
    return [
        (kind, x[8], y[8], x[0], x[1], y[0], y[1], x[2], x[3], y[2], y[3], x[4], y[4], x[5], y[5], *x[6:8], *y[6:8])
        for x, y in zip(before, after, strict=True)
    ]


def _side(plan: Plan | None, rows: IntArray | None, n: int) -> list[tuple[str, ...]]:
    """Ends, labels, part, ordered length, modules and cable numbers of link rows; empty texts without a plan."""
    if plan is None or rows is None:
        return [("",) * 9] * n
    fabric, cables = plan.fabric, plan.cabling.cables
    a, b = fabric.links.a[rows], fabric.links.b[rows]
    cable = plan.cabling.cable_of_link[rows]
    near, far = end_labels(fabric, a, plan.places), end_labels(fabric, b, plan.places)
    parts = [plan.cabling.parts[p] if p >= 0 else "" for p in cables.part[cable].tolist()]
    metres = [written(m) for m in cables.sold_m[cable].tolist()]
    labels = [f"{x}/{y}" for x, y in zip(near, far, strict=True)], [f"{y}/{x}" for x, y in zip(near, far, strict=True)]
    names = [*plan.cabling.parts, ""]
    module = np.append(plan.cabling.modules.part, -1)
    ends = [
        [names[m] for m in module[at[rows]].tolist()] for at in (plan.cabling.module_at_a, plan.cabling.module_at_b)
    ]
    numbers = list(map(str, cables.number[cable].tolist()))
    columns = (port_labels(fabric, a), port_labels(fabric, b), *labels, parts, metres, *ends, numbers)
    return list(zip(*columns, strict=True))


def _devices(old: Plan, new: Plan, result: Changes) -> list[Column]:
    """A row a device: what it was and is, and where it stood and stands."""
    other = set(result.devices_replaced)
    kinds = [
        ("remove", [name for name in result.devices_removed if name not in other]),
        ("replace", list(result.devices_replaced)),
        ("move", [name for name in result.devices_moved if name not in other]),
        ("add", [name for name in result.devices_added if name not in other]),
    ]
    rows = [
        (kind, name, *(text for pair in zip(_stands(old, name), _stands(new, name), strict=True) for text in pair))
        for kind, names in kinds
        for name in names
    ]
    titles = ("change", "device", "old_part", "new_part", "old_rack", "new_rack", "old_ru", "new_ru")
    return rows_to_columns(titles, rows, ("old_ru", "new_ru"))


def _stands(plan: Plan, name: str) -> tuple[str, str, str]:
    """Part, rack and unit of a device; empty texts where it is not there or no floor is planned."""
    fabric, places = plan.fabric, plan.places
    row = fabric.device_row.get(name)
    if row is None:
        return ("", "", "")
    part = int(fabric.devices.part[row])
    at = (str(places.racks.name[places.rack[row]]), str(int(places.ru[row]))) if places else ("", "")
    return (fabric.parts[part] if part >= 0 else "", *at)
