"""hosts of a network."""

from __future__ import annotations

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Subject, figures, known

COLUMN = Column("hosts", "hosts", at=20)


def _metric(context: Context, network: str) -> int:
    return counted(context, network).hosts


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {COLUMN: known(counted(subject.context, subject.network).hosts)}


figures.add(
    "hosts",
    Figure("hosts", {"": "hosts with endpoints in the network"}, at=20, metric=_metric, asked={"counted": _asked}),
)
