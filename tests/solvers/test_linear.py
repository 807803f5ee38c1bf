"""Linear programs by OR-Tools against scipy's HiGHS, and the three ways not to have an answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from topo.errors import LimitReachedError, TopoError
from topo.solvers.linear import LinearProgram, minimize

FREE, TOP = np.zeros(2), np.full(2, np.inf)


@pytest.mark.parametrize("solver", ["glop", "pdlp"])
@pytest.mark.parametrize("seed", range(5))
def test_random_programs_have_the_value_of_highs(solver: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = csr_array(rng.random((8, 12)) * (rng.random((8, 12)) < 0.6))
    rhs, cost = rng.random(8) + 0.5, rng.random(12) + 0.1
    rhs[np.asarray(matrix.sum(axis=1)).ravel() == 0] = 0.0
    expected = linprog(cost, -matrix, -rhs)
    found = minimize(LinearProgram(cost, matrix, rhs, np.full(8, np.inf), np.zeros(12), np.full(12, np.inf)), solver)
    assert found.objective == pytest.approx(expected.fun, rel=1e-6)
    assert found.dual @ rhs == pytest.approx(expected.fun, rel=1e-6)


def test_infeasible_is_said() -> None:
    with pytest.raises(TopoError, match="INFEASIBLE"):
        minimize(LinearProgram(np.ones(2), csr_array([[1.0, 1.0]]), np.array([-2.0]), np.array([-1.0]), FREE, TOP))


def test_a_time_limit_is_no_answer() -> None:
    rng = np.random.default_rng(1)
    size = 1500
    matrix = csr_array(rng.random((size, size)))
    with pytest.raises(LimitReachedError):
        minimize(
            LinearProgram(
                rng.random(size), matrix, np.ones(size), np.full(size, np.inf), np.zeros(size), np.full(size, np.inf)
            ),
            time_limit_s=0.01,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_dense_matrix_is_the_sparse_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-3, 9, (9, 6)) * (rng.random((9, 6)) < 0.6).astype(np.float64)
    lower, upper = rng.random(9) - 2.0, np.where(rng.random(9) < 0.5, np.inf, 4.0)
    lower[0], upper[0] = -np.inf, 1.0
    lower[1] = upper[1] = 0.0
    parts = lower, upper, rng.random(6) - 1.0, np.full(6, 1.0 + rng.random())
    cost = rng.random(6) - 0.3
    dense, sparse = (minimize(LinearProgram(cost, one, *parts)) for one in (matrix, csr_array(matrix)))
    assert dense.objective == sparse.objective
    assert dense.x.tolist() == sparse.x.tolist()
    assert dense.dual.tolist() == sparse.dual.tolist()
