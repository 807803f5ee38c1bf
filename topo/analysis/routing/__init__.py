"""Routings: one file each, registered in `routings`. `adaptive`, the optimum, is the business of `throughput`."""

from __future__ import annotations

from topo.analysis.demand import Demand
from topo.analysis.routing._channels import Channels, channels_of
from topo.analysis.routing._loads import ChannelLoads, WorstLink
from topo.analysis.routing._value import Routed, Routing, Samples, routings
from topo.analysis.spec import params_of, split_spec
from topo.fabric import Fabric

__all__ = [
    "ChannelLoads",
    "Channels",
    "Routed",
    "Routing",
    "Samples",
    "WorstLink",
    "channels_of",
    "route",
    "routings",
]


def route(fabric: Fabric, demand: Demand, routing: str) -> Routed:
    """The demand (made from this fabric) routed as `spray`, `ecmp:qp=4`, `static`, ...; raises InputError for an
    unknown routing or parameter."""
    name, values = split_spec(routing, "routing")
    found = routings.get(name, "routing")
    answer: Routed = found.route(fabric, demand, params_of(found.params, name, values, "routing"))
    return answer
