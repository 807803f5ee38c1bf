"""From above, where no trees tell the bounds: switches moved one by one, uphill too."""

from __future__ import annotations

from topo.analysis.bisection.moves import by_moves
from topo.analysis.bisection.way import Asked, Way, ways

SEARCHES = 4
"""The first search starts from the best split, the others from sides drawn by chance; where one of these ends where the
best is, another would hardly find less."""


def _accepts(asked: Asked) -> bool:
    trees = all(bound.get("method") == "tree" for _, bound in asked.bounds)
    return not trees and asked.seeks_splits()


def _bounds(asked: Asked) -> None:
    search = asked.search
    for seed in range(SEARCHES):
        result = by_moves(search.graph, search.best if seed == 0 else None, seed)
        if result is None or (seed > 0 and result.cut == search.best.cut):
            return
        search.offer(result, "switches moved one by one (tabu search), improved by minimum cuts")


ways.add("moves", Way("switches moved one by one", 80, _accepts, _bounds))
