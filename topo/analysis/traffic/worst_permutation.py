"""Worst permutation: the one that loads some link most under an equal split over shortest paths.

`of=spray` (default) is the worst for `spray`, `of=spray-next-hop` for `spray:split=next-hop`. For another routing it is
merely some permutation: its throughput bounds that routing's worst case from above only.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from topo.analysis.demand import Demand, from_endpoint_pairs
from topo.analysis.spec import spec_text
from topo.analysis.traffic._value import Question, Traffic, traffics
from topo.catalog.models import Strict


class WorstPermutationParams(Strict):
    """Parameters of worst-permutation."""

    of: Literal["spray", "spray-next-hop"] = Field("spray", description="the routing that it is worst for")


def _demand(question: Question, params: WorstPermutationParams) -> Demand:
    from topo.analysis.traffic._worst import worst_permutation

    fabric, net = question.fabric, question.net
    row = fabric.network_row(question.network) if isinstance(question.network, str) else question.network
    flows = worst_permutation(fabric, net, row, params.of == "spray-next-hop").demand.flows
    text = spec_text("worst-permutation", params)
    if flows is None:
        raise TypeError("a permutation is made of flows")
    return from_endpoint_pairs(fabric, net, text, flows.src, flows.dst, flows.gbps, question.baseline)


traffics.add("worst-permutation", Traffic("the permutation that is worst for spray", WorstPermutationParams, _demand))
