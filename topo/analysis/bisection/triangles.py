"""Strengthens an eigenvalue bound by triangles: three sides of a cut never differ pairwise.

For sides y = +-1 and signs a, b, c, (a y_i + b y_j + c y_k)^2 is odd, so ab y_i y_j + ac y_i y_k + bc y_j y_k >= -1.
Each such inequality enters the shifted Laplacian with a multiplier mu >= 0 and costs mu. What is maximised is

sum of d - 2 sum of mu + n x least eigenvalue of (L - Diag(d) - sum of mu T) across the hosts' weights,

T the symmetric matrix of the three signs: concave, smoothed by a soft minimum of all eigenvalues whose gradient is the
density matrix X of the relaxation (C. Helmberg, F. Rendl, "A spectral bundle method for semidefinite programming",
SIAM J. Optim. 10, 2000, maximise the same function); the triangles that X violates most are added round by round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.certificates.bounds.spectral import SIGNS
from topo.fabric.model import FloatArray, IntArray
from topo.solvers.budget import now, spend

SWITCHES_AT_MOST = 160
"""A step costs the cube of the switches."""
ROUNDS = 12
"""Times that violated triangles are looked for and added."""
STEPS = 60
"""Steps of the search between two such times."""
SHARPNESS = 20.0
"""Of the soft minimum, for eigenvalues scaled so that their mean is 1: it lies within log(switches) / SHARPNESS of the
least."""
STANDSTILL = 2e-3
"""Where two rounds gain less than this share, the search ends."""
CUBED_PER_S = 1e9
"""Cubed switches that a slow core does in a second, for each step."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Strengthened:
    """Shifts d (switches,), triangles (m, 4): three switches in ascending order and a row of `SIGNS`, and their
    multipliers mu (m,). `value` is what they prove of 4 times the cut, in floating point."""

    d: FloatArray
    triangles: IntArray
    mu: FloatArray
    value: float


def strengthened(laplacian: Matrix, weights: FloatArray, upper: int, deadline: float) -> Strengthened:
    """The best shifts and triangles found for a Laplacian of at most SWITCHES_AT_MOST switches.

    Ends where the bound, rounded up, meets the cut `upper`, and in any case by `deadline` of `budget.now`.
    """
    from scipy.optimize import minimize

    n = len(laplacian)
    unit = float(laplacian.diagonal().mean()) or 1.0
    search = _Search(laplacian / unit, _across(weights), SHARPNESS)
    gains: list[float] = []
    for _ in range(ROUNDS):
        x = np.concatenate([search.d, search.mu])
        limits: Any = [(None, None)] * n + [(0.0, None)] * len(search.mu)
        options: Any = {"maxiter": STEPS}
        result = minimize(search.negated, x, jac=True, method="L-BFGS-B", bounds=limits, options=options)
        gains.append(search.best.value * unit)
        enough = np.ceil(gains[-1] / 4 - 1e-6) >= upper
        still = len(gains) > 2 and gains[-1] - gains[-3] < STANDSTILL * abs(gains[-1])
        spend(STEPS * float(n) ** 3, CUBED_PER_S)
        if enough or still or now() > deadline:
            break
        search.next_round(result.x)
    best = search.best
    return Strengthened(best.d * unit, best.triangles, best.mu * unit, best.value * unit)


def _across(weights: FloatArray) -> Matrix:
    """An orthonormal basis, as columns, of the vectors orthogonal to the weights."""
    n = len(weights)
    basis = np.linalg.qr(np.concatenate([weights[:, None], np.eye(n)], axis=1))[0]
    return np.asarray(basis[:, 1:n])


class _Search:
    """The function that is maximised, and the best point seen."""

    def __init__(self, laplacian: Matrix, basis: Matrix, sharpness: float) -> None:
        n = len(laplacian)
        self.laplacian, self.basis, self.sharpness = laplacian, basis, sharpness
        self.triangles: IntArray = np.zeros((0, 4), dtype=np.int64)
        self.d, self.mu = np.zeros(n), np.zeros(0)
        self.best = Strengthened(self.d, self.triangles, self.mu, -np.inf)

    def negated(self, x: FloatArray) -> tuple[float, FloatArray]:
        """(-value, -gradient) at x = d, mu."""
        value, gradient, _ = self.at(x)
        return -value, -gradient

    def at(self, x: FloatArray) -> tuple[float, FloatArray, Matrix]:
        """The smoothed value, its gradient, and the density matrix."""
        n = len(self.laplacian)
        d, mu = x[:n], x[n:]
        matrix = self.laplacian - np.diag(d) - triangle_matrix(n, self.triangles, mu)
        values, vectors = np.linalg.eigh(self.basis.T @ matrix @ self.basis)
        share = np.exp(-self.sharpness * (values - values[0]))
        fixed = float(d.sum() - 2 * mu.sum())
        soft = float(values[0] - np.log(share.sum()) / self.sharpness)
        if fixed + n * float(values[0]) > self.best.value:
            self.best = Strengthened(d + values[0], self.triangles, mu.copy(), fixed + n * float(values[0]))
        spanned = self.basis @ vectors
        density = n * (spanned * (share / share.sum())) @ spanned.T
        i, j, k, sign = self.triangles.T
        ij, ik, jk = SIGNS[sign].T
        sides = ij * density[i, j] + ik * density[i, k] + jk * density[j, k]
        return fixed + n * soft, np.concatenate([1 - density.diagonal(), -2 - 2 * sides]), density

    def next_round(self, x: FloatArray) -> None:
        """Drops triangles that do nothing, adds those that are violated most, and sharpens the minimum."""
        n = len(self.laplacian)
        density = self.at(x)[2]
        used = x[n:] > 1e-6
        self.d, kept, mu = x[:n], self.triangles[used], x[n:][used]
        fresh = _violated(density, 4 * n)
        if len(kept):
            known = {tuple(t) for t in kept.tolist()}
            fresh = fresh[[tuple(t) not in known for t in fresh.tolist()]]
        self.triangles = np.concatenate([kept, fresh])
        self.mu = np.concatenate([mu, np.zeros(len(fresh))])
        self.sharpness *= 1.5


def triangle_matrix(n: int, triangles: IntArray, mu: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The sum of mu times the symmetric sign matrices of the triangles, shape (n, n), of mu's type."""
    i, j, k, sign = triangles.T
    result = np.zeros((n, n), dtype=mu.dtype)
    for (a, b), one in zip(((i, j), (i, k), (j, k)), SIGNS[sign].T, strict=True):
        np.add.at(result, (a, b), mu * one)
    return result + result.T


def _violated(density: Matrix, most: int) -> IntArray:
    """The triangles that a density matrix violates most, at most so many."""
    n = len(density)
    at = np.arange(n)
    ordered = (at[:, None, None] < at[None, :, None]) & (at[None, :, None] < at[None, None, :])
    result, values = [], []
    for sign, (ij, ik, jk) in enumerate(SIGNS.tolist()):
        sides = ij * density[:, :, None] + ik * density[:, None, :] + jk * density[None, :, :]
        flat = np.where(ordered, sides, np.inf).ravel()
        rows = np.argpartition(flat, min(most, len(flat) - 1))[:most]
        rows = rows[flat[rows] < -1.001]
        i, j, k = np.unravel_index(rows, (n, n, n))
        result.append(np.stack([i, j, k, np.full(len(rows), sign)], axis=1))
        values.append(flat[rows])
    order = np.argsort(np.concatenate(values), kind="stable")[:most]
    return np.concatenate(result)[order]
