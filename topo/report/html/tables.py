"""The tables of a page: counts, bill of materials, lengths, racks, and the columns of the cable table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topo.exporters import Plan
from topo.exporters.segments import segment_rows
from topo.exporters.table import Column, picked
from topo.fabric import HOST
from topo.fabric.ranks import distinct, ranks, row_ranks
from topo.placement import MEDIA, Line
from topo.placement.floor.alike import kinds_of
from topo.report.model import Metrics
from topo.report.words import NONE, interval, number
from topo.units import amount

CABLE_COLUMNS = (
    "cable_number",
    "cable",
    "a_rack",
    "a_ru",
    "a_device",
    "a_port",
    "b_rack",
    "b_ru",
    "b_device",
    "b_port",
    "kind",
    "speed_gbps",
    "network",
    "plane",
    "rail",
    "cable_part",
    "length_m",
    "length_basis",
    "leg",
    "panels",
)


@dataclass(frozen=True)
class Grid:
    """A small table. Columns of `numeric` are set flush right; `bar` is a column drawn as bars as well."""

    id: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    bar: tuple[float, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class ColumnData:
    """A column of the cable table: distinct values, and the code of each row's (shape (rows,))."""

    title: str
    values: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    is_number: bool


def cable_columns(plan: Plan) -> tuple[ColumnData, ...]:
    """The cable schedule's columns that a reader looks for, and the panel positions on the way; those that are empty
    throughout are left out."""
    result = []
    columns = {c.title: c for c in (*plan.links.plain_columns, *_panels(plan))}
    for title in CABLE_COLUMNS:
        column = columns.get(title)
        if column is None or not len(column.codes):
            continue
        values = tuple(str(column.values[i]) for i in distinct(column.codes).tolist())
        if values == ("",):
            continue
        result.append(ColumnData(title, values, ranks(column.codes).astype(np.int32), column.is_number))
    return tuple(result)


def _panels(plan: Plan) -> tuple[Column, ...]:
    segments = segment_rows(plan.links)
    if segments is None:
        return ()
    way = np.full(len(plan.cabling.cables), -1, dtype=np.int64)
    way[segments.patching.cable] = np.arange(len(segments.patching.cable))
    return (picked("panels", segments.ways, way[plan.links.cable]),)


def grids(plan: Plan) -> tuple[Grid, ...]:
    """Counts by network, lengths, racks and the bill of materials."""
    result = [_counts(plan), _lengths(plan)]
    if plan.places is not None:
        result += [_racks(plan), _feeds(plan)]
    return (*result, _bom(plan))


def _counts(plan: Plan) -> Grid:
    rows = []
    for network, counts in plan.counts.items():
        for kind, table in (("switches", counts.switches), ("links", counts.links), ("spare ports", counts.spare)):
            built = _built(plan, network, kind)
            for name, n in table.items():
                counted = f"{built[name]:,}" if name in built else NONE
                rows.append((network, kind, name.replace("_", "–"), counted, f"{n:,}"))
    return Grid(
        "counts",
        "Counts, as built and by the closed form",
        ("network", "what", "of", "built", "closed form"),
        tuple(rows),
        frozenset({3, 4}),
        note="; ".join(f"{name}: {c.formula} ({c.source})" for name, c in plan.counts.items()),
    )


def networks_grid(metrics: Mapping[str, Metrics]) -> tuple[Grid, ...]:
    """A row of each network, by name, where there are several."""
    if len(metrics) < 2:
        return ()
    rows = tuple((name, *_network_cells(known)) for name, known in metrics.items())
    heads = ("network", "hosts", "endpoints", "switches", "switch-to-switch links", "cables", "modules",
             "most switches on a path", "bisection, of full", "all-to-all, adaptive")  # fmt: skip
    note = "Of line rate, with the endpoint links; what was not asked is left out. Money and power of each stand below."
    return (Grid("networks", "Networks", heads, rows, frozenset(range(1, 10)), note=note),)


def _network_cells(known: Metrics) -> tuple[str, ...]:
    share = (known.bisection or {}).get("share")
    adaptive = (known.throughput or {}).get("all-to-all", {}).get("adaptive")
    counts = (
        known.hosts, known.endpoints, (known.switches or {}).get("total"), (known.links or {}).get("fabric"),
        known.cables, known.transceivers, (known.hops or {}).get("max"),
    )  # fmt: skip
    shown = [NONE if n is None else number(n) for n in counts]
    return (*shown, interval(share) if share else NONE, interval(adaptive) if adaptive else NONE)


def spare_grid(metrics: Mapping[str, Metrics]) -> tuple[Grid, ...]:
    """What each network, by name, has beyond need; no grid where none has anything."""
    rows = []
    for network, known in metrics.items():
        for one in known.spare or ():
            usd = f"{one['usd']:,.0f}" if "usd" in one else ""
            avoid = one.get("avoid", {"key": "", "value": "", "costs": ""})
            key = ": ".join(str(avoid[k]) for k in ("key", "value") if avoid[k] != "")
            rows.append((network, one["tier"], one["what"], f"{one['number']:,}", usd, key, avoid["costs"]))
    heads = ("network", "tier", "what", "number", "USD", "avoided by", "what that changes")
    caption = "Beyond what the network needs"
    return (Grid("spare", caption, heads, tuple(rows), frozenset({3, 4})),) if rows else ()


