"""Bounds for networks with little symmetry: weighted walks from below, lengths and cuts from above.

Each arc has one weight for all destinations. To a destination, a walk gets the product of its arcs' weights as its
share of the flow. Weights fall on arcs above a target load and recover on those below: projected dual ascent for the
routing of greatest entropy within the capacities (as in iterative scaling: Darroch, Ratcliff, Ann. Math. Statist. 43,
1972). The logarithms of the weights are prices; as lengths they prove the upper bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.fabric.model import FloatArray, IntArray
from topo.solvers.budget import now, spend

HEAVIEST = 27.0
"""The greatest price: a certificate holds prices of up to 40 halvings, e^-27.7."""
WORKERS, LANES = 2, 16
"""Parts of the destinations, and what a part is a multiple of: fixed, so that nothing depends on the machine."""
SHARPEST = 100.0
"""The greatest price of walks that nobody has to follow: five or six arcs are still a number."""
DISCOUNT = 2.0
"""The least price of an arc where walks may be longer than the shortest."""

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How prices move: with `momentum` times their last step (the heavy ball: Polyak, 1964), towards a load below what
    is known to be needed by `inflation` times the interval's width. Prices that rise together tell arcs apart more
    sharply; where a few arcs alone have to change, they had better not. Of a `steep` pace, a small difference in load
    moves prices three times as far, and prices start low: where detours over several dear arcs are to relieve one that
    is dearer (from group to group of a dragonfly over a third), prices that all are high would never say so."""

    momentum: float
    inflation: float
    steep: bool = False


EVENLY, APART, BETWEEN = Pace(0.75, 0.7), Pace(0.9, 0.1), Pace(0.9, -0.2, steep=True)
PLANS = ((0, EVENLY), (1, EVENLY), (1, APART), (2, EVENLY), (2, APART), (1, BETWEEN))
"""Slack and pace, one after the other, each until it gains little."""
FROM_AFAR = 80
"""Turns that prices get which start low."""
OPEN = 0.005
"""Relative width of an interval from which on prices are sought between its ends, and then sharpened."""
PROOF_TURNS = 80
"""Turns that take as long as the checker takes to carry every demand in whole numbers."""
TURNED_PER_S = 6e8
"""Arcs times destinations that a slow core turns through in a second, for each arc of slack and one more."""
PLANS_NEARBY = ((0, EVENLY), (1, APART), (1, EVENLY), (2, APART), (2, EVENLY), (1, BETWEEN))
"""The same where the first weights are nearly right already."""


@dataclass(frozen=True)
class Arcs:
    """The arcs of a problem sorted by tail, and the destinations: one for each orbit, with `copies`."""

    order: IntArray
    out_start: IntArray
    tail: IntArray
    head: IntArray
    capacity: FloatArray
    orbit: IntArray
    orbit_size: FloatArray
    dest: IntArray
    copies: FloatArray
    demand: FloatArray
    hop: npt.NDArray[np.int16]
    """Shape (destinations, nodes): the fewest arcs from each node, -1 where there is no path."""

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
    now: float = np.inf
    """The greatest load of the last turn, that may be worse."""


def arcs_of(problem: Problem, symmetry: Symmetry) -> Arcs:
    """The problem as compiled code wants it."""
    from topo.analysis.compiled.walk_kernel import hops_to

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
    hop = np.empty((len(dest), n), dtype=np.int16)
    hops_to(np.searchsorted(head[in_arc], np.arange(n + 1)), in_arc, tail, dest, hop)
    return Arcs(
        order,
        np.searchsorted(tail, np.arange(n + 1)),
        tail,
        head,
        capacity,
        numbers,
        np.bincount(numbers).astype(np.float64),
        dest,
        symmetry.orbit_size[symmetry.node_orbit[dest]].astype(np.float64),
        np.stack([column for _, column in busy]) if busy else np.zeros((0, n)),
        hop,
    )


