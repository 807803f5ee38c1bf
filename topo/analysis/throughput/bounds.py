"""The certified interval of one problem: one way after another, until no other is worth the time."""

from __future__ import annotations

from topo.analysis.symmetry import find_symmetry
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.side_by_side import repeated_symmetry
from topo.analysis.throughput.way import Asked, Bounds, Near, in_order
from topo.errors import LimitReachedError
from topo.solvers.budget import Budget
from topo.units import amount

SEARCH_SHARE = 0.25
"""Of the limit, what the search for symmetry may take: it makes all that follows smaller, and ends early where there is
none."""
LEAST_SEARCH_S = 3.0
"""The least time for a search for symmetry, if that is no more than half of the limit: without any, the proof alone
takes longer."""


def bounds(problem: Problem, time_limit_s: float, near: Near | None = None, least_s: float = 0.0) -> Bounds:
    """The interval of a problem; wide where time is short, but always proved. `near` may tell where to start. Raises
    LimitReachedError where the limit, taken as at least `least_s`, is too short for any proof."""
    budget, counted_s = Budget(time_limit_s), max(time_limit_s, least_s)
    search_s = max(SEARCH_SHARE * time_limit_s, min(LEAST_SEARCH_S, 0.5 * counted_s))
    symmetry = repeated_symmetry(problem)
    if symmetry is None:
        symmetry = find_symmetry(problem.graph, list(problem.proposals), limit_s=search_s)
    asked = Asked(problem, symmetry, budget, counted_s, near)
    ways = in_order()
    failed = LimitReachedError(
        f"{amount(asked.pairs, 'pair')} of an arc and a destination are too many for {time_limit_s:g} s"
    )
    for way in ways:
        if not way.accepts(asked):
            continue
        try:
            result = way.bounds(asked)
        except LimitReachedError as error:
            failed = error if way is ways[-1] else failed
            continue
        asked.found = result if asked.found is None else asked.found.better(result)
    if asked.found is None:
        raise failed
    return asked.found
