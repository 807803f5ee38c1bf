"""What a traffic gets on average while things fail and are repaired, by the design's `failure_rates`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.rated import refuse_unrated
from topo.checks.registries import requirement_kinds
from topo.checks.traffic import Routing, Traffic, reachable
from topo.errors import LimitReachedError
from topo.interval import span


class ExpectedThroughputParams(RequirementParams):
    """Keys of `expected_throughput`."""

    traffic: Traffic = Field("all-to-all", description="who sends to whom")
    routing: Routing = Field("adaptive", description="how traffic is spread over paths")
    at_least: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(
        description="share of line rate in the steady state: on average, or not below it but for `but_for`"
    )
    but_for: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None,
        description="share of the time in which it may be less (0.01 asks for the 1 % quantile); default: the mean",
    )
    draws: Annotated[int, Field(ge=2, le=100_000)] = Field(
        100, description="patterns drawn where few failures do not tell enough"
    )
    first_seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(0, description="seed of the first draw (numpy's PCG64)")

    @field_validator("at_least")
    @classmethod
    def _reachable(cls, share: float, info: ValidationInfo) -> float:
        reachable(share, info.data.get("traffic", ""))
        return share


def _judge(context: Context, params: ExpectedThroughputParams) -> Outcome:
    refuse_unrated(context, params.network, "expected_throughput")
    what = "on average" if params.but_for is None else f"but for {params.but_for:.3%} of the time"
    asked = questions.Steady(params.network, params.traffic, params.routing, params.draws, params.first_seed)
    try:
        how = f" ({context.ask(asked).words()})"
    except LimitReachedError:
        how = ""
    statement = (
        f"While parts fail and are repaired, {params.traffic} traffic gets {params.at_least:g} of line rate {what} "
        f"under {params.routing} routing in the {params.network} network{how}"
    )

    def answer() -> Answer:
        result = context.ask(asked)
        low, high = result.expected if params.but_for is None else result.quantile(params.but_for)
        message = f"{params.traffic} under {params.routing} gets {span(low, high)} of line rate {what}"
        cut = any(part.cut_off > 0 for part in result.parts)
        note = "leaves out the demands of GPUs that failures cut off, while they are" if cut else ""
        proof = context.ask(asked.proof())
        return Answer(low, high, proof, lambda: (Finding("expected-throughput", "error", message),), note)

    return bounded(statement, "of line rate", params.at_least, answer, from_below=True)


requirement_kinds.add(
    "expected_throughput", RequirementKind("throughput in the steady state", ExpectedThroughputParams, _judge)
)
