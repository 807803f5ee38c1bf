"""Everything a page shows, collected from a plan and its report as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.diagrams import DiagramInput, draw, render
from topo.diagrams.registry import views
from topo.errors import LimitReachedError, ParameterError
from topo.exporters import Plan
from topo.report.html.loads import LoadTable, load_tables
from topo.report.html.tables import ColumnData, Grid, cable_columns, grids
from topo.report.model import Report

FIRST_VIEWS = ("overview", "plane", "pod", "rack", "rail", "host", "path", "cut", "load", "failure")
"""The order of the drawings; views that are not named follow, `full` is left out for its size."""


FAILURE_LIMIT_S = 20.0


@dataclass(frozen=True)
class Picture:
    """One drawing as SVG text without its XML head."""

    view: str
    title: str
    svg: str


@dataclass(frozen=True)
class Page:
    """One design's part of the page. `cables` is empty where the page is a comparison."""

    name: str
    title: str
    report: Report
    failures: tuple[Mapping[str, Any], ...]
    pictures: tuple[Picture, ...]
    loads: tuple[LoadTable, ...]
    grids: tuple[Grid, ...]
    cables: tuple[ColumnData, ...]
    assumptions: tuple[str, ...]


def gather(plan: Plan, report: Report, whole: bool = True) -> Page:
    """The page of one design; not `whole`: the overview only and no cables, for a comparison."""
    data = DiagramInput(plan.fabric, plan.title, places=plan.places)
    names = [v for v in views.names() if v != "full"] if whole else ["overview"]
    order = {name: i for i, name in enumerate(FIRST_VIEWS)}
    pictures = [_picture(name, data) for name in sorted(names, key=lambda n: (order.get(n, len(order)), n))]
    return Page(
        plan.design.name,
        plan.title,
        report,
        failures_of(plan, report),
        tuple(p for p in pictures if p is not None),
        load_tables(plan.fabric, report.metrics) if whole else (),
        grids(plan),
        cable_columns(plan) if whole else (),
        assumptions(plan),
    )


def failures_of(plan: Plan, report: Report) -> tuple[Mapping[str, Any], ...]:
    """The failures that the design asks for; where it asks for none, every single leaf, spine and core, as far as
    `FAILURE_LIMIT_S` goes."""
    if report.metrics.failures:
        return tuple(report.metrics.failures)
    from topo.analysis.failures import single_failures

    try:
        rows = single_failures(plan.fabric, ("leaf", "spine", "core"), time_limit_s=FAILURE_LIMIT_S)
    except LimitReachedError:
        return ()
    return tuple(row.to_json() for row in rows)


def invalid_page(report: Report) -> Page:
    """The page of a design that cannot be read or built: its errors."""
    return Page(report.subject.name, report.subject.name, report, (), (), (), (), (), ())


def _picture(view: str, data: DiagramInput) -> Picture | None:
    """The drawing of a view, None where the fabric has nothing of the kind."""
    try:
        svg = render(draw(view, data), "svg").decode()
    except ParameterError:
        return None
    return Picture(view, views.get(view).title, svg[svg.index("<svg") :])


def assumptions(plan: Plan) -> tuple[str, ...]:
    """What the figures rest on that nobody measured."""
    found = []
    lengths = plan.cabling.lengths
    for code, name in enumerate(plan.fabric.link_kinds):
        mine = plan.fabric.links.kind == code
        if plan.places is None and mine.any():
            values = np.unique(lengths.length_m[mine])
            span = f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}"
            found.append(f"Cables of {name.replace('_', '–')} links are {span} m long: no placement is given.")
    bom = plan.bom
    if not bom.price_book:
        found.append("No price book is chosen, so there is no cost.")
    elif bom.unpriced:
        found.append(f"Price book {bom.price_book} has no price for: {', '.join(bom.unpriced)}.")
    if bom.missing:
        found.append(f"{bom.missing:,} links have no cable in the catalog.")
    for kind, part_id in sorted({(line.kind, line.part) for line in bom.lines}):
        if plan.catalog.path(kind, part_id) is None:
            continue
        part = plan.catalog.get(kind, part_id)
        if not part.source.read:
            found.append(f"The figures of {part_id} are quoted from memory: {part.source.document}")
        elif part.source.doubtful:
            found.append(f"Of {part_id} these are from memory: {', '.join(part.source.doubtful)}")
    if plan.places is not None and plan.places.assumed:
        found.append(f"Heights are assumed for: {', '.join(plan.places.assumed)}.")
    return (*found, "A bound counts as met within 1e-6 relative.")
