"""Walks of trees on blocks of matrices: against the walks of any graph, the exact program, and the checker."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import topo
from topo.analysis.symmetry import find_symmetry
from topo.analysis.throughput.pods import blocks_of, cut, loads, steps
from topo.analysis.throughput.problem import Problem, switch_problem
from topo.analysis.throughput.walks import _loads, arcs_of
from topo.analysis.throughput.ways.walks import by_walks
from topo.analysis.traffic import demand_of
from topo.design import build, parse_design
from topo.fabric import Fabric

TREES = {
    "two tiers": ("family: ft2, switch: example-switch-8", 32, "example-host-2"),
    "three tiers": ("family: ft3, switch: example-switch-8", 64, "example-host-2"),
    "unequal pods": ("family: ft3, switch: example-switch-8, oversubscription: 2", 88, "example-host-1"),
    "rails": ("family: mrft, switch: nvidia-qm9700", 512, "h800-node"),
}


def damaged(name: str, seed: int, share: float = 0.1) -> Fabric:
    compute, gpus, host = TREES[name]
    fabric = build(parse_design(f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"))
    inner = fabric.links.id[~fabric.is_endpoint_link]
    rng = np.random.default_rng(seed)
    return fabric.without(links=rng.choice(inner, max(1, int(share * len(inner))), replace=False).tolist())


def problem_of(fabric: Fabric) -> Problem:
    return switch_problem(demand_of(fabric, "all-to-all", 0), [])


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("seed", range(3))
def test_loads_are_those_of_walks_in_any_graph(name: str, seed: int) -> None:
    problem = problem_of(damaged(name, seed, 0.04))
    blocks = blocks_of(problem)
    assert blocks is not None
    weight = np.random.default_rng(seed).uniform(0.2, 1.0, len(problem.tail))
    mine = loads(blocks, weight)
    if mine is None:
        pytest.skip("walks of the fewest arcs take detours here")
    arcs = arcs_of(problem, find_symmetry(problem.graph, [], search=False))
    others = np.empty(len(weight))
    others[arcs.order] = _loads(arcs, weight[arcs.order], 0)
    np.testing.assert_allclose(mine, others, rtol=1e-9, atol=1e-9 * others.max())


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("seed", range(2))
def test_the_interval_holds_the_optimum_of_the_exact_program(name: str, seed: int) -> None:
    less = damaged(name, seed, 0.05)
    problem = problem_of(less)
    symmetry = find_symmetry(problem.graph, [], search=False)
    found = by_walks(problem, symmetry, float("inf"))
    exact = topo.throughput(less, "all-to-all", "adaptive")
    assert found.lower is not None
    assert found.upper is not None
    assert float(found.lower) <= exact.network_upper * (1 + 1e-9)
    assert float(found.upper) >= exact.network_lower * (1 - 1e-9)
    if exact.exact:
        assert float(found.lower) >= exact.network_lower * (1 - 0.01)


def test_the_cut_is_one_around_a_leaf_or_a_pod() -> None:
    """A leaf that keeps three of four uplinks sends to 28 of 32 endpoints over them."""
    compute, gpus, host = TREES["two tiers"]
    fabric = build(parse_design(f"name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"))
    inner = np.flatnonzero(~fabric.is_endpoint_link)
    problem = problem_of(fabric.without(links=[int(fabric.links.id[inner[0]])]))
    blocks = blocks_of(problem)
    assert blocks is not None
    needed, length = cut(blocks, problem.capacity.astype(float))
    leaves = blocks.sends.size
    own = float(blocks.sends.max())
    kept = [problem.capacity[row[row >= 0]].sum() for row in blocks.up.reshape(leaves, -1)]
    assert needed == pytest.approx(own * own * (leaves - 1) / min(kept))
    assert length.sum() == (blocks.up.reshape(leaves, -1)[int(np.argmin(kept))] >= 0).sum()


def test_what_is_no_tree_of_pods_is_left_to_others() -> None:
    for text in ("family: dragonfly, switch: example-switch-8", "family: slim-fly, switch: example-switch-8"):
        fabric = build(parse_design(f"name: t\ngpus: 24\nhost: example-host-1\nnetworks:\n  compute: {{{text}}}\n"))
        assert blocks_of(problem_of(fabric)) is None


def test_a_large_damaged_tree_is_narrow_with_a_certificate() -> None:
    fabric = damaged("rails", 5, 0.02)
    found = topo.throughput(fabric, "all-to-all", "adaptive", time_limit_s=5)
    assert found.lower >= found.upper * (1 - 1e-3)
    proved = topo.verify_certificate(fabric, found.certificate)
    assert proved.upper is None or Fraction(found.lower) <= proved.upper


def test_steps_end_by_turns_where_time_does_not() -> None:
    problem = problem_of(damaged("three tiers", 1))
    blocks = blocks_of(problem)
    assert blocks is not None
    found = list(steps(problem, blocks, float("-inf")))
    assert not found or len(found) == 17
    reached = [step.reached for step in found]
    assert reached == sorted(reached, reverse=True)
