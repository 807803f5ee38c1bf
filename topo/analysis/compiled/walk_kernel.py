"""Loads of weighted walks and distances, compiled. See `walks` for what they mean and what calls them.

Destinations are handled LANES at a time, side by side in memory, so that one instruction serves several of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topo.analysis.compiled.compiled import compiled, compiled_fast
from topo.fabric.model import FloatArray, IntArray

Hops = npt.NDArray[np.int16]
LANES = 16
"""As many as `walks` hands over at a time."""


@compiled
def hops_to(in_start: IntArray, in_arc: IntArray, tail: IntArray, dest: IntArray, hop: Hops) -> None:
    """Fills row j of `hop` (destinations, nodes): the fewest arcs from each node to dest[j], -1 where there is no path.
    `in_arc` lists the arcs by head."""
    n = len(in_start) - 1
    queue = np.empty(n, np.int64)
    for j in range(len(dest)):
        for v in range(n):
            hop[j, v] = -1
        hop[j, dest[j]] = 0
        queue[0] = dest[j]
        count, i = 1, 0
        while i < count:
            v = queue[i]
            i += 1
            for e in range(in_start[v], in_start[v + 1]):
                u = tail[in_arc[e]]
                if hop[j, u] < 0:
                    hop[j, u] = hop[j, v] + 1
                    queue[count] = u
                    count += 1


@compiled_fast
def walk_loads(
    out_start: IntArray,
    head: IntArray,
    weight: FloatArray,
    hop: Hops,
    dest: IntArray,
    copies: FloatArray,
    demand: FloatArray,
    slack: int,
    load: FloatArray,
) -> None:
    """Adds to `load` (arcs,) what each arc carries; arcs are sorted by tail, `hop` is that of `hops_to`.

    Row j of `demand` (destinations, nodes) goes to dest[j] and counts copies[j] times. A walk of L arcs has the product
    of its arcs' weights as its share, among those with at most `slack` arcs more than the fewest.
    """
    n = len(out_start) - 1
    longest = 0
    for j in range(len(dest)):
        for v in range(n):
            longest = max(longest, hop[j, v])
    longest += slack
    near = np.empty((n, LANES), np.int16)
    share = np.empty((longest + 1, n, LANES), np.float64)
    some = np.empty((longest + 1, n), np.bool_)
    wanted = np.empty((n, LANES), np.float64)
    flow = np.empty((n, LANES), np.float64)
    passed = np.empty((n, LANES), np.float64)
    total = np.empty(LANES, np.float64)
    for first in range(0, len(dest), LANES):
        width = min(LANES, len(dest) - first)
        farthest = 0
        for v in range(n):
            for b in range(LANES):
                near[v, b] = hop[first + b, v] if b < width else -1
                farthest = max(farthest, near[v, b])
                wanted[v, b] = demand[first + b, v] * copies[first + b] if b < width else 0.0
        last = farthest + slack
        for v in range(n):
            some[0, v] = False
            for b in range(LANES):
                share[0, v, b] = 0.0
                flow[v, b] = 0.0
        for b in range(width):
            share[0, dest[first + b], b] = 1.0
            some[0, dest[first + b]] = True
        # share[length, u]: the summed shares of the walks of this length from u; flow collects them over the lengths.
        for length in range(1, last + 1):
            for u in range(n):
                result = False
                for b in range(LANES):
                    result |= (near[u, b] > 0) & (near[u, b] <= length) & (length <= near[u, b] + slack)
                some[length, u] = result
                if not result:
                    continue
                for b in range(LANES):
                    total[b] = 0.0
                for a in range(out_start[u], out_start[u + 1]):
                    v = head[a]
                    if some[length - 1, v]:
                        w = weight[a]
                        for b in range(LANES):
                            total[b] += w * share[length - 1, v, b]
                for b in range(LANES):
                    inside = (near[u, b] > 0) & (near[u, b] <= length) & (length <= near[u, b] + slack)
                    share[length, u, b] = total[b] if inside else 0.0
                    flow[u, b] += share[length, u, b]
        # From here on, `flow` is what a node sends per unit of share.
        for u in range(n):
            for b in range(LANES):
                flow[u, b] = wanted[u, b] / flow[u, b] if flow[u, b] > 0.0 else 0.0
                wanted[u, b] = flow[u, b]
        for length in range(last, 0, -1):
            for u in range(n):
                for b in range(LANES):
                    passed[u, b] = wanted[u, b]
            for u in range(n):
                if not some[length, u]:
                    continue
                for b in range(LANES):
                    total[b] = flow[u, b] if share[length, u, b] > 0.0 else 0.0
                for a in range(out_start[u], out_start[u + 1]):
                    v = head[a]
                    if some[length - 1, v]:
                        w = weight[a]
                        moved = 0.0
                        for b in range(LANES):
                            moved += total[b] * share[length - 1, v, b]
                            passed[v, b] += w * total[b]
                        load[a] += w * moved
            flow, passed = passed, flow


@compiled
def distance_sums(
    out_start: IntArray,
    head: IntArray,
    length: FloatArray,
    dest: IntArray,
    copies: FloatArray,
    demand: FloatArray,
) -> float:
    """Sum over the destinations of copies * demand * distance, by the lengths (arcs,) of arcs sorted by tail."""
    n = len(out_start) - 1
    distance = np.empty((n, LANES), np.float64)
    best = np.empty(LANES, np.float64)
    used = 0.0
    for first in range(0, len(dest), LANES):
        width = min(LANES, len(dest) - first)
        for v in range(n):
            for b in range(LANES):
                distance[v, b] = np.inf
        for b in range(width):
            distance[dest[first + b], b] = 0.0
        changed = True
        while changed:
            changed = False
            for u in range(n):
                for b in range(LANES):
                    best[b] = distance[u, b]
                for a in range(out_start[u], out_start[u + 1]):
                    v, cost = head[a], length[a]
                    for b in range(LANES):
                        through = cost + distance[v, b]
                        best[b] = through if through < best[b] else best[b]
                for b in range(LANES):
                    changed |= best[b] < distance[u, b]
                    distance[u, b] = best[b]
        for b in range(width):
            for u in range(n):
                if demand[first + b, u] > 0.0:
                    used += copies[first + b] * demand[first + b, u] * distance[u, b]
    return used
