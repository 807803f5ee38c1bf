"""Linear programs by OR-Tools, from sparse matrices. The only file that builds one.

`highspy` cannot share a process with ortools, and HiGHS behind ModelBuilder returns wrong duals: GLOP and PDLP. Where
GLOP ends ABNORMAL (numbers that differ 40,000 times), scipy's HiGHS is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from topo.errors import LimitReachedError, TopoError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearProgram:
    """min cost x with row_lower <= matrix x <= row_upper, lower <= x <= upper; `matrix` is a scipy sparse matrix or a
    dense one, which needs no SciPy."""

    cost: Floats
    matrix: Any
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class LinearAnswer:
    """Values of the variables and duals of the rows, as the solver's floating point has them: to be verified."""

    x: Floats
    dual: Floats
    objective: float


def minimize(
    asked: LinearProgram,
    solver: Literal["glop", "pdlp"] = "glop",
    time_limit_s: float | None = None,
    precision: float = 1e-9,
) -> LinearAnswer:
    """The optimum; `precision` is where PDLP stops.

    Raises LimitReachedError at the time limit and where the numbers are too much for every solver, and TopoError where
    the program is infeasible or unbounded.
    """
    from ortools.linear_solver.python import model_builder_helper as ortools

    model: Any = ortools.ModelBuilderHelper()  # its stubs ask for column shapes that numpy cannot state
    _fill(model, asked)
    helper = ortools.ModelSolverHelper(solver.upper())
    if time_limit_s is not None:
        helper.set_time_limit_in_seconds(max(time_limit_s, 0.01))
    if solver == "pdlp":
        helper.set_solver_specific_parameters(
            "num_threads: 2 termination_criteria { simple_optimality_criteria "
            f"{{ eps_optimal_absolute: {precision} eps_optimal_relative: {precision} }} }}"
        )
    helper.solve(model)
    status = helper.status()
    if status in (ortools.SolveStatus.OPTIMAL, ortools.SolveStatus.FEASIBLE):
        return LinearAnswer(
            np.array(helper.variable_values()), np.array(helper.dual_values()), float(helper.objective_value())
        )
    if status in (ortools.SolveStatus.NOT_SOLVED, ortools.SolveStatus.UNKNOWN_STATUS):
        raise LimitReachedError(f"{solver} found no answer within its time limit")
    if status == ortools.SolveStatus.ABNORMAL:
        return _by_highs(asked, time_limit_s)
    raise TopoError(f"{solver} ended with {status.name}")


def _fill(model: Any, asked: LinearProgram) -> None:
    """Tells OR-Tools the program."""
    if not isinstance(asked.matrix, np.ndarray):
        from scipy.sparse import csr_matrix

        rows = csr_matrix(asked.matrix, dtype=np.float64)
        model.fill_model_from_sparse_data(asked.lower, asked.upper, asked.cost, asked.row_lower, asked.row_upper, rows)
        return
    for lower, upper, cost in zip(asked.lower.tolist(), asked.upper.tolist(), asked.cost.tolist(), strict=True):
        variable = model.add_var()
        model.set_var_lower_bound(variable, lower)
        model.set_var_upper_bound(variable, upper)
        model.set_var_objective_coefficient(variable, cost)
    for lower, upper, row in zip(asked.row_lower.tolist(), asked.row_upper.tolist(), asked.matrix, strict=True):
        constraint = model.add_linear_constraint()
        model.set_constraint_lower_bound(constraint, lower)
        model.set_constraint_upper_bound(constraint, upper)
        for variable in np.flatnonzero(row).tolist():
            model.add_term_to_constraint(constraint, variable, float(row[variable]))


def _by_highs(asked: LinearProgram, time_limit_s: float | None) -> LinearAnswer:
    """The same by scipy's HiGHS; duals are those of the rows as they stand, as OR-Tools gives them."""
    from scipy import optimize
    from scipy.sparse import csr_matrix, vstack

    rows, row_lower, row_upper = csr_matrix(asked.matrix, dtype=np.float64), asked.row_lower, asked.row_upper
    equal = row_lower == row_upper
    below, above = ~equal & np.isfinite(row_upper), ~equal & np.isfinite(row_lower)
    options: Any = {} if time_limit_s is None else {"time_limit": max(time_limit_s, 0.01)}
    solver: Any = optimize.linprog  # its stubs know no sparse matrices
    result = solver(
        asked.cost,
        vstack([rows[below], -rows[above]]) if below.any() or above.any() else None,
        np.concatenate([row_upper[below], -row_lower[above]]) if below.any() or above.any() else None,
        rows[equal] if equal.any() else None,
        row_upper[equal] if equal.any() else None,
        np.stack([asked.lower, asked.upper], axis=1),
        method="highs",
        options=options,
    )
    if result.status != 0:
        raise LimitReachedError(f"GLOP ended with ABNORMAL, HiGHS with: {result.message}")
    dual = np.zeros(rows.shape[0])
    if equal.any():
        dual[equal] = result.eqlin.marginals
    if below.any() or above.any():
        split = int(below.sum())
        dual[below] = result.ineqlin.marginals[:split]
        dual[above] -= result.ineqlin.marginals[split:]
    return LinearAnswer(np.asarray(result.x), dual, float(result.fun))
