"""What all networks cost over their life, where a design states the terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from topo.analysis.money import Amount, Life
from topo.checks import Context, questions
from topo.report.answers.money import whole_life
from topo.report.figure import (
    Answers,
    Asked,
    Cell,
    Column,
    Comparison,
    Figure,
    Footnote,
    Side,
    Subject,
    Tile,
    Tiled,
    figures,
)
from topo.report.footnotes import left_apart, rests_on
from topo.report.model import Metrics, Report
from topo.report.words import rounded

CAPEX = Column("capex_per_gpu_usd", "capex per GPU", "USD", "less", 102)
OPEX = Column("opex_per_gpu_usd", "opex per GPU over the years", "USD", "less", 104)
PER_GPU = Column("lifetime_cost_per_gpu_usd", "cost over life per GPU", "USD", "less", 106, drawn=True)
PER_BISECTION = Column(
    "lifetime_cost_per_bisection_gbps_usd", "cost over life per Gb/s of bisection", "USD", "less", 108
)
UNSHOWN = ("rows", "price_book", "basis")
"""Keys of `topo cost` that a report has elsewhere, or leaves to it."""


def _metric(context: Context, network: str) -> Mapping[str, Any] | None:
    """With the first network: the sum is of all."""
    if network != context.fabric.networks[0] or not context.fabric.origins:
        return None
    result = whole_life(context)
    return {key: value for key, value in result.to_json().items() if key not in UNSHOWN} if result else None


def _cell(life: Life, amount: Amount | None, priced: bool = True) -> Cell | None:
    """An amount in USD; without an upper end where something that it should hold has no price."""
    if amount is None:
        return None
    notes = [f"over {_years(life.terms.years)}"]
    notes += [f"not fitted to {', '.join(life.not_fitted)}"] if life.not_fitted else []
    notes += [f"without {', '.join(life.unpriced)}"] if life.unpriced else []
    high = math.inf if priced and life.unpriced else amount.high
    return Cell(amount.low, high, "; ".join(notes), ", ".join(life.leaves_out))


def _per_gpu(asked: Asked, subject: Subject) -> Answers:
    life = subject.context.ask(questions.Life())
    if life is None or not life.gpus:
        return {}
    each = 1 / life.gpus
    opex = life.opex.times(each) if life.opex else None
    return {
        CAPEX: _cell(life, life.capex.times(each)),
        OPEX: _cell(life, opex, bool(life.terms.maintenance_per_year)),
        PER_GPU: _cell(life, life.per_gpu),
    }


def _per_bisection(asked: Asked, subject: Subject) -> Answers:
    life = whole_life(subject.context)
    return {PER_BISECTION: _cell(life, life.per_bisection_gbps)} if life else {}


def _footnotes(value: Comparison) -> list[Footnote]:
    row = value.row(PER_GPU.key)
    if row is None:
        return []
    on = "each design's own terms, which differ" if value.own_terms else "one set of terms"
    heads = [f"Costs over life are of all networks, on {on}."]
    heads += left_apart(row, value.names, "Costs over life leave out")
    notes = rests_on(row, value.names, ": it states no terms (cost), or no parts.")
    return [*(Footnote(text, 20) for text in heads), *(Footnote(text, 80) for text in notes)]


def _text(cost: Mapping[str, Any], key: str, digits: int = 0) -> str:
    """An amount for people: the expected one, with its range where it is one."""
    low, expected, high = (f"{cost[key][end]:,.{digits}f}" for end in ("low", "expected", "high"))
    return low if low == high else f"{expected} ({low} to {high})"


def _missing(cost: Mapping[str, Any]) -> str:
    result = [f"no price for {', '.join(cost['unpriced'])}"] if cost.get("unpriced") else []
    result += [f"leaves out {', '.join(cost['leaves_out'])}"] if cost.get("leaves_out") else []
    result += [f"not fitted to {', '.join(cost['not_fitted'])}"] if cost.get("not_fitted") else []
    return "; ".join(result)


def _years(number: float) -> str:
    return f"{number:g} year{'s' * (number != 1)}"


def _over(cost: Mapping[str, Any]) -> str:
    return f"cost over {_years(cost['years'])}, {cost['currency']}"


def _changes(m: Metrics) -> Mapping[str, str]:
    return {_over(m.lifetime_cost): _text(m.lifetime_cost, "total")} if m.lifetime_cost else {}


def _lines(m: Metrics) -> Sequence[str]:
    cost = m.lifetime_cost
    if not cost:
        return ()
    each = "; ".join(_each(cost))
    rest = "".join(f"; {text}" for text in (each, _missing(cost)) if text)
    return (f"{_over(cost)}, all networks: {_text(cost, 'total')}, {_text(cost, 'capex')} of it paid once{rest}",)


def _each(cost: Mapping[str, Any]) -> list[str]:
    result = [f"{_text(cost, 'per_gpu')} a GPU"] if "per_gpu" in cost else []
    return result + (
        [f"{_text(cost, 'per_bisection_gbps', 2)} a Gb/s of bisection"] if "per_bisection_gbps" in cost else []
    )


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    """A number where all designs have one life and currency, words where they do not."""
    heads = dict.fromkeys(_over(m.lifetime_cost) for m in every if m.lifetime_cost)
    without = Side("cost over life without", lambda m: _missing(m.lifetime_cost or {}) or None, at=312)
    if len(heads) == 1:
        return Side(next(iter(heads)), _expected, rounded, at=75), without
    return Side("cost over life", _said, at=75), without


def _expected(m: Metrics) -> float | None:
    return m.lifetime_cost["total"]["expected"] if m.lifetime_cost else None


def _said(m: Metrics) -> str | None:
    cost = m.lifetime_cost
    return f"{_text(cost, 'total')} {cost['currency']} over {_years(cost['years'])}" if cost else None


def _tile(report: Report) -> Tile | None:
    cost = report.metrics.lifetime_cost
    if not cost:
        return None
    low, expected, high = (f"{cost['total'][end] / 1e6:,.2f}" for end in ("low", "expected", "high"))
    notes = [f"{low} to {high} M"] if low != high else []
    notes += [f"{_text(cost, 'capex')} paid once", *_each(cost), *filter(None, [_missing(cost)])]
    whole = "" if cost["complete"] else " (incomplete)"
    return Tile(f"cost over {_years(cost['years'])}{whole}", f"{expected} M {cost['currency']}", "; ".join(notes))


figures.add(
    "lifetime_cost",
    Figure(
        "cost over life",
        {
            "total": "of all networks over `years`, in `currency`: `low`, `expected`, `high`, as all amounts here; "
            "with the main network alone, where a design states `cost` and a price book",
            "years": "how long it is used",
            "currency": "what amounts are in; `usd_per_unit` US dollars for one of it, where that is not USD",
            "usd_per_unit": "see `currency`",
            "capex": "paid once, after discounts",
            "maintenance_per_year": "paid each year for maintenance; absent where nothing says, as the next two",
            "energy_per_year": "paid each year for energy",
            "rack_and_floor_per_year": "paid each year for racks and floor",
            "per_gpu": "`total` over the GPUs",
            "per_bisection_gbps": "the main network's part of `total` for each Gb/s of its bisection",
            "complete": "true where everything has a price and nothing is left out",
            "unpriced": "what has no price",
            "leaves_out": "what belongs to it and the sum does not contain, with the key that adds it",
            "not_fitted": "what the price book's classes were not fitted to",
            "stated": "what the sum assumes, and what is never part of it",
            "by_class": "`total` by class",
            "by_network": "`total` by network",
        },
        at=135, metric=_metric, asked={"counted": _per_gpu, "carried": _per_bisection},
        footnotes=_footnotes, changes=_changes,
        lines=_lines, sides=_sides, tile=Tiled(_tile, 75),
    ),
)  # fmt: skip
