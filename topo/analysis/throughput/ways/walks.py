"""Weighted walks from below and their prices as lengths from above, better and better until the interval is narrow or
time is up."""

from __future__ import annotations

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.merged import is_quick
from topo.analysis.throughput.nearby import Start, nearly
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.proof import generators_proof, step_proofs
from topo.analysis.throughput.walks import Proving, Step
from topo.analysis.throughput.way import Asked, Bounds, Near, Way, ways
from topo.fabric.model import FloatArray
from topo.solvers.budget import Budget, now

NARROW = 5e-4
"""Relative width of an interval that is not worth more time where an exact answer is out of reach."""
WALKS_PER_S = 1e7
"""Arcs times unlike destinations that a second is enough for, for one turn of walks and the proof of both ends: 48,000
arcs and 2,000 destinations take 20 s of an idle core. What the limit has no time for is not begun."""
PROVED_PER_S = 8e6
"""The same for the proof of both ends alone, by walks without slack: 20,000 arcs and 2,000 destinations take 5 s of a
busy core. Walks are sought until there is so much time left."""
SHARE = 0.85
"""Of the time that is left, what walks are sought in: their proof takes the rest."""
SHARE_BEFORE_PROGRAM = 0.25
"""The same where a large program may follow, whose answer is exact where it ends in time."""
START_SHARE = 0.25
"""Of the time for walks, what a start near by may be sought in."""


def _accepts(asked: Asked) -> bool:
    return asked.found is None and Budget(asked.counted_s).allows(asked.pairs, WALKS_PER_S)


def _bounds(asked: Asked) -> Bounds:
    follows = asked.program is not None and not is_quick(asked.program)
    share, end = SHARE_BEFORE_PROGRAM if follows else SHARE, asked.budget.end
    stop = now() + share * max(end - now(), 0.0)
    return by_walks(asked.problem, asked.symmetry, stop, asked.near, Proving(asked.pairs / PROVED_PER_S, end))


def by_walks(
    problem: Problem, symmetry: Symmetry, end: float, near: Near | None = None, proving: Proving | None = None
) -> Bounds:
    """What walks that are sought until the time `end` prove."""
    from topo.analysis.throughput.walks import best_walks, use_of

    unit = float(problem.demand_unit / problem.capacity_unit)
    best, use = _in_blocks(problem, end)
    if best is not None and use is not None:
        lower, upper, proof = step_proofs(problem, generators_proof(symmetry), best)
        orbit = symmetry.arc_orbit[: len(problem.tail)]
        mean = np.bincount(orbit, use) / np.maximum(np.bincount(orbit), 1)
        walks = Start(np.arange(problem.nodes), problem.tail, problem.head, best)
        return Bounds(lower, upper, proof, mean[orbit] * unit, walks)
    start = best or _start(problem, now() + START_SHARE * max(end - now(), 0.0), near)
    last = best_walks(problem, symmetry, end, NARROW, start, proving or Proving())
    lower, upper, proof = step_proofs(problem, generators_proof(symmetry), last)
    walks = Start(np.arange(problem.nodes), problem.tail, problem.head, last)
    return Bounds(lower, upper, proof, use_of(problem, symmetry, last) * unit, walks)


def _in_blocks(problem: Problem, end: float) -> tuple[Step | None, FloatArray | None]:
    """Walks in a tree of pods; and the use of its arcs, where the cut around a leaf or a pod proves them narrow."""
    from topo.analysis.throughput.pods import blocks_of, loads, steps
    from topo.analysis.throughput.walks import stalls

    blocks, best = blocks_of(problem), None
    history: list[float] = []
    for best in steps(problem, blocks, end) if blocks is not None else ():
        if best.needed > (1 - NARROW) * best.reached:
            load = loads(blocks, best.weight) if blocks is not None else None
            return best, None if load is None else load / problem.capacity.astype(np.float64)
        history.append(1 - best.needed / best.now)
        if stalls(history):
            break
    return best, None


def _start(problem: Problem, end: float, near: Near | None) -> Step | None:
    """Weights and lengths known near by, or those of a more symmetric problem, where there is one of few variables."""
    if near is None and all(problem.graph.arc_image(p) is not None for p in problem.proposals):
        return None
    known = near() if callable(near) else near or (problem, np.arange(problem.nodes))
    start = known if known is None or isinstance(known, Start) else nearly(known[0], known[1], end)
    return None if start is None else start.on(problem)


ways.add("walks", Way("weighted walks and their prices", 20, _accepts, _bounds))
