"""From above: the best split so far, with hosts and switches moved in turn while the cut falls."""

from __future__ import annotations

from topo.analysis.bisection.sides import improved
from topo.analysis.bisection.way import Asked, Way, ways


def _bounds(asked: Asked) -> None:
    search = asked.search
    search.offer(improved(asked.graph, search.best), f"{search.method}, improved")


ways.add("turns", Way("hosts and switches moved in turn", 40, Asked.seeks_splits, _bounds))
