"""Finds the shifts of an eigenvalue bound; `topo.certificates` proves it."""

from __future__ import annotations

from typing import Any

import numpy as np

from topo.analysis.bisection._lanczos import least
from topo.analysis.bisection._relaxation import relaxed_shifts, weighed
from topo.analysis.bisection._rounded import FINE, MARGINS, Place, rounded
from topo.analysis.bisection.sides import Split, improved, with_hosts
from topo.analysis.bisection.triangles import SWITCHES_AT_MOST as TRIANGLES_AT_MOST
from topo.analysis.bisection.triangles import strengthened
from topo.certificates.bounds.spectral import SWITCHES_AT_MOST
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError
from topo.fabric.model import FloatArray
from topo.solvers.budget import Budget, now

_Bound = tuple[int, dict[str, Any]]


CUBES_PER_S = 3e10
"""Cubed switches that are factorised in a second: twice for a bound of its own, once for one that is rounded."""


def spectral(part: CutGraph, component: int, upper: int, deadline: float, limit: Budget | None = None) -> _Bound:
    """What the best eigenvalue bound found proves for one component, in units, and the bound; 0 where none holds.

    `upper` (units) is a known cut of this component. Where it is not met and the component is small, triangles
    strengthen the bound until `deadline` of `budget.now`. Nothing is tried that the whole `limit` has no time
    for.
    """
    switches_here = part.nodes - part.hosts
    if not 2 <= switches_here <= SWITCHES_AT_MOST or not (limit or Budget()).allows(
        float(switches_here) ** 3, CUBES_PER_S
    ):
        return 0, {}
    try:
        switches = weighed(part)
    except CertificateError:
        return 0, {}
    if switches is None:
        return 0, {}
    place = Place(part, component, switches)
    plain = _plain(place, upper)
    if plain[0] >= upper or not 3 <= switches.switches <= TRIANGLES_AT_MOST or now() > deadline:
        return plain
    better = strengthened(switches.laplacian.toarray(), switches.weights, upper, deadline)
    return max(plain, rounded(place, better.d, better.triangles, better.mu), key=lambda b: b[0])


def _plain(place: Place, upper: int) -> _Bound:
    """The bound of one shift for all switches, or of the relaxation's shifts where these prove more."""
    switches = place.switches
    none = np.zeros(switches.switches)
    alike = none + least(switches.laplacian, none, switches.weights)[0]
    best: _Bound = (0, {})
    if float(alike.sum()) >= 4.0 * upper:
        best = rounded(place, _no_more(alike, upper), margins=MARGINS[:FINE])
        if best[0] >= upper:
            return best
    unlike = relaxed_shifts(switches, upper)
    enough = float(unlike.sum()) * (1 - MARGINS[1])
    if enough <= float(alike.sum()) < 4.0 * upper:
        best = rounded(place, alike, margins=MARGINS[:FINE])
    if 4.0 * best[0] >= enough:
        return best
    return max(best, rounded(place, _no_more(unlike, upper)), key=lambda b: b[0])


def _no_more(d: FloatArray, upper: int) -> FloatArray:
    """Shifts that prove no more than a known cut, which rounding could not hold."""
    beyond = float(d.sum()) / (4.0 * upper) if upper else 1.0
    return d / beyond * (1 + 1e-8) if beyond > 1 else d


def by_vector(graph: CutGraph) -> Split:
    """Switches on the two sides of where the second eigenvector of a connected network halves the hosts (M. Fiedler,
    Czech. Math. J. 25, 1975), then hosts and switches moved in turn."""
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    try:
        switches = weighed(graph)
    except CertificateError:
        switches = None
    if switches is None:
        return improved(graph, with_hosts(graph, on_a))
    weights = switches.weights
    _, vector = least(switches.laplacian, np.zeros(len(weights)), weights)
    order = np.argsort(vector, kind="stable")
    before = np.cumsum(weights[order]) - weights[order] / 2
    on_a[graph.hosts + order[before < weights.sum() / 2]] = True
    return improved(graph, with_hosts(graph, on_a))
