"""A network draws at most so much power."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.labels import listed
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds


class PowerParams(RequirementParams):
    """Keys of `power_w`."""

    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        description="typical power in watts of the network's switches, modules and active cables, without hosts"
    )


def _judge(context: Context, params: PowerParams) -> Outcome:
    statement = f"The {params.network} network draws at most {params.at_most:,.0f} W, hosts apart"

    def answer() -> Answer:
        result = context.ask(questions.Power(params.network))
        if result.unknown:
            reason = f"no figure is known for {listed(result.unknown)}; the rest draws {result.known:,.0f} W"
            return Answer(result.known, math.inf, None, lambda: _finding(f"the power is not known: {reason}"))
        message = f"the {params.network} network draws {result.known:,.0f} W"
        return Answer(result.known, result.known, None, lambda: _finding(message))

    return bounded(statement, "W", params.at_most, answer)


def _finding(message: str) -> tuple[Finding, ...]:
    return (Finding("power-w", "error", message),)


requirement_kinds.add("power_w", RequirementKind("power of a network", PowerParams, _judge))
