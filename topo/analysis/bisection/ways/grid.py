"""Both ends, where the only component is a grid: the exact answer by counting."""

from __future__ import annotations

from topo.analysis.bisection.grid import by_grid
from topo.analysis.bisection.way import Asked, Way, ways


def _accepts(asked: Asked) -> bool:
    return len(asked.parts) == 1 and not asked.bounds[0][0]


def _bounds(asked: Asked) -> None:
    result = by_grid(asked.parts[0], 0)
    if result is not None:
        asked.bounds[0] = result.value, result.bound
        asked.search.offer(result.split, "sides of a grid by counting")


ways.add("grid", Way("sides of a grid", 20, _accepts, _bounds))