def improving(arcs: Arcs, slack: int, end: float, before: Step, pace: Pace = EVENLY) -> Iterator[Step]:
    """Better and better steps until the time `end` (of `budget.now`); at least one. They go on from `before`; walks
    that may be longer than there start at a discount for every arc."""
    least = DISCOUNT if slack else 0.0
    back = np.empty(len(arcs.order), dtype=np.int64)
    back[arcs.order] = np.arange(len(arcs.order))
    reached, best_weight, best_slack = before.reached, before.weight[arcs.order], before.slack
    needed, best_length = before.needed, before.length[arcs.order]
    known = -np.log(best_weight)
    price = np.clip(known, 0.0, HEAVIEST / 2) + least if slack and not best_slack else np.clip(known, least, HEAVIEST)
    level, least = Level(least), 0.0 if pace.steep else least
    price = 0.15 * price + 0.5 if pace.steep else price
    turn, last = 0, price
    while True:
        load = arcs.averaged(_loads(arcs, np.exp(-price), slack))
        use = load / arcs.capacity
        top = float(use.max())
        if top < reached:
            reached, best_weight, best_slack = top, np.exp(-price), slack
        aim = needed - min(pace.inflation * (reached - needed), 0.05 * needed) if needed > 0.0 else reached
        step = 0.7 if turn < 40 else 0.35
        push = np.log(np.maximum(use / aim, 1e-3))
        push = np.clip(3.0 * push, -1.0, 1.0) if pace.steep else push
        pushed = price + step * push + (pace.momentum * (price - last) if turn > 5 or pace.steep else 0.0)
        too_much = max(float(pushed.max()) / HEAVIEST, 1.0) if pace.steep else 1.0
        last, price = price / too_much, np.clip(pushed / too_much, least, HEAVIEST)
        turn += 1
        spend(len(arcs.tail) * len(arcs.dest) * (slack + 1), TURNED_PER_S)
        late = now() > end
        if turn % 8 == 0 or late:
            result, length = level.best(arcs, price) if pace.steep else _proves(arcs, price, least)
            if result > needed:
                needed, best_length = result, length
        yield Step(reached, needed, best_weight[back], best_length[back], best_slack, top)
        if late:
            return


class Level:
    """Which part of all prices is no length: what lengths prove turns on it, and it changes slowly."""

    def __init__(self, start: float) -> None:
        self.at, self.step = start, 0.5

    def best(self, arcs: Arcs, price: FloatArray) -> tuple[float, FloatArray]:
        """The congestion that prices prove and the lengths: less this level, or the better of one beside it."""
        result = _proves(arcs, price, self.at)
        beside = [(_proves(arcs, price, at), at) for at in (self.at - self.step, self.at + self.step)]
        better, at = max(beside, key=lambda one: one[0][0])
        if better[0] > result[0]:
            self.at = at
            return better
        self.step = max(self.step / 2, 0.05)
        return result


def _proves(arcs: Arcs, price: FloatArray, level: float) -> tuple[float, FloatArray]:
    """The congestion that lengths prove which are the prices less a level, and these lengths."""
    length = np.maximum(price - level, 0.0)
    length[~np.isfinite(arcs.capacity)] = 0.0
    return (_needed(arcs, length) if length.any() else 0.0), length


def sharpened(arcs: Arcs, step: Step, end: float, turns: int = 40) -> Step:
    """A step with better lengths, if any: prices are doubled, so that few walks of almost the same length carry all,
    and then follow the loads. Their weights would be too small for a routing."""
    needed, best = step.needed, step.length[arcs.order]
    price = 2.0 * best + DISCOUNT
    last, level, slack = price, Level(DISCOUNT), max(step.slack, 1)
    for turn in range(turns):
        use = arcs.averaged(_loads(arcs, np.exp(-price), slack)) / arcs.capacity
        push = np.log(np.maximum(use / needed, 0.3))
        last, price = price, np.clip(price + push + 0.5 * (price - last), 0.0, SHARPEST)
        if turn % 4 == 3:
            result, length = level.best(arcs, price)
            if result > needed:
                needed, best = result, length
        spend(len(arcs.tail) * len(arcs.dest) * (slack + 1), TURNED_PER_S)
        if now() > end:
            break
    back = np.empty(len(arcs.order), dtype=np.int64)
    back[arcs.order] = np.arange(len(arcs.order))
    return replace(step, needed=needed, length=best[back])


@dataclass(frozen=True)
class Proving:
    """What the proof takes: `seconds` by walks without slack, as many again for each arc of slack; it has to be there
    at the time `end`."""

    seconds: float = 0.0
    end: float = np.inf

    def begins(self, slack: int) -> float:
        """When it has to begin."""
        return self.end - self.seconds * (slack + 1)


