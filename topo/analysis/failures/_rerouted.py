"""What the loss of any one link between switches leaves, by one argument for all links.

Let a flow carry adaptive all-to-all at throughput T, and let a link of c Gb/s between switches u and v fail. Scaled by
a < 1 the flow leaves a share 1 - a of every link free, so that (1 - a) L Gb/s more fit from u to v, where L is the
maximum flow between them in the intact network. What the failed link carried beyond its share is c - (1 - a) x (the
rest of the bundle and itself), so a = 1 - c / L suffices, and L is at least the least cut of the network. The other
end: what leaves a switch has one link less.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from topo.analysis.demand import Demand, Uniform, all_to_all
from topo.analysis.network import SwitchNetwork
from topo.analysis.throughput import Throughput
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

MOST_WORK = 200_000_000
"""Switches times edges of a component for which the least cut is sought (a minute); beyond, nothing is said."""
ROUNDING = 1e-12


def after_any_link(fabric: Fabric, network: str | int, intact: Throughput) -> tuple[float, float] | None:
    """An interval around the least adaptive all-to-all throughput after the loss of any one link of a network, where
    `intact` is that of the whole network. None where no two switches are joined, where a link has no way around it, or
    where a component is too large for its least cut."""
    demand = all_to_all(fabric, network)
    net = demand.network
    if not net.edges or not math.isfinite(intact.network_upper):
        return None
    share = _kept(net)
    if share is None or share <= 0:
        return None
    lower = min(intact.lower, intact.network_lower * share * (1 - ROUNDING))
    return lower, min(intact.upper, _least_way_out(demand) * (1 + ROUNDING))


def _kept(net: SwitchNetwork) -> float | None:
    """1 - c / L over all components: c the fastest link, L the least cut."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(net.edges), (net.u, net.v)), shape=(net.switches, net.switches))
    count, part = connected_components(graph, directed=False)
    link_gbps = net.gbps / net.links
    share = 1.0
    for component in range(count):
        mine = np.flatnonzero(part[net.u] == component)
        size = int((part == component).sum())
        if not len(mine):
            continue
        if size * len(mine) > MOST_WORK:
            return None
        cut = least_cut_gbps(net.u[mine], net.v[mine], net.gbps[mine])
        share = min(share, 1 - float(link_gbps[mine].max()) / cut)
    return share


def least_cut_gbps(u: IntArray, v: IntArray, gbps: FloatArray) -> float:
    """The least capacity that parts a connected graph in two; edges (n,) by their ends and capacities."""
    import igraph

    graph_of: Any = igraph.Graph
    nodes, ends = np.unique(np.stack([u, v], axis=1), return_inverse=True)
    graph = graph_of(n=len(nodes), edges=ends.reshape(-1, 2).tolist())
    return float(graph.mincut_value(capacity=gbps.tolist()))


def _least_way_out(demand: Demand) -> float:
    """What a switch can send after the loss of its fastest link, over what it has to send: the least over switches."""
    net, form = demand.network, demand.form
    if not isinstance(form, Uniform):
        return math.inf
    total = np.bincount(form.group[form.group >= 0], form.weight[form.group >= 0], form.group.max(initial=0) + 1)
    others = np.where(form.group >= 0, total[form.group], 0.0) - form.weight
    sends = form.weight * others * float(form.scale)
    capacity = np.bincount(net.tail, net.capacity, net.switches)
    fastest = np.zeros(net.switches)
    link_gbps = np.concatenate([net.gbps / net.links] * 2)
    np.maximum.at(fastest, net.tail, link_gbps)
    busy = sends > 0
    return float(((capacity - fastest)[busy] / sends[busy]).min(initial=math.inf))
