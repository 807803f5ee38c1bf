"""Switches on shortest paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context, questions
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, Tile, Tiled, figures, known
from topo.report.model import Metrics, Report
from topo.report.words import number

LARGEST = Column("hops_max", "most switches on a path", better="less", at=130, drawn=True)
MEAN = Column("hops_mean", "mean switches on a path", better="less", at=140)


def _metric(context: Context, network: str) -> Mapping[str, float] | None:
    paths = context.ask(questions.Hops(network))
    return {"max": paths.max, "mean": paths.mean} if paths.max else None


def _asked(asked: Asked, subject: Subject) -> Answers:
    result = subject.context.ask(questions.Hops(subject.network))
    return {LARGEST: known(result.max), MEAN: known(result.mean)} if result.max else {}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {"switches on a path": f"{m.hops['max']:.0f}"} if m.hops else {}


def _lines(m: Metrics) -> Sequence[str]:
    return (f"switches on a path: at most {m.hops['max']:,}, mean {m.hops['mean']:.4g}",) if m.hops else ()


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("switches on the longest path", lambda m: (m.hops or {}).get("max"), number, at=50),)


def _tile(report: Report) -> Tile | None:
    result = report.metrics.hops
    return Tile("switches on a path", number(result["max"]), f"{result['mean']:.2f} on average") if result else None


figures.add(
    "hops",
    Figure(
        "switches on a path",
        {
            "max": "switches on the longest shortest path between endpoints that a path joins",
            "mean": "mean over all ordered pairs of them",
        },
        at=100, rests_on="certificate", metric=_metric, asked={"counted": _asked}, changes=_changes, lines=_lines,
        sides=_sides, tile=Tiled(_tile, 60),
    ),
)  # fmt: skip
