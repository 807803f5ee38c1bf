"""Items to seats at the least cost, by constraint programming (OR-Tools CP-SAT). Same input, same answer: one worker, a
fixed seed and a limit in the solver's own count of work, which no clock and no load of the machine changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.solvers.interrupted import solved

IntArray = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Part:
    """A cost that depends on the seat of item `i`, shape (choices of i,), or on the seats of items `i` and `j`, shape
    (choices of i, choices of j). Whole numbers from 0."""

    i: int
    j: int
    cost: IntArray


@dataclass(frozen=True)
class Term:
    """Costs `weight` times the greatest of its parts."""

    weight: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Limit:
    """The amounts of chosen (item, choice) pairs sum to at most `most`."""

    most: int
    used: tuple[tuple[int, int, int], ...]
    """Item, choice, amount."""


@dataclass(frozen=True)
class Seated:
    """The choice of every item, its cost, a lower bound on every cost, and the work that it took (the solver's count,
    about seconds)."""

    choice: tuple[int, ...]
    cost: int
    bound: int
    proved: bool
    work: float


def seat(
    choices: Sequence[int], terms: Sequence[Term], limits: Sequence[Limit], start: Sequence[int], work: float
) -> Seated | None:
    """Gives each item one of its `choices` so that the limits hold and the terms cost as little as `work` allows.
    `start` is a choice of every item from which the search begins. None where no answer was found.

    Raises ValueError where the solver refuses the model or proves it infeasible, which a valid `start` excludes.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = [[model.new_bool_var("") for _ in range(n)] for n in choices]
    for item, own in enumerate(x):
        model.add_exactly_one(own)
        for choice, variable in enumerate(own):
            model.add_hint(variable, int(choice == start[item]))
    for limit in limits:
        if all(amount == 1 for _, _, amount in limit.used) and limit.most == 1:
            model.add_at_most_one(x[i][c] for i, c, _ in limit.used)
        else:
            model.add(sum(amount * x[i][c] for i, c, amount in limit.used) <= limit.most)
    cost: list[Any] = []
    for term in terms:
        parts = [_priced(model, x, part) for part in term.parts]
        if len(parts) == 1:
            cost.append(term.weight * parts[0])
            continue
        greatest = model.new_int_var(0, max(int(p.cost.max(initial=0)) for p in term.parts), "")
        for part in parts:
            model.add(greatest >= part)
        cost.append(term.weight * greatest)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2  # assignments are proved optimal by their relaxation
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_deterministic_time = work
    status = solved(solver, model)
    spent = float(solver.response_proto.deterministic_time)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        chosen = tuple(next(c for c, v in enumerate(own) if solver.boolean_value(v)) for own in x)
        bound = int(np.ceil(solver.best_objective_bound - 1e-6))
        return Seated(chosen, round(solver.objective_value), bound, status == cp_model.OPTIMAL, spent)
    if status == cp_model.UNKNOWN:
        return None
    raise ValueError(f"the constraint solver refused its input: {solver.status_name(status)}")


def _priced(model: Any, x: Sequence[Sequence[Any]], part: Part) -> Any:
    """The part's cost as an expression: over products of choices where two items decide (linearised by their sums)."""
    low = int(part.cost.min(initial=0)) if part.cost.size else 0
    if part.j < 0:
        own = x[part.i]
        return low + sum((int(c) - low) * v for c, v in zip(part.cost.tolist(), own, strict=True) if c != low)
    a, b = x[part.i], x[part.j]
    both = [[model.new_bool_var("") for _ in b] for _ in a]
    for p, row in enumerate(both):
        model.add(sum(row) == a[p])
    for q in range(len(b)):
        model.add(sum(row[q] for row in both) == b[q])
    costs = part.cost.tolist()
    return low + sum(
        (costs[p][q] - low) * both[p][q] for p in range(len(a)) for q in range(len(b)) if costs[p][q] != low
    )
