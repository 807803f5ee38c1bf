"""Finds the shift and weight of an eigenvalue bound; `topo.certificates` proves it."""

from __future__ import annotations

from typing import Any

import numpy as np

from topo.certificates._cut import CutGraph
from topo.certificates._spectral_bound import SWITCHES_AT_MOST, host_weights, spectral_bound
from topo.errors import CertificateError
from topo.fabric.model import FloatArray

MARGINS = (1e-9, 1e-6, 1e-3)
ROUNDS = 30
STEPS = 60
RESTARTS = 12


def spectral(part: CutGraph, component: int, upper: int) -> tuple[int, dict[str, Any]]:
    """What the best eigenvalue bound found proves for one component, in units, and the bound; 0 where none holds.

    `upper` (units) is a known cut of this component, towards which the ascent steps are sized (Polyak).
    """
    switches = part.nodes - part.hosts
    if not 2 <= switches <= SWITCHES_AT_MOST:
        return 0, {}
    try:
        hosts_at, _, _, attached = host_weights(part)
    except CertificateError:
        return 0, {}
    if attached == 0:
        return 0, {}
    weights = hosts_at.astype(np.float64)
    return _whole(part, component, weights, _shift(part, weights, upper))


def _shift(part: CutGraph, weights: FloatArray, upper: int) -> FloatArray:
    """The uniform shift, or the best of a supergradient ascent over d where that leaves more than a percent.

    The least eigenvalue of L - Diag(d) across the weights is concave in d; minus its vector squared is a supergradient.
    """
    from scipy.sparse import coo_array, diags_array

    n = len(weights)
    inner = part.u >= part.hosts
    u, v, c = part.u[inner] - part.hosts, part.v[inner] - part.hosts, part.capacity[inner].astype(np.float64)
    rows, columns = np.concatenate([u, v]), np.concatenate([v, u])
    adjacency = coo_array((np.concatenate([c, c]), (rows, columns)), shape=(n, n)).tocsr()
    laplacian = diags_array(np.asarray(adjacency.sum(axis=0)).ravel()) - adjacency
    across = weights / np.linalg.norm(weights)
    d = np.zeros(n)
    found: list[tuple[float, FloatArray]] = []
    rounds = ROUNDS if n <= 3000 else 8
    for _ in range(rounds):
        value, vector = _least(laplacian, d, across)
        shifted = d + value
        found.append((float(shifted.sum()), shifted))
        gradient = 1.0 - n * vector**2
        size = float(gradient @ gradient)
        gap = 4.0 * upper - found[-1][0]
        if gap <= 0.01 * 4.0 * upper or size < 1e-12:
            break
        if len(found) > 6 and max(f[0] for f in found[-4:]) <= max(f[0] for f in found[:-4]) * (1 + 1e-4):
            break
        d = d + gradient * min(gap, 0.5 * abs(found[0][0])) / size / (1 + len(found) / 8)
    return max(found, key=lambda f: f[0])[1]


def _least(laplacian: Any, d: FloatArray, across: FloatArray) -> tuple[float, FloatArray]:
    """The least eigenvalue of L - Diag(d) on the vectors orthogonal to `across`, and its vector, by Lanczos iteration
    with full orthogonalisation, restarted from the best vector until it stands still. Never below the true value."""
    from scipy.linalg import eigh_tridiagonal

    n = len(d)
    size = float(np.abs(laplacian).sum(axis=0).max() + np.abs(d).max()) + 1e-300
    vector = np.cos(np.arange(n) * 1.7 + 0.3) + 0.1 * np.cos(np.arange(n) ** 2 * 0.9)
    value = np.inf
    for _ in range(RESTARTS):
        basis = np.zeros((min(STEPS, n), n))
        diagonal, beside = [], []
        x = vector - (across @ vector) * across
        x /= np.linalg.norm(x)
        for i in range(len(basis)):
            basis[i] = x
            y = laplacian @ x - d * x
            diagonal.append(float(x @ y))
            for _ in range(2):
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


def _whole(part: CutGraph, component: int, weights: FloatArray, d: FloatArray) -> tuple[int, dict[str, Any]]:
    """The bound in whole numbers with the smallest margin that the checker accepts, and what it proves."""
    n = len(d)
    inner = part.u >= part.hosts
    u, v, c = part.u[inner] - part.hosts, part.v[inner] - part.hosts, part.capacity[inner].astype(np.float64)
    room = 2.0**51 / (2.0 * c.sum() + 2.0 * float(np.abs(d).max()) + 1.0)
    scale = 2 ** min(int(np.floor(np.log2(room))), 30)
    dense = np.zeros((n, n))
    dense[u, v] -= c
    dense[v, u] -= c
    degree = -dense.sum(axis=0)
    _, denominator, cheapest, attached = host_weights(part)
    slack = part.hosts % 2 + part.hosts - attached
    for margin in MARGINS:
        lowered = d - margin * float(np.abs(d).max() + 1.0)
        whole = np.floor(lowered * scale).astype(np.int64)
        numbers = whole.tolist()
        total = sum(numbers)
        if total <= 0:
            return 0, {}
        wanted = total / (2.0 * scale * float(cheapest)) + slack
        generous = int(total / (denominator * wanted) ** 2 * (1 - 1e-6))
        for least in (False, True):
            matrix = dense * scale
            matrix[np.arange(n), np.arange(n)] = degree * scale - whole
            weight = _least_weight(matrix, weights) if least else generous
            bound = {
                "method": "spectral",
                "component": component,
                "scale": scale,
                "weight": weight,
                "d": numbers[:1] if len(set(numbers)) == 1 else numbers,
            }
            try:
                return spectral_bound(part, bound), bound
            except CertificateError:
                continue
    return 0, {}


def _least_weight(matrix: np.ndarray[Any, Any], weights: FloatArray) -> int:
    """The least w such that matrix + w weights weights' is positive semidefinite, where the matrix alone has one
    negative eigenvalue."""
    along = float(weights @ np.linalg.solve(matrix, weights))
    return 0 if along >= 0 else int(np.ceil(-1.0 / along * (1 + 1e-9))) + 1
