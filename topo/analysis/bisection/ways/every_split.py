"""Both ends of a small network, and the share: every split, by an order of its switches that keeps few open."""

from __future__ import annotations

from topo.analysis.bisection.splits import by_all_splits
from topo.analysis.bisection.way import Asked, Way, ways


def _accepts(asked: Asked) -> bool:
    """Also where the bounds meet but hosts are unlike: the least share is then another question."""
    return asked.open or len(asked.search.rates.of_kind) > 1


def _bounds(asked: Asked) -> None:
    every = by_all_splits(asked.graph, asked.search.rates, asked.budget.seconds)
    if every is not None:
        asked.search.offer(every.least, "every split gone through")
        asked.search.offer(every.shared, "every split gone through")
        asked.whole = every.least.cut, {"splits": every.proof}
        asked.shared = every.share


ways.add("every-split", Way("every split", 100, _accepts, _bounds))
