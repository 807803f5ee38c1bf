"""Spray: every packet takes any shortest next hop with equal probability, so that flows split equally, hop by hop.

A fluid model: packets are small and many. With `split=port` (default) each of the ports that lead nearer gets an equal
part, with `split=next-hop` each neighbour does, and a bundle to it is shared evenly by its links.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, Uniform
from topo.analysis.routing.channels import channels_of
from topo.analysis.routing.merged import split_work
from topo.analysis.routing.registry import routings
from topo.analysis.routing.spread import SpreadLoads, spread_loads, spread_loads_by_orbit
from topo.analysis.routing.value import Replay, Routed, Routing, Work, by_switches
from topo.analysis.spec import spec_text
from topo.analysis.symmetry import network_symmetry
from topo.catalog.models import Strict
from topo.fabric import Fabric


class SprayParams(Strict):
    """Parameters of spray."""

    split: Literal["port", "next-hop"] = Field("port", description="what gets equal parts")


PAIRS_PER_S = 6e7
"""Arcs times destinations that an idle core splits flows over in a second."""
STEPS = 5e8
"""Destinations times channels above which the family's symmetries are worth their verification."""


def _loads(fabric: Fabric, demand: Demand, per_next_hop: bool) -> SpreadLoads:
    net = demand.network
    channels = channels_of(fabric, net)
    if isinstance(demand.form, Uniform) and len(demand.destinations) * len(channels) > STEPS:
        colour = np.unique(demand.form.weight, return_inverse=True)[1]
        symmetry = network_symmetry(fabric, net, net.row, colour, search=False)
        if len(np.unique(symmetry.node_orbit[demand.destinations])) < len(demand.destinations) / 4:
            return spread_loads_by_orbit(channels, demand, symmetry, per_next_hop)
    return spread_loads(channels, demand, per_next_hop)


def _route(fabric: Fabric, demand: Demand, params: SprayParams) -> Routed:
    result = _loads(fabric, demand, params.split == "next-hop")
    remark = f"equal parts per {params.split}, fluid" + (", exact" if not result.loads.error else ", rounded")
    replay = Replay("spray", {"split": params.split})
    by_length = by_switches(result.by_length)
    return Routed(
        spec_text("spray", params), result.loads.carried, result.loads, by_length, remark=remark, replay=replay
    )


def _work(fabric: Fabric, demand: Demand, params: SprayParams) -> Work:
    return split_work(fabric, demand, PAIRS_PER_S)


routings.add("spray", Routing("equal split over all shortest next hops", SprayParams, _route, work=_work))
