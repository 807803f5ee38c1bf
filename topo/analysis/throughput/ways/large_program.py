"""The merged program of middling size by GLOP, a large one by PDLP, in the time that walks have left."""

from __future__ import annotations

from topo.analysis.throughput.merged import GLOP_AT_MOST, is_quick
from topo.analysis.throughput.solved import by_program
from topo.analysis.throughput.way import Asked, Bounds, Way, ways

NARROW = 5e-4
"""Relative width of an interval that is not worth GLOP's time: where walks stop by themselves."""
WIDE = 0.01
"""The same where only PDLP is left, whose answers are rounded."""
LEAST_S = 1.0
"""Where less time is left, nothing is begun: no such program is solved in it."""


def _accepts(asked: Asked) -> bool:
    program, result = asked.program, asked.found
    if program is None or is_quick(program):
        return False
    if result is None:
        return True
    return asked.budget.left() >= LEAST_S and result.width >= (NARROW if program.columns <= GLOP_AT_MOST else WIDE)


def _bounds(asked: Asked) -> Bounds:
    assert asked.program is not None
    return by_program(asked.problem, asked.symmetry, asked.program, asked.budget.end)


ways.add("large-program", Way("the merged program, large", 30, _accepts, _bounds))
