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

The lower end is what a certificate proves of every permutation: most channels need no more than the rates of those who
may use them (`Search.simple`); for the others the prices are kept, up to `MOST_LISTED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np

from topo.analysis.demand import Demand, Priced
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import Channels, channels_of, route
from topo.analysis.routing.hashed import Hash
from topo.analysis.routing.rules.ecmp import EcmpParams
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.routing.spread import port_weight
from topo.analysis.routing.targets import per_port
from topo.analysis.symmetry import Symmetry, network_symmetry
from topo.analysis.traffic.worst_single import hashed_pairs, search_tables, table_prices
from topo.analysis.traffic.worst_spread import Split, search_spread
from topo.analysis.traffic.worst_value import Line, Pairs, Search, as_demand, line_of
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.speed import exact
from topo.solvers.budget import QUESTION_S, now

SEARCH_SHARE = 0.5
"""Of the limit, what the search takes: the prices of channels, which follow it, take no longer."""
SYMMETRY_SHARE = 0.2
"""Of the limit, what the search for symmetry may take."""
FEW = 4_000
"""Below this many channels no symmetry is sought."""
MOST_LISTED = 1 << 19
"""Channels times senders for which prices are listed."""
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
    a permutation that reaches `upper`, `priced` what proves `lower`. None where no permutation loads the network."""

    lower: Fraction | None
    upper: Fraction | None
    demand: Demand
    priced: Priced


def worst_permutation(
    fabric: Fabric, net: SwitchNetwork, network: int, of: str = "spray", time_limit_s: float = QUESTION_S
) -> WorstPermutation:
    """The worst permutation of the endpoints of a network for the routing that `ROUTED_AS` calls `of`.

    Raises LimitReachedError where line rates have no common unit.
    """
    deadline = now() + SEARCH_SHARE * time_limit_s
    line, channels = line_of(net), channels_of(fabric, net)
    ends = np.arange(len(net.at))
    seat = line.number(net.switches)[net.at]
    symmetry = None
    if of == "static":
        tables = static_tables(fabric, network)
        search = search_tables(tables, line, line.of_endpoint, deadline)
        demand = _shown(fabric, net, line, seat, ends, search.pairs)
        result, listed = _least(channels, line, search)
        prices = table_prices(tables, line, line.of_endpoint, listed)
        rows = _rows(channels, line, listed, prices)
    else:
        weight = None if of == "ecmp" else port_weight(channels, of == "spray-next-hop")
        symmetry = arc_symmetry(fabric, net, network, SYMMETRY_SHARE * time_limit_s)
        towards = None if symmetry is None else line.switch[np.unique(symmetry.node_orbit[line.switch], True)[1]]
        split = Split(weight, towards)
        search = search_spread(channels, split, line, _representatives(channels, symmetry), deadline)
        result, listed = _least(channels, line, search)
        prices = np.zeros((len(listed), len(line.switch)), dtype=np.int64)
        if len(listed):
            search_spread(channels, split, line, listed, inf, prices)
            prices *= 1 if weight is None else channels.parallel[listed][:, None]
        first = np.zeros(2 * net.edges, dtype=np.int64)
        first[channels.arc[::-1]] = np.arange(len(channels))[::-1]
        rows = _rows(channels, line, first[channels.arc[listed]], prices)
        if of == "ecmp":
            demand = _shown(fabric, net, line, ends, ends, _hashed(fabric, net, channels, line, search))
        else:
            demand = _shown(fabric, net, line, seat, seat, search.pairs)
    upper = route(fabric, demand, ROUTED_AS[of]).upper
    return WorstPermutation(result, upper, demand, Priced(search.scale, rows, symmetry, search.complete))


def _hashed(fabric: Fabric, net: SwitchNetwork, channels: Channels, line: Line, search: Search) -> Pairs | None:
    """Pairs of endpoints that the first seed sends over the channel that may be the worst."""
    pairs = search.through
    if pairs is None:
        return None
    switches = Pairs(line.switch[pairs.source], line.switch[pairs.to], pairs.amount)
    how = Hash(EcmpParams().seed)
    return hashed_pairs(fabric, net, per_port(channels), how, (search.channel, switches), line.of_endpoint)


def arc_symmetry(fabric: Fabric, net: SwitchNetwork, network: int, limit_s: float) -> Symmetry | None:
    """The symmetry of a network that is not small, sought for at most `limit_s`; None where it exchanges bundles whose
    slowest links differ."""
    channels = channels_of(fabric, net)
    if len(channels) <= FEW:
        return None
    result = network_symmetry(fabric, net, network, limit_s=limit_s)
    orbit = result.arc_orbit[channels.arc]
    slowest = np.full(2 * net.edges, np.inf)
    np.minimum.at(slowest, channels.arc, channels.gbps)
    least, most = np.full(len(slowest), np.inf), np.zeros(len(slowest))
    np.minimum.at(least, orbit, slowest[channels.arc])
    np.maximum.at(most, orbit, slowest[channels.arc])
    return result if (least[orbit] == most[orbit]).all() else None


def _representatives(channels: Channels, symmetry: Symmetry | None) -> IntArray:
    """The slowest channel of each arc orbit; without symmetry all channels, of parallel ones the slowest."""
    everyone = np.arange(len(channels))
    orbit = channels.arc if symmetry is None else symmetry.arc_orbit[channels.arc]
    order = np.lexsort((everyone, channels.gbps, orbit))
    return np.sort(order[np.unique(orbit[order], return_index=True)[1]])


def _least(channels: Channels, line: Line, search: Search) -> tuple[Fraction | None, IntArray]:
    """The least throughput that the bounds leave possible, and the channels whose prices it takes to prove it."""
    speed = channels.gbps[search.chosen]
    bound, simple = (b + search.rounding for b in (search.bound, search.simple))
    use = bound / speed
    if not len(use) or use.max() <= 0:
        return None, search.chosen[:0]
    needed = np.flatnonzero((simple > bound) & (simple > use.max() * (1 - 1e-9) * speed))
    needed = needed[np.argsort(-simple[needed] / speed[needed], kind="stable")]
    needed = needed[: MOST_LISTED // len(line.switch)]
    proved = simple.copy()
    proved[needed] = bound[needed]
    use = proved / speed
    near = np.flatnonzero(use >= use.max() * (1 - 1e-9))
    pairs = np.unique(np.stack([proved[near], search.chosen[near]]), axis=1).T.tolist()
    speeds = [exact(float(channels.gbps[c])) for _, c in pairs]
    rates: list[Fraction] = [s * search.scale / (b * line.unit) for s, (b, _) in zip(speeds, pairs, strict=True)]
    return min(rates), np.sort(search.chosen[needed])


def _rows(channels: Channels, line: Line, named: IntArray, prices: IntArray) -> tuple[tuple[int, ...], ...]:
    """Tail and port number of each given channel, and switch and price of all that pay for it."""
    rows = []
    for c, price in zip(named.tolist(), prices, strict=True):
        paid = np.flatnonzero(price)
        pairs = np.stack([line.switch[paid], price[paid]], axis=1)
        rows.append((int(channels.tail[c]), int(channels.number[c]), *pairs.ravel().tolist()))
    return tuple(rows)


def _shown(fabric: Fabric, net: SwitchNetwork, line: Line, src: IntArray, dst: IntArray, pairs: Pairs | None) -> Demand:
    """The permutation that was found; where none was, everyone sends to whom is half of all further on."""
    none = np.zeros(0, dtype=np.int64)
    return as_demand(fabric, net, line, src, dst, pairs or Pairs(none, none, none))
