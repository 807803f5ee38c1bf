"""Channel dependencies of a routing, compiled. See `topo.analysis.deadlock.deadlock` for what calls it.

A dependency set `after` (channels, words) holds, for every channel c into switch v, one bit for every channel that
leaves v (counted from start[v]) and that a packet may take after c.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import next_hops
from topo.fabric.model import BoolArray, IntArray

Words = npt.NDArray[np.uint64]


@compiled
def shortest_dependencies(
    start: IntArray, head: IntArray, dest: IntArray, sends: BoolArray, up: BoolArray, after: Words, most: IntArray
) -> None:
    """Adds to `after` what all shortest paths from the switches that send to the switches `dest` need.

    `up` (orders, channels) tells for several orders of the switches which channels go up; `most[0]` becomes the
    largest number of links on a path, `most[1 + o]` that of turns from down to up in order o.
    """
    switches = len(start) - 1
    orders = up.shape[0]
    words = after.shape[1]
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    passes = np.zeros(switches, np.bool_)
    mask = np.zeros((switches, words), np.uint64)
    turns_up = np.zeros((orders, switches), np.int64)
    turns_down = np.zeros((orders, switches), np.int64)
    for j in range(len(dest)):
        t = dest[j]
        count = next_hops(start, head, t, distance, order, first, choices, choice, determined)
        for i in range(count - 1, 0, -1):
            v = order[i]
            passes[v] = passes[v] or sends[v]
            if passes[v]:
                for f in range(first[v], first[v] + choices[v]):
                    passes[head[choice[f]]] = True
        for i in range(1, count):
            v = order[i]
            if not passes[v]:
                continue
            most[0] = max(most[0], distance[v])
            for w in range(words):
                mask[v, w] = 0
            for o in range(orders):
                turns_up[o, v] = -1
                turns_down[o, v] = -1
            for f in range(first[v], first[v] + choices[v]):
                c = choice[f]
                u = head[c]
                bit = c - start[v]
                mask[v, bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
                if u != t:
                    for w in range(words):
                        after[c, w] |= mask[u, w]
                for o in range(orders):
                    turns = 0
                    if u != t:
                        turns = max(turns_up[o, u] if up[o, c] else turns_up[o, u] + (turns_up[o, u] >= 0), 0)
                        turns = max(turns, turns_down[o, u])
                    if up[o, c]:
                        turns_up[o, v] = max(turns_up[o, v], turns)
                    else:
                        turns_down[o, v] = max(turns_down[o, v], turns)
                    most[1 + o] = max(most[1 + o], turns)
        for i in range(count):
            distance[order[i]] = -1
            passes[order[i]] = False


@compiled
def table_dependencies(
    start: IntArray,
    head: IntArray,
    at: IntArray,
    sends: BoolArray,
    up: BoolArray,
    table: IntArray,
    after: Words,
    most: IntArray,
) -> None:
    """Adds to `after` and `most` what the paths of a forwarding table need, as `shortest_dependencies`: row i of
    `table` (rows, switches) leads to switch at[i]. Circles in the tables become circles of dependencies."""
    switches = len(start) - 1
    orders = up.shape[0]
    stamp = np.full(switches, -1, np.int64)
    length = np.zeros(switches, np.int64)
    turns = np.zeros((orders, switches), np.int64)
    stack = np.empty(switches, np.int64)
    for i in range(len(at)):
        t = at[i]
        stamp[t] = i
        length[t] = 0
        for s in range(switches):
            if not sends[s] or stamp[s] == i:
                continue
            depth = 0
            v = s
            while stamp[v] != i and table[i, v] >= 0:
                stamp[v] = i
                length[v] = 0
                for o in range(orders):
                    turns[o, v] = 0
                stack[depth] = v
                depth += 1
                c = table[i, v]
                u = head[c]
                if u != t and table[i, u] >= 0:
                    bit = table[i, u] - start[u]
                    after[c, bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
                v = u
            for n in range(depth - 1, -1, -1):
                v = stack[n]
                c = table[i, v]
                u = head[c]
                length[v] = length[u] + 1
                most[0] = max(most[0], length[v])
                for o in range(orders):
                    turn = 0
                    if u != t and table[i, u] >= 0:
                        turn = turns[o, u] + (not up[o, c] and up[o, table[i, u]])
                    turns[o, v] = turn
                    most[1 + o] = max(most[1 + o], turn)


@compiled
def unsorted_channels(start: IntArray, head: IntArray, after: Words, waiting: IntArray) -> int:
    """Sorts the channels topologically; returns how many dependencies there are. Afterwards `waiting[c]` (channels,)
    is above 0 for exactly the channels that lie on a circle or behind one."""
    channels = len(head)
    dependencies = 0
    for c in range(channels):
        v = head[c]
        for n in range(start[v], start[v + 1]):
            bit = n - start[v]
            if (after[c, bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1):
                waiting[n] += 1
                dependencies += 1
    ready = np.empty(max(channels, 1), np.int64)
    count = 0
    for c in range(channels):
        if waiting[c] == 0:
            ready[count] = c
            count += 1
    i = 0
    while i < count:
        c = ready[i]
        i += 1
        v = head[c]
        for n in range(start[v], start[v + 1]):
            bit = n - start[v]
            if (after[c, bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1):
                waiting[n] -= 1
                if waiting[n] == 0:
                    ready[count] = n
                    count += 1
    return dependencies
