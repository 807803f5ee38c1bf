"""From below, for trees: trees packed into each component, of which every split cuts its share."""

from __future__ import annotations

from topo.analysis.bisection.fold import Fold, packings
from topo.analysis.bisection.way import Asked, Bound, Way, ways
from topo.certificates.bounds.tree import tree_bound
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError


def _accepts(asked: Asked) -> bool:
    return any(shape is not None for shape in asked.shapes)


def _bounds(asked: Asked) -> None:
    for component, (part, shape) in enumerate(zip(asked.parts, asked.shapes, strict=True)):
        asked.bounds[component] = _packed(part, shape, component)


def _packed(part: CutGraph, shape: Fold | None, component: int) -> Bound:
    """The best packing bound of a component and what it proves; 0 where it is no tree."""
    best: Bound = (0, {})
    for bound in packings(part, shape) if shape is not None else []:
        try:
            value = tree_bound(part, bound)
        except CertificateError:
            continue
        if value > best[0]:
            best = value, {**bound, "component": component}
    return best


ways.add("tree-packing", Way("trees packed into a tree", 10, _accepts, _bounds))
