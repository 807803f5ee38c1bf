"""Compiled loops of the search for splits and for bounds; `_moves` and `_relaxation` say what they are for."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.fabric.model import FloatArray, IntArray


@compiled
def turn(
    start: IntArray,
    head: IntArray,
    capacity: FloatArray,
    weights: FloatArray,
    stiffness: float,
    vectors: FloatArray,
    sweeps: int,
) -> None:
    """Turns every switch's unit vector in turn to where the sum of (L + stiffness w w')_ij v_i . v_j is least.

    Edges of switch i lead to head[start[i] : start[i + 1]]; `vectors` (switches, rank) is changed in place.
    """
    n, rank = vectors.shape
    total = np.zeros(rank)
    for i in range(n):
        for t in range(rank):
            total[t] += weights[i] * vectors[i, t]
    pull = np.empty(rank)
    for _ in range(sweeps):
        for i in range(n):
            for t in range(rank):
                pull[t] = -stiffness * weights[i] * (total[t] - weights[i] * vectors[i, t])
            for e in range(start[i], start[i + 1]):
                j, c = head[e], capacity[e]
                for t in range(rank):
                    pull[t] += c * vectors[j, t]
            square = 0.0
            for t in range(rank):
                square += pull[t] * pull[t]
            if square <= 0.0:
                continue
            length = np.sqrt(square)
            for t in range(rank):
                new = pull[t] / length
                total[t] += weights[i] * (new - vectors[i, t])
                vectors[i, t] = new


@compiled
def move(
    start: IntArray,
    head: IntArray,
    capacity: IntArray,
    weights: IntArray,
    price: int,
    slack: int,
    side: IntArray,
    steps: int,
    tenure: int,
    seed: int,
) -> int:
    """Flips one vertex a step, the cheapest that has not moved lately, and leaves in `side` (+-1) the best seen.

    The cost, returned for the best, is twice the capacity cut and `price` times what the weights of the two sides
    differ by beyond `slack`. A vertex that moved rests for `tenure` steps and up to as many more, drawn from `seed`,
    unless its move gives the best cost so far.
    """
    n = len(weights)
    gain = np.zeros(n, np.int64)
    best_side = side.copy()
    until = np.zeros(n, np.int64)
    apart, cut2 = 0, 0
    for i in range(n):
        apart += weights[i] * side[i]
        for e in range(start[i], start[i + 1]):
            together = side[i] * side[head[e]]
            gain[i] += 2 * capacity[e] * together
            cut2 += capacity[e] * (1 - together) // 2
    cost = cut2 + price * max(abs(apart) - slack, 0)
    best = cost
    state = seed * 2654435761 % 4294967296 + 1
    for step in range(steps):
        owed = price * max(abs(apart) - slack, 0)
        chosen, least, ties = -1, 0, 0
        for i in range(n):
            change = gain[i] + price * max(abs(apart - 2 * weights[i] * side[i]) - slack, 0) - owed
            if until[i] > step and cost + change >= best:
                continue
            if chosen < 0 or change < least:
                chosen, least, ties = i, change, 1
            elif change == least:
                ties += 1
                state = state * 1664525 % 4294967296 + 1013904223
                if (state >> 8) % ties == 0:
                    chosen = i
        if chosen < 0:
            continue
        cost += least
        apart -= 2 * weights[chosen] * side[chosen]
        side[chosen] = -side[chosen]
        gain[chosen] = -gain[chosen]
        for e in range(start[chosen], start[chosen + 1]):
            j = head[e]
            gain[j] += 4 * capacity[e] * side[chosen] * side[j]
        state = state * 1664525 % 4294967296 + 1013904223
        until[chosen] = step + 1 + tenure + (state >> 8) % (tenure + 1)
        if cost < best:
            best = cost
            best_side[:] = side
    side[:] = best_side
    return best
