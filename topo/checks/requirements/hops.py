"""At most so many switches on a shortest path between two endpoints."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from topo.analysis.network import SwitchNetwork, switch_network
from topo.checks import answers
from topo.checks.labels import device_label
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.checks.requirements._bounded import bounded, exactly

MOST_SOURCES = 256
"""How many switches are tried for an example of a longest path."""


class HopsParams(RequirementParams):
    """Keys of `hops`."""

    at_most: Annotated[int, Field(ge=1)] = Field(description="switches on a shortest path")


def _judge(context: Context, params: HopsParams) -> Outcome:
    statement = (
        f"A shortest path between two endpoints of the {params.network} network crosses at most {params.at_most} "
        f"switch{'es' if params.at_most > 1 else ''}"
    )
    net = switch_network(context.fabric, params.network)
    longest = answers.hops(context, params.network).max
    return bounded(
        statement, "switches", params.at_most, lambda: exactly(longest, lambda: _example(context, net, longest))
    )


def _example(context: Context, net: SwitchNetwork, longest: int) -> tuple[Finding, ...]:
    """Two switches with endpoints at the greatest distance, by searches from a few of them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    size = net.switches
    graph = coo_array((np.ones(len(net.tail), dtype=np.int8), (net.tail, net.head)), shape=(size, size)).tocsr()
    used = net.endpoints_at > 0
    for source in np.flatnonzero(used)[:MOST_SOURCES]:
        steps = shortest_path(graph, unweighted=True, indices=int(source))
        steps[~used | ~np.isfinite(steps)] = -1
        if steps.max() + 1 == longest:
            first, last = (device_label(context.fabric, int(net.device[s])) for s in (source, np.argmax(steps)))
            message = f"a shortest path from {first} to {last} crosses {longest} switches"
            return (Finding("hops", "error", message, (first, last)),)
    return (Finding("hops", "error", f"some shortest paths cross {longest} switches"),)


requirement_kinds.add("hops", RequirementKind("switches on a path", HopsParams, _judge))
