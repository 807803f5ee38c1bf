"""Finds the shift and weight of an eigenvalue bound; `topo.certificates` proves it."""

from __future__ import annotations

from typing import Any

import numpy as np

from topo.certificates._cut import CutGraph
from topo.certificates._spectral_bound import SWITCHES_AT_MOST, host_weights, spectral_bound
from topo.errors import CertificateError
from topo.fabric.model import FloatArray

MARGINS = (1e-9, 1e-7, 1e-5, 1e-3)
ROUNDS = 30


def spectral(part: CutGraph, component: int, upper: int) -> dict[str, Any] | None:
    """The best eigenvalue bound found for one component (its method, `scale`, `weight`, `d`), None where none holds.

    `upper` (units) is a known cut of this component, towards which the ascent steps are sized (Polyak).
    """
    switches = part.nodes - part.hosts
    if not 2 <= switches <= SWITCHES_AT_MOST:
        return None
    try:
        hosts_at, _, _, attached = host_weights(part)
    except CertificateError:
        return None
    if attached == 0:
        return None
    weights = hosts_at.astype(np.float64)
    best: tuple[int, dict[str, Any]] | None = None
    for d in _shifts(part, weights, upper):
        bound = _whole(part, component, weights, d)
        if bound is not None and (best is None or bound[0] > best[0]):
            best = bound
    return best[1] if best else None


def _shifts(part: CutGraph, weights: FloatArray, upper: int) -> list[FloatArray]:
    """Uniform shifts first; then, where the graph is not alike everywhere, the best of a supergradient ascent over d:
    the least eigenvalue of L - Diag(d) across the weights is concave in d, with supergradient minus its vector squared."""
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
        if gap <= 1e-6 * upper or size < 1e-12:
            break
        if len(found) > 6 and max(f[0] for f in found[-4:]) <= max(f[0] for f in found[:-4]) * (1 + 1e-4):
            break
        d = d + gradient * min(gap, 0.5 * abs(found[0][0])) / size / (1 + len(found) / 8)
    found.sort(key=lambda f: -f[0])
    return [found[0][1]]


def _least(laplacian: Any, d: FloatArray, across: FloatArray) -> tuple[float, FloatArray]:
    """The least eigenvalue of L - Diag(d) on the vectors orthogonal to `across`, and its vector."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    n = len(d)
    lift = float(np.abs(laplacian).sum(axis=0).max() + np.abs(d).max()) * 2.0 + 1.0

    def times(x: FloatArray) -> FloatArray:
        x = np.asarray(x).ravel()
        along = across @ x
        y = x - along * across
        y = laplacian @ y - d * y
        return np.asarray(y - (across @ y) * across + lift * along * across)

    start = np.cos(np.arange(n) * 1.7 + 0.3)
    if n <= 300:
        dense = np.column_stack([times(e) for e in np.eye(n)])
        values, vectors = np.linalg.eigh((dense + dense.T) / 2)
    else:
        operator = LinearOperator((n, n), matvec=times, dtype=np.float64)
        values, vectors = eigsh(operator, k=1, which="SA", v0=start, tol=1e-9, maxiter=20 * n)
    return float(values[0]), np.asarray(vectors[:, 0])


def _whole(
    part: CutGraph, component: int, weights: FloatArray, d: FloatArray
) -> tuple[int, dict[str, Any]] | None:
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
    for margin in MARGINS:
        lowered = d - margin * float(np.abs(d).max() + 1.0)
        whole = np.floor(lowered * scale).astype(np.int64)
        matrix = dense * scale
        matrix[np.arange(n), np.arange(n)] = degree * scale - whole
        solved = np.linalg.solve(matrix, weights)
        along = float(weights @ solved)
        weight = 0 if along >= 0 else int(np.ceil(-1.0 / along * (1 + 1e-9))) + 1
        numbers = whole.tolist()
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
    return None
