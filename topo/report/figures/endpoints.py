"""endpoints of a network."""

from __future__ import annotations

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Subject, figures, known

COLUMN = Column("endpoints", "endpoints", at=30)


def _metric(context: Context, network: str) -> int:
    return counted(context, network).endpoints


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {COLUMN: known(counted(subject.context, subject.network).endpoints)}


figures.add(
    "endpoints",
    Figure("endpoints", {"": "NIC ports that inject traffic"}, at=30, metric=_metric, asked={"counted": _asked}),
)
