"""Bounds for networks with little symmetry: weighted walks from below, lengths and cuts from above.

Each arc has one weight for all destinations. To a destination, a walk gets the product of its arcs' weights as its
share of the flow. Weights fall on arcs above a target load and recover on those below: projected dual ascent for the
routing of greatest entropy within the capacities (as in iterative scaling: Darroch, Ratcliff, Ann. Math. Statist. 43,
1972). The logarithms of the weights are prices; as lengths they prove the upper bound.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.fabric.model import FloatArray, IntArray

HEAVIEST = 27.0
"""The greatest price: a weight of e^-27 is still a whole number of 2^-40."""
WORKERS = 2


@dataclass(frozen=True)
class Arcs:
    """The arcs of a problem sorted by tail, and the destinations: one for each orbit, with `copies`."""

    order: IntArray
    out_start: IntArray
    tail: IntArray
    head: IntArray
    in_start: IntArray
    in_arc: IntArray
    capacity: FloatArray
    orbit: IntArray
    orbit_size: FloatArray
    dest: IntArray
    copies: FloatArray
    demand: FloatArray

    def averaged(self, load: FloatArray) -> FloatArray:
        """Every arc with the mean over its orbit."""
        mean: FloatArray = (np.bincount(self.orbit, load, len(self.orbit_size)) / self.orbit_size)[self.orbit]
        return mean


@dataclass(frozen=True)
class Step:
    """Where the iteration stands: the bounds that `weight` and `length` prove, in floating point, per congestion:
    `reached` is the greatest load in the routing of the weights, `needed` the least that any routing has. `weight`
    and `length` are in the problem's order of arcs."""

    reached: float
    needed: float
    weight: FloatArray
    length: FloatArray
    slack: int


def arcs_of(problem: Problem, symmetry: Symmetry) -> Arcs:
    """The problem as compiled code wants it."""
    n = problem.nodes
    order = np.argsort(problem.tail, kind="stable")
    tail, head = problem.tail[order], problem.head[order]
    in_arc = np.argsort(head, kind="stable")
    capacity = problem.capacity[order].astype(np.float64)
    capacity[problem.capacity[order] == UNLIMITED] = np.inf
    orbit = symmetry.arc_orbit[: len(problem.tail)][order]
    numbers = np.unique(orbit, return_inverse=True)[1].reshape(-1)
    first = symmetry.representatives
    candidates = first[np.isin(first, problem.possible_destinations)]
    columns = [(node, problem.column(node).astype(np.float64)) for node in candidates.tolist()]
    busy = [(node, column) for node, column in columns if column.any()]
    dest = np.array([node for node, _ in busy], dtype=np.int64)
    return Arcs(
        order,
        np.searchsorted(tail, np.arange(n + 1)),
        tail,
        head,
        np.searchsorted(head[in_arc], np.arange(n + 1)),
        in_arc,
        capacity,
        numbers,
        np.bincount(numbers).astype(np.float64),
        dest,
        symmetry.orbit_size[symmetry.node_orbit[dest]].astype(np.float64),
        np.stack([column for _, column in busy]) if busy else np.zeros((0, n)),
    )


