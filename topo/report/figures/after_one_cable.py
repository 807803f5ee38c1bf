"""Adaptive all-to-all after the loss of the worst cable; only the comparison asks it of every design."""

from __future__ import annotations

import contextlib
import math

from topo.checks import questions
from topo.errors import LimitReachedError
from topo.fabric import cables_digest
from topo.report.figure import Answers, Asked, Cell, Column, Comparison, Figure, Footnote, Subject, figures

FEW_CABLES = 8
"""Unlike cables that are examined one by one without being asked for."""
COLUMN = Column("after_one_cable", "all-to-all after any one cable", better="more", at=220, drawn=True)


def _asked(asked: Asked, subject: Subject) -> Answers:
    """Each cable is examined where few stand for all, else bounded where each link has a cable of its own."""
    from topo.analysis.failures import after_any_link, unlike_cables

    context, network = subject.context, subject.network
    lower, upper = 0.0, math.inf
    fabric = context.ask(questions.Cabled())
    if asked.all_failures or unlike_cables(fabric, context.ask(questions.Hosted(network))) <= FEW_CABLES:
        with contextlib.suppress(LimitReachedError):
            rows = context.ask(questions.Failures(network, "cable", "all-to-all", "adaptive"))
            if rows:
                lower, upper = min(r.lower for r in rows), min(r.upper for r in rows)
    if lower < upper and not cables_digest(fabric, subject.row):
        with contextlib.suppress(LimitReachedError):
            intact = context.ask(questions.Throughput(network, "all-to-all", "adaptive"))
            result = after_any_link(context.fabric, network, intact)
            if result is not None:
                lower, upper = max(lower, result.lower), min(upper, result.upper)
    return {} if math.isinf(upper) else {COLUMN: Cell(lower, upper)}


def _footnotes(value: Comparison) -> list[Footnote]:
    row = value.row(COLUMN.key)
    if row is None:
        return []
    how = (
        "After any one cable: the worst of all, examined where few stand for all (or with --failures); elsewhere "
        "between what is left when its load takes all ways around it, and no loss at all."
    )
    blank = "'-' there: some cable has no way around it, or the network is too large for its least cut."
    return [Footnote(text, 50) for text in ([how, blank] if None in row.cells else [how])]


figures.add(
    "after_one_cable",
    Figure("after any one cable", {}, at=210, asked={"carried": _asked}, footnotes=_footnotes),
)
