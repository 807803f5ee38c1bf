"""What a way to bound one problem is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.merged import EXACT_AT_MOST, GLOP_S, merged_program
from topo.analysis.throughput.nearby import Start
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program
from topo.fabric.model import FloatArray, IntArray
from topo.interval import Interval
from topo.registry import Registry
from topo.solvers.budget import Budget

PROGRAM_SHARE = 0.6
"""Of the limit, what the exact program may take: where it fails, walks still have time for a narrow interval."""

Near = Start | Callable[[], Start | tuple[Problem, IntArray] | None]
"""Walks of a question near by; or what finds them, or the question itself (before anything was lost, say) and which
node here each of its nodes is, -1 where it is gone."""


@dataclass(frozen=True)
class Bounds:
    """[lower, upper] of one problem (None: nothing is loaded, unbounded) and its proof as JSON data. `use` (arcs,) is
    the load at t = 1 over the capacity in the routing behind the lower bound; None where it is not at hand. `walks` are
    the weights and lengths where walks were sought: where a question near by may start."""

    lower: Fraction | None
    upper: Fraction | None
    proof: dict[str, Any]
    use: FloatArray | None = None
    walks: Start | None = None

    @property
    def carried(self) -> Interval:
        """Both ends."""
        return Interval(self.lower, self.upper)

    @property
    def width(self) -> float:
        """The interval's width relative to its upper end; 0.0 where it is exact."""
        if self.lower is None or self.upper is None:
            return 0.0 if self.lower is self.upper else 1.0
        return float(1 - self.lower / self.upper)

    def better(self, other: Bounds) -> Bounds:
        """The better end of each; None, for unbounded, appears in both or in neither."""
        low = self if (self.lower or 0) > (other.lower or 0) else other
        high = self if self.upper is not None and (other.upper is None or self.upper < other.upper) else other
        return Bounds(
            low.lower,
            high.upper,
            {"generators": other.proof["generators"], "lower": low.proof["lower"], "upper": high.proof["upper"]},
            low.use,
            self.walks or other.walks,
        )


@dataclass
class Asked:
    """One problem with its symmetry. `budget` is the time for all ways together; `counted_s` what work that can be
    counted is held against; `near` may tell where to start; `found` is what the ways before have proved."""

    problem: Problem
    symmetry: Symmetry
    budget: Budget
    counted_s: float
    near: Near | None = None
    found: Bounds | None = field(default=None, init=False)

    @cached_property
    def program(self) -> Program | None:
        """The merged program; None where it is too large, or larger than the limit has time for."""
        small = merged_program(self.problem, self.symmetry)
        if small is None or small.columns <= EXACT_AT_MOST:
            return small
        return None if GLOP_S * small.columns > PROGRAM_SHARE * self.budget.seconds else small

    @cached_property
    def pairs(self) -> int:
        """Arcs times unlike destinations: the work of one turn of walks."""
        possible = np.isin(self.symmetry.representatives, self.problem.possible_destinations)
        return len(self.problem.tail) * int(possible.sum())


@dataclass(frozen=True)
class Way:
    """One way to bound a problem; tried in the order of `at`. `accepts` says whether it is worth the time that is left,
    seeing what is proved already; `bounds` raises LimitReachedError where it proves nothing in time."""

    title: str
    at: int
    accepts: Callable[[Asked], bool]
    bounds: Callable[[Asked], Bounds]


ways: Registry[Way] = Registry("way to bound a throughput", "topo.analysis.throughput.ways")


def in_order() -> list[Way]:
    """Every way, in the order in which they are tried."""
    return sorted((ways.get(name) for name in ways.names()), key=lambda way: way.at)
