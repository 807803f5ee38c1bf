"""A network costs at most so much by the design's price book."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.labels import listed
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds


class CostParams(RequirementParams):
    """Keys of `cost_usd`."""

    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        description="price of the network's switches and links in USD, by the design's price book"
    )


def _judge(context: Context, params: CostParams) -> Outcome:
    statement = f"The {params.network} network costs at most {params.at_most:,.0f} USD{_by(context, params.network)}"

    def answer() -> Answer:
        result = context.ask(questions.Cost(params.network))
        if result is None:
            return Answer(0.0, math.inf, None, lambda: _unknown("the design names no price_book"))
        if result.unpriced:
            reason = f"no price is known for {listed(result.unpriced)}; the rest costs {result.total_usd:,.0f} USD"
            return Answer(result.total_usd, math.inf, None, lambda: _unknown(reason))
        parts = f"{result.switches_usd:,.0f} USD for switches, {result.links_usd:,.0f} USD for links"
        message = f"the {params.network} network costs {result.total_usd:,.0f} USD: {parts}"
        return Answer(result.total_usd, result.total_usd, None, lambda: (Finding("cost-usd", "error", message),))

    return bounded(statement, "USD", params.at_most, answer)


def _by(context: Context, network: str) -> str:
    """By which book, on what it rests, and what it leaves out."""
    book, result = context.price_book, context.ask(questions.Cost(network))
    if book is None or result is None:
        return ""
    basis = f" ({book.basis})" if book.basis else ""
    out = f", not fitted to {listed(result.not_fitted)}" if result.not_fitted else ""
    out += f", without {listed(result.leaves_out)}" if result.leaves_out else ""
    return f" by the price book {book.id}{basis}{out}"


def _unknown(reason: str) -> tuple[Finding, ...]:
    return (Finding("cost-usd", "error", f"the cost is not known: {reason}"),)


requirement_kinds.add("cost_usd", RequirementKind("price of a network", CostParams, _judge))
