"""So many virtual lanes suffice to keep a routing free of deadlock.

Broken only where they are proved to be too few: one lane, where paths of a routing that does not adapt wait for each
other in a circle. An adaptive routing may step aside, so a circle leaves it undecided; its paths are the shortest ones.
"""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from topo.checks import questions
from topo.checks.bounded import Answer, bounded
from topo.checks.labels import listed
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.checks.traffic import Routing
from topo.units import amount, verb


class VirtualLanesParams(RequirementParams):
    """Keys of `virtual_lanes`."""

    routing: Routing = Field("adaptive", description="how traffic is spread over paths")
    at_most: Annotated[int, Field(ge=1)] = Field(1, description="virtual lanes; one where there are no cycles at all")
    fixed: bool = Field(False, description="packets keep one lane from end to end, as by InfiniBand service levels")


def _judge(context: Context, params: VirtualLanesParams) -> Outcome:
    lanes = f"{params.at_most} virtual lane{' suffices' if params.at_most == 1 else 's suffice'}"
    kept = ", every packet in one lane" if params.fixed else ""
    over = " over shortest paths" if params.routing.partition(":")[0] == "adaptive" else ""
    statement = f"{lanes} to keep {params.routing} routing{over} on the {params.network} network free of deadlock{kept}"

    def answer() -> Answer:
        asked = questions.Deadlock(params.network, params.routing)
        result = context.ask(asked)
        suffice = result.fixed_lanes if params.fixed else result.lanes
        method = result.method if result.acyclic or not params.fixed else "a fixed lane for each pair of switches"
        stuck = not result.acyclic and params.routing.partition(":")[0] != "adaptive"
        least = result.minimum if result.minimum is not None and not params.fixed else 1 + stuck
        enough = (
            f"{amount(suffice, 'lane')} {verb(suffice, 'suffice')} ({method})"
            if suffice
            else "no fixed lanes were found in reasonable time"
        )
        message = f"{enough}; channels that wait for each other in a circle: "
        ends = (end for channel in result.cycle for end in channel.split(" -> "))
        where = tuple(dict.fromkeys(end.replace(" ", ":", 1) for end in ends))

        def worst() -> tuple[Finding, ...]:
            text = message + (listed(result.cycle, most=6) if result.cycle else "none")
            return (Finding("virtual-lanes", "error", text, where[:16]),)

        proof = context.ask(asked.proof(params.fixed and suffice is not None))
        return Answer(float(least), float(suffice or math.inf), proof, worst)

    return bounded(statement, "virtual lanes", params.at_most, answer, by_certificate=True)


requirement_kinds.add("virtual_lanes", RequirementKind("freedom from deadlock", VirtualLanesParams, _judge))
