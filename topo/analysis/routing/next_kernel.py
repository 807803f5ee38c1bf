"""Breadth-first search and all shortest next hops towards one switch, compiled."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.fabric.model import BoolArray, IntArray


@compiled
def neighbours(start: IntArray, head: IntArray) -> tuple[IntArray, IntArray]:
    """(start, head) with parallel channels once, each where the first of them is: `nearest_first` finds the same in the
    same order by both."""
    switches = len(start) - 1
    first = np.zeros(switches + 1, np.int64)
    once = np.empty(len(head), np.int64)
    last = np.full(switches, -1, np.int64)
    used = 0
    for v in range(switches):
        for c in range(start[v], start[v + 1]):
            if last[head[c]] != v:
                last[head[c]] = v
                once[used] = head[c]
                used += 1
        first[v + 1] = used
    return first, once[:used].copy()


@compiled
def nearest_first(start: IntArray, head: IntArray, t: int, distance: IntArray, order: IntArray) -> int:
    """Fills `order` with the switches that reach switch t, nearest first, and returns their number; `distance`
    (switches,) must hold -1 and is filled with the hops of those."""
    distance[t] = 0
    order[0] = t
    count = 1
    i = 0
    while i < count and count < len(distance):
        v = order[i]
        i += 1
        for c in range(start[v], start[v + 1]):
            u = head[c]
            if distance[u] < 0:
                distance[u] = distance[v] + 1
                order[count] = u
                count += 1
    return count


@compiled
def next_hops(
    start: IntArray,
    head: IntArray,
    t: int,
    distance: IntArray,
    order: IntArray,
    first: IntArray,
    choices: IntArray,
    choice: IntArray,
    determined: BoolArray,
) -> int:
    """The shortest next hops towards switch t: choice[first[v] : first[v] + choices[v]] are channels of switch v.

    Fills `order` with the switches that reach t, nearest first, and returns their number. `distance` must hold -1 and
    is filled. `determined[v]` tells that v and all that follows have one choice.
    """
    count = nearest_first(start, head, t, distance, order)
    first[t] = 0
    choices[t] = 0
    determined[t] = True
    used = 0
    for i in range(1, count):
        v = order[i]
        wanted = distance[v] - 1
        first[v] = used
        for c in range(start[v], start[v + 1]):
            if distance[head[c]] == wanted:
                choice[used] = c
                used += 1
        choices[v] = used - first[v]
        determined[v] = choices[v] == 1 and determined[head[choice[first[v]]]]
    return count
