"""After random losses of several parts at once: what is kept, over draws of stated seeds."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer
from topo.checks.loss import LossParams, by_bound, left_out
from topo.checks.model import Context, Finding, Outcome, RequirementKind
from topo.checks.registries import requirement_kinds
from topo.units import amount, between

if TYPE_CHECKING:
    from topo.analysis.failures import FailureRow

Thing = Literal["cable", "host", "leaf", "spine", "core", "switch"]
PLURAL = {"leaf": "leaves", "switch": "switches"}


class RandomFailuresParams(LossParams):
    """Keys of `random_failures`: what fails, how often it is drawn, and exactly one bound."""

    any: Thing = Field(description="what fails; cables are those between switches, each with all links it carries")
    count: Annotated[int, Field(ge=1)] = Field(description="how many fail at once, drawn without replacement")
    seeds: Annotated[int, Field(ge=1, le=1000)] = Field(10, description="how many draws")
    first_seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(
        0, description="seed of the first draw (numpy's PCG64); each further one takes the next"
    )
    share_of_draws: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="share of the draws in which the bound has to hold"
    )

    @property
    def draws_that_count(self) -> int:
        """In so many draws the bound has to hold."""
        return max(1, math.ceil(Fraction(str(self.share_of_draws)) * self.seeds))


def _judge(context: Context, params: RandomFailuresParams) -> Outcome:
    name = params.any if params.count == 1 else PLURAL.get(params.any, f"{params.any}s")
    loss = f"loss of {params.count:,} random {name} of the {params.network} network"
    last = params.first_seed + params.seeds - 1
    drawn = f"seed {last}" if params.seeds == 1 else f"seeds {params.first_seed} to {last}"
    often = f" in {params.draws_that_count:,} of {amount(params.seeds, 'draw')} ({drawn})"
    least, most = functools.partial(_least, context, params), functools.partial(_most, context, params)
    return by_bound(params, loss, often, least, most)


def _rows(context: Context, params: RandomFailuresParams) -> tuple[FailureRow, ...]:
    return context.ask(_question(params))


def _proof(context: Context, params: RandomFailuresParams) -> dict[str, Any] | None:
    return context.ask(_question(params).proof(params.draws_that_count))


def _question(params: RandomFailuresParams) -> questions.RandomFailures:
    seeds = range(params.first_seed, params.first_seed + params.seeds)
    return questions.RandomFailures(params.network, params.any, params.count, seeds, params.traffic, params.routing)


def _least(context: Context, params: RandomFailuresParams) -> Answer:
    """The throughput that so many draws keep: an order statistic of the lower ends, and of the upper ends."""
    rows = _rows(context, params)
    decisive = params.draws_that_count - 1
    low = sorted(rows, key=lambda row: -row.lower)[decisive]
    high = sorted(rows, key=lambda row: -row.upper)[decisive]
    interval = between(low.lower, high.upper)
    message = (
        f"{params.traffic} under {params.routing} keeps {interval} of line rate in {params.draws_that_count:,} of "
        f"{amount(params.seeds, 'draw')}; decided by {high.worst}"
    )
    worst = functools.partial(_finding, message, high)
    return Answer(low.lower, high.upper, _proof(context, params), worst, left_out(rows, "a draw"))


def _most(context: Context, params: RandomFailuresParams, what: str, of: Callable[[FailureRow], int]) -> Answer:
    """The most GPUs or hosts that so many draws cut off."""
    row = sorted(_rows(context, params), key=of)[params.draws_that_count - 1]
    value, message = float(of(row)), f"{row.worst}: {of(row):,} {what} cut off"
    return Answer(value, value, _proof(context, params), lambda: _finding(message, row))


def _finding(message: str, row: FailureRow) -> tuple[Finding, ...]:
    return (Finding("random-failures", "error", message, (row.worst, *row.lost.hosts[:8])),)


requirement_kinds.add(
    "random_failures", RequirementKind("random losses of several parts", RandomFailuresParams, _judge)
)
