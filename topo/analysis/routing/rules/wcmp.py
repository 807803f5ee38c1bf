"""WCMP: flows split over all shortest next hops in proportion to the capacity left towards the destination.

Equal split's weighted sister, for trees whose links are spread unevenly. The weights are table entries of a switch,
`entries` of them at most for all next hops towards one destination; see `topo.analysis.routing.weighted`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, Uniform
from topo.analysis.routing.channels import channels_of
from topo.analysis.routing.merged import split_work
from topo.analysis.routing.registry import routings
from topo.analysis.routing.value import Replay, Routed, Routing, Work, by_switches
from topo.analysis.routing.weighted import WeightedSplit, weighted_loads
from topo.analysis.spec import spec_text
from topo.analysis.symmetry import network_symmetry
from topo.catalog.models import Strict
from topo.fabric import Fabric
from topo.interval import Interval
from topo.units import amount

ENTRIES = 64
"""The default of `entries`."""
ROUNDED = Fraction(1, 2**48)
"""What demands that have no common unit may be off, with room to spare: each is right within 2^-53."""
PAIRS_PER_S = 7e6
"""Arcs times destinations that an idle core finds weights for in a second."""
FEW = 32
"""Destinations up to which no symmetry is looked for."""


class WcmpParams(Strict):
    """Parameters of wcmp."""

    entries: Annotated[int, Field(ge=1, le=65536)] = Field(
        ENTRIES, description="table entries of a switch for all next hops towards one destination"
    )


def _route(fabric: Fabric, demand: Demand, params: WcmpParams) -> Routed:
    net = demand.network
    split = WeightedSplit(net, channels_of(fabric, net), params.entries)
    symmetry = None
    if isinstance(demand.form, Uniform) and len(demand.destinations) > FEW:
        colour = np.unique(demand.form.weight, return_inverse=True)[1]
        symmetry = network_symmetry(fabric, net, net.row, colour, search=False)
    result = weighted_loads(split, demand, symmetry)
    slack = Fraction(0) if result.whole else ROUNDED
    carried = Interval(result.throughput, result.throughput).widened(slack)
    exactly = "rounded" if slack else "exact"
    remark = f"parts in proportion to the capacity left, {amount(params.entries, 'table entry')}, fluid, {exactly}"
    return Routed(
        spec_text("wcmp", params), carried, result.loads, by_switches(result.by_length),
        remark=remark, replay=Replay("wcmp", {"entries": params.entries}),
    )  # fmt: skip


def _work(fabric: Fabric, demand: Demand, params: WcmpParams) -> Work:
    return split_work(fabric, demand, PAIRS_PER_S)


routings.add("wcmp", Routing("split over shortest next hops by the capacity left", WcmpParams, _route, work=_work))
