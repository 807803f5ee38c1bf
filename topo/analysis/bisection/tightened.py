"""What sweeps and eigenvalues prove of one component."""

from __future__ import annotations

from topo.analysis.bisection._sweep import by_sweep
from topo.analysis.bisection.spectral import spectral
from topo.analysis.bisection.way import Asked
from topo.certificates.reading.cut import CutGraph
from topo.fabric.model import BoolArray
from topo.solvers.budget import Budget, now

NEAR = 0.9
"""Where a packing of trees proves this much of a component's cut, no eigenvalue is asked."""


def tightened(asked: Asked, component: int, share: float) -> None:
    """Puts the best of a component's known bound, a sweep and an eigenvalue in its place; the split of a sweep is
    offered. Triangles strengthen an eigenvalue until `share` of the limit is used, with 0 not at all."""
    search, part, known = asked.search, asked.parts[component], asked.bounds[component]
    if known[1].get("method") == "sweep":
        return
    swept = by_sweep(part, component)
    if swept is not None:
        if asked.joined:
            search.offer(swept.split, "cheapest sides by a sweep over the switches")
        asked.bounds[component] = max(known, (swept.value, swept.bound), key=lambda bound: bound[0])
        return
    cut = _own_cut(search.graph, part, component, search.best.on_a)
    if known[0] >= cut * NEAR and known[1].get("method") == "tree":
        return
    limit_s = asked.budget.seconds
    deadline = now() - asked.budget.used() + (share * limit_s if share else 0.0)
    result = spectral(part, component, cut, deadline, Budget(limit_s))
    asked.bounds[component] = max(known, result, key=lambda bound: bound[0])


def _own_cut(graph: CutGraph, part: CutGraph, component: int, on_a: BoolArray) -> int:
    mask = graph.component == component
    mask[: graph.hosts] = True
    return part.cut(on_a[mask])
