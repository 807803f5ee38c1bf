"""The certified interval of one problem, by the first way that fits its symmetry and size."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from topo.analysis.symmetry import Symmetry, find_symmetry
from topo.analysis.throughput.merge import commodities
from topo.analysis.throughput.optimum import solve
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program, program
from topo.analysis.throughput.proof import flows_proof, generators_proof, lengths_proof


@dataclass(frozen=True)
class Bounds:
    """[lower, upper] of one problem (None: nothing is loaded, unbounded) and its proof as JSON data. `link_use` is the
    load of each arc at t = 1 in the routing found, over its capacity, by arc; None where unknown."""

    lower: Fraction | None
    upper: Fraction | None
    proof: dict[str, Any]


def bounds(problem: Problem, time_limit_s: float) -> Bounds:
    """The interval of a problem. Raises LimitReachedError where no bound is found in time."""
    end = time.monotonic() + time_limit_s
    symmetry = find_symmetry(problem.graph, list(problem.proposals))
    small = program(problem, commodities(problem, symmetry), symmetry.arc_orbit[: len(problem.tail)])
    return _by_program(problem, symmetry, small, end)


def _by_program(problem: Problem, symmetry: Symmetry, small: Program, end: float) -> Bounds:
    generators = generators_proof(symmetry)
    if not small.commodities:
        empty = {"generators": generators, "lower": {"denominator": 1, "commodities": []}, "upper": {"lengths": []}}
        return Bounds(None, None, empty)
    flows, lengths = solve(small, end - time.monotonic())
    proof = {
        "generators": generators,
        "lower": flows_proof(problem, small, flows),
        "upper": lengths_proof(problem, symmetry, lengths),
    }
    lower = problem.throughput(flows.congestion) if flows.congestion else None
    upper = problem.throughput(lengths.congestion) if lengths.congestion else None
    return Bounds(lower, upper, proof)
