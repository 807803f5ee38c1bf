"""Longest matching: the permutation whose endpoints are as many hops apart as possible.

A maximum-weight matching of the switches of each plane by shortest path lengths (S. A. Jyothi et al., "Measuring and
understanding throughput of network topologies", SC 2016, who found it near the worst case), all endpoints of a switch
to those of its match. Where switches of a plane hold different numbers of endpoints, equal parts of them are matched.

Up to MOST_PARTS the matching is the longest, by assignment. Above, every part is matched to one of the farthest from
it, as a bipartite matching among a sample of them: where that is perfect no permutation is longer. Parts left without
a partner are matched among themselves, and then the matching is a long one, not proved the longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from topo.analysis.demand import Demand
from topo.analysis.network import SwitchNetwork
from topo.analysis.spec import NoParams
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, by_plane, joined, line_rate_flows
from topo.fabric.model import IntArray

MOST_PARTS = 6_000
"""An assignment of so many holds a matrix of 290 MB, and its time grows with the cube."""
SAMPLE = 48
"""Of the farthest switches, how many a part may be matched to where there are too many parts for an assignment."""


@dataclass(frozen=True)
class Matching:
    """Endpoints `src` and `dst` (positions in the network's `endpoint`); `hops` is the summed distance of their
    switches, `most` what no permutation of the plane exceeds."""

    src: IntArray
    dst: IntArray
    hops: int
    most: int

    @property
    def longest(self) -> bool:
        """Whether no permutation is longer."""
        return self.hops == self.most


def _demand(question: Question, params: NoParams) -> Demand:
    net = question.intact
    one, other = joined([(m.src, m.dst) for m in (matching(net, ends) for ends in by_plane(net))])
    apart = one != other
    return line_rate_flows(question, "longest-matching", one[apart], other[apart], np.ones(int(apart.sum())))


def matching(net: SwitchNetwork, ends: IntArray) -> Matching:
    """The matching of one plane's endpoints, by their positions."""
    order = ends[np.argsort(net.at[ends], kind="stable")]
    switches, counts = np.unique(net.at[order], return_counts=True)
    part = gcd(*counts.tolist()) if len(counts) else 1
    at = np.repeat(np.arange(len(switches)), counts // part)
    far = _hops(net, switches)
    if len(at) <= MOST_PARTS:
        from scipy.optimize import linear_sum_assignment

        match: IntArray = linear_sum_assignment(far[np.ix_(at, at)], maximize=True)[1].astype(np.int64)
    else:
        match = _far_apart(far, at)
    hops = int(far[at, at[match]].astype(np.int64).sum()) * part
    most = hops if len(at) <= MOST_PARTS else int(far.max(axis=1)[at].astype(np.int64).sum()) * part
    to = order.reshape(len(at), part)[match].ravel()
    return Matching(order, _to_others(net.at, order, to), hops, most)


def _to_others(at: IntArray, src: IntArray, dst: IntArray) -> IntArray:
    """The permutation `src` to `dst` with those that stay at a switch exchanged: an endpoint sends to itself only where
    no other flow stays there. `at` holds the switch of every endpoint."""
    stay = np.flatnonzero(at[src] == at[dst])
    own, theirs = src[stay], dst[stay]
    sends = np.lexsort((own, ~np.isin(own, theirs), at[own]))
    takes = np.lexsort((theirs, ~np.isin(theirs, own), at[theirs]))
    here = at[own[sends]]
    ahead = np.arange(1, len(stay) + 1)
    turned = np.where(ahead < np.searchsorted(here, here, side="right"), ahead, np.searchsorted(here, here))
    result = dst.copy()
    result[stay[sends]] = theirs[takes[turned]]
    return result


def _hops(net: SwitchNetwork, switches: IntArray) -> npt.NDArray[np.int16]:
    """Shape (n, n): the fewest links between each two of these switches, -1 where there is no path."""
    from topo.analysis.compiled.walk_kernel import hops_to

    order = np.argsort(net.head, kind="stable")
    start = np.searchsorted(net.head[order], np.arange(net.switches + 1))
    tail = net.tail.astype(np.int64)
    result = np.empty((len(switches), len(switches)), dtype=np.int16)
    for first in range(0, len(switches), 256):
        some = switches[first : first + 256].astype(np.int64)
        hop = np.empty((len(some), net.switches), dtype=np.int16)
        hops_to(start, order, tail, some, hop)
        result[first : first + 256] = hop[:, switches]
    return result


def _far_apart(far: npt.NDArray[np.int16], at: IntArray) -> IntArray:
    """Shape (parts,): a permutation that takes as many parts as possible to one of the farthest from them."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rng = np.random.default_rng(0)
    count = np.bincount(at)
    first = np.concatenate([[0], np.cumsum(count)])
    order = rng.permutation(len(count))
    rows, columns = [], []
    for switch, parts in enumerate(count.tolist()):
        farthest = order[far[switch, order] == far[switch].max()]
        some = np.arange(min(SAMPLE, len(farthest)))
        chosen = farthest[(some + rng.integers(len(farthest), size=(parts, 1))) % len(farthest)]
        rows.append(np.repeat(first[switch] + np.arange(parts), len(some)))
        columns.append((first[chosen] + rng.integers(1 << 30, size=chosen.shape) % count[chosen]).ravel())
    row, column = np.concatenate(rows), np.concatenate(columns)
    graph = csr_array((np.ones(len(row), dtype=np.int8), (row, column)), shape=(len(at), len(at)))
    match = maximum_bipartite_matching(graph, perm_type="column").astype(np.int64)
    left = np.flatnonzero(match < 0)
    match[left] = np.setdiff1d(np.arange(len(at)), match)
    return match


traffics.add("longest-matching", Traffic("the permutation of the longest paths", NoParams, _demand))
