"""Any two halves of the hosts are joined by at least so much of full bisection bandwidth."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.labels import listed
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.interval import span
from topo.units import gbps

MOST_HOSTS = 16
"""How many hosts of the worst half are named."""


class BisectionParams(RequirementParams):
    """Keys of `bisection`."""

    at_least: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        1.0, description="least share, over halves of the hosts, of the line rate of the weaker half"
    )


def _judge(context: Context, params: BisectionParams) -> Outcome:
    statement = (
        f"Any two halves of the hosts of the {params.network} network are joined by at least {params.at_least:g} of "
        "full bisection bandwidth"
    )

    def answer() -> Answer:
        result = context.ask(questions.Bisection(params.network))

        def worst() -> tuple[Finding, ...]:
            known = span(result.lower_gbps, result.upper_gbps, gbps)
            message = (
                f"the bisection of the {params.network} network is {known}, full would be {gbps(result.full_gbps)}"
            )
            half = min(result.weakest or result.halves, key=len)
            where = tuple(str(name) for name in half[:MOST_HOSTS])
            joined, line = result.weakest_gbps
            if line != result.full_gbps:
                message += f"; {gbps(joined)} join two halves of which the weaker has a line rate of {gbps(line)}"
            return (
                Finding("bisection", "error", f"{message}; the worst half found: {listed(where, len(half))}", where),
            )

        return Answer(result.share_lower, result.share_upper, result.certificate, worst)

    return bounded(statement, "of full bisection", params.at_least, answer, from_below=True, by_certificate=True)


requirement_kinds.add("bisection", RequirementKind("bisection bandwidth", BisectionParams, _judge))
