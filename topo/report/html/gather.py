"""Everything a page shows, collected from a plan and its report as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.analysis.network import switch_network
from topo.analysis.symmetry import network_symmetry
from topo.checks import Context, questions
from topo.diagrams import Box, DiagramInput, draw
from topo.diagrams.registry import views
from topo.diagrams.written.render import render
from topo.errors import LimitReachedError, ParameterError
from topo.exporters import Plan
from topo.fabric import CORE, LEAF, SPINE, Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.placement import torn_domains
from topo.report.html.loads import LinkUse, LoadTable, link_use, load_tables
from topo.report.html.tables import ColumnData, Grid, cable_columns, grids, networks_grid, spare_grid
from topo.report.model import Report
from topo.solvers.budget import QUESTION_S
from topo.units import amount, verb

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection

FIRST_VIEWS = ("overview", "plane", "pod", "rack", "rail", "host", "path", "cut", "load", "failure")
"""The order of the drawings; views that are not named follow, `full` is left out for its size."""


FAILURE_SHARE = 1 / 3
"""Of the limit of a question, what failures are judged in that the design does not ask for."""
TIERS = {"leaf": LEAF, "spine": SPINE, "core": CORE}
"""The kinds of failures that are one switch of a tier."""
MOST_UNLIKE = 16
"""Where more switches than these are unlike each other (in a random graph all are), their failures are not judged."""
SPRAYED = "all-to-all at line rate, sprayed evenly over all shortest paths; share of each link's speed"


@dataclass(frozen=True)
class Picture:
    """One drawing as SVG text without its XML head; `holds` gives the device rows behind its boxes (see `runs`)."""

    view: str
    title: str
    svg: str
    holds: tuple[tuple[str, tuple[int, ...]], ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Page:
    """One design's part of the page. `cables` and the names of all `devices`, by row, are empty in a comparison."""

    name: str
    title: str
    report: Report
    failures: tuple[Mapping[str, Any], ...]
    pictures: tuple[Picture, ...]
    loads: tuple[LoadTable, ...]
    grids: tuple[Grid, ...]
    cables: tuple[ColumnData, ...]
    assumptions: tuple[str, ...]
    devices: tuple[str, ...] = ()
    load_remark: str = ""
    failure_remark: str = ""


@dataclass(frozen=True)
class Answers:
    """What the check has computed and the page shows again: the optimal adaptive routing's use by arc of the compute
    network and its bisection; None where they are not known."""

    adaptive_use: FloatArray | None = None
    halves: Bisection | None = None


def answers_of(context: Context) -> Answers:
    """The answers that a context remembers about the first network."""
    name = context.fabric.networks[0]
    adaptive, halves = context.known(questions.Throughput(name)), context.known(questions.Bisection(name))
    return Answers(adaptive.arc_use if adaptive else None, halves)


def gather(plan: Plan, report: Report, known: Answers, whole: bool = True, limit_s: float = QUESTION_S) -> Page:
    """The page of one design; not `whole`: the overview only and no cables, for a comparison. `limit_s` is that of
    a question."""
    fabric = plan.fabric
    use = link_use(fabric, known.adaptive_use) if whole else LinkUse({})
    data = DiagramInput(fabric, plan.title, places=plan.places, halves=known.halves)
    if "spray" in use.shares:
        data = replace(data, load=use.shares["spray"], load_title=SPRAYED)
    names = [v for v in views.names() if v != "full"] if whole else ["overview"]
    order = {name: i for i, name in enumerate(FIRST_VIEWS)}
    pictures = [_picture(name, data) for name in sorted(names, key=lambda n: (order.get(n, len(order)), n))]
    failures, failure_remark = failures_of(plan, report, limit_s)
    return Page(
        plan.design.name,
        plan.title,
        report,
        failures,
        _unlike(pictures),
        load_tables(fabric, use.shares) if use.shares else (),
        (
            *networks_grid({fabric.networks[0]: report.metrics, **report.others}),
            *grids(plan),
            *spare_grid({fabric.networks[0]: report.metrics, **report.others}),
        ),
        cable_columns(plan) if whole else (),
        assumptions(plan),
        tuple(str(n) for n in fabric.devices.name) if whole else (),
        use.remark,
        failure_remark,
    )


