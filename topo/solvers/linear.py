"""Linear programs by OR-Tools, from sparse matrices. The only file that builds one.

`highspy` cannot share a process with ortools, and HiGHS behind ModelBuilder returns wrong duals: GLOP and PDLP only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from topo.errors import LimitReachedError, TopoError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LinearAnswer:
    """Values of the variables and duals of the rows, as the solver's floating point has them: to be verified."""

    x: Floats
    dual: Floats
    objective: float


def minimize(
    cost: Floats,
    matrix: Any,
    row_lower: Floats,
    row_upper: Floats,
    lower: Floats,
    upper: Floats,
    solver: Literal["glop", "pdlp"] = "glop",
    time_limit_s: float | None = None,
    precision: float = 1e-9,
) -> LinearAnswer:
    """min cost x with row_lower <= matrix x <= row_upper, lower <= x <= upper; `matrix` is a scipy sparse matrix;
    `precision` is where PDLP stops.

    Raises LimitReachedError at the time limit and TopoError where the program is infeasible or unbounded.
    """
    from ortools.linear_solver.python import model_builder_helper as ortools
    from scipy.sparse import csr_matrix

    model: Any = ortools.ModelBuilderHelper()  # its stubs ask for column shapes that numpy cannot state
    model.fill_model_from_sparse_data(lower, upper, cost, row_lower, row_upper, csr_matrix(matrix, dtype=np.float64))
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
    raise TopoError(f"{solver} ended with {status.name}")
