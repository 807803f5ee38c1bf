"""Exact solutions of whole-number systems."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.analysis.throughput import rational
from topo.analysis.throughput.rational import Matrix, exact_solution


def solved(dense: np.ndarray, rhs: list[int]) -> list[Fraction] | None:
    row, column = np.nonzero(dense)
    value = dense[row, column].astype(object)
    matrix = Matrix(row, column, value, np.ones(len(rhs)), np.ones(dense.shape[1]))
    return exact_solution(matrix, np.array(rhs, object))


@often(20, 60, st.integers(1, 12), st.integers(0, 4), st.integers(0, 10_000))
def test_the_solution_is_exact(columns: int, more: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = rng.integers(-9, 10, (columns + more, columns))
    if np.linalg.matrix_rank(dense) < columns:
        return
    x = [
        Fraction(int(a), int(b))
        for a, b in zip(rng.integers(-999, 999, columns), rng.integers(1, 99, columns), strict=True)
    ]
    common = int(np.lcm.reduce([f.denominator for f in x]))
    rhs = [sum(int(a) * f for a, f in zip(row, x, strict=True)) * common for row in dense.tolist()]
    assert solved(dense, [int(v) for v in rhs]) == [f * common for f in x]


def test_fractions_of_large_denominators() -> None:
    """Hilbert-like: 12 x 12, denominators of dozens of digits."""
    n = 8
    dense = np.array(
        [[27720 // (i + j + 1) if 27720 % (i + j + 1) == 0 else i - j + 7 for j in range(n)] for i in range(n)]
    )
    rhs = list(range(1, n + 1))
    found = solved(dense, rhs)
    assert found is not None
    for row, b in zip(dense.tolist(), rhs, strict=True):
        assert sum(a * x for a, x in zip(row, found, strict=True)) == b


@pytest.mark.parametrize(
    ("dense", "rhs"),
    [([[1, 1], [2, 2]], [1, 2]), ([[1, 0], [0, 1], [1, 1]], [1, 1, 3])],
    ids=["singular", "contradiction"],
)
def test_no_solution_is_none(dense: list[list[int]], rhs: list[int]) -> None:
    assert solved(np.array(dense), rhs) is None


@pytest.mark.parametrize("most", [0, rational.DENSE_AT_MOST])
@pytest.mark.parametrize("columns", [3, rational.DENSE_AT_MOST, rational.DENSE_AT_MOST + 1])
def test_small_and_large_systems_have_the_same_exact_solution(
    monkeypatch: pytest.MonkeyPatch, columns: int, most: int
) -> None:
    monkeypatch.setattr(rational, "DENSE_AT_MOST", most)
    rng = np.random.default_rng(columns)
    dense = rng.integers(-3, 4, (columns, columns)) + 40 * np.eye(columns, dtype=np.int64)
    rhs = rng.integers(-999, 999, columns).tolist()
    x = [Fraction(int(a), 7) for a in rhs]
    assert solved(7 * dense, [sum(int(a) * int(b) for a, b in zip(row, rhs, strict=True)) for row in dense]) == x


@pytest.mark.parametrize("most", [0, rational.DENSE_AT_MOST])
def test_singular_systems_have_no_solution_either_way(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(rational, "DENSE_AT_MOST", most)
    assert solved(np.array([[1, 1], [2, 2]]), [1, 2]) is None
