"""The least eigenvalue of a shifted Laplacian."""

from __future__ import annotations

from typing import Any

import numpy as np

from topo.fabric.model import FloatArray

STEPS = 60
"""Vectors of the basis before it starts anew from the best of them: what is kept in memory."""
RESTARTS = 12
"""A value that has not settled after so many is taken as it is: its certificate says how good it is."""


def least(
    laplacian: Any, d: FloatArray, weights: FloatArray, stiffness: float | None = None
) -> tuple[float, FloatArray]:
    """The least eigenvalue of L - Diag(d) + stiffness w w', and its vector; without a stiffness of L - Diag(d) on the
    vectors orthogonal to w. By Lanczos iteration with full orthogonalisation, restarted from the best vector until it
    stands still."""
    from scipy.linalg import eigh_tridiagonal

    n = len(d)
    across = weights / np.linalg.norm(weights)
    stiff = (stiffness or 0.0) * weights
    size = float(np.abs(laplacian).sum(axis=0).max() + np.abs(d).max() + weights @ stiff) + 1e-300
    free = stiffness is not None
    vector = np.cos(np.arange(n) * 1.7 + 0.3) + 0.1 * np.cos(np.arange(n) ** 2 * 0.9)
    value = np.inf
    for _ in range(RESTARTS):
        basis = np.zeros((min(STEPS, n), n))
        diagonal, beside = [], []
        x = vector if free else vector - (across @ vector) * across
        x = x / np.linalg.norm(x)
        for i in range(len(basis)):
            basis[i] = x
            y = laplacian @ x - d * x + (weights @ x) * stiff
            diagonal.append(float(x @ y))
            for _ in range(2):
                if not free:
                    y -= (across @ y) * across
                y -= basis[: i + 1].T @ (basis[: i + 1] @ y)
            length = float(np.linalg.norm(y))
            if length < 1e-10 * size or i + 1 == len(basis):
                break
            beside.append(length)
            x = y / length
        k = len(diagonal)
        values, vectors = eigh_tridiagonal(diagonal, beside[: k - 1], select="i", select_range=(0, 0))
        before, value, vector = value, float(values[0]), basis[:k].T @ vectors[:, 0]
        if k < len(basis) or before - value < 1e-9 * size:
            break
    return value, vector / np.linalg.norm(vector)
