"""So many switches of each tier from parts that are limited: the cheapest filling by OR-Tools CP-SAT, and by a linear
program the multipliers of the limits, which show without a solver that none is cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.errors import LimitReachedError
from topo.solvers.interrupted import solved
from topo.solvers.linear import LinearProgram, minimize


@dataclass(frozen=True)
class Stock:
    """`need[t]` switches of each tier, each of a part of `fits[t]`; part p costs `price[p]` and uses `use[r][p]` of
    resource r, of which there is `room[r]`. Whole numbers."""

    need: Sequence[int]
    fits: Sequence[Sequence[int]]
    price: Sequence[int]
    use: Sequence[Sequence[int]]
    room: Sequence[int]

    @property
    def places(self) -> list[tuple[int, int]]:
        """Every (tier, part that fits)."""
        return [(t, p) for t, parts in enumerate(self.fits) for p in parts]


def cheapest_fill(stock: Stock, time_limit_s: float = 60.0) -> dict[tuple[int, int], int] | None:
    """How many of which part in which tier, (tier, part) -> number above 0, at the least price; None where no filling
    keeps the limits. Raises LimitReachedError where that is not proved in the solver's counted time."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    number: dict[tuple[int, int], Any] = {at: model.new_int_var(0, stock.need[at[0]], "") for at in stock.places}
    for tier, need in enumerate(stock.need):
        model.add(sum(x for (t, _), x in number.items() if t == tier) == need)
    for use, room in zip(stock.use, stock.room, strict=True):
        model.add(sum(use[p] * x for (_, p), x in number.items()) <= room)
    model.minimize(sum(stock.price[p] * x for (_, p), x in number.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = time_limit_s
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solved(solver, model)
    if status == cp_model.OPTIMAL:
        return {at: solver.value(x) for at, x in number.items() if solver.value(x)}
    if status == cp_model.INFEASIBLE:
        return None
    if status in (cp_model.FEASIBLE, cp_model.UNKNOWN):
        raise LimitReachedError(f"no proved optimum within {time_limit_s:g} s")
    raise ValueError(f"the constraint solver refused its input: {solver.status_name(status)}")


def multipliers(stock: Stock, priced: bool) -> list[float]:
    """What one unit of each resource is worth, at least 0: to the price of the cheapest filling in fractions or, not
    `priced`, to how far the limits are passed at least."""
    from scipy.sparse import csr_matrix

    places, slack = stock.places, 0 if priced else len(stock.room)
    rows = len(stock.need) + len(stock.room)
    matrix = np.zeros((rows, len(places) + slack))
    scale = [float(max(max(use, default=0), 1)) for use in stock.use]
    for column, (tier, part) in enumerate(places):
        matrix[tier, column] = 1.0
        for r, use in enumerate(stock.use):
            matrix[len(stock.need) + r, column] = use[part] / scale[r]
    for r in range(slack):
        matrix[len(stock.need) + r, len(places) + r] = -1.0
    need = np.array(stock.need, dtype=np.float64)
    room = np.array([room / each for room, each in zip(stock.room, scale, strict=True)])
    cost = np.concatenate([[float(stock.price[p]) if priced else 0.0 for _, p in places], np.ones(slack)])
    lowest = np.full(len(room), -np.inf)
    columns = len(places) + slack
    lower, upper = np.concatenate([need, lowest]), np.concatenate([need, room])
    result = minimize(
        LinearProgram(cost, csr_matrix(matrix), lower, upper, np.zeros(columns), np.full(columns, np.inf))
    )
    own = result.dual[len(stock.need) :]
    return [max(-float(dual), 0.0) / each for dual, each in zip(own, scale, strict=True)]
