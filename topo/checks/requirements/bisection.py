"""Any two halves of the hosts are joined by at least so much of full bisection bandwidth."""

from __future__ import annotations

from math import inf
from typing import Annotated

from pydantic import Field

from topo.checks import answers
from topo.checks.labels import listed
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.checks.requirements._bounded import Answer, bounded
from topo.units import gbps

MOST_HOSTS = 16
"""How many hosts of the worst half are named."""


class BisectionParams(RequirementParams):
    """Keys of `bisection`."""

    at_least: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        1.0, description="share of full bisection, which is half the endpoints at line rate"
    )


def _judge(context: Context, params: BisectionParams) -> Outcome:
    statement = (
        f"Any two halves of the hosts of the {params.network} network are joined by at least {params.at_least:g} of "
        "full bisection bandwidth"
    )

    def answer() -> Answer:
        found = answers.bisection(context, params.network)
        if not found.full_gbps:
            return Answer(inf, inf, found.certificate)
        full = found.full_gbps

        def worst() -> tuple[Finding, ...]:
            known = gbps(found.upper_gbps) if found.exact else f"{gbps(found.lower_gbps)} to {gbps(found.upper_gbps)}"
            message = f"the bisection of the {params.network} network is {known}, full would be {gbps(found.full_gbps)}"
            half = min(found.halves, key=len)
            where = tuple(str(name) for name in half[:MOST_HOSTS])
            return (
                Finding("bisection", "error", f"{message}; the worst half found: {listed(where, len(half))}", where),
            )

        return Answer(found.lower_gbps / full, found.upper_gbps / full, found.certificate, worst)

    return bounded(statement, "of full bisection", params.at_least, answer, from_below=True, by_certificate=True)


requirement_kinds.add("bisection", RequirementKind("bisection bandwidth", BisectionParams, _judge))
