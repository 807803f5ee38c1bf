"""A demand routed as a routing's name says."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from topo.analysis.routing.registry import routings
from topo.analysis.spec import params_of, split_spec
from topo.errors import ParameterError, nearest

if TYPE_CHECKING:
    from topo.analysis.demand import Demand
    from topo.analysis.routing.fair import FairRates
    from topo.analysis.routing.value import Routed
    from topo.fabric import Fabric


def routing_name(routing: str, key: str = "routing") -> str:
    """The name in `ecmp:qp=4`, ...: `adaptive` or one of `routings`; raises ParameterError under `key` for others."""
    name, known = split_spec(routing, key)[0], sorted({"adaptive", *routings.names()})
    if name not in known:
        raise ParameterError(key, routing, "unknown routing", ", ".join(known), nearest(name, known))
    return name


def route(fabric: Fabric, demand: Demand, routing: str, limit_s: float = inf) -> Routed:
    """The demand (made from this fabric) routed as `spray`, `ecmp:qp=4`, `static`, ...; raises InputError for an
    unknown routing or parameter, LimitReachedError where that is more work than `limit_s` has time for."""
    name, values = split_spec(routing, "routing")
    result = routings.get(name, "routing")
    params = params_of(result.params, name, values, "routing")
    if result.work is not None:
        result.work(fabric, demand, params).refuse_beyond(limit_s)
    answer: Routed = result.route(fabric, demand, params)
    return answer


def fair_rates(fabric: Fabric, demand: Demand, routing: str) -> FairRates:
    """Max-min fair rates of the flows of a demand on the paths of `ecmp` or `static`, of a large all-to-all those of
    some of its shifts (see `FairRates`). Raises InputError for routings that split flows, and for more flows than
    fit."""
    name, values = split_spec(routing, "routing")
    result = routings.get(name, "routing")
    params = params_of(result.params, name, values, "routing")
    if result.fair is None:
        raise ParameterError("routing", name, "splits flows: there are no rates of single paths", "ecmp or static")
    rates: FairRates = result.fair(fabric, demand, params)
    return rates
