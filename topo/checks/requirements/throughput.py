"""A traffic can be carried under a routing at least at so much of line rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from topo.checks import questions
from topo.checks.bottleneck import bottleneck
from topo.checks.bounded import Answer, bounded
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.checks.traffic import Routing, Traffic, reachable
from topo.units import MET_WITHIN, amount, between, verb

if TYPE_CHECKING:
    from topo.analysis.throughput import Throughput


class ThroughputParams(RequirementParams):
    """Keys of `throughput`."""

    traffic: Traffic = Field("all-to-all", description="who sends to whom")
    routing: Routing = Field("adaptive", description="how traffic is spread over paths")
    level: Literal["endpoint", "network"] = Field(
        "endpoint", description="network leaves out the links of the endpoints themselves"
    )
    at_least: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        1.0, description="share of line rate that every endpoint gets at once"
    )

    unreachable: Literal["zero", "leave-out"] = Field(
        "zero", description="what pairs without a path count as: 0, or nothing"
    )

    @field_validator("at_least")
    @classmethod
    def _reachable(cls, share: float, info: ValidationInfo) -> float:
        if info.data.get("level") == "endpoint":
            reachable(share, info.data.get("traffic", ""))
        return share


def _judge(context: Context, params: ThroughputParams) -> Outcome:
    alone = " (endpoint links left out)" if params.level == "network" else ""
    seeds = ", for every hash seed tried," if params.routing.partition(":")[0] == "ecmp" else ""
    statement = (
        f"The {params.network} network carries {params.traffic} traffic under {params.routing} routing{seeds} at "
        f"{params.at_least:g} of line rate or more{alone}"
    )
    if params.unreachable == "leave-out":
        statement += " (pairs without a path left out)"

    def answer() -> Answer:
        result = context.ask(questions.Throughput(params.network, params.traffic, params.routing))
        if result.cut_off and params.unreachable == "zero":
            return Answer(0.0, 0.0, None, lambda: (_cut_off(result, params),))
        ends = (
            (result.network_lower, result.network_upper) if params.level == "network" else (result.lower, result.upper)
        )
        low, high = (math.inf if end is None else float(end) for end in ends)

        def worst() -> tuple[Finding, ...]:
            from topo.analysis.traffic import demand_of

            known = between(low, high)
            message = (
                f"{params.traffic} under {params.routing} reaches {known} of line rate on network {params.network}"
            )
            tight = bottleneck(context.fabric, demand_of(context.fabric, params.traffic, params.network))
            if tight is None or tight.limit > high * (1 + MET_WITHIN):
                return (Finding("throughput", "error", message, result.worst_links[:8]),)
            return (Finding("throughput", "error", f"{message}: {tight.why}", tight.where),)

        return Answer(low, high, result.certificate, worst)

    return bounded(statement, "of line rate", params.at_least, answer, from_below=True, by_certificate=True)


def _cut_off(result: Throughput, params: ThroughputParams) -> Finding:
    rest = "" if math.isinf(result.lower) else f"; without them it is {result.lower:.6g} of line rate"
    message = (
        f"{amount(len(result.cut_off), 'endpoint')} of network {params.network} "
        f"{verb(len(result.cut_off), 'have')} no path to some peers, "
        "which counts as "
        f"0{rest} (`unreachable: leave-out` asks for that)"
    )
    return Finding("throughput", "error", message, result.cut_off[:8])


requirement_kinds.add("throughput", RequirementKind("throughput", ThroughputParams, _judge))
