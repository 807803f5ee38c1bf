"""The certified interval of one problem, by the first way that fits its symmetry and size.

1. The merged program, exactly, while it has few variables (nearly always: a tree with a failure has dozens).
2. Weighted walks and lengths, better and better until the interval is narrow or time is up.
3. The merged program of middling size by GLOP, a large one by PDLP, in the time that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.symmetry import Symmetry, find_symmetry
from topo.analysis.throughput.merge import commodities
from topo.analysis.throughput.nearby import Start, evened
from topo.analysis.throughput.optimum import Flows, rounded_flows, solve
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program, program
from topo.analysis.throughput.proof import flows_proof, generators_proof, lengths_proof, step_proofs
from topo.analysis.throughput.walks import Proving, Step
from topo.errors import LimitReachedError
from topo.fabric.model import FloatArray, IntArray
from topo.interval import Interval
from topo.solvers.budget import Budget, now

EXACT_AT_MOST = 12_000
"""Variables of a program that is solved at once."""
QUICK_ROWS = 3_000
GLOP_AT_MOST = 60_000
"""Variables up to which GLOP is worth the wait; above, PDLP."""
PDLP_AT_MOST = 400_000
LEAST_SEARCH_S = 3.0
"""The least time for a search for symmetry, if that is no more than half of the limit: without any, the proof alone
takes longer."""
GLOP_S = 1e-4
"""Seconds a variable that GLOP takes on a larger program (a Slim Fly of 1,058 switches without one link: 5 s for 51,000
variables); where there is less, the time is for walks."""
NARROW = 5e-4
"""Relative width of an interval that is not worth more time where an exact answer is out of reach."""
WIDE = 0.01
"""The same where only PDLP is left, whose answers are rounded."""
WALKS_PER_S = 1e7
"""Arcs times unlike destinations that a second is enough for, for one turn of walks and the proof of both ends: 48,000
arcs and 2,000 destinations take 20 s of an idle core. What the limit has no time for is not begun."""
PROVED_PER_S = 8e6
"""The same for the proof of both ends alone, by walks without slack: 20,000 arcs and 2,000 destinations take 5 s of a
busy core. Walks are sought until there is so much time left."""
LEAST_WALKS_S = 6.0
"""The least that the limit counts as for each of many failures, which share it."""
NEARBY = 5e-3
"""The same for a problem near by: prices that are sharper would have to be unlearnt."""


@dataclass(frozen=True)
class Bounds:
    """[lower, upper] of one problem (None: nothing is loaded, unbounded) and its proof as JSON data. `use` (arcs,) is
    the load at t = 1 over the capacity in the routing behind the lower bound; None where it is not at hand. `walks` are
    the weights and lengths where walks were sought: where a question near by may start."""

    lower: Fraction | None
    upper: Fraction | None
    proof: dict[str, Any]
    use: FloatArray | None = None
    walks: Start | None = None

    @property
    def carried(self) -> Interval:
        """Both ends."""
        return Interval(self.lower, self.upper)

    @property
    def width(self) -> float:
        """The interval's width relative to its upper end; 0.0 where it is exact."""
        if self.lower is None or self.upper is None:
            return 0.0 if self.lower is self.upper else 1.0
        return float(1 - self.lower / self.upper)


Near = Start | Callable[[], Start | tuple[Problem, IntArray] | None]
"""Walks of a question near by; or what finds them, or the question itself (before anything was lost, say) and which
node here each of its nodes is, -1 where it is gone."""


def bounds(problem: Problem, time_limit_s: float, near: Near | None = None, least_s: float = 0.0) -> Bounds:
    """The interval of a problem; wide where time is short, but always proved. `near` may tell where to start. Raises
    LimitReachedError where the limit, taken as at least `least_s`, is too short for any proof."""
    start = now()
    end = start + time_limit_s
    counted = max(time_limit_s, least_s)
    search_s = max(0.25 * time_limit_s, min(LEAST_SEARCH_S, 0.5 * counted))
    symmetry = find_symmetry(problem.graph, list(problem.proposals), limit_s=search_s)
    small = _merged(problem, symmetry)
    if small is not None and small.columns > EXACT_AT_MOST and GLOP_S * small.columns > 0.6 * time_limit_s:
        small = None
    if small is not None and _is_quick(small):
        try:
            return _by_program(problem, symmetry, small, start + 0.6 * time_limit_s)
        except LimitReachedError:
            small = None
    share = 0.25 if small is not None else 0.85
    walked = len(problem.tail) * int(np.isin(symmetry.representatives, problem.possible_destinations).sum())
    if not Budget(counted).allows(walked, WALKS_PER_S):
        if small is not None:
            return _by_program(problem, symmetry, small, end)
        raise LimitReachedError(f"{walked:,} pairs of an arc and a destination are too many for {time_limit_s:g} s")
    stop = now() + share * max(end - now(), 0.0)
    found = _by_walks(problem, symmetry, stop, near, Proving(walked / PROVED_PER_S, end))
    left = end - now()
    if small is None or left < 1.0 or found.width < (NARROW if small.columns <= GLOP_AT_MOST else WIDE):
        return found
    try:
        return _better(found, _by_program(problem, symmetry, small, end))
    except LimitReachedError:
        return found


