"""Endpoints sorted by the switch they sit on, and demands between them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Flows, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing._matrix import whole_numbers
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Ends:
    """Endpoints leaf by leaf in port order: those of switch s are order[start[s]] .. order[start[s + 1] - 1], positions
    in the network's `endpoint`. `weight[i] * unit` is the line rate in Gb/s of order[i]."""

    start: IntArray
    order: IntArray
    weight: FloatArray
    unit: Fraction

    def rank(self, group: IntArray) -> IntArray:
        """Shape (endpoints,), by position: the place of each endpoint in the order, counted within the group of its
        switch (shape (switches,))."""
        switch = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        mine = group[switch]
        by_group = np.argsort(mine, kind="stable")
        place = np.empty(len(self.order), dtype=np.int64)
        place[by_group] = np.arange(len(mine)) - np.searchsorted(mine[by_group], mine[by_group])
        rank = np.empty(len(self.order), dtype=np.int64)
        rank[self.order] = place
        return rank


def switch_port(fabric: Fabric, net: SwitchNetwork) -> IntArray:
    """Shape (endpoints,): the fabric's port row at the switch end of each endpoint's link."""
    link = fabric.endpoint_link[net.endpoint]
    a, b = fabric.links.a[link], fabric.links.b[link]
    return np.asarray(np.where(a == fabric.endpoints.port[net.endpoint], b, a))


def leaf_order(fabric: Fabric, net: SwitchNetwork) -> IntArray:
    """Positions of all endpoints by switch and port number."""
    return np.lexsort((fabric.ports.number[switch_port(fabric, net)], net.at)).astype(np.int64)


def ends_of(fabric: Fabric, net: SwitchNetwork) -> Ends:
    """The endpoints of a network by switch and port number."""
    order = leaf_order(fabric, net)
    weight, unit, _ = whole_numbers(net.endpoint_gbps)
    start = np.concatenate([[0], np.cumsum(net.endpoints_at)]).astype(np.int64)
    return Ends(start, order, weight[order], unit)


def flows_of(demand: Demand, most: int) -> Flows:
    """Every flow of a demand between its endpoints, at most `most`; raises ParameterError above that, and where only
    the traffic between switches is known."""
    if demand.flows is not None:
        return demand.flows
    if not isinstance(demand.form, Uniform):
        raise ParameterError("traffic", demand.traffic, "is known between switches only", "traffic between endpoints")
    net, group = demand.network, demand.form.group[demand.network.at]
    pairs = sum(int(n) ** 2 for n in np.bincount(group).tolist())
    if pairs > most:
        raise ParameterError("traffic", demand.traffic, f"{pairs:,} flows are too many here", f"at most {most:,}")
    blocks = [np.flatnonzero(group == g) for g in np.unique(group)]
    src = np.concatenate([np.repeat(b, len(b)) for b in blocks] or [np.zeros(0, dtype=np.int64)])
    dst = np.concatenate([np.tile(b, len(b)) for b in blocks] or [np.zeros(0, dtype=np.int64)])
    src, dst = src[src != dst], dst[src != dst]
    gbps = net.endpoint_gbps[src] * net.endpoint_gbps[dst] * float(demand.form.scale)
    return Flows(src, dst, gbps)
