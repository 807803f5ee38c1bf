"""Forwarding tables, compiled. See `_tables` for what calls it."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import next_hops
from topo.fabric.model import FloatArray, IntArray


@compiled
def fill_tables(
    start: IntArray, head: IntArray, at: IntArray, rank: IntArray, divisor: IntArray, table: IntArray
) -> None:
    """Fills table[i, v] (endpoints, switches) with the channel by which switch v forwards to the endpoint on switch
    at[i]: choice (rank[i] div divisor[first choice]) mod n of its n shortest next hops in port order. What has no
    path, and the endpoint's own switch, stay as they are. Endpoints are grouped by switch."""
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    count = 0
    last = -1
    for i in range(len(at)):
        if at[i] != last:
            for n in range(count):
                distance[order[n]] = -1
            last = at[i]
            count = next_hops(start, head, last, distance, order, first, choices, choice, determined)
        for n in range(1, count):
            v = order[n]
            f = first[v]
            if choices[v] == 1:
                table[i, v] = choice[f]
            else:
                table[i, v] = choice[f + (rank[i] // divisor[choice[f]]) % choices[v]]


@compiled
def follow_tables(
    head: IntArray,
    at: IntArray,
    rate: FloatArray,
    group: IntArray,
    weight: FloatArray,
    table: IntArray,
    load: FloatArray,
    by_length: FloatArray,
) -> tuple[int, int, int]:
    """Adds to `load` (channels,) what follows the tables: weight[s] * rate[i] from every switch s of the same group to
    the endpoint of row i on switch at[i]. `by_length[d]` sums it over d links.

    Returns (0, 0, 0), or (1, i, v) where switch v has no entry for a flow of row i, or (2, i, v) where such a flow
    runs in a circle through v.
    """
    switches = len(group)
    flow = np.zeros(switches, np.float64)
    waiting = np.zeros(switches, np.int64)
    order = np.empty(switches, np.int64)
    length = np.zeros(switches, np.int64)
    for i in range(len(at)):
        t = at[i]
        waiting[:] = 0
        for v in range(switches):
            flow[v] = weight[v] * rate[i] if group[v] == group[t] and v != t else 0.0
            if v != t and table[i, v] >= 0:
                waiting[head[table[i, v]]] += 1
        count = 0
        for v in range(switches):
            if waiting[v] == 0:
                order[count] = v
                count += 1
        n = 0
        while n < count:
            v = order[n]
            n += 1
            if v == t:
                continue
            c = table[i, v]
            if c < 0:
                if flow[v] != 0.0:
                    return 1, i, v
                continue
            load[c] += flow[v]
            u = head[c]
            flow[u] += flow[v]
            waiting[u] -= 1
            if waiting[u] == 0:
                order[count] = u
                count += 1
        if count < switches:
            for v in range(switches):
                if waiting[v] > 0 and flow[v] != 0.0:
                    return 2, i, v
        length[t] = 0
        for n in range(count - 1, -1, -1):
            v = order[n]
            if v == t:
                continue
            length[v] = length[head[table[i, v]]] + 1 if table[i, v] >= 0 else 0
            if group[v] == group[t] and weight[v] > 0.0:
                by_length[length[v]] += weight[v] * rate[i]
    return 0, 0, 0


@compiled
def walk_tables(
    head: IntArray, row: IntArray, out: IntArray, to: IntArray, table: IntArray, path: IntArray
) -> tuple[int, int, int]:
    """Fills path[i] with the channels from switch out[i] to switch to[i] by table row row[i]; the rest stays. Returns
    as `follow_tables`, (3, i, v) where `path` is too narrow."""
    switches = table.shape[1]
    for i in range(len(row)):
        v = out[i]
        hop = 0
        while v != to[i]:
            c = table[row[i], v]
            if c < 0:
                return 1, i, v
            if hop >= switches:
                return 2, i, v
            if hop >= path.shape[1]:
                return 3, i, v
            path[i, hop] = c
            hop += 1
            v = head[c]
    return 0, 0, 0
