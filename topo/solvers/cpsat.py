"""Exact minimum bisection of a small graph by constraint programming (OR-Tools CP-SAT): an oracle for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from topo.errors import LimitReachedError

IntArray = npt.NDArray[np.integer[Any]]


def minimum_bisection(
    nodes: int, u: IntArray, v: IntArray, capacity: IntArray, halves: int, time_limit_s: float = 60.0
) -> int:
    """The least capacity cut by a side for every node such that the first `halves` nodes are split evenly, up to one.

    Raises LimitReachedError where optimality is not proved in time.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    side = [model.new_bool_var("") for _ in range(nodes)]
    cut = [model.new_bool_var("") for _ in range(len(u))]
    for crossed, a, b in zip(cut, u.tolist(), v.tolist(), strict=True):
        model.add(crossed >= side[a] - side[b])
        model.add(crossed >= side[b] - side[a])
    on_a = sum(side[:halves])
    model.add(on_a == halves // 2)
    model.minimize(sum(c * x for c, x in zip(capacity.tolist(), cut, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = time_limit_s
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    if status == cp_model.OPTIMAL:
        return round(solver.objective_value)
    if status in (cp_model.FEASIBLE, cp_model.UNKNOWN):
        raise LimitReachedError(f"no proved optimum within {time_limit_s:g} s")
    raise ValueError(f"the constraint solver refused its input: {solver.status_name(status)}")