def _is_quick(small: Program) -> bool:
    """Whether the exact program comes first: few variables, or few enough with few rows (a Slim Fly of 1,058 switches
    without one link: 51,000 variables in 2,400 rows take GLOP 5 s)."""
    return small.columns <= EXACT_AT_MOST or (small.columns <= GLOP_AT_MOST and small.rows <= QUICK_ROWS)


def _merged(problem: Problem, symmetry: Symmetry) -> Program | None:
    """The merged program, unless it is plain before merging that it is too large."""
    arc_orbit = symmetry.arc_orbit[: len(problem.tail)]
    destinations = int(np.isin(symmetry.representatives, problem.possible_destinations).sum())
    if destinations * (int(arc_orbit.max(initial=0)) + 1) > PDLP_AT_MOST:
        return None
    found = commodities(problem, symmetry, PDLP_AT_MOST)
    return None if found is None else program(problem, found, arc_orbit)


def _by_program(problem: Problem, symmetry: Symmetry, small: Program, end: float) -> Bounds:
    generators = generators_proof(symmetry)
    if not small.commodities:
        nothing = {"method": "flows", "denominator": 1, "commodities": []}
        return Bounds(None, None, {"generators": generators, "lower": nothing, "upper": {"lengths": []}})
    if not len(small.capacity_orbit):
        flows = rounded_flows(small, np.zeros(small.columns))
        proof = {"generators": generators, "lower": flows_proof(problem, small, flows), "upper": {"lengths": []}}
        return Bounds(None, None, proof)
    solver = "glop" if small.columns <= GLOP_AT_MOST else "pdlp"
    flows, lengths = solve(small, end - now(), solver)
    proof = {
        "generators": generators,
        "lower": flows_proof(problem, small, flows),
        "upper": lengths_proof(problem, symmetry, lengths),
    }
    lower = problem.throughput(flows.congestion) if flows.congestion else None
    upper = problem.throughput(lengths.congestion) if lengths.congestion else None
    return Bounds(lower, upper, proof, _use(problem, symmetry, small, flows))


def _use(problem: Problem, symmetry: Symmetry, small: Program, flows: Flows) -> FloatArray:
    """Shape (arcs,): load over capacity of every arc at t = 1; 0.0 where there is no capacity to compare with."""
    load = np.zeros(small.orbits)
    for k, flow in zip(small.commodities, flows.flow, strict=True):
        np.add.at(load, k.orbit, flow.astype(np.float64) * (k.copies / flows.denominator))
    share = np.zeros(small.orbits)
    share[small.capacity_orbit] = load[small.capacity_orbit] / small.room.astype(np.float64)
    unit = float(problem.demand_unit / problem.capacity_unit)
    use: FloatArray = share[symmetry.arc_orbit[: len(problem.tail)]] * unit
    return use


def _by_walks(
    problem: Problem, symmetry: Symmetry, end: float, near: Near | None = None, proving: Proving | None = None
) -> Bounds:
    from topo.analysis.throughput.walks import best_walks, use_of

    start = _start(problem, now() + 0.25 * max(end - now(), 0.0), near)
    last = best_walks(problem, symmetry, end, NARROW, start, proving or Proving())
    lower, upper, proof = step_proofs(problem, generators_proof(symmetry), last)
    unit = float(problem.demand_unit / problem.capacity_unit)
    walks = Start(np.arange(problem.nodes), problem.tail, problem.head, last)
    return Bounds(lower, upper, proof, use_of(problem, symmetry, last) * unit, walks)


def _start(problem: Problem, end: float, near: Near | None) -> Step | None:
    """Weights and lengths known near by, or those of a more symmetric problem, where there is one of few variables."""
    if near is None and all(problem.graph.arc_image(p) is not None for p in problem.proposals):
        return None
    known = near() if callable(near) else near or (problem, np.arange(problem.nodes))
    start = known if known is None or isinstance(known, Start) else nearly(known[0], known[1], end)
    return None if start is None else start.on(problem)


def nearly(source: Problem, node: IntArray, end: float) -> Start | None:
    """Nearly optimal weights and lengths of a more symmetric problem than `source`, found until about the time `end`;
    `node` says where the nodes of `source` are wanted."""
    from topo.analysis.throughput.walks import best_walks

    even = evened(source)
    if even is None:
        return None
    symmetry = find_symmetry(even.graph, list(even.proposals), search=False)
    small = _merged(even, symmetry)
    if small is None or not _is_quick(small) or not len(small.capacity_orbit):
        return None
    try:
        lengths = solve(small, end - now())[1]
    except LimitReachedError:
        return None
    length = lengths.length[symmetry.arc_orbit[: len(even.tail)]].astype(np.float64)
    ones = np.ones(len(length))
    step = best_walks(even, symmetry, end, NEARBY, Step(np.inf, 0.0, ones, length / max(length.max(), 1.0), 0))
    return Start(node, even.tail, even.head, replace(step, length=length / max(length.max(), 1.0)))


def _better(a: Bounds, b: Bounds) -> Bounds:
    """The better end of each; None, for unbounded, appears in both or in neither."""
    low = a if (a.lower or 0) > (b.lower or 0) else b
    high = a if a.upper is not None and (b.upper is None or a.upper < b.upper) else b
    return Bounds(
        low.lower,
        high.upper,
        {"generators": b.proof["generators"], "lower": low.proof["lower"], "upper": high.proof["upper"]},
        low.use,
        a.walks or b.walks,
    )
