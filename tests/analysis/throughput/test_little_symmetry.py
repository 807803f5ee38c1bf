"""Where symmetry is lost: intervals that hold the true value, and are narrow where the issue is hard."""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from plain_designs import tree
from throughput_oracle import direct, imported

from tests.slow import often, slow
from topo.analysis.symmetry import find_symmetry, switch_proposals
from topo.analysis.throughput import throughput
from topo.analysis.throughput.nearby import evened
from topo.analysis.throughput.problem import switch_problem
from topo.analysis.throughput.proof import step_proofs
from topo.analysis.throughput.walks import BETWEEN, Step, _loads, _needed, arcs_of, improving, sharpened
from topo.analysis.throughput.ways.walks import by_walks
from topo.analysis.traffic import demand_of
from topo.certificates import HALVING, verify_certificate
from topo.fabric import Fabric


def lose(fabric: Fabric, share: float, seed: int) -> Fabric:
    inner = fabric.links.id[~fabric.is_endpoint_link]
    rng = np.random.default_rng(seed)
    return fabric.without(links=rng.choice(inner, max(int(len(inner) * share), 1), replace=False).tolist())


@often(8, 25, st.integers(0, 1000), st.sampled_from([(3, 8), (4, 9), (5, 10)]), st.booleans())
def test_walks_and_lengths_enclose_the_direct_program(seed: int, size: tuple[int, int], minimal: bool) -> None:
    fabric = imported(nx.random_regular_graph(*size, seed=seed), 2)
    problem = switch_problem(demand_of(fabric), [], minimal)
    found = by_walks(problem, find_symmetry(problem.graph), 0.0)
    value = direct(fabric, minimal=minimal)
    assert found.lower is not None
    assert found.upper is not None
    assert float(found.lower) <= value * (1 + 1e-9)
    assert float(found.upper) >= value * (1 - 1e-9)
    assert float(found.lower) > 0.3 * value
    if not minimal:
        assert found.use is not None
        assert found.use.max() == pytest.approx(1 / float(found.lower), rel=1e-6)


@pytest.mark.parametrize("gpus", [4096, slow(16384)])
def test_one_percent_of_the_links_of_three_tiers_lost(gpus: int) -> None:
    intact = tree(gpus, "family: ft3")
    less = lose(intact, 0.01, 1)
    answer = throughput(less, baseline=intact)
    assert 1 - answer.lower / answer.upper < 0.01
    net = demand_of(less, baseline=intact).network
    worst = min(
        float(net.gbps[(net.u == leaf) | (net.v == leaf)].sum()) / (32 * 400 * (gpus - 32) / (gpus - 1))
        for leaf in np.unique(net.at).tolist()
    )
    assert answer.upper <= worst * (1 + 1e-9)
    assert verify_certificate(intact, answer.certificate or {}).bounds


@pytest.mark.parametrize(
    ("network", "gpus", "lost", "within"),
    [("family: slim-fly, q: 7, p: 16", 1496, 0, 0.015), ("family: slim-fly, q: 5, p: 8", 400, 1, 0.01),
     ("family: dragonfly, p: 8, a: 4, h: 2, g: 9", 288, 2, 0.06)],
)  # fmt: skip
def test_a_symmetric_problem_near_by_says_where_to_start(network: str, gpus: int, lost: int, within: float) -> None:
    intact = tree(gpus, network)
    inner = intact.links.id[~intact.is_endpoint_link]
    less = intact.without(links=inner[7 : 7 + lost].tolist()) if lost else intact
    demand = demand_of(less, baseline=intact)
    problem = switch_problem(demand, switch_proposals(less, demand.network, 0))
    found = by_walks(problem, find_symmetry(problem.graph, list(problem.proposals)), time.monotonic() + 5)
    value = throughput(less, baseline=intact)
    assert value.exact
    assert value.network_lower * (1 - within) <= float(found.lower or 0) <= value.network_lower * (1 + 1e-9)
    assert value.network_lower * (1 - 1e-9) <= float(found.upper or 0) <= value.network_lower * (1 + within)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("network", "gpus", "width"),
    [("p: 4, a: 8, h: 4, g: 8", 240, 0.003), ("p: 8, a: 8, h: 8, g: 8", 480, 0.005)],
)
def test_detours_over_a_third_group_are_found(network: str, gpus: int, width: float) -> None:
    """Between full groups of a dragonfly more has to go than their links carry: it goes by way of emptier ones."""
    fabric = tree(gpus, f"family: dragonfly, {network}")
    demand = demand_of(fabric)
    problem = switch_problem(demand, switch_proposals(fabric, demand.network, 0))
    found = by_walks(problem, find_symmetry(problem.graph, list(problem.proposals)), time.monotonic() + 30)
    exact = throughput(fabric)
    assert exact.exact
    assert exact.network_lower * (1 - width) < float(found.lower or 0) <= exact.network_lower * (1 + 1e-12)
    assert exact.network_lower <= float(found.upper or 0) * (1 + 1e-12) < exact.network_lower * (1 + width)
    assert throughput(fabric, routing="adaptive:paths=minimal").network_upper < float(found.lower or 0) * 0.95