def best_walks(
    problem: Problem,
    symmetry: Symmetry,
    end: float,
    narrow: float,
    start: Step | None = None,
    proving: Proving = Proving(),
) -> Step:
    """The bounds at the time `end`, less what their proof will take, or once they are within `narrow` of each other.
    Walks get more slack where the iteration gains no more without. The iteration starts from `start`."""
    arcs = arcs_of(problem, symmetry)
    best = _first(arcs, start)
    least, stop, turns, began = best.slack, end, 0, now()
    plans = PLANS if start is None else PLANS_NEARBY
    for slack, pace in [plan for plan in plans if plan[0] >= least and not (problem.minimal and plan[0])]:
        if pace.steep and best.needed > (1 - OPEN) * best.reached:
            break
        if turns and now() > proving.begins(slack):
            break
        history: list[float] = []
        here = np.inf
        for step in improving(arcs, slack, stop, best, pace):
            best, at = step, now()
            turns += 1
            stop = end - min(PROOF_TURNS * (at - began) / turns, 0.4 * max(end - began, 0.0))
            stop = min(stop, proving.begins(slack))
            if step.needed > (1 - narrow) * step.reached or at > stop:
                return step
            here = min(here, step.now)
            history.append(1 - step.needed / here)
            if stalls(history, 0.2) and len(history) >= FROM_AFAR if pace.steep else stalls(history):
                break
        if pace.steep:
            best = sharpened(arcs, best, stop)
    return best


def _first(arcs: Arcs, start: Step | None) -> Step:
    """Where the iteration starts: equal weights unless told, and the best of the first lengths."""
    back = np.empty(len(arcs.order), dtype=np.int64)
    back[arcs.order] = np.arange(len(arcs.order))
    lengths = [*_cuts(arcs), *([] if start is None else [start.length[arcs.order]])]
    needed = [_needed(arcs, length) for length in lengths]
    best = max(range(len(needed)), key=needed.__getitem__)
    weight, slack = (np.ones(len(back)), 0) if start is None else (start.weight, start.slack)
    return Step(np.inf, needed[best], weight, lengths[best][back], slack)


def stalls(history: list[float], little: float = 0.1) -> bool:
    """Whether the later half of the turns gained little of the interval's width."""
    gain = history[len(history) // 2] - history[-1]
    return (len(history) >= 10 and gain < 0.01 * history[-1]) or (len(history) >= 24 and gain < little * history[-1])


def use_of(problem: Problem, symmetry: Symmetry, step: Step) -> FloatArray:
    """Shape (arcs,), in the problem's order: load over capacity at a demand of one unit in the routing of a step's
    weights, every arc with the mean over its orbit (the average over a symmetry is a routing too)."""
    arcs = arcs_of(problem, symmetry)
    use = np.empty(len(arcs.order))
    use[arcs.order] = arcs.averaged(_loads(arcs, step.weight[arcs.order], step.slack)) / arcs.capacity
    return use


def _loads(arcs: Arcs, weight: FloatArray, slack: int) -> FloatArray:
    from topo.analysis.compiled.walk_kernel import walk_loads

    def part(own: slice) -> FloatArray:
        load = np.zeros(len(arcs.tail))
        hop, dest, copies, demand = arcs.hop[own], arcs.dest[own], arcs.copies[own], arcs.demand[own]
        walk_loads(arcs.out_start, arcs.head, weight, hop, dest, copies, demand, slack, load)
        return load

    total: FloatArray = np.sum(_shared(part, len(arcs.dest)), axis=0)
    return total


def _needed(arcs: Arcs, length: FloatArray) -> float:
    """The congestion that lengths prove: demand * distance over capacity * length."""
    from topo.analysis.compiled.walk_kernel import distance_sums

    def part(own: slice) -> float:
        dest, copies, demand = arcs.dest[own], arcs.copies[own], arcs.demand[own]
        return distance_sums(arcs.out_start, arcs.head, length, dest, copies, demand)

    bounded = np.isfinite(arcs.capacity)
    weight = float((arcs.capacity[bounded] * length[bounded]).sum())
    return sum(_shared(part, len(arcs.dest))) / weight if weight > 0.0 else 0.0


def _shared(part: Callable[[slice], T], destinations: int) -> list[T]:
    """The results for one half of the destinations and the other, found side by side."""
    half = -(-destinations // (WORKERS * LANES)) * LANES
    if destinations <= LANES:
        return [part(slice(0, destinations))]
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(part, [slice(i * half, (i + 1) * half) for i in range(WORKERS)]))


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
