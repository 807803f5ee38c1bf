"""What differs between designs: one row a figure, a failure or a requirement, and the change where there are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topo.report.figure import Side, in_order
from topo.report.html.facts import costliest_failure
from topo.report.html.gather import Page
from topo.report.model import RequirementResult
from topo.report.words import NONE, interval, number


@dataclass(frozen=True)
class ComparedRow:
    """One figure: its value in each design, and how the second differs from the first, where both are numbers."""

    label: str
    values: tuple[str, ...]
    change: str

    @property
    def differs(self) -> bool:
        """Whether not all designs have the same value."""
        return len(set(self.values)) > 1


def comparison(pages: Sequence[Page]) -> list[ComparedRow]:
    """The rows: verdict, figures, links by kind, what breaks first, and each requirement that a design states."""
    rows = [ComparedRow("verdict", tuple(page.report.verdict.upper() for page in pages), "")]
    every = [page.report.metrics for page in pages]
    sides = [side for _, figure in in_order() for side in figure.sides(every)]
    for side in sorted(sides, key=lambda side: side.at):
        result = [side.read(m) for m in every]
        if any(value is not None for value in result):
            rows.append(ComparedRow(side.label, tuple(_text(side, value) for value in result), _change(result)))
    losses = tuple(_loss(page) for page in pages)
    rows += [ComparedRow("breaks first", losses, "")] if set(losses) != {NONE} else []
    return rows + _requirements(pages)


def _text(side: Side, value: float | str | None) -> str:
    return NONE if value is None else value if isinstance(value, str) else side.text(value)


def _change(values: Sequence[float | str | None]) -> str:
    """'+512 (+66.7%)' for the second of two numbers that differ."""
    before, after = values if len(values) == 2 else (None, None)
    if not isinstance(before, (int, float)) or not isinstance(after, (int, float)) or before == after:
        return ""
    gap = after - before
    amount = number(round(gap)) if float(gap).is_integer() or abs(gap) >= 100 else f"{gap:.2f}"
    share = f" ({gap / before:+.1%})" if before else ""
    return f"{'+' if gap > 0 else ''}{amount}{share}"


def _loss(page: Page) -> str:
    row = costliest_failure(page)
    return f"a {row['what']}: {interval(row)} left" if row else NONE


def _requirements(pages: Sequence[Page]) -> list[ComparedRow]:
    """Each requirement with its verdict and what was measured."""
    tables = [{r.statement: r for r in page.report.requirements} for page in pages]
    rows = []
    for statement in dict.fromkeys(s for table in tables for s in table):
        asked = [table.get(statement) for table in tables]
        texts = tuple("not asked" if r is None else _answer(r) for r in asked)
        rows.append(ComparedRow(statement, texts, _change([None if r is None else r.measured for r in asked])))
    return rows


def _answer(result: RequirementResult) -> str:
    note = f" ({result.note})" if result.note else ""
    return f"{result.verdict.upper()} {number(result.measured)}{note}"
