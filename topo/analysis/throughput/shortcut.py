"""Sparse traffic whose optimum is plain: an equal split that one switch's links do not let anyone beat."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Sparse
from topo.analysis.routing import route
from topo.analysis.throughput.way import Bounds
from topo.fabric import Fabric
from topo.fabric.speed import exact, speeds


def split_and_cut(fabric: Fabric, demand: Demand) -> Bounds | None:
    """The exact throughput where spray reaches what the links of the busiest switch allow; None where it does not, and
    for uniform demands or links of several speeds. Permutations on trees without oversubscription are the rule."""
    form, net = demand.form, demand.network
    if not isinstance(form, Sparse) or demand.is_empty or len(np.unique(net.gbps / net.links)) != 1:
        return None
    upper, switch, outward = _tightest(demand, form)
    routed = route(fabric, demand, "spray")
    if routed.lower != upper:
        return None
    load = np.bincount(routed.loads.channels.arc, routed.loads.gbps, 2 * net.edges)
    rows = np.flatnonzero((net.tail if outward else net.head) == switch)
    lengths = np.stack([net.tail[rows], net.head[rows], np.ones_like(rows)], axis=1).ravel().tolist()
    proof = {"generators": [], "lower": {"method": "split"}, "upper": {"lengths": lengths}}
    return Bounds(upper, upper, proof, load / net.capacity)


def _tightest(demand: Demand, form: Sparse) -> tuple[Fraction, int, bool]:
    """The least capacity over demand of the links that leave, or enter, one switch; the switch; whether they leave."""
    net = demand.network
    room = speeds(np.bincount(net.tail, weights=net.capacity, minlength=net.switches))
    result: list[tuple[Fraction, int, bool]] = []
    for ends, outward in ((form.src, True), (form.dst, False)):
        sent = np.bincount(ends, weights=form.gbps, minlength=net.switches)
        busy = np.flatnonzero(sent)
        use = room[busy] / sent[busy]
        near = busy[use <= use.min() * (1 + 1e-12)].tolist()
        result += [(exact(float(room[s])) / exact(float(sent[s])), s, outward) for s in near]
    return min(result, key=lambda entry: entry[0])
