"""What the solution of a merged program proves."""

from __future__ import annotations

import numpy as np

from topo.analysis.symmetry import Symmetry
from topo.analysis.throughput.merged import GLOP_AT_MOST
from topo.analysis.throughput.optimum import Flows, rounded_flows, solve
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.program import Program
from topo.analysis.throughput.proof import flows_proof, generators_proof, lengths_proof
from topo.analysis.throughput.way import Bounds
from topo.fabric.model import FloatArray
from topo.solvers.budget import now


def by_program(problem: Problem, symmetry: Symmetry, small: Program, end: float) -> Bounds:
    """Both ends, by GLOP or PDLP; raises LimitReachedError where the solver has no answer at the time `end`."""
    generators = generators_proof(symmetry)
    if not small.commodities:
        nothing = {"method": "flows", "denominator": 1, "commodities": []}
        return Bounds(None, None, {"generators": generators, "lower": nothing, "upper": {"lengths": []}})
    if not len(small.capacity_orbit):
        flows = rounded_flows(small, np.zeros(small.columns))
        proof = {"generators": generators, "lower": flows_proof(problem, small, flows), "upper": {"lengths": []}}
        return Bounds(None, None, proof)
    solver = "glop" if small.columns <= GLOP_AT_MOST else "pdlp"
    flows, lengths = solve(small, end - now(), solver)
    proof = {
        "generators": generators,
        "lower": flows_proof(problem, small, flows),
        "upper": lengths_proof(problem, symmetry, lengths),
    }
    lower = problem.throughput(flows.congestion) if flows.congestion else None
    upper = problem.throughput(lengths.congestion) if lengths.congestion else None
    return Bounds(lower, upper, proof, _use(problem, symmetry, small, flows))


def _use(problem: Problem, symmetry: Symmetry, small: Program, flows: Flows) -> FloatArray:
    """Shape (arcs,): load over capacity of every arc at t = 1; 0.0 where there is no capacity to compare with."""
    load = np.zeros(small.orbits)
    for k, flow in zip(small.commodities, flows.flow, strict=True):
        np.add.at(load, k.orbit, flow.astype(np.float64) * (k.copies / flows.denominator))
    share = np.zeros(small.orbits)
    share[small.capacity_orbit] = load[small.capacity_orbit] / small.room.astype(np.float64)
    unit = float(problem.demand_unit / problem.capacity_unit)
    use: FloatArray = share[symmetry.arc_orbit[: len(problem.tail)]] * unit
    return use
