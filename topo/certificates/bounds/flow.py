"""A lower bound on the bisection from a concurrent flow: what an all-to-all carries must cross every cut.

In one plane and component, let the endpoints have the line rates r_i and the sum W, and let t times the demands
scale * r_i * r_j be routable between the switches. Take a split of the hosts where side A has the rate w, and put the
switches on either side; m is the rate of the endpoints whose switch is on side A. The links between switches then
carry at least t * scale * m * (W - m) across, and endpoints whose switch is on the other side cross by their own links,
at least s * |w - m| where s is the least ratio (at most 1) of an endpoint link's speed to its line rate. The sum is
concave in m on [0, w] and on [w, W], so it is least at m = 0, w or W: the cut is at least

    min(s * w, s * (W - w), t * scale * w * (W - w)),

which is concave in w as a least of concave functions, so its least value is at the least or the greatest w that half of
the hosts can have.

Likewise where a routing carries every traffic within the line rates t times, permutations above all: endpoints with
min(m, W - m) on either side of the switches send across, in all planes and components at once, and the last term is
t * min(w, W - w). With halves of equal hosts that is the worst permutation's throughput times floor(hosts / 2) of them.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil

import numpy as np

from topo.certificates.reading.flow_graph import SwitchGraph, all_to_all_scale, groups, switch_graph
from topo.certificates.reading.whole import added, whole
from topo.fabric import Fabric
from topo.fabric.speed import exact

SUMMED = Fraction(1, 2**44)
"""What rounding changes of a sum of up to 512 speeds at most, relative to it."""


def flow_bound(fabric: Fabric, intact: Fabric, network: str, t: Fraction) -> Fraction:
    """The Gb/s that an all-to-all carried t times between the switches of a network proves for its bisection."""
    per_product = t * all_to_all_scale(switch_graph(intact, network))
    return _crossing(switch_graph(fabric, network), fabric, lambda w, other: per_product * w * other)


def permutation_bound(fabric: Fabric, network: str, t: Fraction) -> Fraction:
    """The Gb/s that t times every traffic within the line rates, carried between the switches, proves likewise."""
    return _crossing(switch_graph(fabric, network), fabric, lambda w, other: t * min(w, other))


def units_proved(gbps: Fraction, unit: Fraction) -> int:
    """The whole units that a cut of at least this much has: cuts are multiples of the unit. What floats may have added
    to summed capacities (beyond 4,000,000 Gb/s not every bit/s is a float of its own) lifts no cut by a unit."""
    return max(ceil(gbps * (1 - SUMMED) / unit), 0)


def _crossing(graph: SwitchGraph, fabric: Fabric, carried: Callable[[Fraction, Fraction], Fraction]) -> Fraction:
    """The sum of the least crossings of all planes and components; `carried` tells what flows between two sides of
    given line rates."""
    network = fabric.networks.index(graph.name)
    hosts = len(np.unique(fabric.endpoints.host[fabric.endpoints.network == network]))
    rate, unit = whole(graph.rate)
    pairs = np.unique(np.stack([graph.attach, graph.rate]), axis=1).T.tolist()
    share = min([exact(a) / exact(r) for a, r in pairs] + [Fraction(1)])
    group = groups(graph)[graph.at]
    host = fabric.endpoints.host[graph.endpoint]
    total = Fraction(0)
    for one in np.unique(group).tolist():
        mask = group == one
        _, row = np.unique(host[mask], return_inverse=True)
        weight = np.sort(added(row.reshape(-1), rate[mask], int(row.max()) + 1))
        lightest = max(hosts // 2 - (hosts - len(weight)), 0)
        least, most = int(weight[:lightest].sum()), int(weight[::-1][: hosts // 2].sum())
        whole_weight = int(weight.sum())
        total += min(_least(w * unit, (whole_weight - w) * unit, share, carried) for w in (least, most))
    return total


def _least(
    w: Fraction, other: Fraction, share: Fraction, carried: Callable[[Fraction, Fraction], Fraction]
) -> Fraction:
    return min(share * w, share * other, carried(w, other))
