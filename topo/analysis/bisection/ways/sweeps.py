"""From below, each component: a sweep over its switches where few are open at a time, which is exact, else an
eigenvalue."""

from __future__ import annotations

from topo.analysis.bisection.tightened import tightened
from topo.analysis.bisection.way import Asked, Way, ways


def _bounds(asked: Asked) -> None:
    for component in range(len(asked.parts)):
        if asked.seeks_bounds():
            tightened(asked, component, 0.0)
    asked.bounded_at = asked.search.best.cut


ways.add("sweeps", Way("a sweep, or an eigenvalue", 70, Asked.seeks_bounds, _bounds))
