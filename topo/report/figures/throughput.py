"""The throughput of traffics under routings."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from topo.checks import Context, questions
from topo.errors import LimitReachedError
from topo.interval import finite, span
from topo.report.figure import (
    LAST,
    Answers,
    Asked,
    Cell,
    Column,
    Comparison,
    Figure,
    Footnote,
    Side,
    Subject,
    Tile,
    Tiled,
    figures,
)
from topo.report.footnotes import LINE_RATE, has_row
from topo.report.model import Metrics, Report
from topo.report.words import NONE, interval
from topo.units import amount, verb

if TYPE_CHECKING:
    from topo.analysis.throughput import Throughput

DEFAULT_QUESTION = ("all-to-all", "adaptive")
ADAPTIVE = "adaptive"
ROUTINGS = {"adaptive": "adaptive", "spray": "spray", "wcmp": "WCMP", "ecmp": "ECMP", "static": "static"}
"""Routings as the comparison calls them, in its order; one of another package keeps its own name."""
DRAWN = ("adaptive", "ecmp")
GPUS = Column("gpu_all_to_all_adaptive", "GPU all-to-all, adaptive", better="more", at=200)


def throughput_json(value: Throughput) -> dict[str, Any]:
    """A throughput as the report's keys; unbounded ends are absent. Where endpoints have no path to peers it is 0, and
    `without_unreachable` is what the other pairs get."""
    if value.cut_off:
        rest = throughput_json(replace(value, cut_off=()))
        zero = throughput_json(replace(value.counted(), cut_off=()))
        return {**zero, "cut_off": len(value.cut_off), "without_unreachable": rest}
    ends = {name: getattr(value, name) for name in ("lower", "upper", "network_lower", "network_upper")}
    return {**finite(**ends), "exact": value.exact, **({"samples": value.samples} if value.samples else {})}


def throughputs_json(context: Context, network: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Every throughput that was asked, by traffic and routing."""
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for one in sorted(context.asked(questions.Throughput, network), key=lambda one: (one.traffic, one.routing)):
        result.setdefault(one.traffic, {})[one.routing] = throughput_json(context.ask(one))
    return result


def _metric(context: Context, network: str) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The adaptive all-to-all, and all that requirements asked."""
    with contextlib.suppress(LimitReachedError):
        context.ask(questions.Throughput(network, *DEFAULT_QUESTION))
    return throughputs_json(context, network)


def _column(routing: str) -> Column:
    name = routing.partition(":")[0]
    at = 190 + list(ROUTINGS).index(name) if name in ROUTINGS else LAST
    title = f"all-to-all, {ROUTINGS.get(name, name)}"
    return Column(f"all_to_all_{name}", title, better="more", at=at, drawn=name in DRAWN)


def _cell(subject: Subject, traffic: str, routing: str) -> Cell | None:
    try:
        value = subject.context.ask(questions.Throughput(subject.network, traffic, routing))
    except LimitReachedError:
        return None
    seeds = value.samples["seeds"] if value.samples else 0
    return Cell(value.lower, value.upper, f"{seeds:,} hash seed{'s' * (seeds != 1)}" if seeds else "")


def _adaptive(asked: Asked, subject: Subject) -> Answers:
    result = {_column(r): _cell(subject, "all-to-all", r) for r in asked.routings if r.startswith(ADAPTIVE)}
    return result | {GPUS: _cell(subject, "gpu-all-to-all", ADAPTIVE)}


def _routed(asked: Asked, subject: Subject) -> Answers:
    """Routings with fixed splits or a hash."""
    return {_column(r): _cell(subject, "all-to-all", r) for r in asked.routings if not r.startswith(ADAPTIVE)}


def _footnotes(value: Comparison) -> list[Footnote]:
    row = value.row(_column("ecmp").key)
    seeds = {cell.note for cell in row.cells if cell is not None} if row else set()
    hashed = f"ECMP hashes every flow, one queue pair each: {next(iter(seeds))}." if len(seeds) == 1 else ""
    notes = [Footnote(hashed, 40)] if any(seeds) and hashed else []
    return [*has_row(value, _column(ADAPTIVE).key, LINE_RATE), *notes]


def _changes(m: Metrics) -> Mapping[str, str]:
    return {
        f"{traffic}, {routing}": span(ends.get("lower"), ends.get("upper"), "{:.4g}".format)
        for traffic, routings in (m.throughput or {}).items()
        for routing, ends in routings.items()
    }


def _lines(m: Metrics) -> Sequence[str]:
    return [
        f"throughput of {traffic}, {routing}: {_words(value)}"
        for traffic, routings in (m.throughput or {}).items()
        for routing, value in routings.items()
    ]


def _words(value: Mapping[str, Any]) -> str:
    if "cut_off" in value:
        rest = _words(value["without_unreachable"])
        return (
            f"0: {amount(value['cut_off'], 'endpoint')} {verb(value['cut_off'], 'have')} no path to peers; the "
            f"other pairs alone: {rest}"
        )
    exact = " (exact)" if value.get("exact") else ""
    alone = span(value.get("network_lower"), value.get("network_upper"))
    return f"{span(value.get('lower'), value.get('upper'))}{exact}; network alone {alone}"


def _all_to_all(m: Metrics) -> str | None:
    text = interval((m.throughput or {}).get("all-to-all", {}).get("adaptive", {}))
    return None if text == NONE else text


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("all-to-all, adaptive", _all_to_all, at=330),)


def _tile(report: Report) -> Tile | None:
    result = (report.metrics.throughput or {}).get("all-to-all", {}).get("adaptive")
    return Tile("all-to-all", interval(result), "of line rate, adaptive routing") if result else None


OF = "<traffic>.<routing>"
figures.add(
    "throughput",
    Figure(
        "throughput",
        {
            OF: "a traffic under a routing, each a name or `name:k=v,k=v`: how many times the traffic fits",
            f"{OF}.lower": "proved lower end; 1 is line rate, absent ends are unbounded",
            f"{OF}.upper": "proved upper end; the best seed of a hashed routing",
            f"{OF}.network_lower": "the same without the endpoint links; `network_upper` likewise",
            f"{OF}.network_upper": "see `network_lower`",
            f"{OF}.exact": "true where both intervals are single rational numbers",
            f"{OF}.samples": "of a hashed routing: `seeds` drawn, `mean`, `min` and `p50` of the network's throughput",
            f"{OF}.cut_off": "endpoints without a path to peers; the throughput is then 0",
            f"{OF}.without_unreachable": "the same keys for the pairs that a path joins",
        },
        at=120, rests_on="certificate", metric=_metric, asked={"carried": _adaptive, "routed": _routed},
        footnotes=_footnotes, changes=_changes, lines=_lines, sides=_sides, tile=Tiled(_tile, 50),
    ),
)  # fmt: skip
