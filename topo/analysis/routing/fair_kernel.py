"""Progressive filling, compiled. See `_fair` for what calls it."""

from __future__ import annotations

import heapq

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.fabric.model import FloatArray, IntArray


@compiled
def progressive_filling(
    path: IntArray, src: IntArray, dst: IntArray, capacity: FloatArray, channels: int, endpoints: int, rate: FloatArray
) -> None:
    """Fills `rate` (paths,) with the max-min fair rates of paths that cross `path` (paths, longest), -1 where shorter,
    the injection link of endpoint src and the ejection link of dst.

    `capacity` (channels + 2 * endpoints,): channels, then injection, then ejection links. All rates rise together; when
    a link is full, its paths keep their rates and the others go on.
    """
    paths, width = path.shape
    links = len(capacity)
    active = np.zeros(links, np.int64)
    for p in range(paths):
        active[channels + src[p]] += 1
        active[channels + endpoints + dst[p]] += 1
        for h in range(width):
            if path[p, h] < 0:
                break
            active[path[p, h]] += 1
    first = np.zeros(links + 1, np.int64)
    for e in range(links):
        first[e + 1] = first[e] + active[e]
    fill = first[:-1].copy()
    member = np.empty(first[links], np.int64)
    for p in range(paths):
        for h in range(-2, width):
            e = channels + src[p] if h == -2 else channels + endpoints + dst[p] if h == -1 else path[p, h]
            if e < 0:
                break
            member[fill[e]] = p
            fill[e] += 1
    left = capacity.copy()
    heap = [(0.0, 0)]
    heap.pop()
    for e in range(links):
        if active[e] > 0:
            heap.append((left[e] / active[e], e))
    heapq.heapify(heap)
    rate[:] = -1.0
    level = 0.0
    while len(heap) > 0:
        share, full = heapq.heappop(heap)
        if active[full] == 0:
            continue
        now = left[full] / active[full]
        if now > share:
            heapq.heappush(heap, (now, full))
            continue
        level = max(level, share)
        for m in range(first[full], first[full + 1]):
            p = member[m]
            if rate[p] >= 0.0:
                continue
            rate[p] = level
            for h in range(-2, width):
                e = channels + src[p] if h == -2 else channels + endpoints + dst[p] if h == -1 else path[p, h]
                if e < 0:
                    break
                left[e] = max(left[e] - level, 0.0)
                active[e] -= 1
