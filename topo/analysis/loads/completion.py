"""How long equal flows on fixed paths take when the links share themselves max-min fairly.

A fluid model: at every moment all flows get their max-min fair rates (D. Bertsekas, R. Gallager, *Data Networks*,
6.5.2); when one ends, the others share anew. Latency is not part of it. It is what flow-level simulators such as
SimGrid compute, and it lies between size over concurrent throughput, which no schedule beats, and that of fixed
fair rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.routing.ends import flows_of
from topo.analysis.routing.hashed import Hash, hashed_paths
from topo.analysis.routing.paths import Paths
from topo.analysis.routing.rules.ecmp import EcmpParams, targets_of
from topo.analysis.routing.rules.static import StaticParams, static_tables
from topo.analysis.routing.tables import table_paths
from topo.analysis.spec import params_of, split_spec
from topo.analysis.traffic import demand_of
from topo.errors import ParameterError
from topo.fabric import Fabric

MOST_PATHS = 1_000_000
"""Flows that are followed, each with its path in memory."""
ENDED = 1e-9
"""Share of a flow below which what is left is rounding."""


@dataclass(frozen=True)
class Completion:
    """`seconds` until the last flow ends, `bound_s` until the busiest link has carried its flows at full speed: no
    schedule on these paths is faster. `ended` is when the flows end (seconds, sorted; shape (paths,))."""

    seconds: float
    bound_s: float
    ended: tuple[float, ...]


def fixed_paths(fabric: Fabric, demand: Demand, routing: str, network: str | int = 0) -> Paths:
    """The path of every flow under `static` or one seed of `ecmp`; raises ParameterError for routings that have none,
    and InputError for unknown parameters."""
    name, values = split_spec(routing, "routing")
    flows = flows_of(demand, MOST_PATHS)
    if name == "static":
        rule = params_of(StaticParams, name, values, "routing").rule
        return table_paths(static_tables(fabric, network, rule), flows)
    if name != "ecmp":
        raise ParameterError("routing", name, "has no fixed paths", "ecmp or static")
    params = params_of(EcmpParams, name, values, "routing")
    how = Hash(params.seed, params.qp, params.polarised)
    return hashed_paths(targets_of(fabric, demand, params), demand, flows, how)


def completion(
    fabric: Fabric, size_bytes: float, routing: str = "static", traffic: str = "all-to-all", network: str | int = 0
) -> Completion:
    """Every flow of a traffic carries `size_bytes`, all start at once; an ECMP flow's queue pairs share its bytes."""
    from topo.analysis.routing.fair_kernel import progressive_filling

    demand = demand_of(fabric, traffic, network)
    paths, net = fixed_paths(fabric, demand, routing, network), demand.network
    capacity = np.concatenate([paths.targets.capacity, net.attach_gbps, net.attach_gbps])
    channels, ends = len(paths.targets.used), len(net.at)
    src, dst = (rows[paths.flow].astype(np.int64) for rows in (paths.flows.src, paths.flows.dst))
    size = size_bytes * 8e-9 / paths.share
    left, ended = np.full(len(src), size), np.zeros(len(src))
    now, active = 0.0, np.arange(len(src))
    while len(active):
        rate = np.zeros(len(active))
        rows = np.ascontiguousarray(paths.channel[active])
        progressive_filling(rows, src[active], dst[active], capacity, channels, ends, rate)
        step = float((left[active] / rate).min())
        now += step
        left[active] -= rate * step
        done = left[active] <= size * ENDED
        ended[active[done]] = now
        active = active[~done]
    used = paths.channel[paths.channel >= 0]
    carried = [
        np.bincount(used, minlength=channels),
        np.bincount(src, minlength=ends),
        np.bincount(dst, minlength=ends),
    ]
    busiest = float((np.concatenate(carried) / capacity).max()) if len(src) else 0.0
    return Completion(now, busiest * size, tuple(np.sort(ended).tolist()))
