"""GPUs behind the network's endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, Tile, Tiled, figures, known
from topo.report.model import Metrics, Report
from topo.report.words import number

COLUMN = Column("gpus", "GPUs", at=10)


def _metric(context: Context, network: str) -> int | None:
    return counted(context, network).gpus or None


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {COLUMN: known(counted(subject.context, subject.network).gpus)}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {"GPUs": f"{m.gpus:,}"} if m.gpus else {}


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("GPUs", lambda m: m.gpus, number, at=10),)


def _tile(report: Report) -> Tile | None:
    return Tile("GPUs", number(report.metrics.gpus)) if report.metrics.gpus else None


figures.add(
    "gpus",
    Figure(
        "GPUs", {"": "GPUs of the hosts with endpoints in the network; absent where they have none"}, at=10,
        metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides, tile=Tiled(_tile, 10),
    ),
)  # fmt: skip
