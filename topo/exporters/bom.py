"""The bill of materials as a table."""

from __future__ import annotations

from topo.exporters.table import Column, rows_to_columns, written
from topo.placement import Bom

Row = tuple[str, str, str, str, str, str, str, str, str]
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
            "; ".join(filter(None, (line.remark or ("" if line.usd is not None else "unpriced"), line.note))),
        )
        for line in (*bom.lines, *bom.links)
    ]
    metres = sum((line.length_m or 0.0) * (line.count + line.spares) for line in bom.lines if line.kind == "cable")
    sometimes = [kind for kind in ("panel", "rack", "rack-content") if bom.count(kind)]
    kinds = ("switch", "host", "transceiver", *sometimes, "cable")
    for kind in kinds:
        length = written(metres) if kind == "cable" else ""
        totals = (str(bom.count(kind)), str(bom.spares(kind)))
        rows.append(("total", "", f"all of kind {kind}", length, *totals, "", "", ""))
    rows += _sums(bom)
    rows += [("unpriced", part, "", "", "", "", "", "", "not in the total") for part in bom.unpriced]
    if bom.missing:
        rows.append(("missing", "", "links that no part of the catalog joins", "", str(bom.missing), "", "", "", ""))
    return rows_to_columns(TITLES, rows, ("length_m", "count", "spares", "usd_each", "usd"))


def _sums(bom: Bom) -> list[Row]:
    """What the priced lines cost; above it what of that the networks cost, as reports state it, where hosts or spares
    cost something too."""
    priced = [line for line in (*bom.lines, *bom.links) if line.usd is not None]
    book = f"price book {bom.price_book}" if bom.price_book else "no price book"
    book += f" ({bom.basis})" if bom.basis else ""
    counts = (str(sum(x.count for x in priced)), str(sum(x.spares for x in priced)))
    usd, networks = bom.usd, bom.networks_usd
    rows: list[Row] = [("total", "", "priced lines", "", *counts, "", written(usd) if priced else "", book)]
    if round(usd, 2) != round(networks, 2):
        rows.insert(
            0,
            (
                "total",
                "",
                "networks, without hosts, racks and spares"
                if bom.count("rack")
                else "networks, without hosts and spares",
                "",
                "",
                "",
                "",
                written(networks),
                book,
            ),
        )
    return rows


def spare_columns(bom: Bom) -> list[Column]:
    """A row a type that has spares."""
    titles = ("kind", "part", "length_m", "spares")
    rows = [(x.kind, x.part, written(x.length_m), str(x.spares)) for x in bom.lines if x.spares]
    return rows_to_columns(titles, rows, ("length_m", "spares"))
