"""From above, for one component: where the second eigenvector halves the hosts."""

from __future__ import annotations

from topo.analysis.bisection.spectral import by_vector
from topo.analysis.bisection.way import Asked, Way, ways


def _accepts(asked: Asked) -> bool:
    return asked.joined and asked.switches > 2 and asked.graph.hosts > 1 and asked.seeks_splits()


def _bounds(asked: Asked) -> None:
    asked.search.offer(by_vector(asked.graph), "second eigenvector, improved by minimum cuts")


ways.add("eigenvector", Way("sides of the second eigenvector", 50, _accepts, _bounds))