def improving(arcs: Arcs, slack: int, end: float, before: Step | None = None) -> Iterator[Step]:
    """Better and better steps until the time `end` (of time.monotonic); at least one. They go on from `before`, that
    had less slack: longer walks start at a discount of e^-2 an arc."""
    least = 0.0 if slack == 0 else 2.0
    price = np.full(len(arcs.tail), least)
    if before is not None:
        price += np.minimum(-np.log(before.weight[arcs.order]), HEAVIEST / 2)
    best_slack = slack
    back = np.empty(len(arcs.order), dtype=np.int64)
    back[arcs.order] = np.arange(len(arcs.order))
    reached, needed = np.inf, 0.0
    best_weight, best_length = np.exp(-price), np.zeros(len(price))
    if before is not None:
        reached, best_weight, best_slack = before.reached, before.weight[arcs.order], before.slack
        needed, best_length = before.needed, before.length[arcs.order]
    for length in _cuts(arcs) if before is None else ():
        found = _needed(arcs, length)
        if found > needed:
            needed, best_length = found, length
    turn = 0
    while True:
        load = arcs.averaged(_loads(arcs, np.exp(-price), slack))
        use = load / arcs.capacity
        top = float(use.max())
        if top < reached:
            reached, best_weight, best_slack = top, np.exp(-price), slack
        aim = needed if needed > 0.0 else reached
        aim *= 1 + min(0.004, max(reached / aim - 1, 0.0) / 3)
        step = 0.7 if turn < 40 else 0.35
        price = np.clip(price + step * np.log(np.maximum(use / aim, 1e-3)), least, HEAVIEST)
        turn += 1
        late = time.monotonic() > end
        if turn % 8 == 0 or late:
            length = price - least
            length[~np.isfinite(arcs.capacity)] = 0.0
            found = _needed(arcs, length) if length.any() else 0.0
            if found > needed:
                needed, best_length = found, length
        yield Step(reached, needed, best_weight[back], best_length[back], best_slack)
        if late:
            return


def best_walks(problem: Problem, symmetry: Symmetry, end: float, narrow: float) -> Step:
    """The bounds at the time `end`, or once they are within `narrow` of each other. Walks get more slack where the
    iteration gains no more without."""
    arcs = arcs_of(problem, symmetry)
    best: Step | None = None
    for slack in (0,) if problem.minimal else (0, 1, 2):
        history: list[float] = []
        for step in improving(arcs, slack, end, best):
            best = step
            width = 1 - step.needed / step.reached
            history.append(width)
            if width < narrow:
                return step
            if len(history) > 64 and history[-33] - width < 0.02 * width:
                break
        if best is not None and time.monotonic() > end:
            break
    assert best is not None
    return best


def _loads(arcs: Arcs, weight: FloatArray, slack: int) -> FloatArray:
    from topo.analysis.throughput._walk_kernel import walk_loads

    def part(worker: int) -> FloatArray:
        mine = slice(worker, None, WORKERS)
        load = np.zeros(len(arcs.tail))
        dest, copies = np.ascontiguousarray(arcs.dest[mine]), np.ascontiguousarray(arcs.copies[mine])
        demand = np.ascontiguousarray(arcs.demand[mine])
        walk_loads(
            arcs.out_start, arcs.head, arcs.in_start, arcs.in_arc, arcs.tail, weight, dest, copies, demand, slack, load
        )
        return load

    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(part, range(WORKERS)))
    total: FloatArray = np.sum(parts, axis=0)
    return total


def _needed(arcs: Arcs, length: FloatArray) -> float:
    """The congestion that lengths prove: demand * distance over capacity * length."""
    from topo.analysis.throughput._walk_kernel import distance_sums

    bounded = np.isfinite(arcs.capacity)
    weight = float((arcs.capacity[bounded] * length[bounded]).sum())
    used = distance_sums(arcs.in_start, arcs.in_arc, arcs.tail, length, arcs.dest, arcs.copies, arcs.demand)
    return used / weight if weight > 0.0 else 0.0


def _cuts(arcs: Arcs) -> Iterator[FloatArray]:
    """Lengths that are 1 on the arcs into one destination, for the three whose demand is greatest for their capacity,
    and 1 on all arcs."""
    n = len(arcs.out_start) - 1
    into = np.bincount(arcs.head, np.where(np.isfinite(arcs.capacity), arcs.capacity, 1e18), n)[arcs.dest]
    ratio = arcs.demand.sum(axis=1) / np.maximum(into, 1e-9)
    bounded = np.isfinite(arcs.capacity)
    for j in np.argsort(-ratio, kind="stable")[:3].tolist():
        yield arcs.averaged(((arcs.head == arcs.dest[j]) & bounded).astype(np.float64))
    yield bounded.astype(np.float64)
