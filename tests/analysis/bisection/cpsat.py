"""Exact minimum bisection of a small graph by constraint programming (OR-Tools CP-SAT): an oracle for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from topo.errors import LimitReachedError

IntArray = npt.NDArray[np.integer[Any]]


def minimum_bisection(
    switches: int,
    u: IntArray,
    v: IntArray,
    capacity: IntArray,
    classes: Sequence[tuple[int, Sequence[tuple[int, int]]]],
    time_limit_s: float = 60.0,
) -> int:
    """The least capacity cut by a side for every switch and an even split, up to one, of the hosts.

    Switches u and v are joined by `capacity`; `classes` counts the hosts by the (switch, capacity) each hangs on.
    Raises LimitReachedError where optimality is not proved in time.
    """
    model = cp_model.CpModel()
    side = [model.new_bool_var("") for _ in range(switches)]
    cost: list[Any] = []
    for a, b, c in zip(u.tolist(), v.tolist(), capacity.tolist(), strict=True):
        crossed = model.new_bool_var("")
        model.add(crossed >= side[a] - side[b])
        model.add(crossed >= side[b] - side[a])
        cost.append(c * crossed)
    shares = []
    for count, ties in classes:
        share = model.new_int_var(0, count, "")
        shares.append(share)
        for switch, c in ties:
            across = model.new_int_var(0, count, "")
            model.add(across >= share - count * side[switch])
            model.add(across >= count * side[switch] - share)
            cost.append(c * across)
    model.add(sum(shares) == sum(count for count, _ in classes) // 2)
    model.minimize(sum(cost))
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
