"""Worst permutation: the one that loads some link most under a routing.

`of=spray` (default) is the worst for `spray`, `of=spray-next-hop` for `spray:split=next-hop`, `of=static` for `static`,
`of=ecmp` is bad for `ecmp` with its first seed. The throughput of the traffic is an interval for all permutations: from
above what this one reaches, from below what a certificate proves of every permutation (`WorstCase`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, WorstCase, from_endpoint_pairs
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic
from topo.catalog.models import Strict
from topo.fabric.speed import exact


class WorstPermutationParams(Strict):
    """Parameters of worst-permutation."""

    of: Literal["spray", "spray-next-hop", "static", "ecmp"] = Field(
        "spray", description="the routing that it is worst for"
    )


def _demand(question: Question, params: WorstPermutationParams) -> Demand:
    from topo.analysis.traffic.worst import ROUTED_AS, worst_permutation

    fabric, net = question.fabric, question.net
    row = fabric.network_row(question.network) if isinstance(question.network, str) else question.network
    result = worst_permutation(fabric, net, row, params.of, question.time_limit_s)
    flows = result.demand.flows
    text = spec_text("worst-permutation", params)
    if flows is None:
        raise TypeError("a permutation is made of flows")
    demand = from_endpoint_pairs(fabric, net, text, flows, question.baseline)
    pairs = np.unique(np.stack([net.attach_gbps, net.endpoint_gbps]), axis=1).T.tolist()
    slowest = min((exact(attach) / exact(rate) for attach, rate in pairs if rate), default=None)
    case = WorstCase(ROUTED_AS[params.of], result.lower, slowest, result.priced, question.time_limit_s)
    return replace(demand, worst=case)


traffics.add(
    "worst-permutation", Traffic("the permutation that is worst for a routing", WorstPermutationParams, _demand)
)
