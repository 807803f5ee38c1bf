"""Finds the shift and weight of an eigenvalue bound; `topo.certificates` proves it."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from topo.analysis.bisection._sides import Split, improved, with_hosts
from topo.analysis.bisection._triangles import SWITCHES_AT_MOST as TRIANGLES_AT_MOST
from topo.analysis.bisection._triangles import strengthened, triangle_matrix
from topo.certificates._cut import CutGraph
from topo.certificates._spectral_bound import SWITCHES_AT_MOST, host_weights, spectral_bound
from topo.errors import CertificateError
from topo.fabric.model import FloatArray, IntArray

MARGINS = (1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 3e-2)
SOLVED_AT_MOST = 2000
ROUNDS = 30
STEPS = 60
RESTARTS = 12


def spectral(part: CutGraph, component: int, upper: int, deadline: float) -> tuple[int, dict[str, Any]]:
    """What the best eigenvalue bound found proves for one component, in units, and the bound; 0 where none holds.

    `upper` (units) is a known cut of this component, towards which the ascent steps are sized (Polyak). Where it is not
    met and the component is small, triangles strengthen the bound until `deadline` on the monotonic clock.
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
    d = _shift(part, weights, upper)
    beyond = float(d.sum()) / (4.0 * upper) if upper else 1.0
    plain = _whole(part, component, weights, d / beyond * (1 + 1e-8) if beyond > 1 else d)
    if plain[0] >= upper or not 3 <= switches <= TRIANGLES_AT_MOST or monotonic() > deadline:
        return plain
    better = strengthened(_laplacian(part).toarray(), weights, upper, deadline)
    return max(plain, _whole(part, component, weights, better.d, better.triangles, better.mu), key=lambda b: b[0])


def _shift(part: CutGraph, weights: FloatArray, upper: int) -> FloatArray:
    """The uniform shift, or the best of a supergradient ascent over d where that leaves more than a percent.

    The least eigenvalue of L - Diag(d) across the weights is concave in d; minus its vector squared is a supergradient.
    """
    n = len(weights)
    laplacian = _laplacian(part)
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


def by_vector(graph: CutGraph) -> Split:
    """Switches on the two sides of where the second eigenvector of a connected network halves the hosts (M. Fiedler,
    Czech. Math. J. 25, 1975), then hosts and switches moved in turn."""
    hosts_at, *_ = host_weights(graph)
    weights = hosts_at.astype(np.float64)
    _, vector = _least(_laplacian(graph), np.zeros(len(weights)), weights / np.linalg.norm(weights))
    order = np.argsort(vector, kind="stable")
    before = np.cumsum(weights[order]) - weights[order] / 2
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    on_a[graph.hosts + order[before < weights.sum() / 2]] = True
    return improved(graph, with_hosts(graph, on_a))


def _laplacian(part: CutGraph) -> Any:
    """The Laplacian of a component's switches in units, sparse."""
    from scipy.sparse import coo_array, diags_array

    n = part.nodes - part.hosts
    inner = part.u >= part.hosts
    u, v, c = part.u[inner] - part.hosts, part.v[inner] - part.hosts, part.capacity[inner].astype(np.float64)
    rows, columns = np.concatenate([u, v]), np.concatenate([v, u])
    adjacency = coo_array((np.concatenate([c, c]), (rows, columns)), shape=(n, n)).tocsr()
    return diags_array(np.asarray(adjacency.sum(axis=0)).ravel()) - adjacency


def _least(laplacian: Any, d: FloatArray, across: FloatArray) -> tuple[float, FloatArray]:
    """The least eigenvalue of L - Diag(d) on the vectors orthogonal to `across`, and its vector, by Lanczos iteration
    with full orthogonalisation, restarted from the best vector until it stands still."""
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


