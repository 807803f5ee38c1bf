"""From below, all components together: what the worst permutation of an equal split needs must cross every cut."""

from __future__ import annotations

from topo.analysis.bisection.network import by_permutation, prove, worth_asking
from topo.analysis.bisection.way import Asked, Way, ways

SHARE = 0.25
"""Share of the limit, which the work is held against and in which symmetry is sought."""


def _bounds(asked: Asked) -> None:
    prove(asked, "permutation", *by_permutation(asked.fabric, asked.intact, asked.row, SHARE * asked.budget.seconds))


ways.add("worst-permutation", Way("worst permutation", 110, worth_asking, _bounds))
