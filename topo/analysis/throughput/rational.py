"""Exact solutions of sparse whole-number systems, from floating point by refinement.

Each step solves for the exact residual in floating point and gains about 24 bits; continued fractions then give the
rational solution, which counts only if it satisfies every equation exactly (J. H. Dixon's scheme with a floating-point
instead of a modular inverse: Wan, "An algorithm to solve integer linear systems exactly using numerical methods",
J. Symbolic Computation 41, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.whole import Whole
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.solvers.budget import now, spend

GAIN = 24
"""Bits a step gains."""
ENTRIES_PER_S = 1e6
"""Entries of a matrix that a slow core multiplies by whole numbers in a second."""
DENSE_AT_MOST = 64
"""Columns of a system that is solved without loading SciPy's sparse matrices: that alone takes 0.08 s."""
TRIES = (96, 192, 384, 768, 1536)
"""Bits after which the solution is tried."""


@dataclass(frozen=True)
class Matrix:
    """A sparse matrix A of whole numbers as triplets. The scales make it tame in floating point: row_scale * A *
    column_scale."""

    row: IntArray
    column: IntArray
    value: Whole
    row_scale: FloatArray
    column_scale: FloatArray

    def part(self, rows: BoolArray, columns: BoolArray) -> Matrix:
        """These rows and columns alone."""
        kept = rows[self.row] & columns[self.column]
        row, column = np.cumsum(rows) - 1, np.cumsum(columns) - 1
        return Matrix(
            row[self.row[kept]], column[self.column[kept]], self.value[kept], self.row_scale[rows],
            self.column_scale[columns],
        )  # fmt: skip


def exact_solution(matrix: Matrix, rhs: Whole, end: float = math.inf) -> list[Fraction] | None:
    """x with A x = rhs, where A has full column rank and the system is consistent; None where it is not found by the
    time `end` (of `budget.now`)."""
    row, column, value = matrix.row, matrix.column, matrix.value
    row_scale, column_scale = matrix.row_scale, matrix.column_scale
    rows, columns = len(rhs), len(column_scale)
    if not columns:
        return [] if not rhs.any() else None
    solve = _nearly(matrix, rows)
    if solve is None:
        return None
    apply = _ExactProduct(row, column, value, rows)
    x: Whole = np.zeros(columns, dtype=object)
    residual: Whole = rhs.astype(object)
    bits = 0
    for goal in TRIES:
        while bits < goal:
            spend(len(value), ENTRIES_PER_S)
            if now() > end:
                return None
            top = int(max(abs(v) for v in residual.tolist()))
            shift = max(top.bit_length() - 900, 0)
            small = np.array([float(v >> shift) for v in residual.tolist()])
            step = column_scale * solve(row_scale * small)
            if not np.isfinite(step).all():
                return None
            x = np.array(
                [(v << GAIN) + _rounded(s, GAIN + shift) for v, s in zip(x.tolist(), step.tolist(), strict=True)],
                object,
            )
            bits += GAIN
            residual = rhs.astype(object) * (1 << bits) - apply(x)
        result = _reconstructed(x.tolist(), bits)
        if result is not None and _satisfies(result, apply, rhs):
            return result
    return None


def _nearly(matrix: Matrix, rows: int) -> Callable[[FloatArray], FloatArray] | None:
    """What solves the scaled system for a right-hand side in floating point; None where it is exactly singular."""
    at, columns = (matrix.row, matrix.column), len(matrix.column_scale)
    value = matrix.value.astype(np.float64) * matrix.row_scale[matrix.row] * matrix.column_scale[matrix.column]
    if columns <= DENSE_AT_MOST:
        dense = np.zeros((rows, columns))
        np.add.at(dense, at, value)
        try:
            inverse = np.linalg.inv(dense.T @ dense)
        except np.linalg.LinAlgError:
            return None

        def dense_solve(rhs: FloatArray) -> FloatArray:
            with np.errstate(over="ignore", invalid="ignore"):
                return np.asarray(inverse @ (dense.T @ rhs))

        return dense_solve
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import splu

    scaled = coo_array((value, at), shape=(rows, columns)).tocsc()
    try:
        solve: Any = splu((scaled.T @ scaled).tocsc()).solve
    except RuntimeError:  # exactly singular
        return None
    return lambda rhs: np.asarray(solve(scaled.T @ rhs))


def _rounded(value: float, bits: int) -> int:
    """value * 2^bits to the nearest whole number."""
    top, bottom = value.as_integer_ratio()
    return ((top << (bits + 1)) + bottom) // (2 * bottom)


class _ExactProduct:
    """x -> A x in Python integers."""

    def __init__(self, row: IntArray, column: IntArray, value: Whole, rows: int) -> None:
        order = np.argsort(row, kind="stable")
        self.column, self.value, self.rows = column[order], value[order].astype(object), rows
        self.start = np.flatnonzero(np.diff(row[order], prepend=-1))
        self.at = row[order][self.start]

    def __call__(self, x: Whole) -> Whole:
        result: npt.NDArray[Any] = np.zeros(self.rows, dtype=object)
        if len(self.at):
            result[self.at] = np.add.reduceat(self.value * x[self.column], self.start)
        return result


def _reconstructed(x: list[int], bits: int) -> list[Fraction] | None:
    """The fractions of small denominators near x / 2^bits; a denominator once met is tried first."""
    one, largest, near = 1 << bits, 1 << (bits // 3), 1 << (bits // 2 - 2)
    common, result = 1, []
    for v in x:
        times = v * common
        nearest = (2 * times + one) // (2 * one)
        if abs(times - nearest * one) > near:
            fraction = Fraction(v, one).limit_denominator(largest)
            common = lcm(common, fraction.denominator)
            if common > largest:
                return None
            times = v * common
            nearest = (2 * times + one) // (2 * one)
        result.append(Fraction(nearest, common))
    return result


def _satisfies(x: list[Fraction], apply: _ExactProduct, rhs: Whole) -> bool:
    common = lcm(*(f.denominator for f in x))
    scaled = np.array([f.numerator * (common // f.denominator) for f in x], dtype=object)
    return bool((apply(scaled) == rhs * common).all())
