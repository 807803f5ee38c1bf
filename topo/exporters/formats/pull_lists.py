"""What the people with the trolley need: cables by pull group and length, and a label for every end.

Without placement there are no rack pairs, and the cables of one link kind are one group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.exporters.links import LinkRows
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.segments import SegmentRows, segment_rows
from topo.exporters.table import Column, csv_bytes, numbers, picked, rows_to_columns, texts, written
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement import MEDIA


@dataclass(frozen=True)
class Laid:
    """What is laid, a row a pair of ends: the legs of a splitter are rows of one `piece`, the segments of a cable that
    passes panels are pieces of their own. Codes have shape (rows,), and so has the cable's `number`; `first` marks the
    first row of each piece. `ids` and `printed` are names by piece, without and with the number."""

    group: Column
    part: IntArray
    medium: IntArray
    sold_m: FloatArray
    piece: IntArray
    first: BoolArray
    number: IntArray
    ids: Sequence[str]
    printed: Sequence[str]
    labels: tuple[list[str], list[str]]

    def order(self) -> IntArray:
        """Rows by group, length, part and piece."""
        return np.lexsort((self.piece, self.part, np.nan_to_num(self.sold_m, nan=1e9), self.group.codes))


def laid(rows: LinkRows) -> Laid:
    """Every piece of a plan, whole cables before segments."""
    cables, cable = rows.cabling.cables, rows.cable
    if rows.places is not None:
        groups = rows.pull_groups
    else:
        kind = rows.fabric.links.kind[cables.first_link]
        groups = Column("pull_group", rows.fabric.link_kinds, kind)
    whole = Laid(
        groups.rows(cable), cables.part[cable], cables.medium[cable], cables.sold_m[cable], cable, rows.leg == 1,
        cables.number[cable], rows.cable_ids, rows.printed, rows.labels,
    )  # fmt: skip
    segments = segment_rows(rows)
    return whole if segments is None else _with_segments(whole, rows, segments)


def _with_segments(whole: Laid, rows: LinkRows, segments: SegmentRows) -> Laid:
    kept = np.flatnonzero(~rows.cabling.is_patched[rows.cable])
    index = kept.tolist()
    pieces = np.arange(len(segments.ids))
    near, far = (
        [*map(side.__getitem__, index), *more] for side, more in zip(whole.labels, segments.labels, strict=True)
    )
    a, b = segments.groups, whole.group
    names = sorted({*a.values, *b.values})
    row = {name: i for i, name in enumerate(names)}
    codes = [np.array([row[v] for v in c.values], dtype=np.int64)[k] for c, k in ((b, b.codes[kept]), (a, a.codes))]
    return Laid(
        Column("pull_group", names, np.concatenate(codes)),
        np.concatenate([whole.part[kept], segments.part]),
        np.concatenate([whole.medium[kept], rows.cabling.cables.medium[segments.cable]]),
        np.concatenate([whole.sold_m[kept], segments.sold_m]),
        np.concatenate([whole.piece[kept], len(whole.ids) + pieces]),
        np.concatenate([whole.first[kept], segments.is_piece]),
        np.concatenate([whole.number[kept], rows.cabling.cables.number[segments.cable]]),
        [*whole.ids, *segments.ids],
        [*whole.printed, *segments.printed],
        (near, far),
    )


def pull_list(rows: LinkRows) -> list[Column]:
    """A row a cable end pair, in the order of pulling."""
    what = laid(rows)
    order = what.order()
    near, far = what.labels
    index = order.tolist()
    return [
        what.group.rows(order),
        numbers("length_m", what.sold_m[order]),
        picked("cable_part", rows.cabling.parts, what.part[order]),
        picked("media", MEDIA, what.medium[order]),
        numbers("cable_number", what.number[order]),
        Column("cable", what.ids, what.piece[order]),
        texts("label_a", [near[i] for i in index]),
        texts("label_b", [far[i] for i in index]),
    ]


def bundles(rows: LinkRows) -> list[Column]:
    """A row a pull group: its cables by number, metres, kilograms where the catalog knows them, and thickness."""
    what, catalog = laid(rows), rows.catalog
    known = [catalog.get("cable", p) if catalog.path("cable", p) else None for p in rows.cabling.parts]
    kg = np.array([getattr(p, "kg_per_m", None) or np.nan for p in known] + [np.nan])
    width = np.array([getattr(p, "diameter_mm", None) or np.nan for p in known] + [np.nan])
    part, codes = what.part[what.first], what.group.codes[what.first]
    metres = np.nan_to_num(what.sold_m[what.first])
    weight = metres * kg[part]
    area = (width[part] / 2) ** 2 * np.pi
    n = len(what.group.values)
    count = np.bincount(codes, minlength=n)
    sums = {
        key: np.bincount(codes, weights=np.nan_to_num(value), minlength=n)
        for key, value in (("m", metres), ("kg", weight), ("mm2", area), ("unknown", np.isnan(weight)))
    }
    titles = ("pull_group", "cables", "metres", "kg_known", "mm2_known", "cables_of_unknown_weight")
    order = sorted(np.flatnonzero(count).tolist(), key=lambda g: what.group.values[g])
    body = [
        (
            what.group.values[g],
            str(int(count[g])),
            *(written(round(float(sums[k][g]), 3)) for k in ("m", "kg", "mm2", "unknown")),
        )
        for g in order
    ]
    return rows_to_columns(titles, body, titles[1:])


def label_sheet(rows: LinkRows) -> bytes:
    """Two lines a label (the ends; the cable's number and name), a blank line between labels; in pulling order, the
    labels of one cable together. For label printers that read text."""
    what = laid(rows)
    near, far = what.labels
    out: dict[int, list[str]] = defaultdict(list)
    for i in what.order().tolist():
        out[int(what.piece[i])] += [near[i], far[i]]
    blocks = [f"{label}\n{what.printed[piece]}\n" for piece, labels in out.items() for label in labels]
    return "\n".join(blocks).encode()


def _write(plan: Plan) -> dict[str, bytes]:
    return {
        "pull-list.csv": csv_bytes(pull_list(plan.links)),
        "bundles.csv": csv_bytes(bundles(plan.links)),
        "labels.txt": label_sheet(plan.links),
    }


exporters.add("pull-lists", Exporter("pull lists by rack pair and length, bundles, labels", _write, "ports' speeds"))
