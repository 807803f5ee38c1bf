"""The merged program of a problem, and whether it is small enough."""

from __future__ import annotations

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program, program
from topo.analysis.throughput.side_by_side import repeated_commodities

PDLP_AT_MOST = 400_000
"""Variables of the largest program that is made at all; counted before it is made, as making it takes time too."""
GLOP_AT_MOST = 60_000
"""Variables up to which GLOP is worth the wait, 6 s by `GLOP_S`; above, PDLP, whose answers are rounded."""
EXACT_AT_MOST = 12_000
"""Variables of a program that is solved at once, whatever its shape: about a second by `GLOP_S`."""
QUICK_ROWS = 3_000
"""Rows up to which a program of up to `GLOP_AT_MOST` variables is solved at once, as a basis has as many entries as
there are rows (a Slim Fly of 1,058 switches without one link: 51,000 variables in 2,400 rows take GLOP 5 s)."""
GLOP_S = 1e-4
"""Seconds a variable that GLOP takes on a larger program (a Slim Fly of 1,058 switches without one link: 5 s for 51,000
variables); where there is less, the time is for walks."""


def is_quick(small: Program) -> bool:
    """Whether the exact program comes first: few variables, or few enough with few rows."""
    return small.columns <= EXACT_AT_MOST or (small.columns <= GLOP_AT_MOST and small.rows <= QUICK_ROWS)


def merged_program(problem: Problem, symmetry: Symmetry) -> Program | None:
    """The merged program, unless it is plain before merging that it is too large."""
    arc_orbit = symmetry.arc_orbit[: len(problem.tail)]
    destinations = int(np.isin(symmetry.representatives, problem.possible_destinations).sum())
    if destinations * (int(arc_orbit.max(initial=0)) + 1) > PDLP_AT_MOST:
        return None
    result = repeated_commodities(problem, symmetry, PDLP_AT_MOST)
    return None if result is None else program(problem, result, arc_orbit)
