"""An eigenvalue bound in whole numbers: shifts lowered until the checker's factorisation runs to its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.analysis.bisection._relaxation import Weighed
from topo.analysis.bisection.triangles import triangle_matrix
from topo.certificates.bounds.spectral import spectral_bound
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError
from topo.fabric.model import FloatArray, IntArray

MARGINS = (1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2)
"""Shares of a bound that are given away in turn until it is proved in whole numbers."""
FINE = 2
"""Of these, those under which shifts keep what they prove."""


@dataclass(frozen=True)
class Place:
    """A component, its number, and its switches."""

    part: CutGraph
    component: int
    switches: Weighed


def rounded(
    place: Place,
    d: FloatArray,
    triangles: IntArray | None = None,
    mu: FloatArray | None = None,
    margins: tuple[float, ...] = MARGINS,
) -> tuple[int, dict[str, Any]]:
    """What shifts d (switches,) and triangles with their multipliers prove, in units, and the bound; 0 for nothing."""
    laplacian = place.switches.laplacian.toarray()
    trace = float(laplacian.trace())
    room = 2.0**51 / (trace + 2.0 * float(np.abs(d).max()) + 1.0 + (float(mu.sum()) if mu is not None else 0.0))
    if not room >= 1.0:
        return 0, {}
    scale = 2 ** min(int(np.floor(np.log2(room))), 30)
    known = np.zeros((0, 5), dtype=np.int64)
    if triangles is not None and mu is not None:
        known = np.concatenate([triangles, np.rint(mu * scale).astype(np.int64)[:, None]], axis=1)
        known = known[known[:, 4] > 0]
    best: tuple[int, dict[str, Any]] = (0, {})
    size = 16.0 * (len(d) + 3) * 2.0**-53 * (trace + float(np.abs(d).sum()))
    for margin in margins:
        lower = d - max(size, margin * float(np.abs(d).max()))
        shifts = np.floor(lower * scale).astype(np.int64)
        total = int(shifts.sum()) - 2 * int(known[:, 4].sum())
        if total <= 0:
            break
        generous = int(scale * place.switches.stiffness(total / scale) * (1 - 1e-6))
        result = _proved(place, scale, generous, shifts, known)
        if result[0]:
            return max(best, result, key=lambda b: b[0])
        if len(known):
            least = _least_weight(laplacian * scale, place.switches.weights, shifts, known)
            best = max(best, _proved(place, scale, least, shifts, known), key=lambda b: b[0])
    return best


def _least_weight(laplacian: np.ndarray[Any, Any], weights: FloatArray, shifts: IntArray, known: IntArray) -> int:
    """The least weight that makes the matrix positive semidefinite, if it has one negative eigenvalue without."""
    n = len(shifts)
    matrix = laplacian - triangle_matrix(n, known[:, :4], known[:, 4])
    matrix[np.arange(n), np.arange(n)] -= shifts
    try:
        along = float(weights @ np.linalg.solve(matrix, weights))
    except np.linalg.LinAlgError:
        return 0
    return 0 if along >= 0 else int(np.ceil(-1.0 / along * (1 + 1e-9))) + 1


def _proved(place: Place, scale: int, weight: int, shifts: IntArray, triangles: IntArray) -> tuple[int, dict[str, Any]]:
    """What one choice proves, 0 where the checker refuses it."""
    numbers = shifts.tolist()
    bound = {
        "method": "spectral",
        "component": place.component,
        "scale": scale,
        "weight": weight,
        "d": numbers[:1] if len(set(numbers)) == 1 else numbers,
        **({"triangles": triangles.ravel().tolist()} if len(triangles) else {}),
    }
    try:
        return spectral_bound(place.part, bound), bound
    except CertificateError:
        return 0, {}
