"""Loads of weighted walks and distances, compiled. See `walks` for what they mean and what calls them."""

from __future__ import annotations

import heapq

import numpy as np

from topo.analysis.routing._compiled import compiled
from topo.fabric.model import FloatArray, IntArray


@compiled
def walk_loads(
    out_start: IntArray,
    head: IntArray,
    in_start: IntArray,
    in_arc: IntArray,
    tail: IntArray,
    weight: FloatArray,
    dest: IntArray,
    copies: FloatArray,
    demand: FloatArray,
    slack: int,
    load: FloatArray,
) -> None:
    """Adds to `load` (arcs,) what each arc carries. Arcs are sorted by tail; `in_arc` lists them by head.

    Row j of `demand` (destinations, nodes) goes to dest[j] and counts copies[j] times. A walk of L arcs has the product
    of its arcs' weights as its share, among those with at most `slack` arcs more than the fewest.
    """
    n = len(out_start) - 1
    hop = np.full(n, -1, np.int64)
    order = np.empty(n, np.int64)
    share = np.zeros((slack + 1, n), np.float64)
    flow = np.zeros((slack + 1, n), np.float64)
    first = np.zeros(n + slack + 3, np.int64)
    for j in range(len(dest)):
        d = dest[j]
        hop[:] = -1
        share[:, :] = 0.0
        flow[:, :] = 0.0
        hop[d] = 0
        order[0] = d
        count = 1
        i = 0
        while i < count:
            v = order[i]
            i += 1
            for e in range(in_start[v], in_start[v + 1]):
                u = tail[in_arc[e]]
                if hop[u] < 0:
                    hop[u] = hop[v] + 1
                    order[count] = u
                    count += 1
        farthest = hop[order[count - 1]]
        # first[h] is the first position of hop h in `order`.
        h = 0
        for i in range(count):
            while h <= hop[order[i]]:
                first[h] = i
                h += 1
        while h < farthest + slack + 3:
            first[h] = count
            h += 1
        share[0, d] = 1.0
        for length in range(1, farthest + slack + 1):
            low = length - slack if length > slack else 0
            for i in range(first[low], first[min(length, farthest) + 1]):
                u = order[i]
                if u == d:
                    continue
                total = 0.0
                for a in range(out_start[u], out_start[u + 1]):
                    v = head[a]
                    rest = length - 1 - hop[v]
                    if hop[v] >= 0 and 0 <= rest <= slack:
                        total += weight[a] * share[rest, v]
                share[length - hop[u], u] = total
        for i in range(1, count):
            u = order[i]
            wanted = demand[j, u]
            if wanted > 0.0:
                total = 0.0
                for s in range(slack + 1):
                    total += share[s, u]
                for s in range(slack + 1):
                    flow[s, u] = wanted * share[s, u] / total
        for length in range(farthest + slack, 0, -1):
            low = length - slack if length > slack else 0
            for i in range(first[low], first[min(length, farthest) + 1]):
                u = order[i]
                s = length - hop[u]
                if u == d or flow[s, u] <= 0.0:
                    continue
                part = flow[s, u] / share[s, u]
                for a in range(out_start[u], out_start[u + 1]):
                    v = head[a]
                    rest = length - 1 - hop[v]
                    if hop[v] >= 0 and 0 <= rest <= slack and share[rest, v] > 0.0:
                        moved = part * weight[a] * share[rest, v]
                        flow[rest, v] += moved
                        load[a] += moved * copies[j]


@compiled
def distance_sums(
    in_start: IntArray,
    in_arc: IntArray,
    tail: IntArray,
    length: FloatArray,
    dest: IntArray,
    copies: FloatArray,
    demand: FloatArray,
) -> float:
    """Sum over the destinations of copies * demand * distance, by the lengths (arcs,) of arcs sorted by tail."""
    n = len(in_start) - 1
    distance = np.empty(n, np.float64)
    done = np.empty(n, np.bool_)
    total = 0.0
    for j in range(len(dest)):
        distance[:] = np.inf
        done[:] = False
        distance[dest[j]] = 0.0
        heap = [(0.0, dest[j])]
        while heap:
            here, v = heapq.heappop(heap)
            if done[v]:
                continue
            done[v] = True
            for e in range(in_start[v], in_start[v + 1]):
                a = in_arc[e]
                u = tail[a]
                through = here + length[a]
                if through < distance[u]:
                    distance[u] = through
                    heapq.heappush(heap, (through, u))
        for u in range(n):
            if demand[j, u] > 0.0:
                total += copies[j] * demand[j, u] * distance[u]
    return total
