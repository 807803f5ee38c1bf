"""Cables to buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import bought
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, Tile, Tiled, figures, known
from topo.report.model import Metrics, Report
from topo.report.over_networks import over_networks
from topo.report.words import number

COLUMN = Column("cables", "cables", better="less", at=70)


def _metric(context: Context, network: str) -> int | None:
    result = bought(context, network) if context.fabric.origins else None
    return result and result[0]


def _asked(asked: Asked, subject: Subject) -> Answers:
    result = bought(subject.context, subject.network)
    return {COLUMN: known(result and result[0])}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {"cables": f"{m.cables:,}"} if m.cables is not None else {}


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("cables", lambda m: m.cables, number, at=30),)


def _tile(report: Report) -> Tile | None:
    m = report.metrics
    if not m.cables or m.transceivers is None:
        return None
    modules = sum(one.transceivers or 0 for one in (m, *report.others.values()))
    return over_networks(report, "cables", f"{number(modules)} transceivers", lambda one: one.cables)


figures.add(
    "cables",
    Figure(
        "cables", {"": "cables to buy; absent where a link has no part in the catalog"}, at=80,
        metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides, tile=Tiled(_tile, 30),
    ),
)  # fmt: skip
