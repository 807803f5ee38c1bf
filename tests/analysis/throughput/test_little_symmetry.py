"""Where symmetry is lost: intervals that hold the true value, and are narrow where the issue is hard."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_designs import tree
from throughput_oracle import direct, imported

from topo.analysis.symmetry import find_symmetry
from topo.analysis.throughput import throughput
from topo.analysis.throughput.bounds import _by_walks
from topo.analysis.throughput.problem import switch_problem
from topo.analysis.traffic import demand_of
from topo.certificates import verify_certificate
from topo.fabric import Fabric


def lose(fabric: Fabric, share: float, seed: int) -> Fabric:
    inner = fabric.links.id[~fabric.is_endpoint_link]
    rng = np.random.default_rng(seed)
    return fabric.without(links=rng.choice(inner, max(int(len(inner) * share), 1), replace=False).tolist())


@given(st.integers(0, 1000), st.sampled_from([(3, 8), (4, 9), (5, 10)]), st.booleans())
@settings(max_examples=25, derandomize=True, deadline=None)
def test_walks_and_lengths_enclose_the_direct_program(seed: int, size: tuple[int, int], minimal: bool) -> None:
    fabric = imported(nx.random_regular_graph(*size, seed=seed), 2)
    problem = switch_problem(demand_of(fabric), [], minimal)
    found = _by_walks(problem, find_symmetry(problem.graph), 0.0)
    value = direct(fabric, minimal=minimal)
    assert found.lower is not None
    assert found.upper is not None
    assert float(found.lower) <= value * (1 + 1e-9)
    assert float(found.upper) >= value * (1 - 1e-9)
    assert float(found.lower) > 0.3 * value


def test_one_percent_of_the_links_of_three_tiers_lost() -> None:
    intact = tree(16384, "family: ft3")
    less = lose(intact, 0.01, 1)
    answer = throughput(less, baseline=intact)
    assert 1 - answer.lower / answer.upper < 0.01
    net = demand_of(less, baseline=intact).network
    worst = min(
        float(net.gbps[(net.u == leaf) | (net.v == leaf)].sum()) / (32 * 400 * (16384 - 32) / 16383)
        for leaf in np.unique(net.at).tolist()
    )
    assert answer.upper <= worst * (1 + 1e-9)
    assert verify_certificate(intact, answer.certificate or {}).bounds


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
