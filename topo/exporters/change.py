"""The change plan as files."""

from __future__ import annotations

import json

from topo.exporters.plan import Plan
from topo.exporters.table import csv_bytes, rows_to_columns, written
from topo.fabric.model import IntArray
from topo.placement.change import Cabled, Changes, changes
from topo.placement.labels import end_labels, port_labels

TITLES = (
    "change", "old_a", "old_b", "new_a", "new_b", "old_label_a", "old_label_b", "new_label_a", "new_label_b",
    "old_part", "new_part", "old_length_m", "new_length_m",
)  # fmt: skip


def change_plan(old: Plan, new: Plan) -> Changes:
    """What has to be done to get from one plan to the other."""
    return changes(Cabled(old.fabric, old.cabling, old.places), Cabled(new.fabric, new.cabling, new.places))


def change_files(old: Plan, new: Plan, found: Changes) -> dict[str, bytes]:
    """`changes.csv`, a line a link that somebody touches (removals first), and `changes.json` with the counts."""
    rows: list[tuple[str, ...]] = []
    rows += _rows("remove", old, found.removed, None, None)
    rows += _rows("re-terminate", old, found.reterminated[:, 0], new, found.reterminated[:, 1])
    rows += _rows("move", old, found.moved[:, 0], new, found.moved[:, 1])
    rows += _rows("replace", old, found.replaced[:, 0], new, found.replaced[:, 1])
    rows += _rows("add", None, None, new, found.added)
    summary = {
        "schema": "topo.changes/1",
        "old": old.design.name,
        "new": new.design.name,
        "touched": found.touched,
        "counts": found.summary(),
        "devices_added": list(found.devices_added),
        "devices_removed": list(found.devices_removed),
        "devices_moved": list(found.devices_moved),
    }
    columns = rows_to_columns(TITLES, rows, ("old_length_m", "new_length_m"))
    return {
        "changes.csv": csv_bytes(columns),
        "changes.json": (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode(),
    }


def _rows(
    kind: str, old: Plan | None, old_rows: IntArray | None, new: Plan | None, new_rows: IntArray | None
) -> list[tuple[str, ...]]:
    n = len(old_rows) if old_rows is not None else len(new_rows) if new_rows is not None else 0
    before, after = _side(old, old_rows, n), _side(new, new_rows, n)
    return [
        (kind, x[0], x[1], y[0], y[1], x[2], x[3], y[2], y[3], x[4], y[4], x[5], y[5])
        for x, y in zip(before, after, strict=True)
    ]


def _side(plan: Plan | None, rows: IntArray | None, n: int) -> list[tuple[str, ...]]:
    """Ends, labels, part and ordered length of link rows; empty texts without a plan."""
    if plan is None or rows is None:
        return [("",) * 6] * n
    fabric, cables = plan.fabric, plan.cabling.cables
    a, b = fabric.links.a[rows], fabric.links.b[rows]
    cable = plan.cabling.cable_of_link[rows]
    near, far = end_labels(fabric, a, plan.places), end_labels(fabric, b, plan.places)
    parts = [plan.cabling.parts[p] if p >= 0 else "" for p in cables.part[cable].tolist()]
    metres = [written(m) for m in cables.sold_m[cable].tolist()]
    labels = [f"{x}/{y}" for x, y in zip(near, far, strict=True)], [f"{y}/{x}" for x, y in zip(near, far, strict=True)]
    return list(zip(port_labels(fabric, a), port_labels(fabric, b), *labels, parts, metres, strict=True))
