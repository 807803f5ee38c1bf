"""What the people with the trolley need: cables by pull group and length, and a label for every end.

Without placement there are no rack pairs, and the cables of one link kind are one group.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topo.exporters._links import LinkRows
from topo.exporters._plan import Exporter, Plan, exporters
from topo.exporters._table import Column, csv_bytes, numbers, picked, rows_to_columns, texts, written
from topo.fabric.model import IntArray
from topo.placement import MEDIA


def _groups(rows: LinkRows) -> Column:
    """The pull group of every cable."""
    if rows.places is not None:
        return rows.pull_groups
    first = rows.cabling.cables.first_link
    return Column("pull_group", rows.fabric.link_kinds, rows.fabric.links.kind[first])


def _order(rows: LinkRows, groups: Column) -> IntArray:
    """Rows of the table by group, length, part and cable."""
    cables = rows.cabling.cables
    cable = rows.cable
    return np.lexsort((cable, cables.part[cable], np.nan_to_num(cables.sold_m[cable], nan=1e9), groups.codes[cable]))


def pull_list(rows: LinkRows) -> list[Column]:
    """A row a cable end pair, in the order of pulling."""
    groups = _groups(rows)
    order = _order(rows, groups)
    cable = rows.cable[order]
    cables = rows.cabling.cables
    near, far = rows.labels
    index = order.tolist()
    return [
        groups.rows(cable),
        numbers("length_m", cables.sold_m[cable]),
        picked("cable_part", rows.cabling.parts, cables.part[cable]),
        picked("media", MEDIA, cables.medium[cable]),
        Column("cable", rows.cable_ids, cable),
        texts("label_a", [near[i] for i in index]),
        texts("label_b", [far[i] for i in index]),
    ]


def bundles(rows: LinkRows) -> list[Column]:
    """A row a pull group: its cables by number, metres, kilograms where the catalog knows them, and thickness."""
    groups, cables, catalog = _groups(rows), rows.cabling.cables, rows.catalog
    known = [catalog.get("cable", p) if catalog.path("cable", p) else None for p in rows.cabling.parts]
    kg = np.array([getattr(p, "kg_per_m", None) or np.nan for p in known] + [np.nan])
    width = np.array([getattr(p, "diameter_mm", None) or np.nan for p in known] + [np.nan])
    metres = np.nan_to_num(cables.sold_m)
    weight = metres * kg[cables.part]
    area = (width[cables.part] / 2) ** 2 * np.pi
    n = len(groups.values)
    count = np.bincount(groups.codes, minlength=n)
    sums = {
        key: np.bincount(groups.codes, weights=np.nan_to_num(value), minlength=n)
        for key, value in (("m", metres), ("kg", weight), ("mm2", area), ("unknown", np.isnan(weight)))
    }
    titles = ("pull_group", "cables", "metres", "kg_known", "mm2_known", "cables_of_unknown_weight")
    order = sorted(np.flatnonzero(count).tolist(), key=lambda g: groups.values[g])
    body = [
        (
            groups.values[g],
            str(int(count[g])),
            *(written(round(float(sums[k][g]), 3)) for k in ("m", "kg", "mm2", "unknown")),
        )
        for g in order
    ]
    return rows_to_columns(titles, body, titles[1:])


def label_sheet(rows: LinkRows) -> bytes:
    """Two lines a label (the ends, the cable), a blank line between labels; in pulling order, the labels of one cable
    together. For label printers that read text."""
    near, far = rows.labels
    out: dict[int, list[str]] = defaultdict(list)
    for i in _order(rows, _groups(rows)).tolist():
        out[int(rows.cable[i])] += [near[i], far[i]]
    ids = rows.cable_ids
    blocks = [f"{label}\n{ids[cable]}\n" for cable, labels in out.items() for label in labels]
    return "\n".join(blocks).encode()


def _write(plan: Plan) -> dict[str, bytes]:
    return {
        "pull-list.csv": csv_bytes(pull_list(plan.links)),
        "bundles.csv": csv_bytes(bundles(plan.links)),
        "labels.txt": label_sheet(plan.links),
    }


exporters.add("pull-lists", Exporter("pull lists by rack pair and length, bundles, labels", _write, "ports' speeds"))
