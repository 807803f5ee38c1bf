"""Endpoints sorted by the switch they sit on, and demands between them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Flows, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.matrix import fractions_as_whole, whole_numbers
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact, speeds
from topo.units import amount


@dataclass(frozen=True)
class Ends:
    """Endpoints leaf by leaf in port order: those of switch s are order[start[s]] .. order[start[s + 1] - 1], positions
    in the network's `endpoint`. `weight[i] * unit` is the share of order[i] in the weight of its switch: its line rate
    in Gb/s, or what a uniform demand gives the switch, in proportion to line rates."""

    start: IntArray
    order: IntArray
    weight: FloatArray
    unit: Fraction

    def rank(self, group: IntArray) -> IntArray:
        """Shape (endpoints,), by position: the place of each endpoint in the order, counted within the group of its
        switch (shape (switches,))."""
        switch = np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))
        own = group[switch]
        by_group = np.argsort(own, kind="stable")
        place = np.empty(len(self.order), dtype=np.int64)
        place[by_group] = np.arange(len(own)) - np.searchsorted(own[by_group], own[by_group])
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


def ends_of(fabric: Fabric, net: SwitchNetwork, form: Uniform | None = None) -> Ends:
    """The endpoints of a network by switch and port number, with the weights of a uniform demand."""
    order = leaf_order(fabric, net)
    weight, unit = _weights(net, form)
    start = np.concatenate([[0], np.cumsum(net.endpoints_at)]).astype(np.int64)
    return Ends(start, order, weight[order], unit)


def _weights(net: SwitchNetwork, form: Uniform | None) -> tuple[FloatArray, Fraction]:
    """(multiples, unit) of the endpoints' weights, whole where they have a common unit."""
    total = speeds(np.bincount(net.at, weights=net.endpoint_gbps, minlength=net.switches))
    if form is None or (form.weight[net.at] == total[net.at]).all():
        weight, unit, _ = whole_numbers(net.endpoint_gbps)
        return weight, unit
    columns = np.stack([net.endpoint_gbps, form.weight[net.at], total[net.at]])
    distinct, row = np.unique(columns, axis=1, return_inverse=True)
    shares = [exact(rate) * exact(w) / exact(of) for rate, w, of in distinct.T.tolist()]
    result = fractions_as_whole(shares) or (np.array([float(share) for share in shares]), Fraction(1))
    return result[0][row.reshape(-1)], result[1]


def flows_of(demand: Demand, most: int) -> Flows:
    """Every flow of a demand between its endpoints, at most `most`; raises ParameterError above that, and where only
    the traffic between switches is known."""
    if demand.flows is not None:
        return demand.flows
    if not isinstance(demand.form, Uniform):
        raise ParameterError(
            "traffic",
            demand.traffic,
            "is known between switches only here: hashed and static routing place flows of endpoints",
            "all-to-all, or other traffic between endpoints; this one under adaptive or spray routing",
        )
    net, group = demand.network, demand.form.group[demand.network.at]
    pairs = sum(int(n) ** 2 for n in np.bincount(group).tolist())
    if pairs > most:
        raise ParameterError(
            "traffic", demand.traffic, f"{amount(pairs, 'flow')} are too many here", f"at most {most:,}"
        )
    blocks = [np.flatnonzero(group == g) for g in np.unique(group)]
    src = np.concatenate([np.repeat(b, len(b)) for b in blocks] or [np.zeros(0, dtype=np.int64)])
    dst = np.concatenate([np.tile(b, len(b)) for b in blocks] or [np.zeros(0, dtype=np.int64)])
    src, dst = src[src != dst], dst[src != dst]
    weight, unit = _weights(net, demand.form)
    return Flows(src, dst, weight[src] * weight[dst] * float(unit * unit * demand.form.scale))
