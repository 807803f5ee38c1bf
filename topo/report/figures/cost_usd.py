"""What a network costs by a price book."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from topo.analysis.money.cost import Cost
from topo.checks import Context, questions
from topo.errors import LimitReachedError
from topo.interval import span
from topo.report.counts import counted
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
from topo.report.words import beside_cost, cost_words, left_out, rounded, unpriced

PER_GPU = Column("cost_per_gpu_usd", "cost per GPU", "USD", "less", 90, drawn=True)
PER_BISECTION = Column("cost_per_bisection_gbps_usd", "cost per Gb/s of bisection", "USD", "less", 100)


def _metric(context: Context, network: str) -> Mapping[str, Any] | None:
    cost = context.ask(questions.Cost(network)) if context.fabric.origins else None
    return cost.to_json(_bisection_gbps(context, network)) if cost else None


def _bisection_gbps(context: Context, network: str) -> tuple[float, float] | None:
    with contextlib.suppress(LimitReachedError):
        result = context.ask(questions.Bisection(network))
        return result.lower_gbps, result.upper_gbps
    return None


def _known(subject: Subject) -> Cost | None:
    """What the network costs; None where no part of its switches is known, as in an imported fabric: prices of classes
    would then be guesses."""
    fabric = subject.context.fabric
    switches = (fabric.devices.network == subject.row) & ~fabric.is_host
    if switches.any() and (fabric.devices.part[switches] < 0).all():
        return None
    return subject.context.ask(questions.Cost(subject.network))


def _per_gpu(asked: Asked, subject: Subject) -> Answers:
    cost, gpus = _known(subject), counted(subject.context, subject.network).gpus
    if cost is None or not gpus:
        return {}
    each = cost.total_usd / gpus
    notes = [f"not fitted to {', '.join(cost.not_fitted)}"] if cost.not_fitted else []
    note = "; ".join(notes + (["without " + ", ".join(cost.unpriced)] if cost.unpriced else []))
    return {PER_GPU: Cell(each, math.inf if cost.unpriced else each, note, ", ".join(cost.leaves_out))}


def _per_bisection(asked: Asked, subject: Subject) -> Answers:
    cost, between = _known(subject), _bisection_gbps(subject.context, subject.network)
    each = cost.per_bisection_gbps_usd(*between) if cost and between else None
    return {PER_BISECTION: Cell(*each)} if each else {}


def _footnotes(value: Comparison) -> list[Footnote]:
    row = value.row(PER_GPU.key)
    if row is None:
        return []
    basis = f" ({value.price_basis})" if value.price_basis else ""
    head = f"Costs by price book {value.price_book}{basis}: switches and links of the compute network."
    heads = [head, *left_apart(row, value.names, "Costs leave out")]
    notes = rests_on(row, value.names, ", as no part of its switches is.")
    return [*(Footnote(text, 10) for text in heads), *(Footnote(text, 70) for text in notes)]


def _changes(m: Metrics) -> Mapping[str, str]:
    if not m.cost_usd:
        return {}
    return {
        "cost, USD": f"{m.cost_usd['total']:,.0f}",
        "price book": cost_words(m.cost_usd).partition(" USD by ")[2],
    }


def _lines(m: Metrics) -> Sequence[str]:
    return (cost_words(m.cost_usd),) if m.cost_usd else ()


def _prices(m: Metrics) -> str | None:
    cost = m.cost_usd
    return ", ".join([cost["price_book"], *([cost["basis"]] if cost.get("basis") else [])]) if cost else None


def _without(m: Metrics) -> str | None:
    """What a network's cost has no price for or leaves out."""
    cost = m.cost_usd or {}
    return ", ".join([*(cost.get("unpriced") or []), *(cost.get("leaves_out") or [])]) or None


def _sides(every: Sequence[Metrics]) -> Sequence[Side]:
    return (
        Side("cost, USD", lambda m: (m.cost_usd or {}).get("total"), rounded, at=60),
        Side("cost a GPU, USD", lambda m: (m.cost_usd or {}).get("per_gpu"), rounded, at=70),
        Side("prices", _prices, at=300),
        Side("cost without", _without, at=310),
    )


def _tile(report: Report) -> Tile | None:
    cost = report.metrics.cost_usd
    if not cost:
        return None
    notes = [f"{rounded(cost['per_gpu'])} USD a GPU"] if cost.get("per_gpu") else []
    if "per_bisection_gbps" in cost:
        each = cost["per_bisection_gbps"]
        notes.append(f"{span(each['lower'], each['upper'], '{:,.2f}'.format)} USD a Gb/s of bisection")
    networks = cost.get("by_network") or {"": cost["total"]}
    if len(networks) > 1:
        notes.insert(0, ", ".join(f"{usd / 1e6:,.2f} M {name}" for name, usd in networks.items()))
    notes += beside_cost(report)
    whole = "" if not unpriced(report) and not left_out(cost) else " (incomplete)"
    return Tile(f"cost{whole}", f"{math.fsum(networks.values()) / 1e6:,.2f} M USD", "; ".join(notes))


figures.add(
    "cost_usd",
    Figure(
        "cost",
        {
            "total": "switches, cables and modules of the network that have a price, in USD",
            "price_book": "the book's id",
            "basis": "what its prices are, where they are none of the market",
            "not_fitted": "what its classes of links were not fitted to",
            "per_gpu": "`total` over the GPUs, in USD",
            "per_endpoint": "`total` over the endpoints, in USD",
            "per_bisection_gbps": "`lower` and `upper` of `total` over the bisection, in USD for each Gb/s",
            "complete": "true where everything has a price and nothing is left out",
            "unpriced": "what has no price",
            "leaves_out": "what the sum does not contain",
            "by_class": "USD by class of part",
            "by_network": "USD of every network of the design",
        },
        at=130, metric=_metric, asked={"counted": _per_gpu, "carried": _per_bisection},
        footnotes=_footnotes, changes=_changes,
        lines=_lines, sides=_sides, tile=Tiled(_tile, 70),
    ),
)  # fmt: skip
