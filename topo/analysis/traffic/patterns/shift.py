"""Shift permutation: endpoint i of each plane sends to endpoint i + k, modulo their number.

All shifts from 1 to n - 1 one after the other are an all-to-all, as collective libraries send it. `order=host`
(default) counts endpoints by host, NIC and NIC port, as GPUs are ranked; `order=leaf` leaf by leaf, in port order.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand
from topo.analysis.routing import leaf_order
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, by_plane, joined, line_rate_flows
from topo.catalog.models import Strict
from topo.errors import ParameterError
from topo.fabric.model import IntArray


class ShiftParams(Strict):
    """Parameters of shift."""

    k: Annotated[int, Field(ge=1)] = Field(1, description="how far")
    order: Literal["host", "leaf"] = Field("host", description="how endpoints are counted")


def _demand(question: Question, params: ShiftParams) -> Demand:
    net = question.intact
    place = np.empty(len(net.endpoint), dtype=np.int64)
    place[leaf_order(question.baseline or question.fabric, net)] = np.arange(len(place))
    parts: list[tuple[IntArray, IntArray]] = []
    for ends in by_plane(net):
        if len(ends) > 1 and params.k % len(ends) == 0:
            raise ParameterError("k", params.k, "every endpoint would send to itself", f"1 to {len(ends) - 1:,}")
        ring = ends if params.order == "host" else ends[np.argsort(place[ends])]
        parts.append((ring, np.roll(ring, -(params.k % len(ends)))) if len(ends) > 1 else (ring[:0], ring[:0]))
    one, other = joined(parts)
    return line_rate_flows(question, spec_text("shift", params), one, other, np.ones(len(one)))


traffics.add("shift", Traffic("endpoint i to endpoint i + k", ShiftParams, _demand))
