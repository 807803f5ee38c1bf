"""The merged program while it has few variables, which is nearly always: a tree with a failure has dozens."""

from __future__ import annotations

from topo.analysis.throughput.merged import is_quick
from topo.analysis.throughput.solved import by_program
from topo.analysis.throughput.way import PROGRAM_SHARE, Asked, Bounds, Way, ways
from topo.solvers.budget import now


def _accepts(asked: Asked) -> bool:
    return asked.program is not None and is_quick(asked.program)


def _bounds(asked: Asked) -> Bounds:
    assert asked.program is not None
    end = now() - asked.budget.used() + PROGRAM_SHARE * asked.budget.seconds
    return by_program(asked.problem, asked.symmetry, asked.program, end)


ways.add("exact-program", Way("the merged program, exactly", 10, _accepts, _bounds))