def _built(plan: Plan, network: str, kind: str) -> dict[str, int]:
    from topo.report.counts import network_counts

    if kind == "spare ports":
        return {}
    counts = network_counts(plan.fabric, plan.fabric.network_row(network))
    return dict(counts.switches if kind == "switches" else counts.links)


def _lengths(plan: Plan) -> Grid:
    """Cables by medium and ordered length."""
    cables = plan.cabling.cables
    mm = np.nan_to_num(np.round(cables.sold_m * 1000), nan=-1).astype(np.int64)
    keys = np.stack([cables.medium, mm], axis=1)
    own = row_ranks(keys)
    counts = np.bincount(own)
    pairs = np.empty((len(counts), 2), dtype=np.int64)
    pairs[own] = keys
    rows = tuple(
        (
            MEDIA[m] if m >= 0 else "none fits",
            f"{mm / 1000:g}" if mm >= 0 else "",
            f"{n:,}",
            f"{mm / 1000 * n:,.0f}" if mm >= 0 else "",
        )
        for (m, mm), n in zip(pairs.tolist(), counts.tolist(), strict=True)
    )
    return Grid(
        "lengths",
        "Cables by medium and length",
        ("medium", "length m", "cables", "metres in all"),
        rows,
        frozenset({1, 2, 3}),
        tuple(float(n) / float(counts.max(initial=1)) for n in counts.tolist()),
    )


def _racks(plan: Plan) -> Grid:
    """Racks that are filled alike, as one row each."""
    places = plan.places
    assert places is not None
    host = plan.fabric.devices.tier == HOST
    hosts = np.bincount(places.rack[host], minlength=len(places.racks))
    switches = np.bincount(places.rack[~host], minlength=len(places.racks))
    rows = tuple(
        (
            str(places.racks.name[f]),
            places.kinds[places.kind[f]].part.id,
            f"{n:,}",
            f"{hosts[f]:,}",
            f"{switches[f]:,}",
            places.kinds[places.kind[f]].words() or NONE,
            f"{places.used_units[f]:,} of {places.units_of[f]:,}",
            f"{places.used_power_w[f] / 1000:,.1f} of {places.limit_w[f] / 1000:,.1f}",
        )
        for f, n in kinds_of(plan.fabric, places)
    )
    return Grid(
        "racks",
        f"Racks ({len(places.racks):,})",
        ("such as", "rack", "racks", "hosts", "switches", "contents", "rack units", "kW known"),
        rows,
        frozenset({2, 3, 4}),
    )


def _feeds(plan: Plan) -> Grid:
    """What rows and halls draw, as far as it is known, and what they are fed."""
    places, floor = plan.places, plan.design.file.floor
    assert places is not None
    assert floor is not None
    rows = []
    for word, limit in (("hall", floor.hall_power_w), ("row", floor.row_power_w)):
        for name, racks, watts in places.draws(word):
            fed = f"{limit / 1000:,.1f}" if limit else "not stated"
            rows.append((word, name, f"{racks:,}", f"{watts / 1000:,.1f}", fed))
    unknown = int((~places.power_known).sum())
    beside = {name for kind in np.unique(places.kind).tolist() for name in places.kinds[kind].unknown}
    missing = [amount(unknown, "device")] * (unknown > 0) + sorted(beside)
    note = f"Not known of {', '.join(missing)}: what is drawn is a lower bound." if missing else ""
    heads = ("of", "name", "racks", "kW known", "kW fed")
    return Grid("feeds", "Power of rows and halls", heads, tuple(rows), frozenset({2, 3, 4}), note=note)


def _bom(plan: Plan) -> Grid:
    bom = plan.bom
    rows = [
        (
            line.kind,
            line.part,
            f"{line.title} ({line.note})" if line.note else line.title,
            "" if line.length_m is None else f"{line.length_m:g}",
            f"{line.count:,}",
            f"{line.usd_each:,.2f}" if line.usd_each is not None else line.remark or _each(line),
            "" if line.usd is None else f"{line.usd:,.0f}",
        )
        for line in (*bom.lines, *bom.links)
    ]
    note = f"Price book: {bom.price_book or 'none'}{f' ({bom.basis})' if bom.basis else ''}. "
    if any(line.usd is not None for line in (*bom.lines, *bom.links)):
        note += f"The priced lines cost {bom.usd:,.0f} USD"
        note += f", {bom.networks_usd:,.0f} of it the networks" if round(bom.usd) != round(bom.networks_usd) else ""
        note += f"; no price is known for {', '.join(bom.unpriced)}." if bom.unpriced else "."
    heads = ("kind", "part", "title", "length m", "count", "USD each", "USD")
    return Grid("bom", "Bill of materials", heads, tuple(rows), frozenset({3, 4, 5, 6}), note=note)


def _each(line: Line) -> str:
    """Links of a class cost the same each; without any price a line says so."""
    return "unpriced" if line.usd is None else ""
