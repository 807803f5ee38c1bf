"""Balanced splits by moving one vertex at a time, uphill too, where what has just moved must rest (F. Glover, "Tabu
search", ORSA J. Computing 1, 1989): on graphs without tiers it cuts less than a multilevel partition."""

from __future__ import annotations

import numpy as np

from topo.analysis.bisection.partition import contracted
from topo.analysis.bisection.sides import Split, improved, with_hosts
from topo.certificates.reading.cut import CutGraph

WORK = 50_000_000
"""Steps times vertices of one search."""
STEPS_PER_VERTEX = 40
"""Steps of one search: every vertex can move many times to and fro."""
FROM_CHANCE = 10
"""Steps per vertex that a search needs from where no split is known."""
TENURE = 20
"""Steps that a vertex rests after a move: without it a search goes back and forth between two splits."""


def by_moves(graph: CutGraph, known: Split | None, seed: int) -> Split | None:
    """The best split found from a known one, or from sides drawn by `seed`; None where the graph is too large for the
    latter. Hosts then take the cheapest sides, and switches theirs.

    A host is moved with its switch; where the halves are uneven, the cost counts that hosts cross by their own links,
    as the eigenvalue bound does.
    """
    from topo.analysis.bisection._kernels import move

    vertices, weights, u, v, capacity = contracted(graph)
    n = len(weights)
    steps = min(STEPS_PER_VERTEX * n, WORK // max(n, 1))
    if n < 2 or int(graph.capacity.sum()) >= 2**58 or (known is None and steps < FROM_CHANCE * n):
        return known
    if known is None:
        side = np.where(np.random.default_rng(seed).random(n) < 0.5, 1, -1)
    else:
        votes = np.zeros(n, dtype=np.int64)
        np.add.at(votes, vertices, np.where(known.on_a, 1, -1))
        side = np.where(votes > 0, 1, -1)
    tail, head = np.concatenate([u, v]), np.concatenate([v, u])
    order = np.lexsort((head, tail))
    start = np.searchsorted(tail[order], np.arange(n + 1))
    held = np.zeros(graph.hosts, dtype=np.int64)
    ties = graph.u < graph.hosts
    np.add.at(held, graph.u[ties], graph.capacity[ties])
    slack = graph.hosts % 2 + graph.hosts - int((held > 0).sum())
    price = int(held[held > 0].min(initial=2**40))
    both = np.concatenate([capacity, capacity])[order]
    move(start, head[order], both, weights, price, slack, side, steps, min(TENURE, n // 4), seed)
    return improved(graph, with_hosts(graph, (side > 0)[vertices]))
