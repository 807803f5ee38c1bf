"""The bisection: the least capacity between halves of the hosts."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topo.checks import Context, questions
from topo.errors import LimitReachedError
from topo.interval import span
from topo.report.figure import (
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
from topo.report.words import interval
from topo.units import gbps

if TYPE_CHECKING:
    from topo.analysis.bisection import Bisection

SHARE = Column("bisection_share", "bisection, of full", better="more", at=180, drawn=True)


def bisection_json(value: Bisection) -> dict[str, Any]:
    """A bisection as the report's keys; `share` is absent where the hosts have no halves."""
    share = {"lower": value.share_lower, "upper": value.share_upper}
    return {
        "lower_gbps": value.lower_gbps,
        "upper_gbps": value.upper_gbps,
        "full_gbps": value.full_gbps,
        "exact": value.exact,
        **({"share": share} if math.isfinite(value.share_upper) else {}),
    }


def _metric(context: Context, network: str) -> Mapping[str, Any] | None:
    with contextlib.suppress(LimitReachedError):
        return bisection_json(context.ask(questions.Bisection(network)))
    return None


def _asked(asked: Asked, subject: Subject) -> Answers:
    with contextlib.suppress(LimitReachedError):
        value = subject.context.ask(questions.Bisection(subject.network))
        if math.isfinite(value.share_upper):
            return {SHARE: Cell(value.share_lower, value.share_upper)}
    return {}


def _footnotes(value: Comparison) -> list[Footnote]:
    return has_row(value, SHARE.key, LINE_RATE)


def _changes(m: Metrics) -> Mapping[str, str]:
    if not m.bisection:
        return {}
    return {"bisection, Gb/s": span(m.bisection["lower_gbps"], m.bisection["upper_gbps"], "{:,.0f}".format)}


def _lines(m: Metrics) -> Sequence[str]:
    return (f"bisection {_words(m.bisection)}",) if m.bisection else ()


def _words(value: Mapping[str, Any]) -> str:
    if "share" not in value:
        return f"{gbps(value['lower_gbps'])}: the hosts have no two halves"
    share = f"{span(value['share']['lower'], value['share']['upper'], '{:.4g}'.format)} of full"
    if value["exact"]:
        return f"{gbps(value['lower_gbps'])} (exact), {share}"
    return f"between {gbps(value['lower_gbps'])} and {gbps(value['upper_gbps'])}, {share}"


def _of_full(m: Metrics) -> str | None:
    return interval(m.bisection["share"]) if m.bisection and "share" in m.bisection else None


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("bisection of full", _of_full, at=320),)


def _tile(report: Report) -> Tile | None:
    share, result = _of_full(report.metrics), report.metrics.bisection or {}
    return None if share is None else Tile("bisection", share, gbps(result["upper_gbps"]))


figures.add(
    "bisection",
    Figure(
        "bisection",
        {
            "lower_gbps": "proved lower end of the least capacity between two halves of the hosts, in Gb/s",
            "upper_gbps": "capacity between the best halves found, in Gb/s",
            "full_gbps": "half of the endpoints at line rate, in Gb/s",
            "exact": "true where both ends are equal",
            "share": "`lower` and `upper` of the least capacity between halves over the line rate of the weaker one; "
            "absent where the hosts have no halves",
        },
        at=110, rests_on="certificate", metric=_metric, asked={"carried": _asked},
        footnotes=_footnotes, changes=_changes, lines=_lines, sides=_sides, tile=Tiled(_tile, 40),
    ),
)  # fmt: skip
