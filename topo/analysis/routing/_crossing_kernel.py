"""What part of each pair's traffic crosses one channel under an equal split, compiled. See `_crossing`."""

from __future__ import annotations

import numpy as np

from topo.analysis.routing._compiled import compiled
from topo.analysis.routing._next_kernel import nearest_first
from topo.fabric.model import FloatArray, IntArray


@compiled
def crossing(
    start: IntArray,
    head: IntArray,
    weight: IntArray,
    tail: int,
    channel: int,
    dest: IntArray,
    column: IntArray,
    scale: float,
    part: FloatArray,
) -> None:
    """Fills part[i, column[s]] (destinations, senders) with `scale` times the fraction of the traffic from switch s to
    dest[i] that crosses `channel`, which leaves switch `tail`; `column[s]` is -1 for switches that do not send."""
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    value = np.zeros(switches, np.float64)
    for i in range(len(dest)):
        t = dest[i]
        count = nearest_first(start, head, t, distance, order)
        level = distance[tail]
        if level > 0 and distance[head[channel]] == level - 1:
            for n in range(count):
                v = order[n]
                if distance[v] < level or (distance[v] == level and v != tail):
                    continue
                total = 0
                sum_ = 0.0
                for c in range(start[v], start[v + 1]):
                    u = head[c]
                    if distance[u] == distance[v] - 1:
                        total += weight[c]
                        if v == tail:
                            if c == channel:
                                sum_ += weight[c] * scale
                        else:
                            sum_ += weight[c] * value[u]
                value[v] = sum_ / total
                if column[v] >= 0:
                    part[i, column[v]] = value[v]
        for n in range(count):
            distance[order[n]] = -1
            value[order[n]] = 0.0
