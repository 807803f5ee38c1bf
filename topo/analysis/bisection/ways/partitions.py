"""From above: balanced partitions from several seeds."""

from __future__ import annotations

from topo.analysis.bisection.partition import partition
from topo.analysis.bisection.way import Asked, Way, ways

SEEDS = 6
"""Partitions of a large network, each from another seed: most find the same cut, and each takes its time."""
SEEDS_OF_SMALL = 24
"""Partitions of a small one, where each takes milliseconds."""
SMALL = 400
"""Switches up to which a network is small."""


def _bounds(asked: Asked) -> None:
    for seed in range(SEEDS_OF_SMALL if asked.switches <= SMALL else SEEDS):
        if not asked.seeks_splits():
            return
        asked.search.offer(partition(asked.graph, seed), "graph partition (METIS), improved by minimum cuts")


ways.add("partitions", Way("graph partitions", 60, Asked.seeks_splits, _bounds))
