"""From below, all components together: what the worst permutation of an equal split needs must cross every cut."""

from __future__ import annotations

from topo.analysis.bisection.network import by_permutation, prove, worth_asking
from topo.analysis.bisection.way import Asked, Way, ways


def _bounds(asked: Asked) -> None:
    prove(asked, "permutation", *by_permutation(asked.fabric, asked.intact, asked.row))


ways.add("worst-permutation", Way("worst permutation", 110, worth_asking, _bounds))
