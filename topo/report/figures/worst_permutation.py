"""The worst permutation under spraying; only the comparison asks it of every design."""

from __future__ import annotations

from topo.analysis.network import switch_network
from topo.errors import LimitReachedError
from topo.report.figure import Answers, Asked, Cell, Column, Figure, Subject, figures

SPRAY = Column("worst_permutation_spray", "worst permutation, spray", better="more", at=210, drawn=True)


def _asked(asked: Asked, subject: Subject) -> Answers:
    """Between what no permutation goes below and one that was found."""
    from topo.analysis.traffic.worst import worst_permutation

    fabric, row = subject.context.fabric, subject.row
    try:
        result = worst_permutation(fabric, switch_network(fabric, row), row, time_limit_s=asked.time_limit_s)
    except LimitReachedError:
        return {}
    ends = [end for end in (result.demand.endpoint_limit,) if end is not None]
    lower, upper = ([*ends, end] if end is not None else ends for end in (result.lower, result.upper))
    return {SPRAY: Cell(float(min(lower)), float(min(upper)))} if lower and upper else {}


figures.add("worst_permutation", Figure("worst permutation", {}, at=200, asked={"counted": _asked}))
