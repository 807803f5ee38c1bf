"""Hot spot: every endpoint of a plane sends to the same few endpoints of it, equally.

The hot ones are spaced evenly in the order of hosts, so that they do not share a leaf while there are enough leaves.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, by_plane, joined, line_rate_flows
from topo.catalog.models import Strict
from topo.errors import ParameterError
from topo.fabric.model import IntArray

MOST_FLOWS = 20_000_000
"""Half a gigabyte of sources, targets and rates."""


class HotSpotParams(Strict):
    """Parameters of hot-spot."""

    count: Annotated[int, Field(ge=1)] = Field(1, description="hot endpoints in each plane")


def _demand(question: Question, params: HotSpotParams) -> Demand:
    net = question.intact
    parts: list[tuple[IntArray, IntArray]] = []
    if len(net.endpoint) * params.count > MOST_FLOWS:
        raise ParameterError("count", params.count, "too many flows", f"at most {MOST_FLOWS // len(net.endpoint):,}")
    for ends in by_plane(net):
        if params.count > len(ends):
            raise ParameterError("count", params.count, "more than a plane has endpoints", f"at most {len(ends):,}")
        hot = ends[np.arange(params.count) * len(ends) // params.count]
        one, other = np.repeat(ends, len(hot)), np.tile(hot, len(ends))
        apart = one != other
        parts.append((one[apart], other[apart]))
    src, dst = joined(parts)
    peers = np.bincount(src, minlength=len(net.endpoint))
    return line_rate_flows(question, spec_text("hot-spot", params), src, dst, 1 / peers[src])


traffics.add("hot-spot", Traffic("every endpoint to the same few", HotSpotParams, _demand))
