"""Who sends how much through a channel, compiled. See `_worst_spread` and `_worst_single` for what calls it."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import nearest_first, neighbours
from topo.analysis.traffic.transport_kernel import transport
from topo.fabric.model import BoolArray, FloatArray, IntArray


@compiled
def passing(
    start: IntArray,
    head: IntArray,
    weight: IntArray,
    dest: IntArray,
    sender: IntArray,
    tails: IntArray,
    scale: int,
    possible: bool,
    total: IntArray,
    nearer: BoolArray,
    count: IntArray,
    to: IntArray,
    source: IntArray,
    part: IntArray,
) -> int:
    """What passes the switches `tails` under an equal split over shortest paths.

    Entry i < count[k] of row k of `to`, `source` and `part` (tails, most) tells that of the traffic from the switch of
    sender number source to dest[to] part / `scale` passes tails[k], rounded down; `sender[s]` is the number of switch
    s, -1 where it sends nothing. Entries are sorted by `to`. `possible` sets every part to `scale`. total[k, j] is the
    weight of the shortest next hops of tails[k] towards dest[j], and nearer[n, j] tells that the n-th channel of all
    those that leave tails leads to one. Returns the
    most hops of a shortest path.
    """
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    held = np.zeros(switches, np.int64)
    seen = np.empty(switches, np.int64)
    met = np.zeros(switches, np.bool_)
    count[:] = 0
    most = 0
    near_start, near_head = neighbours(start, head)
    for j in range(len(dest)):
        reached = nearest_first(near_start, near_head, dest[j], distance, order)
        most = max(most, distance[order[reached - 1]])
        base = 0
        for k in range(len(tails)):
            u = tails[k]
            if distance[u] > 0:
                total[k, j] = 0
                for c in range(start[u], start[u + 1]):
                    nearer[base + c - start[u], j] = distance[head[c]] == distance[u] - 1
                    total[k, j] += weight[c] * nearer[base + c - start[u], j]
                held[u] = scale
                met[u] = True
                seen[0] = u
                result, i = 1, 0
                while i < result:
                    v = seen[i]
                    i += 1
                    if v != u:
                        amount, divisor = 0, 0
                        for c in range(start[v], start[v + 1]):
                            if distance[head[c]] == distance[v] - 1:
                                amount += weight[c] * held[head[c]]
                                divisor += weight[c]
                        held[v] = scale if possible else amount // divisor
                    if sender[v] >= 0 and held[v] > 0:
                        n = count[k]
                        to[k, n] = j
                        source[k, n] = sender[v]
                        part[k, n] = held[v]
                        count[k] = n + 1
                    for c in range(near_start[v], near_start[v + 1]):
                        s = near_head[c]
                        if not met[s] and distance[s] == distance[v] + 1:
                            met[s] = True
                            seen[result] = s
                            result += 1
                for i in range(result):
                    held[seen[i]] = 0
                    met[seen[i]] = False
            base += start[u + 1] - start[u]
        for i in range(reached):
            distance[order[i]] = -1
    return most


@compiled
def most_on(
    row: IntArray,
    column: IntArray,
    value: IntArray,
    own: int,
    supply: IntArray,
    room: IntArray,
    enough: float,
    rows: IntArray,
    moved: IntArray,
    price: IntArray,
) -> tuple[int, int, int]:
    """(reached, bound, simple) of one channel: see `transport`; `price` (columns,) is filled with its prices. The
    simple bound is the least of three sums of greatest values: of all rows, of all columns, and of the column `own` and
    all rows without it.

    Entry i sends value[i] per unit from column[i] to row[i]; entries are sorted by row. `supply` (all rows) and `room`
    (all columns) are in units. Where a simple bound is at most `enough`, nothing is solved and reached is -1. `rows`
    and `moved` (entries,) are working space; `moved` is what every entry moves."""
    n = len(row)
    price[:] = 0
    by_row, by_column, by_own, best, best_other = 0, 0, 0, 0, 0
    count = 0
    for i in range(n):
        if i == 0 or row[i] != row[i - 1]:
            by_row += best * supply[row[i - 1]] if i else 0
            by_own += best_other * supply[row[i - 1]] if i else 0
            best, best_other = 0, 0
            rows[count] = i
            count += 1
        best = max(best, value[i])
        if column[i] != own:
            best_other = max(best_other, value[i])
        if value[i] > price[column[i]]:
            by_column += (value[i] - price[column[i]]) * room[column[i]]
            price[column[i]] = value[i]
    if n:
        by_row += best * supply[row[n - 1]]
        by_own += best_other * supply[row[n - 1]]
    if own >= 0:
        by_own += price[own] * room[own]
    simple = min(by_row, by_column, by_own)
    if simple <= enough:
        return -1, simple, simple
    first = np.empty(count + 1, np.int64)
    selected = np.empty(count, np.int64)
    for r in range(count):
        first[r] = rows[r]
        selected[r] = supply[row[rows[r]]]
    first[count] = n
    reached, bound = transport(first, column, value, selected, room, price, moved)
    return reached, bound, simple


@compiled
def solve_tail(
    to: IntArray,
    source: IntArray,
    part: IntArray,
    total: IntArray,
    nearer: BoolArray,
    weight: int,
    own: int,
    supply: IntArray,
    room: IntArray,
    enough: float,
    work: IntArray,
    price: IntArray,
) -> tuple[int, int, int, int]:
    """(reached, bound, simple, entries) of one channel (see `most_on`) from the entries of its tail, whose own sender
    is `own`; `nearer` and `total` (destinations,) are its row and its tail's. `weight` 0 has the channel take whatever
    passes the tail. Rows 0 to 4 of `work` (5, entries) become destination, sender, value, space and units moved."""
    n = 0
    for i in range(len(to)):
        if nearer[to[i]]:
            value = part[i] * weight // total[to[i]] if weight else part[i]
            if value > 0:
                work[0, n], work[1, n], work[2, n] = to[i], source[i], value
                n += 1
    reached, bound, simple = most_on(
        work[0, :n], work[1, :n], work[2, :n], own, supply, room, enough, work[3, :n], work[4, :n], price
    )
    return reached, bound, simple, n


@compiled
def who_uses(
    head: IntArray,
    table: IntArray,
    at: IntArray,
    sender: IntArray,
    units: IntArray,
    uses: IntArray,
    received: IntArray,
    lowest: IntArray,
    highest: IntArray,
) -> None:
    """Adds up who uses each channel by forwarding tables: row i of `table` (rows, switches) leads to an endpoint of
    `units[i]` on switch at[i], and switches with sender[s] >= 0 send. `uses` (channels,) counts the pairs of sender and
    endpoint, `received` the units of the endpoints, `lowest` and `highest` enclose the numbers of the senders. What has
    no way counts for nothing."""
    switches = table.shape[1]
    stamp = np.full(len(head), -1, np.int64)
    for i in range(len(at)):
        for s in range(switches):
            if sender[s] < 0 or s == at[i] or not _arrives(head, table, i, s, at[i]):
                continue
            v = s
            while v != at[i]:
                c = table[i, v]
                uses[c] += 1
                if stamp[c] != i:
                    stamp[c] = i
                    received[c] += units[i]
                lowest[c] = min(lowest[c], sender[s])
                highest[c] = max(highest[c], sender[s])
                v = head[c]


@compiled
def _arrives(head: IntArray, table: IntArray, i: int, s: int, t: int) -> bool:
    v = s
    for _ in range(table.shape[1] + 1):
        if v == t or table[i, v] < 0:
            break
        v = head[table[i, v]]
    return v == t


@compiled
def walk_entries(
    head: IntArray,
    table: IntArray,
    at: IntArray,
    sender: IntArray,
    row: IntArray,
    slot: IntArray,
    fill: IntArray,
    to: IntArray,
    source: IntArray,
) -> None:
    """Lists who uses the channels with slot[c] >= 0: for each pair of `who_uses`, an entry (endpoint row[i], sender) at
    place fill[slot[c]] of `to` and `source` for each such channel c on the way, and fill[slot[c]] moves on."""
    switches = table.shape[1]
    for i in range(len(at)):
        for s in range(switches):
            if sender[s] < 0 or s == at[i] or not _arrives(head, table, i, s, at[i]):
                continue
            v = s
            while v != at[i]:
                c = table[i, v]
                k = slot[c]
                if k >= 0:
                    to[fill[k]] = row[i]
                    source[fill[k]] = sender[s]
                    fill[k] += 1
                v = head[c]


@compiled
def solve_all(
    first: IntArray,
    to: IntArray,
    source: IntArray,
    supply: IntArray,
    room: IntArray,
    own: IntArray,
    speed: FloatArray,
    enough: float,
    reached: IntArray,
    bound: IntArray,
    simple: IntArray,
) -> float:
    """Solves the channels whose entries, of value 1, are first[c] .. first[c + 1] - 1; those that can take no more than
    `enough` times their `speed` are only bounded. `own` (channels,) are the senders at their tails; `reached`, `bound`
    and `simple` become what `most_on` tells. Returns the largest load over speed that is reached."""
    for c in range(len(first) - 1):
        n = first[c + 1] - first[c]
        ones = np.ones(n, np.int64)
        rows, moved, price = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(len(room), np.int64)
        selected = slice(first[c], first[c + 1])
        reached[c], bound[c], simple[c] = most_on(
            to[selected].astype(np.int64),
            source[selected].astype(np.int64),
            ones,
            own[c],
            supply,
            room,
            enough * speed[c],
            rows,
            moved,
            price,
        )
        if reached[c] > 0:
            enough = max(enough, reached[c] / speed[c])
    return enough
