"""From below, all components together: what a concurrent flow of the all-to-all carries must cross every cut."""

from __future__ import annotations

from topo.analysis.bisection.network import by_flow, prove, worth_asking
from topo.analysis.bisection.way import Asked, Way, ways

SHARE = 0.25
"""Share of the limit for a concurrent flow, which closes a gap in a few seconds or hardly ever."""


def _bounds(asked: Asked) -> None:
    time_s = min(asked.budget.left(), SHARE * asked.budget.seconds)
    prove(asked, "flow", *by_flow(asked.fabric, asked.intact, asked.row, time_s))


ways.add("concurrent-flow", Way("concurrent flow", 120, worth_asking, _bounds))
