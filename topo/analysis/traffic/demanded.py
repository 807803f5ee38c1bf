"""The demand of a traffic's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topo.analysis.spec import params_of, split_spec
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question

if TYPE_CHECKING:
    from topo.analysis.demand import Demand
    from topo.fabric import Fabric


def demand_of(
    fabric: Fabric,
    traffic: str = "all-to-all",
    network: str | int = 0,
    baseline: Fabric | None = None,
    time_limit_s: float = 60.0,
) -> Demand:
    """The demand of a traffic such as `all-to-all` or `permutation:seed=3`; raises InputError for an unknown one.

    `baseline` is the intact fabric where this one has lost something: the scale and the pairs stay its. A traffic that
    is searched for (the worst permutation) takes about `time_limit_s` at most.
    """
    name, values = split_spec(traffic, "traffic")
    result = traffics.get(name, "traffic")
    params = params_of(result.params, name, values, "traffic")
    demand: Demand = result.demand(Question(fabric, network, baseline, time_limit_s), params)
    return demand
