"""The worst load of every channel where each flow keeps to one path: forwarding tables, and a hash with its seed."""

from __future__ import annotations

import numpy as np

from topo.analysis.demand import Flows, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.hashed import Hash, hashed_paths
from topo.analysis.routing.tables import ForwardingTables
from topo.analysis.routing.targets import Targets
from topo.analysis.traffic.worst_value import Line, Pairs, Search
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.solvers.budget import now, spend

MOST_ENTRIES = 1 << 25
"""Pairs of channel and flow that are listed at once: a quarter of a gigabyte."""
MOST_FLOWS = 1 << 21
"""Flows that are hashed at once: of more pairs an even sample is tried."""
ENTRIES_PER_S = 2e7
"""Entries that a slow core goes through in a second."""


def search_tables(tables: ForwardingTables, line: Line, units: IntArray, deadline: float) -> Search:
    """Every channel's worst load by forwarding tables, where endpoint i may receive `units[i]` units.

    A channel carries no more than its endpoints receive, nor than all senders between the first and the last that use
    it may send. Those for which that is most are solved first; what that does not put above the worst that was found,
    and what is not reached by `deadline`, keeps this bound.
    """
    from topo.analysis.traffic.passing_kernel import solve_all

    channels = tables.channels
    uses, simple = _simple_bounds(tables, line, units)
    search = Search(np.arange(len(channels)), simple, simple.copy(), 1)
    own = line.number(channels.switches)[channels.tail]
    order = np.argsort(-simple / channels.gbps, kind="stable") if len(channels) else search.chosen
    order = order[uses[order] > 0]
    while len(order) and (search.best == 0.0 or now() < deadline):
        ends = np.cumsum(uses[order])
        selected = order[: max(int(np.searchsorted(ends, MOST_ENTRIES)), 1)]
        order = order[len(selected) :]
        spend(float(ends[len(selected) - 1]), ENTRIES_PER_S)
        first, to, source = _listed(tables, line, selected, uses)
        reached, bound, counted = (np.zeros(len(selected), dtype=np.int64) for _ in range(3))
        speed = channels.gbps[selected]
        solve_all(first, to, source, units, line.units, own[selected], speed, search.best, reached, bound, counted)
        search.bound[selected] = np.minimum(bound, search.bound[selected])
        search.simple[selected] = np.minimum(counted, search.simple[selected])
        use = reached / speed
        row = int(use.argmax())
        if use[row] > search.best:
            part = slice(int(first[row]), int(first[row + 1]))
            pairs = _solved(to[part].astype(np.int64), source[part].astype(np.int64), units, line.units)[0]
            search.best, search.channel, search.pairs = float(use[row]), int(selected[row]), pairs
        order = order[simple[order] > search.best * channels.gbps[order]]
    return search


def _simple_bounds(tables: ForwardingTables, line: Line, units: IntArray) -> tuple[IntArray, IntArray]:
    """How many pairs of a switch and an endpoint use each channel, and the most units that it can carry."""
    from topo.analysis.traffic.passing_kernel import who_uses

    net, n = tables.network, len(tables.channels)
    uses, received = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    lowest, highest = np.full(n, len(line.switch), dtype=np.int64), np.full(n, -1, dtype=np.int64)
    sender = line.number(net.switches)
    for block in tables.blocks():
        rows = np.ascontiguousarray(tables.channel_rows(block))
        at = net.at[block].astype(np.int64)
        who_uses(tables.channels.head, rows, at, sender, units[block], uses, received, lowest, highest)
    before = np.concatenate([[0], np.cumsum(line.units)])
    sent = before[np.maximum(highest, lowest - 1) + 1] - before[lowest]
    return uses, np.minimum(sent, received)


def _listed(
    tables: ForwardingTables, line: Line, chosen: IntArray, uses: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """(first, endpoint, sender) of the pairs that use the chosen channels, one channel after the other."""
    from topo.analysis.traffic.passing_kernel import walk_entries

    net = tables.network
    first = np.concatenate([[0], np.cumsum(uses[chosen])]).astype(np.int64)
    to, source = np.empty(int(first[-1]), dtype=np.int32), np.empty(int(first[-1]), dtype=np.int32)
    slot = np.full(len(tables.channels), -1, dtype=np.int64)
    slot[chosen] = np.arange(len(chosen))
    fill, sender = first[:-1].copy(), line.number(net.switches)
    for block in tables.blocks():
        rows = np.ascontiguousarray(tables.channel_rows(block))
        at = net.at[block].astype(np.int64)
        walk_entries(tables.channels.head, rows, at, sender, block.astype(np.int64), slot, fill, to, source)
    return first, to, source


def _solved(to: IntArray, source: IntArray, units: IntArray, room: IntArray) -> tuple[Pairs, IntArray]:
    """Who sends how much in the worst case of one channel, and the senders' prices."""
    from topo.analysis.traffic.passing_kernel import most_on

    n = len(to)
    rows, moved = np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    price = np.zeros(len(room), dtype=np.int64)
    most_on(to, source, np.ones(n, dtype=np.int64), -1, units, room, -1.0, rows, moved, price)
    used = moved > 0
    return Pairs(source[used], to[used], moved[used]), price


def table_prices(tables: ForwardingTables, line: Line, units: IntArray, chosen: IntArray) -> IntArray:
    """Shape (len(chosen), senders): the senders' prices for the given channels, 0 or 1, solved to the end."""
    result = np.zeros((len(chosen), len(line.switch)), dtype=np.int64)
    if not len(chosen):
        return result
    uses = _simple_bounds(tables, line, units)[0]
    first, to, source = _listed(tables, line, chosen, uses)
    for i in range(len(chosen)):
        part = slice(int(first[i]), int(first[i + 1]))
        result[i] = _solved(to[part].astype(np.int64), source[part].astype(np.int64), units, line.units)[1]
    return result


def hashed_pairs(
    fabric: Fabric, net: SwitchNetwork, targets: Targets, how: Hash, through: tuple[int, Pairs], units: IntArray
) -> Pairs:
    """A permutation that puts much on one channel under a hash: the best among the flows of the switch pairs `joined`
    (numbers of switches), or of as many as can be tried, that are hashed through it. Pairs are endpoints'."""
    channel, joined = through
    order = np.argsort(net.at, kind="stable")
    start = np.concatenate([[0], np.cumsum(net.endpoints_at)])
    many = int((net.endpoints_at[joined.source] * net.endpoints_at[joined.to]).sum())
    kept = np.arange(0, len(joined.source) * MOST_FLOWS, max(many, MOST_FLOWS)) // MOST_FLOWS
    src, dst = [], []
    for s, t in zip(joined.source[kept].tolist(), joined.to[kept].tolist(), strict=True):
        a, b = order[start[s] : start[s + 1]], order[start[t] : start[t + 1]]
        src.append(np.repeat(a, len(b)))
        dst.append(np.tile(b, len(a)))
    flows = Flows(np.concatenate(src), np.concatenate(dst), np.ones(sum(map(len, src))))
    demand = from_endpoint_pairs(fabric, net, "", Flows(flows.src[:1], flows.dst[:1], flows.gbps[:1]))
    paths = hashed_paths(targets, demand, flows, how)
    uses = paths.flow[(paths.channel == channel).any(axis=1)]
    taken = np.bincount(uses, minlength=len(paths.flows.src))
    used = np.flatnonzero(taken == how.queue_pairs)
    used = used[np.argsort(paths.flows.dst[used], kind="stable")]
    return _solved(paths.flows.dst[used], paths.flows.src[used], units, units)[0]
