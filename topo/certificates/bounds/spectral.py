"""Lower bound from eigenvalues: a shifted Laplacian of the switches that is positive semidefinite.

Let y = +-1 be the switches' sides, n_v the number of hosts on switch v (a host with several links counts in parts, by
capacity), M = sum of n_v y_v, L the Laplacian. If scale L + weight w w' - Diag(d) is positive semidefinite, with w the
n_v times `denominator`, then the switches cut at least (sum of d - weight denominator^2 M^2) / (4 scale). Hosts are
balanced up to `slack` (one where their number is odd, and those without a link here), so at least (|M| - slack) / 2 of
them lie across their links, each at no less than r. The sum is concave in |M| until the first term is used up, so its
least value is at |M| = slack or where that happens.

Triangles make it stronger: with signs of product 1, s_ij y_i y_j + s_ik y_i y_k + s_jk y_j y_k >= -1, because three
numbers +-1 with signs never add up to 0. With a whole multiplier mu >= 0 each, 2 mu is taken from the sum of d, and the
symmetric matrix of its signs, mu times, from the matrix that must be positive semidefinite.

All of it is whole-number arithmetic, except for the Cholesky factorisation, whose rounding error is bounded after S. M.
Rump, "Verification of positive definiteness", BIT 46 (2006).
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt, lcm
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph, whole_list, whole_number
from topo.errors import CertificateError
from topo.fabric.model import IntArray

SWITCHES_AT_MOST = 12_000
"""Their dense matrix takes 1.2 GB."""
SIGNS = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
"""Signs of the pairs (i, j), (i, k), (j, k) of a triangle."""


def spectral_bound(part: CutGraph, bound: dict[str, Any]) -> int:
    """The capacity, in units, that every balanced split of the hosts cuts in this component.

    Keys: `scale`, `weight`, and `d` per switch of the component in ascending row order (one number where
    all are equal); `triangles`, absent for none, five numbers each: three switches of the component in ascending order,
    a row of SIGNS, and mu.
    """
    switches = part.nodes - part.hosts
    if not 0 < switches <= SWITCHES_AT_MOST:
        raise CertificateError(f"eigenvalue bounds are checked for up to {SWITCHES_AT_MOST:,} switches")
    scale, weight = whole_number(bound, "scale", 1), whole_number(bound, "weight", 0)
    d = whole_list(bound.get("d"), -(2**52))
    d = d * switches if len(d) == 1 else d
    if len(d) != switches:
        raise CertificateError("one number per switch is needed")
    hosts_at, denominator, cheapest, attached = host_weights(part)
    if attached == 0:
        return 0
    triangles = _triangles(bound, switches)
    _check_semidefinite(_matrix(part, scale, weight, d, hosts_at, triangles))
    slack = part.hosts % 2 + part.hosts - attached
    total, curve = sum(d) - 2 * int(triangles[:, 4].sum()), weight * denominator**2
    at_balance = Fraction(total - curve * slack**2, 4 * scale)
    if curve == 0 or total <= 0:
        return max(_ceil(at_balance), 0) if curve == 0 else 0
    reach = Fraction(isqrt(total * 2**40 // curve), 2**20)
    across = cheapest * max(reach - slack, Fraction(0)) / 2
    return max(_ceil(min(at_balance, across)), 0)


def host_weights(part: CutGraph) -> tuple[IntArray, int, Fraction, int]:
    """Hosts per switch times a common denominator (shape (switches,)), that denominator, the least capacity that ties
    one host to this component, and how many hosts it ties. Raises CertificateError where the denominator is huge."""
    ties = part.u < part.hosts
    host, at, capacity = part.u[ties], part.v[ties] - part.hosts, part.capacity[ties]
    held = np.zeros(part.hosts, dtype=np.int64)
    np.add.at(held, host, capacity)
    sums = np.unique(held[host])
    if len(sums) == 0:
        return np.zeros(part.nodes - part.hosts, dtype=np.int64), 1, Fraction(0), 0
    denominator = lcm(*(int(s) // int(np.gcd.reduce(capacity[held[host] == s])) for s in sums))
    if denominator > 2**20:
        raise CertificateError("the hosts' links are too unlike to weigh")
    # The part of a host is capacity / held of the denominator, in lowest terms so that no product leaves 64 bits.
    common = np.gcd(capacity, held[host])
    hosts_at = np.zeros(part.nodes - part.hosts, dtype=np.int64)
    np.add.at(hosts_at, at, (capacity // common) * (denominator // (held[host] // common)))
    return hosts_at, denominator, Fraction(int(sums[0])), int((held > 0).sum())


def _triangles(bound: dict[str, Any], switches: int) -> IntArray:
    """Shape (m, 5). Raises CertificateError for what is no triangle."""
    numbers = whole_list(bound.get("triangles", []))
    if len(numbers) % 5:
        raise CertificateError("a triangle has five numbers")
    if sum(numbers[4::5]) >= 2**53:
        raise CertificateError("the multipliers of the triangles are more than can be needed")
    result = np.array(numbers, dtype=np.int64).reshape(-1, 5)
    i, j, k, sign, _ = result.T
    if ((i >= j) | (j >= k) | (k >= switches) | (sign >= len(SIGNS))).any():
        raise CertificateError("a triangle is three switches in ascending order, signs and a multiplier")
    if len(np.unique(result[:, :4], axis=0)) != len(result):
        raise CertificateError("a triangle is listed twice")
    return result


def _matrix(
    part: CutGraph, scale: int, weight: int, d: list[int], hosts_at: IntArray, triangles: IntArray
) -> np.ndarray[Any, Any]:
    """The matrix in whole numbers, each exact in double precision. Raises CertificateError where one is not."""
    inner = part.u >= part.hosts
    u, v, capacity = part.u[inner] - part.hosts, part.v[inner] - part.hosts, part.capacity[inner]
    most = scale * int(capacity.sum()) * 2 + weight * int(hosts_at.max(initial=0)) ** 2 + max(abs(x) for x in d)
    most += int(triangles[:, 4].sum())
    if most >= 2**53:
        raise CertificateError("the matrix is not exact in double precision")
    n = len(d)
    degree = np.zeros(n, dtype=np.int64)
    np.add.at(degree, u, capacity)
    np.add.at(degree, v, capacity)
    matrix = np.multiply.outer(hosts_at.astype(np.float64) * weight, hosts_at.astype(np.float64))
    matrix[u, v] -= scale * capacity
    matrix[v, u] -= scale * capacity
    matrix[np.arange(n), np.arange(n)] += scale * degree - np.array(d)
    for a, b, column in ((0, 1, 0), (0, 2, 1), (1, 2, 2)):
        taken = triangles[:, 4] * SIGNS[triangles[:, 3], column]
        np.subtract.at(matrix, (triangles[:, a], triangles[:, b]), taken)
        np.subtract.at(matrix, (triangles[:, b], triangles[:, a]), taken)
    return matrix


def _check_semidefinite(matrix: np.ndarray[Any, Any]) -> None:
    """Raises CertificateError unless the symmetric matrix is certainly positive semidefinite.

    Cholesky of A - c I completes in floating point: the factor's product differs from it by at most
    gamma / (1 - gamma) times its trace, gamma = (n + 1) u / (1 - (n + 1) u); c covers twice that and the subtraction.
    """
    n = len(matrix)
    diagonal = matrix.diagonal().copy()
    if diagonal.min(initial=0) < 0:
        raise CertificateError("the shifted Laplacian is not positive semidefinite")
    c = 4.0 * (n + 3) * 2.0**-53 * float(diagonal.sum()) + 2.0**-40
    matrix[np.arange(n), np.arange(n)] = diagonal - c
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise CertificateError("the shifted Laplacian is not certainly positive semidefinite") from None


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