def failures_of(plan: Plan, report: Report, limit_s: float) -> tuple[tuple[Mapping[str, Any], ...], str]:
    """The failures that the design asks for, and of the kinds leaf, spine and core (switch where there are no tiers)
    for which it asks none, every single one, as far as a share of `limit_s`, the limit of a question, goes; and a
    sentence that says which kinds were left out, and why."""
    from topo.analysis.failures import single_failures

    result = list(report.metrics.failures or [])
    asked = {str(row.get("what", "")) for row in result}
    tiers = tuple(TIERS) if np.isin([*TIERS.values()], plan.fabric.devices.tier).any() else ("switch",)
    kinds = [kind for kind in tiers if kind not in asked]
    if "switch" in kinds and _unlike_switches(plan.fabric, FAILURE_SHARE * limit_s) > MOST_UNLIKE:
        return tuple(result), f"The loss of a switch was not judged: more than {MOST_UNLIKE:,} are unlike each other."
    try:
        rows = single_failures(plan.fabric, kinds, time_limit_s=FAILURE_SHARE * limit_s)
    except LimitReachedError:
        time = f"a third of the limit of a question ({limit_s:g} s, --time-limit) was not enough"
        tier = plan.fabric.devices.tier
        there = [kind for kind in kinds if (tier == TIERS.get(kind, -1)).any() or kind == "switch"]
        return tuple(result), f"The loss of a {' or '.join(there)} was not judged: {time}." if there else ""
    return (*result, *(row.to_json() for row in rows)), ""


def _unlike_switches(fabric: Fabric, limit_s: float) -> int:
    """How many switches of the compute network are unlike each other, so that each is a failure of its own."""
    return len(network_symmetry(fabric, switch_network(fabric, 0), 0, limit_s=limit_s).representatives)


def invalid_page(report: Report) -> Page:
    """The page of a design that cannot be read or built: its errors."""
    return Page(report.subject.name, report.subject.name, report, (), (), (), (), (), ())


def _picture(view: str, data: DiagramInput) -> Picture | None:
    """The drawing of a view, None where the fabric has nothing of the kind or a limit is reached."""
    try:
        drawing = draw(view, data)
    except (ParameterError, LimitReachedError):
        return None
    svg = render(drawing, "svg").decode()
    holds = tuple((name, runs(rows)) for name, rows in drawing.holds.items())
    return Picture(view, views.get(view).title, svg[svg.index("<svg") :], holds, drawing.boxes)


def _unlike(pictures: Sequence[Picture | None]) -> tuple[Picture, ...]:
    """The pictures that there are, without those that show the same boxes as one before: the only plane of a family
    without tiers is what the overview shows."""
    result: list[Picture] = []
    for picture in pictures:
        if picture is not None and all(picture.boxes != p.boxes for p in result):
            result.append(picture)
    return tuple(result)


def runs(rows: IntArray) -> tuple[int, ...]:
    """Distinct rows as runs of equal steps, three numbers each: first, count, step."""
    values = np.sort(rows).tolist()
    result: list[int] = []
    at = 0
    while at < len(values):
        step = values[at + 1] - values[at] if at + 1 < len(values) else 1
        end = at + 1
        while end < len(values) and values[end] - values[end - 1] == step:
            end += 1
        result += [values[at], end - at, step]
        at = end
    return tuple(result)


def assumptions(plan: Plan) -> tuple[str, ...]:
    """What the figures rest on that nobody measured."""
    result = []
    lengths = plan.cabling.lengths
    for code, name in enumerate(plan.fabric.link_kinds):
        mask = plan.fabric.links.kind == code
        if plan.places is None and mask.any():
            values = np.unique(lengths.length_m[mask])
            span = f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}"
            result.append(f"Cables of {name.replace('_', '–')} links are {span} m long: no placement is given.")
    bom = plan.bom
    if not bom.price_book:
        result.append("No price book is chosen, so there is no cost.")
    elif bom.unpriced:
        result.append(f"Price book {bom.price_book} has no price for: {', '.join(bom.unpriced)}.")
    if bom.missing:
        result.append(f"{amount(bom.missing, 'link')} {verb(bom.missing, 'have')} no cable in the catalog.")
    for kind, part_id in sorted({(line.kind, line.part) for line in bom.lines}):
        if plan.catalog.path(kind, part_id) is None:
            continue
        part = plan.catalog.get(kind, part_id)
        if not part.source.read:
            result.append(f"The figures of {part_id} are quoted from memory: {part.source.document}")
        elif part.source.doubtful:
            result.append(f"Of {part_id} these are from memory: {', '.join(part.source.doubtful)}")
    if plan.places is not None and plan.places.assumed:
        result.append(f"Heights are assumed for: {', '.join(plan.places.assumed)}.")
    torn = torn_domains(plan.fabric, plan.places) if plan.places is not None else 0
    if torn:
        result.append(f"Scale-up domains in more than one rack, as none of this floor takes all their hosts: {torn:,}.")
    return (*result, "A bound counts as met within 1e-6 relative.")
