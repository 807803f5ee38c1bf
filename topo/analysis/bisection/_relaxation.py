"""The best shifts of the eigenvalue bound, from the semidefinite relaxation of the cut.

Of all positive semidefinite X with ones on the diagonal, the least <L + stiffness w w', X> is at most the best total of
shifts d with L + stiffness w w' - Diag(d) semidefinite, and equal to it (strong duality). X = V V' with one unit vector
per switch and a rank that stays small (S. Burer, R. D. C. Monteiro, Math. Program. 95, 2003); each vector in turn is
turned to where it costs least (P.-W. Wang, W.-C. Chang, J. Z. Kolter, "The mixing method", arXiv 1706.00476, 2017).
The shifts are what each switch then costs: d_i = sum over j of (L + stiffness w w')_ij v_i . v_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.analysis.bisection._lanczos import least
from topo.certificates.bounds.spectral import host_weights
from topo.certificates.reading.cut import CutGraph
from topo.fabric.model import FloatArray, IntArray

RANK = 32
"""Length of the vectors: what a semidefinite optimum needs grows with the square root of twice the switches."""
SWEEPS = 25
"""Sweeps over all switches between two looks at how far the total fell."""
SWEEPS_AT_MOST = 600
"""Turns of all vectors, where they do not stand still before."""
WORK = 3e9
"""Multiplications of all sweeps."""
STANDSTILL = 1e-7
"""A sweep that gains less of the value than this share is the last."""
WORTH = 1e-4
"""Share of the total below which another stiffness is not tried."""


@dataclass(frozen=True)
class Weighed:
    """A component's switches: `laplacian` in units, sparse; `weights` hosts per switch times `denominator`; `price` the
    least capacity, in units, that ties a host; `slack` how many hosts may be uneven."""

    laplacian: Any
    weights: FloatArray
    denominator: int
    price: float
    slack: int

    @property
    def switches(self) -> int:
        """How many."""
        return len(self.weights)

    def stiffness(self, total: float) -> float:
        """The largest factor of w w' under which a total of shifts says no less with hosts across than at balance."""
        reach = self.denominator * (total / (2.0 * self.price) + self.slack)
        return total / reach**2


def weighed(part: CutGraph) -> Weighed | None:
    """The switches of a component; None where none has a host. Raises CertificateError as `host_weights` does."""
    from scipy.sparse import coo_array, diags_array

    hosts_at, denominator, cheapest, attached = host_weights(part)
    if not attached:
        return None
    n = part.nodes - part.hosts
    inner = part.u >= part.hosts
    u, v, c = part.u[inner] - part.hosts, part.v[inner] - part.hosts, part.capacity[inner].astype(np.float64)
    rows, columns = np.concatenate([u, v]), np.concatenate([v, u])
    adjacency = coo_array((np.concatenate([c, c]), (rows, columns)), shape=(n, n)).tocsr()
    laplacian = (diags_array(np.asarray(adjacency.sum(axis=0)).ravel()) - adjacency).tocsr()
    slack = part.hosts % 2 + part.hosts - attached
    return Weighed(laplacian, hosts_at.astype(np.float64), denominator, float(cheapest), slack)


def relaxed_shifts(switches: Weighed, upper: int) -> FloatArray:
    """Shape (switches,): shifts whose total is near the most that the certificate's two terms allow together.

    The stiffness under which hosts across their links cost what a total T says falls with T, and the best total under
    it with it: they meet between what a cut of `upper` units suggests and what that proves.
    """
    search = _search(switches)
    most = 4.0 * upper
    first, d = search.solved(most)
    if first >= most * (1 - WORTH):
        return d
    second, _ = search.solved(first)
    if second - first < first * WORTH:
        return d
    meeting = first + (second - first) * (most - first) / ((most - first) + (second - first))
    total, better = search.solved(meeting)
    if min(total, meeting) <= first:
        return d
    return better - max(total - meeting, 0.0) / len(d)


@dataclass(frozen=True)
class _Search:
    switches: Weighed
    start: IntArray
    head: IntArray
    capacity: FloatArray
    vectors: FloatArray
    """Shape (switches, rank), changed in place."""
    looks: int

    def solved(self, suggested: float) -> tuple[float, FloatArray]:
        """The best total of shifts, and these, under the stiffness that a total suggests."""
        from topo.analysis.bisection._kernels import turn

        laplacian, v, w = self.switches.laplacian, self.vectors, self.switches.weights
        stiff = self.switches.stiffness(suggested)
        value, d = np.inf, np.zeros(len(w))
        for _ in range(self.looks):
            turn(self.start, self.head, self.capacity, w, stiff, v, SWEEPS)
            d = ((laplacian @ v) * v).sum(axis=1) + stiff * w * (v @ (w @ v))
            before, value = value, float(d.sum())
            if before - value <= STANDSTILL * abs(value):
                break
        d = d + least(laplacian, d, w, stiff)[0]
        return float(d.sum()), d


def _search(switches: Weighed) -> _Search:
    rows, n = switches.laplacian, switches.switches
    tail = np.repeat(np.arange(n), np.diff(rows.indptr))
    joined = rows.indices != tail
    vectors = np.random.default_rng(0).normal(size=(n, min(RANK, n)))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    sweeps = min(SWEEPS_AT_MOST, int(WORK / (vectors.shape[1] * (int(joined.sum()) + n))))
    return _Search(
        switches=switches,
        start=np.searchsorted(tail[joined], np.arange(n + 1)).astype(np.int64),
        head=rows.indices[joined].astype(np.int64),
        capacity=-rows.data[joined],
        vectors=vectors,
        looks=max(sweeps // SWEEPS, 1),
    )
