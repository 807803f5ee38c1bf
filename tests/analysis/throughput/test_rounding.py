"""Solvers' answers with errors in them become valid routings that are nearly as good."""

from __future__ import annotations

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from throughput_oracle import direct, imported

from tests.slow import slow
from topo.analysis.symmetry import find_symmetry
from topo.analysis.throughput.merge import commodities
from topo.analysis.throughput.optimum import Flows, rounded_flows, solve
from topo.analysis.throughput.problem import Problem, switch_problem
from topo.analysis.throughput.program import Program, program
from topo.analysis.traffic import demand_of


def posed(seed: int) -> tuple[Problem, Program]:
    problem = switch_problem(demand_of(imported(nx.random_regular_graph(4, 24, seed=seed), 2)), [])
    symmetry = find_symmetry(problem.graph)
    found = commodities(problem, symmetry)
    assert found is not None
    return problem, program(problem, found, symmetry.arc_orbit[: len(problem.tail)])


def as_columns(small: Program, flows: Flows) -> np.ndarray:
    """The flows in the solver's scale, a total of 1 for each commodity."""
    parts = [
        np.array([float(Fraction(f, flows.denominator)) for f in flow.tolist()]) / float(k.demand.sum())
        for k, flow in zip(small.commodities, flows.flow, strict=True)
    ]
    return np.concatenate([*parts, [1.0]])


def assert_conserved(small: Program, flows: Flows) -> None:
    for k, flow in zip(small.commodities, flows.flow, strict=True):
        left = [int(d) * flows.denominator for d in k.demand.tolist()]
        for tail, head, f in zip(k.tail.tolist(), k.head.tolist(), flow.tolist(), strict=True):
            assert f >= 0
            left[tail] -= f
            left[head] += f
        assert not any(left[1:])


@pytest.mark.parametrize(("noise", "worse"), [(0.0, 1e-9), (1e-4, 2e-3), (0.02, 0.06)])
def test_a_disturbed_optimum_stays_nearly_as_good(noise: float, worse: float) -> None:
    _, small = posed(1)
    best, _ = solve(small, 30.0)
    x = as_columns(small, best)
    rng = np.random.default_rng(0)
    x = x * (1 + noise * rng.standard_normal(len(x))) + (rng.random(len(x)) < 0.05) * noise * 1e-2
    found = rounded_flows(small, x)
    assert_conserved(small, found)
    assert best.congestion <= found.congestion <= best.congestion * Fraction(1 + worse)


def test_nothing_but_zeros_becomes_a_routing() -> None:
    _, small = posed(2)
    assert_conserved(small, rounded_flows(small, np.zeros(small.columns)))


@pytest.mark.parametrize("seed", [1, slow(2)])
def test_pdlp_alone_is_nearly_exact(seed: int) -> None:
    problem, small = posed(seed)
    flows, lengths = solve(small, 60.0, "pdlp")
    value = direct(imported(nx.random_regular_graph(4, 24, seed=seed), 2))
    lower, upper = (float(problem.throughput(end)) for end in (flows.congestion, lengths.congestion))
    assert value * (1 - 1e-4) <= lower <= value * (1 + 1e-9)
    assert value * (1 - 1e-9) <= upper <= value * (1 + 1e-4)
