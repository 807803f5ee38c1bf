"""Two sets of switches that are joined all to all, with hosts on a block of each: the exact answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.analysis.bisection.sides import Split
from topo.certificates.bounds.grid import Grid, cheapest, grid_of
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError
from topo.fabric.model import BoolArray


@dataclass(frozen=True)
class Gridded:
    """What a grid proves in units, its bound, and a split that cuts as much."""

    value: int
    bound: dict[str, Any]
    split: Split


def by_grid(part: CutGraph, component: int) -> Gridded | None:
    """The answer for a component; None where it is no grid."""
    first = _first_set(part)
    if first is None:
        return None
    try:
        grid = grid_of(part, first)
    except CertificateError:
        return None
    value, s, t = cheapest(grid, part.hosts)
    bound = {"method": "grid", "component": component, "first": part.device[first].tolist()}
    on_a = _sides(part, grid, s, t)
    return Gridded(value, bound, Split(on_a, part.cut(on_a)))


def _first_set(part: CutGraph) -> BoolArray | None:
    """Shape (nodes,): the switches that the last switch has links to; None where there are no two sets."""
    if part.nodes - part.hosts < 2:
        return None
    last = part.nodes - 1
    first = np.zeros(part.nodes, dtype=np.bool_)
    first[part.u[(part.v == last) & (part.u >= part.hosts)]] = True
    first[part.v[part.u == last]] = True
    return first if first.any() else None


def _sides(part: CutGraph, grid: Grid, s: int, t: int) -> BoolArray:
    """Side A with so many switches of each set, block after block, and the half of the hosts with most links to it."""
    on_a = np.zeros(part.nodes, dtype=np.bool_)
    shared = np.zeros(part.hosts, dtype=np.int64)
    for blocks, n in zip(grid.sets, (s, t), strict=True):
        on_a[blocks.nodes.ravel()[:n]] = True
        shared += blocks.tie * on_a[blocks.nodes].sum(axis=1)[blocks.of_host]
    order = np.argsort(-shared, kind="stable")
    halves = []
    for size in (part.hosts // 2, part.hosts - part.hosts // 2):
        side = on_a.copy()
        side[order[:size]] = True
        halves.append(side)
    return min(halves, key=part.cut)
