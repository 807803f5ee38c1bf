"""Transceivers to buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topo.checks import Context
from topo.report.counts import bought
from topo.report.figure import Answers, Asked, Column, Figure, Side, Subject, figures, known
from topo.report.model import Metrics
from topo.report.words import number

COLUMN = Column("transceivers", "optical modules", better="less", at=80)


def _metric(context: Context, network: str) -> int | None:
    result = bought(context, network) if context.fabric.origins else None
    return result and result[1]


def _asked(asked: Asked, subject: Subject) -> Answers:
    result = bought(subject.context, subject.network)
    return {COLUMN: known(result and result[1])}


def _changes(m: Metrics) -> Mapping[str, str]:
    return {"transceivers": f"{m.transceivers:,}"} if m.transceivers is not None else {}


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (Side("transceivers", lambda m: m.transceivers, number, at=40),)


figures.add(
    "transceivers",
    Figure(
        "transceivers", {"": "optical modules to buy; absent where a link has no part in the catalog"}, at=90,
        metric=_metric, asked={"counted": _asked}, changes=_changes, sides=_sides,
    ),
)  # fmt: skip
