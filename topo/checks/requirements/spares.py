"""Spares on site last until the next delivery, with a service level."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import bounded, exactly
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.rated import refuse_unrated
from topo.checks.registries import requirement_kinds
from topo.errors import ParameterError
from topo.units import amount, verb


class SparesParams(RequirementParams):
    """Keys of `spares`."""

    of: str = Field(description="what is spared: a key of the design's failure_rates")
    at_most: Annotated[int, Field(ge=0)] = Field(description="spares on site")
    lead_days: Annotated[float, Field(gt=0, le=36_500, allow_inf_nan=False)] = Field(
        30.0, description="days until a spare is delivered"
    )
    service_level: Annotated[float, Field(gt=0, lt=1)] = Field(0.99, description="probability that they last that long")


def _judge(context: Context, params: SparesParams) -> Outcome:
    from topo.analysis.reliability import spares

    refuse_unrated(context, params.network, "spares")
    families = {family.key: family for family in context.ask(questions.Families(params.network))}
    if params.of not in families:
        message = f"the design states no rate of this in the {params.network} network"
        raise ParameterError("of", params.of, message, ", ".join(families))
    (result,) = spares([families[params.of]], params.lead_days, params.service_level)
    statement = (
        f"{amount(params.at_most, 'spare')} of {result.count:,} x {params.of} in the {params.network} "
        f"network {verb(params.at_most, 'last')} "
        f"{params.lead_days:g} days with probability {params.service_level:g}"
    )
    message = f"{result.per_year:.4g} {params.of} fail in a year: it takes {amount(result.spares, 'spare')}"
    return bounded(
        statement,
        "spares",
        params.at_most,
        lambda: exactly(result.spares, lambda: (Finding("spares", "error", message),)),
    )


requirement_kinds.add("spares", RequirementKind("spares for a lead time and service level", SparesParams, _judge))
