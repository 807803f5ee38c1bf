"""What differs between designs: one row a figure, a failure or a requirement, and the change where there are two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from topo.report.html.facts import costliest_failure, interval, number
from topo.report.html.gather import Page
from topo.report.model import Metrics


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


Figure = tuple[str, Callable[[Metrics], float | None], Callable[[float], str]]


def _key(name: str, key: str) -> Callable[[Metrics], float | None]:
    """A figure of a metric that is a table, None where it is absent."""

    def read(m: Metrics) -> float | None:
        table: Mapping[str, Any] = getattr(m, name) or {}
        return table.get(key)

    return read


FIGURES: tuple[Figure, ...] = (
    ("GPUs", lambda m: m.gpus, number),
    ("switches", _key("switches", "total"), number),
    ("cables", lambda m: m.cables, number),
    ("transceivers", lambda m: m.transceivers, number),
    ("switches on the longest path", _key("hops", "max"), number),
    ("cost, USD", _key("cost_usd", "total"), lambda v: number(round(v))),
    ("cost a GPU, USD", _key("cost_usd", "per_gpu"), lambda v: number(round(v))),
    ("network power, W", lambda m: m.power_w, lambda v: number(round(v))),
    ("rack units of switches", lambda m: m.rack_units, lambda v: number(round(v))),
    ("longest latency, µs", _key("latency_us", "max"), lambda v: f"{v:.2f}"),
)


def comparison(pages: Sequence[Page]) -> list[ComparedRow]:
    """The rows: verdict, figures, links by kind, what breaks first, and each requirement that a design states."""
    rows = [ComparedRow("verdict", tuple(page.report.verdict.upper() for page in pages), "")]
    kinds = sorted({kind for page in pages for kind in page.report.metrics.links or {}})
    links: list[Figure] = [(f"links, {k.replace('_', '–')}", _key("links", k), number) for k in kinds]
    for label, read, text in (*FIGURES, *links):
        found = [read(page.report.metrics) for page in pages]
        if any(value is not None for value in found):
            rows.append(ComparedRow(label, tuple("–" if v is None else text(v) for v in found), _change(found)))
    for label, told in (
        ("prices", _prices),
        ("cost without", _without),
        ("bisection of full", _bisection),
        ("all-to-all, adaptive", _all_to_all),
    ):
        texts = tuple(told(page.report.metrics) for page in pages)
        rows += [ComparedRow(label, texts, "")] if set(texts) != {"–"} else []
    losses = tuple(_loss(page) for page in pages)
    rows += [ComparedRow("breaks first", losses, "")] if set(losses) != {"–"} else []
    return rows + _requirements(pages)


def _change(values: Sequence[float | None]) -> str:
    """'+512 (+66.7%)' for the second of two values that differ."""
    if len(values) != 2 or values[0] is None or values[1] is None or values[0] == values[1]:
        return ""
    gap = values[1] - values[0]
    amount = number(round(gap)) if float(gap).is_integer() or abs(gap) >= 100 else f"{gap:.2f}"
    share = f" ({gap / values[0]:+.1%})" if values[0] else ""
    return f"{'+' if gap > 0 else ''}{amount}{share}"


def _prices(m: Metrics) -> str:
    cost = m.cost_usd
    return ", ".join([cost["price_book"], *([cost["basis"]] if cost.get("basis") else [])]) if cost else "–"


def _without(m: Metrics) -> str:
    """What a network's cost has no price for or leaves out."""
    cost = m.cost_usd or {}
    return ", ".join([*(cost.get("unpriced") or []), *(cost.get("leaves_out") or [])]) or "–"


def _bisection(m: Metrics) -> str:
    return interval(m.bisection["share"]) if m.bisection and "share" in m.bisection else "–"


def _all_to_all(m: Metrics) -> str:
    return interval((m.throughput or {}).get("all-to-all", {}).get("adaptive", {}))


def _loss(page: Page) -> str:
    row = costliest_failure(page)
    return f"a {row['what']}: {interval(row)} left" if row else "–"


def _requirements(pages: Sequence[Page]) -> list[ComparedRow]:
    """Each requirement with its verdict and what was measured."""
    tables = [{r.statement: r for r in page.report.requirements} for page in pages]
    rows = []
    for statement in dict.fromkeys(s for table in tables for s in table):
        asked = [table.get(statement) for table in tables]
        texts = tuple("not asked" if r is None else f"{r.verdict.upper()} {number(r.measured)}" for r in asked)
        rows.append(ComparedRow(statement, texts, _change([None if r is None else r.measured for r in asked])))
    return rows
