"""The bill of materials as a table."""

from __future__ import annotations

from topo.exporters.table import Column, rows_to_columns, written
from topo.placement import Bom

TITLES = ("kind", "part", "title", "length_m", "count", "spares", "usd_each", "usd", "remark")


def bom_columns(bom: Bom) -> list[Column]:
    """A row a line; then the totals: what the priced lines cost, what has no price, which links have no part."""
    rows = [
        (
            line.kind,
            line.part,
            line.title,
            written(line.length_m),
            str(line.count),
            str(line.spares),
            written(line.usd_each),
            written(line.usd),
            "" if line.usd_each is not None else "unpriced",
        )
        for line in bom.lines
    ]
    metres = sum((line.length_m or 0.0) * (line.count + line.spares) for line in bom.lines if line.kind == "cable")
    kinds = ("switch", "host", "transceiver", *(("panel",) if bom.count("panel") else ()), "cable")
    for kind in kinds:
        length = written(metres) if kind == "cable" else ""
        totals = (str(bom.count(kind)), str(bom.spares(kind)))
        rows.append(("total", "", f"all of kind {kind}", length, *totals, "", "", ""))
    priced = [line for line in bom.lines if line.usd_each is not None]
    book = f"price book {bom.price_book}" if bom.price_book else "no price book"
    counts = (str(sum(x.count for x in priced)), str(sum(x.spares for x in priced)))
    rows.append(("total", "", "priced lines", "", *counts, "", written(bom.usd) if priced else "", book))
    rows += [("unpriced", part, "", "", "", "", "", "", "not in the total") for part in bom.unpriced]
    if bom.missing:
        rows.append(("missing", "", "links that no part of the catalog joins", "", str(bom.missing), "", "", "", ""))
    return rows_to_columns(TITLES, rows, ("length_m", "count", "spares", "usd_each", "usd"))


def spare_columns(bom: Bom) -> list[Column]:
    """A row a type that has spares."""
    titles = ("kind", "part", "length_m", "spares")
    rows = [(x.kind, x.part, written(x.length_m), str(x.spares)) for x in bom.lines if x.spares]
    return rows_to_columns(titles, rows, ("length_m", "spares"))