@dataclass(frozen=True)
class _Whole:
    """The shifted Laplacian of a component in whole numbers, for shifts lowered by several margins."""

    part: CutGraph
    weights: FloatArray
    d: FloatArray
    scale: int
    laplacian: np.ndarray[Any, Any]
    triangles: IntArray
    """Shape (m, 5): as in the certificate."""

    def lowered(self, margin: float) -> IntArray:
        """The shifts in whole numbers, lowered by a share of the largest, and by what rounding may cost."""
        n = len(self.d)
        rounding = 16.0 * (n + 3) * 2.0**-53 * float(self.laplacian.trace() + np.abs(self.d).sum())
        lower = self.d - max(rounding, margin * float(np.abs(self.d).max()))
        return np.floor(lower * self.scale).astype(np.int64)

    def generous_weight(self, total: int) -> int:
        """The largest weight under which hosts across their links cost no less than the switches at balance."""
        _, denominator, cheapest, attached = host_weights(self.part)
        slack = self.part.hosts % 2 + self.part.hosts - attached
        reach = total / (2.0 * self.scale * float(cheapest)) + slack
        return int(total / (denominator * reach) ** 2 * (1 - 1e-6))

    def least_weight(self, whole: IntArray) -> int:
        """The least weight that makes the matrix positive semidefinite, if it has one negative eigenvalue without."""
        matrix = self.laplacian * self.scale - triangle_matrix(len(whole), self.triangles[:, :4], self.triangles[:, 4])
        matrix[np.arange(len(whole)), np.arange(len(whole))] -= whole
        along = float(self.weights @ np.linalg.solve(matrix, self.weights))
        return 0 if along >= 0 else int(np.ceil(-1.0 / along * (1 + 1e-9))) + 1


def _whole(
    part: CutGraph,
    component: int,
    weights: FloatArray,
    d: FloatArray,
    triangles: IntArray | None = None,
    mu: FloatArray | None = None,
) -> tuple[int, dict[str, Any]]:
    """The best bound in whole numbers that the checker accepts, and what it proves."""
    n = len(d)
    laplacian = _laplacian(part).toarray()
    room = 2.0**51 / (float(laplacian.trace()) + 2.0 * float(np.abs(d).max()) + 1.0)
    known = np.zeros((0, 5), dtype=np.int64)
    scale = 2 ** min(int(np.floor(np.log2(room))), 30)
    if triangles is not None and mu is not None:
        room /= 1.0 + float(mu.sum()) / (float(laplacian.trace()) + 1.0)
        scale = 2 ** min(int(np.floor(np.log2(room))), 30)
        known = np.concatenate([triangles, np.rint(mu * scale).astype(np.int64)[:, None]], axis=1)
        known = known[known[:, 4] > 0]
    whole = _Whole(part, weights, d, scale, laplacian, known)
    best: tuple[int, dict[str, Any]] = (0, {})
    for margin in MARGINS:
        shifts = whole.lowered(margin)
        total = int(shifts.sum()) - 2 * int(known[:, 4].sum())
        if total <= 0:
            break
        value, bound = _proved(part, component, whole.scale, whole.generous_weight(total), shifts, known)
        if value:
            return max(best, (value, bound), key=lambda b: b[0])
        if n <= SOLVED_AT_MOST:
            best = max(
                best,
                _proved(part, component, whole.scale, whole.least_weight(shifts), shifts, known),
                key=lambda b: b[0],
            )
    return best


def _proved(
    part: CutGraph, component: int, scale: int, weight: int, shifts: IntArray, triangles: IntArray
) -> tuple[int, dict[str, Any]]:
    """What one choice proves, 0 where the checker refuses it."""
    numbers = shifts.tolist()
    bound = {
        "method": "spectral",
        "component": component,
        "scale": scale,
        "weight": weight,
        "d": numbers[:1] if len(set(numbers)) == 1 else numbers,
        **({"triangles": triangles.ravel().tolist()} if len(triangles) else {}),
    }
    try:
        return spectral_bound(part, bound), bound
    except CertificateError:
        return 0, {}
