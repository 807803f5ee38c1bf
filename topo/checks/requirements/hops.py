"""At most so many switches on a shortest path between two endpoints."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.example import longest_pair
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.units import amount


class HopsParams(RequirementParams):
    """Keys of `hops`."""

    at_most: Annotated[int, Field(ge=1)] = Field(description="switches on a shortest path")


def _judge(context: Context, params: HopsParams) -> Outcome:
    statement = (
        f"A shortest path between two endpoints of the {params.network} network crosses at most {params.at_most:,} "
        f"switch{'es' if params.at_most > 1 else ''}"
    )
    longest = context.ask(questions.Hops(params.network)).max
    return bounded(
        statement,
        "switches",
        params.at_most,
        lambda: Answer(
            float(longest),
            float(longest),
            context.ask(questions.Hops(params.network).proof()),
            lambda: _example(context, params.network, longest),
        ),
        by_certificate=True,
    )


def _example(context: Context, network: str, longest: int) -> tuple[Finding, ...]:
    pair = longest_pair(context.fabric, network, longest)
    way = f"from {pair[0]} to {pair[1]}" if pair else "between some endpoints"
    return (Finding("hops", "error", f"a shortest path {way} crosses {amount(longest, 'switch')}", pair),)


requirement_kinds.add("hops", RequirementKind("switches on a path", HopsParams, _judge))