def test_prices_of_steep_paces_prove_what_is_true() -> None:
    fabric = tree(24, "family: dragonfly, p: 2, a: 4, h: 2, g: 4")
    value = direct(fabric)
    problem = switch_problem(demand_of(fabric), [])
    symmetry = find_symmetry(problem.graph)
    arcs, unit = arcs_of(problem, symmetry), float(problem.capacity_unit / problem.demand_unit)
    ones = np.ones(len(problem.tail))
    step = Step(np.inf, _needed(arcs, ones), ones, ones, 0)
    for turn, better in enumerate(improving(arcs, 1, time.monotonic() + 60, step, BETWEEN)):
        assert unit / better.reached <= value * (1 + 1e-9)
        assert unit / better.needed >= value * (1 - 1e-9)
        if turn == 150:
            break
    sharp = sharpened(arcs, better, time.monotonic() + 60)
    assert value * (1 - 1e-9) <= unit / sharp.needed <= unit / better.needed
    assert unit / better.reached > 0.97 * value
    assert unit / sharp.needed < 1.03 * value


def test_demands_of_a_partly_filled_family_are_evened() -> None:
    fabric = tree(592, "family: slim-fly, q: 5, p: 16")
    demand = demand_of(fabric)
    problem = switch_problem(demand, switch_proposals(fabric, demand.network, 0))
    even = evened(problem)
    assert even is not None
    assert len(np.unique(problem.sends)) == 2
    assert len(np.unique(even.sends)) == 1
    assert all(even.graph.arc_image(image) is not None for image in even.proposals)


@pytest.mark.parametrize("slack", [0, 1, 2])
def test_compiled_loads_are_those_of_the_certificate(slack: int) -> None:
    fabric = imported(nx.random_regular_graph(4, 40, seed=3), [1 + i % 3 for i in range(40)])
    problem = switch_problem(demand_of(fabric), [])
    symmetry = find_symmetry(problem.graph)
    weight = np.exp2(np.random.default_rng(slack).integers(0, 4 * HALVING, len(problem.tail)) / -HALVING)
    arcs = arcs_of(problem, symmetry)
    load = _loads(arcs, weight[arcs.order], slack)
    step = Step(float((load / arcs.capacity).max()), 1.0, weight, np.ones(len(weight)), slack)
    lower, upper, _ = step_proofs(problem, [], step)
    assert lower is not None
    assert float(lower) == pytest.approx(float(problem.capacity_unit / problem.demand_unit) / step.reached, rel=1e-9)
    assert upper is not None
    assert float(upper) == pytest.approx(
        float(problem.capacity_unit / problem.demand_unit) / _needed(arcs, np.ones(len(weight))), rel=1e-9
    )


@pytest.mark.parametrize("traffic", ["permutation:seed=3", "longest-matching", "hot-spot", "shift"])
def test_other_traffic_is_certified_too(traffic: str) -> None:
    fabric = imported(nx.random_regular_graph(4, 12, seed=1), 3)
    answer = throughput(fabric, traffic)
    assert answer.exact
    bounds = verify_certificate(fabric, answer.certificate or {}).bounds
    assert float(bounds["network_lower"]) == answer.network_lower
    assert throughput(fabric, traffic, "spray").network_lower <= answer.network_upper * (1 + 1e-9)


def test_spray_never_beats_adaptive() -> None:
    for seed in range(5):
        fabric = imported(nx.random_regular_graph(3, 10, seed=seed), 1)
        spray, adaptive = throughput(fabric, routing="spray"), throughput(fabric)
        assert spray.network_lower <= adaptive.network_upper * (1 + 1e-9)
