"""planes of a network."""

from __future__ import annotations

from topo.checks import Context
from topo.report.counts import counted
from topo.report.figure import Answers, Asked, Column, Figure, Subject, figures, known

COLUMN = Column("planes", "planes", at=40)


def _metric(context: Context, network: str) -> int:
    return counted(context, network).planes


def _asked(asked: Asked, subject: Subject) -> Answers:
    return {COLUMN: known(counted(subject.context, subject.network).planes)}


figures.add(
    "planes",
    Figure(
        "planes",
        {"": "sets of switches that no link joins to another set"},
        at=40,
        metric=_metric,
        asked={"counted": _asked},
    ),
)
