"""The modelled latency between two endpoints of a network is at most so long."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.example import longest_pair
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds


class LatencyParams(RequirementParams):
    """Keys of `latency_us`."""

    at_most: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        description="microseconds of a short message over the fewest switches, with a floor plan's cables"
    )
    of: Literal["max", "mean"] = Field("max", description="the longest of all pairs of endpoints, or their mean")


def _judge(context: Context, params: LatencyParams) -> Outcome:
    what = "The longest latency" if params.of == "max" else "The mean latency"
    statement = f"{what} between two endpoints of the {params.network} network is at most {params.at_most:g} us"

    def answer() -> Answer:
        result = context.ask(questions.Latency(params.network))
        if result is None:
            message = "the latency is not known: the switches' parts do not say which protocol they speak, or differ"
            return Answer(0.0, math.inf, None, lambda: (Finding("latency-us", "error", message),))
        value = (float(result.us.max(initial=0.0))) if params.of == "max" else result.mean_us

        def worst() -> tuple[Finding, ...]:
            pair = longest_pair(context.fabric, params.network, context.ask(questions.Hops(params.network)).max)
            between = f", the longest for example from {pair[0]} to {pair[1]}" if pair else ""
            return (Finding("latency-us", "error", f"the latency is {value:.4g} us by {result.model}{between}", pair),)

        return Answer(value, value, None, worst)

    return bounded(statement, "us", params.at_most, answer)


requirement_kinds.add("latency_us", RequirementKind("latency", LatencyParams, _judge))
