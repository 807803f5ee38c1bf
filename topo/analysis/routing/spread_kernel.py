"""Equal split over all shortest next hops, compiled. See `_spread` for what calls it."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import nearest_first, neighbours
from topo.fabric.model import BoolArray, FloatArray, IntArray


@compiled
def spread(
    start: IntArray,
    head: IntArray,
    weight: IntArray,
    dest: IntArray,
    dest_class: IntArray,
    class_weight: FloatArray,
    first: IntArray,
    source: IntArray,
    amount: FloatArray,
    scale: float,
    load: FloatArray,
    seen: BoolArray,
    by_length: FloatArray,
) -> float:
    """Adds to `load` (channels,) what every channel carries; returns the demand that no path serves.

    Destination j is switch dest[j]. With dest_class[j] = k >= 0 every switch s sends it class_weight[k, s] *
    class_weight[k, dest[j]]; otherwise source[i] sends amount[i] for i in first[j] .. first[j + 1] - 1. All are
    multiplied by `scale`. `seen[d, n]` becomes true where a flow at distance d was divided by n; `by_length[d]` sums
    the demand over distance d.
    """
    switches = len(start) - 1
    levels = seen.shape[0]
    distance = np.full(switches, -1, np.int64)
    flow = np.zeros(switches, np.float64)
    order = np.empty(switches, np.int64)
    nearer = np.empty(max(len(head), 1), np.int64)
    lost = 0.0
    near_start, near_head = neighbours(start, head)
    for j in range(len(dest)):
        t = dest[j]
        k = dest_class[j]
        count = nearest_first(near_start, near_head, t, distance, order)
        if k >= 0:
            total_here = 0.0
            for i in range(1, count):
                v = order[i]
                flow[v] = class_weight[k, v] * class_weight[k, t] * scale
                total_here += class_weight[k, v]
                by_length[min(distance[v], levels - 1)] += flow[v]
            total_all = 0.0
            for v in range(switches):
                total_all += class_weight[k, v]
            lost += (total_all - total_here - class_weight[k, t]) * class_weight[k, t] * scale
        else:
            for i in range(first[j], first[j + 1]):
                s = source[i]
                if distance[s] < 0:
                    lost += amount[i] * scale
                elif s != t:
                    flow[s] += amount[i] * scale
                    by_length[min(distance[s], levels - 1)] += amount[i] * scale
        for i in range(count - 1, 0, -1):
            v = order[i]
            here = flow[v]
            flow[v] = 0.0
            if here == 0.0:
                continue
            wanted = distance[v] - 1
            result = 0
            total = 0
            for c in range(start[v], start[v + 1]):
                if distance[head[c]] == wanted:
                    nearer[result] = c
                    result += 1
                    total += weight[c]
            seen[min(distance[v], levels - 1), total] = True
            part = here / total
            for f in range(result):
                c = nearer[f]
                share = part * weight[c]
                load[c] += share
                flow[head[c]] += share
        flow[t] = 0.0
        for i in range(count):
            distance[order[i]] = -1
    return lost
