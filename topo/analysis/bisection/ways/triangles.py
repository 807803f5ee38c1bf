"""From below: eigenvalues with triangles for small components, and all bounds anew towards a cut that fell."""

from __future__ import annotations

from topo.analysis.bisection.tightened import tightened
from topo.analysis.bisection.triangles import SWITCHES_AT_MOST
from topo.analysis.bisection.way import Asked, Way, ways

SHARE = 1 / 3
"""Share of the limit after which no bound is strengthened by triangles."""


def _bounds(asked: Asked) -> None:
    for component, part in enumerate(asked.parts):
        fell = asked.search.best.cut < asked.bounded_at
        if (fell or part.nodes - part.hosts <= SWITCHES_AT_MOST) and asked.seeks_bounds():
            tightened(asked, component, SHARE)


ways.add("triangles", Way("eigenvalues with triangles", 90, Asked.seeks_bounds, _bounds))
