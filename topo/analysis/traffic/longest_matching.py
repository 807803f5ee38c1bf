"""Longest matching: the permutation whose endpoints are as many hops apart as possible.

A maximum-weight matching of the switches of each plane by shortest path lengths (S. A. Jyothi et al., "Measuring and
understanding throughput of network topologies", SC 2016, who found it near the worst case), all endpoints of a switch
to those of its match. Where switches of a plane hold different numbers of endpoints, endpoints are matched one by one.
"""

from __future__ import annotations

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.network import SwitchNetwork
from topo.analysis.spec import NoParams
from topo.analysis.traffic._value import Question, Traffic, by_plane, joined, line_rate_flows, traffics
from topo.errors import ParameterError
from topo.fabric.model import IntArray

MOST = 6_000


def _demand(question: Question, params: NoParams) -> Demand:
    net = question.intact
    one, other = joined([_matched(net, ends) for ends in by_plane(net)])
    apart = one != other
    return line_rate_flows(question, "longest-matching", one[apart], other[apart], np.ones(int(apart.sum())))


def _matched(net: SwitchNetwork, ends: IntArray) -> tuple[IntArray, IntArray]:
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    order = ends[np.argsort(net.at[ends], kind="stable")]
    switches, counts = np.unique(net.at[order], return_counts=True)
    alike = len(np.unique(counts)) == 1
    if (len(switches) if alike else len(order)) > MOST:
        raise ParameterError(
            "traffic", "longest-matching", f"too many to match: {len(switches):,} switches, {len(order):,} endpoints",
            f"{MOST:,} switches with equal numbers of endpoints, or {MOST:,} endpoints",
        )  # fmt: skip
    graph = csr_array((np.ones(2 * net.edges, dtype=np.int8), (net.tail, net.head)), shape=(net.switches,) * 2)
    far = dijkstra(graph, unweighted=True, indices=switches)[:, switches]
    far[~np.isfinite(far)] = -1
    if alike:
        match = linear_sum_assignment(far, maximize=True)[1]
        return order, order.reshape(len(switches), -1)[match].ravel()
    row = np.searchsorted(switches, net.at[order])
    return order, order[linear_sum_assignment(far[np.ix_(row, row)], maximize=True)[1]]


traffics.add("longest-matching", Traffic("the permutation of the longest paths", NoParams, _demand))
