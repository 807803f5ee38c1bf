"""Random permutation: the endpoints of each plane in a random circle, each sending to the next.

The circle sorts the endpoints by word(n, 11) of the hash that `topo.analysis.routing` documents, with this seed: the
same on every machine and with every version of numpy. No endpoint sends to itself.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand
from topo.analysis.routing import hash_words
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, by_plane, joined, line_rate_flows
from topo.catalog.models import Strict


class PermutationParams(Strict):
    """Parameters of permutation."""

    seed: Annotated[int, Field(ge=0, lt=1 << 32)] = Field(1, description="which permutation")


def _demand(question: Question, params: PermutationParams) -> Demand:
    net = question.intact
    key = hash_words(len(net.endpoint), params.seed, 11)
    circles = [ends[np.argsort(key[ends], kind="stable")] for ends in by_plane(net) if len(ends) > 1]
    one, other = joined([(circle, np.roll(circle, -1)) for circle in circles])
    return line_rate_flows(question, spec_text("permutation", params), one, other, np.ones(len(one)))


traffics.add("permutation", Traffic("every endpoint to one other, at random", PermutationParams, _demand))
