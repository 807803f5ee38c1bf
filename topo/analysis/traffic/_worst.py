"""The worst permutation for a routing, and the proof that none is worse.

For one channel, the most that any permutation of the endpoints can put on it is a transportation problem: a switch
sends and receives at most the line rates of its endpoints, and each unit from s to t puts the fraction f(s, t) on the
channel that the routing sends that way (B. Towles, W. J. Dally, "Worst-case traffic for oblivious routing functions",
SPAA 2002). Its dual, a price per sender and receiver with price(s) + price(t) >= f(s, t), proves that no permutation
puts more on it; all of it is counted in whole numbers. With unequal line rates an endpoint may share its rate among
several others, which is every traffic that the line rates allow.

- `spray`: f(s, t) from the equal split. Where the network's verified symmetry leaves few kinds of channels, one of each
  arc orbit is solved; otherwise all are. Exact.
- `static`: the tables send all that s sends to an endpoint through the channel, or nothing: f is 0 or 1. Exact.
- `ecmp`: with any hash, a flow crosses at most the channels of its shortest paths: f = 1 for all of them bounds every
  seed. The permutation that is shown is built for one seed; the two ends are an interval.

Where the time limit ends the search, the channels that are left are only known to carry no more than everything: an
interval too.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from time import monotonic

import numpy as np

from topo.analysis.demand import Demand
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import Channels, channels_of, route
from topo.analysis.routing._hashed import Hash
from topo.analysis.routing._spread import port_weight
from topo.analysis.routing._targets import per_port
from topo.analysis.routing.ecmp import EcmpParams
from topo.analysis.routing.static import static_tables
from topo.analysis.symmetry import network_symmetry
from topo.analysis.traffic._worst_single import hashed_pairs, search_tables
from topo.analysis.traffic._worst_spread import search_spread
from topo.analysis.traffic._worst_value import Line, Pairs, Search, as_demand, line_of
from topo.fabric import Fabric
from topo.fabric.model import IntArray

TIME_LIMIT_S = 60.0
FEW = 4_000
"""Below this many channels no symmetry is sought."""
ROUTED_AS = {
    "spray": "spray",
    "spray-next-hop": "spray:split=next-hop",
    "static": "static",
    "ecmp": "ecmp:seeds=1",
}
"""Routings whose worst permutation is known, as `route` names them."""


@dataclass(frozen=True)
class WorstPermutation:
    """The least throughput of any permutation under a routing lies in [lower, upper] for the network alone; `demand` is
    a permutation that reaches `upper`. None where no permutation loads the network."""

    lower: Fraction | None
    upper: Fraction | None
    demand: Demand


def worst_permutation(
    fabric: Fabric, net: SwitchNetwork, network: int, of: str = "spray", time_limit_s: float = TIME_LIMIT_S
) -> WorstPermutation:
    """The worst permutation of the endpoints of a network for the routing that `ROUTED_AS` calls `of`.

    Raises LimitReachedError where line rates have no common unit.
    """
    deadline = monotonic() + time_limit_s
    line, channels = line_of(net), channels_of(fabric, net)
    ends = np.arange(len(net.at))
    seat = line.number(net.switches)[net.at]
    if of == "static":
        search = search_tables(static_tables(fabric, network), line, line.of_endpoint, deadline)
        demand = _shown(fabric, net, line, seat, ends, search.pairs)
    elif of == "ecmp":
        search = search_spread(channels, None, line, _representatives(fabric, net, network, channels), deadline)
        pairs = search.through
        if pairs is not None:
            switches = Pairs(line.switch[pairs.source], line.switch[pairs.to], pairs.amount)
            how = Hash(EcmpParams().seed)
            pairs = hashed_pairs(fabric, net, per_port(channels), how, search.channel, switches, line.of_endpoint)
        demand = _shown(fabric, net, line, ends, ends, pairs)
    else:
        weight = port_weight(channels, of == "spray-next-hop")
        search = search_spread(channels, weight, line, _representatives(fabric, net, network, channels), deadline)
        demand = _shown(fabric, net, line, seat, seat, search.pairs)
    upper = route(fabric, demand, ROUTED_AS[of]).upper
    return WorstPermutation(_least(channels, line, search), upper, demand)


def _representatives(fabric: Fabric, net: SwitchNetwork, network: int, channels: Channels) -> IntArray:
    """The slowest channel of each arc orbit; all channels of a small network."""
    everyone = np.arange(len(channels))
    if len(channels) <= FEW:
        return everyone
    orbit = network_symmetry(fabric, net, network).arc_orbit[channels.arc]
    order = np.lexsort((everyone, channels.gbps, orbit))
    return np.sort(order[np.unique(orbit[order], return_index=True)[1]])


def _least(channels: Channels, line: Line, search: Search) -> Fraction | None:
    """The least throughput that the bounds leave possible."""
    bound = search.bound + search.rounding
    use = bound / channels.gbps[search.chosen]
    if not len(use) or use.max() <= 0:
        return None
    near = np.flatnonzero(use >= use.max() * (1 - 1e-9))
    pairs = np.unique(np.stack([bound[near], search.chosen[near]]), axis=1).T.tolist()
    speeds = [Fraction(float(channels.gbps[c])) for _, c in pairs]
    rates: list[Fraction] = [s * search.scale / (b * line.unit) for s, (b, _) in zip(speeds, pairs, strict=True)]
    return min(rates)


def _shown(fabric: Fabric, net: SwitchNetwork, line: Line, src: IntArray, dst: IntArray, pairs: Pairs | None) -> Demand:
    """The permutation that was found; where none was, everyone sends to whom is half of all further on."""
    none = np.zeros(0, dtype=np.int64)
    return as_demand(fabric, net, line, src, dst, pairs or Pairs(none, none, none))
