"""What the engine says of one candidate: its requirements one after the other, the quick ones first, then its
objectives. A task and its answer are picklable, so that other processes can do it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.checks import Context, Verdict, answerable, requirement_kinds, run_wiring
from topo.checks.plugs import plug_findings
from topo.design import Design, build, context_of, parse_design
from topo.errors import InputError, LimitReachedError
from topo.pool import Spread
from topo.report.figures.failures import failures_json
from topo.report.figures.throughput import throughputs_json
from topo.report.metrics import default_certificates
from topo.report.model import Metrics, Report, RequirementResult, Subject, plain
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.record.result import HELD, REFUSED, REFUTED, UNDECIDED, Judgment
from topo.solvers.budget import counted_time
from topo.units import MET_WITHIN

QUICK = ("switches", "cost_usd", "power_w", "oversubscription", "spare_ports", "hops", "connected", "throughput")
"""Kinds of requirement that are judged before all others, in this order."""


@dataclass(frozen=True)
class Task:
    """One design to judge; `folders` are those of the catalog."""

    text: str
    path: str
    network: str
    objectives: tuple[str, ...]
    folders: tuple[Path, ...]
    time_limit_s: float
    limits: tuple[tuple[str, float], ...] = ()
    """The most of `cost_usd` and `power_w` that the network may take."""


_CATALOGS: dict[tuple[Path, ...], Catalog] = {}


def judge(task: Task, spread: Spread | None = None) -> Judgment:
    """The judgment on one design; `spread` examines draws of random failures. Its time is counted work: the answer is
    the same on a machine that is slow or busy."""
    with counted_time():
        return _judge(task, spread)


def _judge(task: Task, spread: Spread | None) -> Judgment:
    catalog = _CATALOGS.setdefault(task.folders, Catalog(task.folders))
    try:
        design = parse_design(task.text, task.path, catalog)
        context = context_of(design, build(design), time_limit_s=task.time_limit_s)
    except InputError as error:
        first = error.problems[0]
        return Judgment(REFUSED, first.message, first.key)
    return judged(design, replace(context, spread=spread) if spread else context, task)


def judged(design: Design, context: Context, task: Task, only: str = "") -> Judgment:
    """The judgment on a design that was built, by the answers of its context; with `only` one requirement is asked, and
    nothing of its wiring and cables: what breaks the requirement does so whichever parts are bought."""
    wrong = [] if only else [f for f in (*run_wiring(context), *plug_findings(context)) if f.severity == "error"]
    if wrong:
        return Judgment(REFUSED, wrong[0].message, wrong[0].code)
    context = answerable(context)
    order = {kind: i for i, kind in enumerate(QUICK)}
    results: dict[str, RequirementResult] = {}
    doubt = ""
    asked = [r for r in design.requirements if only in ("", r.id)]
    for requirement in sorted(asked, key=lambda r: (order.get(r.kind, len(QUICK)), r.line)):
        try:
            outcome = requirement_kinds.get(requirement.kind).judge(context, requirement.params)
        except InputError as error:
            first = error.problems[0]
            return Judgment(REFUSED, first.message, requirement.id)
        result = RequirementResult(
            requirement.id, outcome.statement, outcome.verdict.value, outcome.measured, outcome.bound, outcome.unit,
            outcome.certificate, requirement.line,
        )  # fmt: skip
        if outcome.verdict is Verdict.BROKEN:
            why = outcome.findings[0].message if outcome.findings else outcome.statement
            return Judgment(REFUTED, why, requirement.id, _report(design, context, (result,), task, "broken"))
        results[requirement.id] = result
        if outcome.verdict is Verdict.UNDECIDED:
            doubt = doubt or requirement.id
    if doubt:
        return Judgment(UNDECIDED, f"{doubt} is undecided", doubt)
    values: dict[str, float] = {}
    for name in dict.fromkeys((*task.objectives, "switches", *(("cost_usd",) if design.file.price_book else ()))):
        try:
            value = OBJECTIVES[name].measure(context, task.network)
        except LimitReachedError as error:
            return Judgment(UNDECIDED, f"{name}: {error}", name)
        except InputError as error:
            return Judgment(REFUSED, error.problems[0].message, f"objectives.{name}")
        if value is None or not math.isfinite(value):
            return Judgment(REFUSED, no_figure(name), f"objectives.{name}")
        values[name] = value
    for name, most in task.limits:
        passed = over(context, task.network, name, most)
        if passed:
            return Judgment(REFUSED, passed, f"limits.{name}")
    every = tuple(results[r.id] for r in asked)
    return Judgment(HELD, "", "", _report(design, context, every, task, "held"), values)


def no_figure(name: str) -> str:
    """Why a design has no value of an objective."""
    return f"no figure is known for every part: {name}"


def over(context: Context, network: str, name: str, most: float) -> str:
    """Why a network does not keep a limit, also where that is not known of every part; empty where it does."""
    value = OBJECTIVES[name].measure(context, network)
    if value is None or not math.isfinite(value):
        return no_figure(name)
    return "" if value <= most * (1 + MET_WITHIN) else f"{name} is {value:,.0f}, {most:,.0f} may be taken"


def _report(
    design: Design, context: Context, results: Sequence[RequirementResult], task: Task, verdict: str
) -> Mapping[str, Any]:
    """The report of what was asked, as JSON: no other metric, so that nothing else has to be computed. Of a design that
    is refuted it shows the one requirement, with its certificate."""
    from topo.report.counts import network_counts

    row = context.fabric.network_row(task.network)
    counts = network_counts(context.fabric, row)
    held = verdict == "held"
    shown = throughputs_json(context, task.network) if held else {}
    metrics = Metrics(
        gpus=counts.gpus or None, hosts=counts.hosts, endpoints=counts.endpoints, planes=counts.planes,
        rails=counts.rails or None, switches=counts.switches, links=counts.links, throughput=shown or None,
        failures=failures_json(context, task.network) if held else None,
    )  # fmt: skip
    carried = [r.certificate for r in results]
    rest = default_certificates(context, carried) if held or carried == [None] else {}
    subject = Subject(design.name, f"../{task.path}", design.sha256)
    report = Report(subject, verdict, tuple(results), (), metrics, {}, rest)
    result: Mapping[str, Any] = plain(report.to_json())
    return result
