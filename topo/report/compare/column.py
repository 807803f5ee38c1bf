"""The answers of one design: a loop over the figures."""

from __future__ import annotations

from dataclasses import replace

from topo.design import build, context_of
from topo.report.figure import Asked, Cell, Column, Subject, in_order


def subject_of(asked: Asked) -> Subject:
    """Builds the design; raises InputError where it cannot be built."""
    design = asked.design
    other = asked.book if asked.book.id != design.file.price_book else None
    context = context_of(design, build(design), other, asked.time_limit_s)
    return Subject(design.name, replace(context, certified=False, terms=asked.terms), design.networks[0].name)


def answered(question: tuple[Asked, str]) -> dict[Column, Cell]:
    """One of PARTS of a design's column; what has no answer is left out."""
    asked, part = question
    subject = subject_of(asked)
    result = (figure.asked[part](asked, subject) for _, figure in in_order() if part in figure.asked)
    return {column: cell for answers in result for column, cell in answers.items() if cell is not None}
