"""From below, for trees: trees packed into each component, of which every split cuts its share."""

from __future__ import annotations

import numpy as np

from topo.analysis.bisection.fold import Fold, packings
from topo.analysis.bisection.way import Asked, Bound, Way, ways
from topo.certificates.bounds.tree import tree_bound
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError
from topo.fabric.model import IntArray


def _accepts(asked: Asked) -> bool:
    return any(shape is not None for shape in asked.shapes)


def _bounds(asked: Asked) -> None:
    """Components that are the same in their own numbers, as planes mostly are, are packed once."""
    known: dict[tuple[object, ...], tuple[Bound, IntArray]] = {}
    for component, (part, shape) in enumerate(zip(asked.parts, asked.shapes, strict=True)):
        key = _numbers(part, shape)
        if key in known:
            asked.bounds[component] = _moved(*known[key], part.device, component)
            continue
        asked.bounds[component] = _packed(part, shape, component)
        known[key] = asked.bounds[component], part.device


def _numbers(part: CutGraph, shape: Fold | None) -> tuple[object, ...]:
    """What a packing depends on, but for the device rows."""
    columns = [part.u, part.v, part.capacity]
    columns += [shape.leaves, shape.pod, shape.hubs, shape.images] if shape is not None else []
    return part.hosts, part.nodes, *(column.tobytes() for column in columns), shape is not None and shape.pods


def _moved(bound: Bound, old: IntArray, new: IntArray, component: int) -> Bound:
    """The bound of a component for one that is the same on other devices: their rows, shape (nodes,) each."""
    value, proof = bound
    if not proof:
        return bound
    row = np.full(int(old.max(initial=-1)) + 2, -1, dtype=np.int64)  # the last is that of -1, for none
    row[old] = new
    images = [row[np.array(one, dtype=np.int64)].tolist() for one in proof["images"]]
    own = {"leaves": row[proof["leaves"]].tolist(), "hubs": row[proof["hubs"]].tolist(), "images": images}
    return value, {**proof, **own, "component": component}


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
