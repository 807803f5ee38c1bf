"""Triangles that strengthen the eigenvalue bound: exact answers where eigenvalues leave a third open."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.bisection import bisection
from topo.analysis.bisection.spectral import spectral
from topo.analysis.bisection.triangles import strengthened, triangle_matrix
from topo.certificates import verify_certificate
from topo.certificates.bounds.spectral import SIGNS, spectral_bound
from topo.certificates.reading.cut import cut_graph
from topo.errors import CertificateError
from topo.fabric import Fabric

from .oracles import by_constraints
from .test_graphs import imported


def small_spectral(fabric: Fabric, upper: int) -> tuple[int, dict[str, Any]]:
    return spectral(cut_graph(fabric, 0), 0, upper, float("inf"))


def test_three_sides_never_differ_pairwise() -> None:
    for signs in SIGNS.tolist():
        for i, j, k in product((-1, 1), repeat=3):
            assert signs[0] * i * j + signs[1] * i * k + signs[2] * j * k >= -1


@pytest.mark.parametrize(("degree", "switches", "seed", "links"), [(3, 20, 2, 4), (3, 30, 1, 5), (4, 20, 1, 8)])
def test_random_regular_graphs_become_exact(degree: int, switches: int, seed: int, links: int) -> None:
    """The second eigenvalue alone proves fewer links; CP-SAT, where it is fast, the same."""
    graph = nx.random_regular_graph(degree, switches, seed=seed)
    value, bound = small_spectral(imported(graph, 2), links)
    plain = np.linalg.eigvalsh(nx.laplacian_matrix(graph).toarray().astype(float))[1] * switches / 4
    assert np.ceil(plain) < links
    assert value == links
    assert bound["triangles"]
    if degree * switches == 60:
        assert by_constraints(imported(graph, 2)) == links * 400


@pytest.mark.slow
def test_a_cubic_graph_of_a_hundred_switches() -> None:
    """lambda2 proves 6 of its 14 links."""
    answer = bisection(imported(nx.random_regular_graph(3, 100, seed=1), 2))
    assert answer.exact
    assert answer.upper_gbps == 14 * 400


@pytest.mark.parametrize("seed", range(6))
def test_never_above_the_narrowest_split(seed: int) -> None:
    """With unequal numbers of endpoints, odd ones among them."""
    rng = np.random.default_rng(seed)
    graph = nx.random_regular_graph(3, 10, seed=seed)
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 3))
    graph.nodes[0]["endpoints"] = 2
    fabric = imported(graph)
    answer = bisection(fabric)
    verify_certificate(fabric, answer.certificate)
    assert answer.lower_gbps <= by_constraints(fabric) <= answer.upper_gbps


def test_the_search_proves_what_it_says() -> None:
    graph = nx.random_regular_graph(3, 24, seed=5)
    laplacian = nx.laplacian_matrix(graph).toarray().astype(float)
    found = strengthened(laplacian, np.ones(24), 10**6, float("inf"))
    matrix = laplacian - np.diag(found.d) - triangle_matrix(24, found.triangles, found.mu)
    across = np.eye(24) - 1 / 24
    assert np.linalg.eigvalsh(across @ matrix @ across)[0] > -1e-9
    assert found.value == pytest.approx(found.d.sum() - 2 * found.mu.sum())
    assert found.value > 24 * np.linalg.eigvalsh(laplacian)[1] * 1.2


def test_changed_triangles_prove_less_or_nothing() -> None:
    fabric = imported(nx.random_regular_graph(3, 20, seed=2), 2)
    part = cut_graph(fabric, 0)
    value, bound = small_spectral(fabric, 4)
    bound = json.loads(json.dumps(bound))
    assert spectral_bound(part, bound) == value == 4
    numbers = bound["triangles"]

    def refused(triangles: list[int]) -> bool:
        try:
            return spectral_bound(part, {**bound, "triangles": triangles}) < value
        except CertificateError:
            return True

    for row, other in ((4, numbers[4] + 2**33), (3, 4), (0, numbers[1]), (2, 20), (4, -1)):
        assert refused([*numbers[:row], other, *numbers[row + 1 :]])
    assert refused(numbers[:-1])
    assert refused([])


@pytest.mark.slow
def test_the_answer_has_them_in_its_certificate() -> None:
    """A graph with too many states for a sweep."""
    fabric = imported(nx.random_regular_graph(6, 60, seed=1), 2)
    answer = bisection(fabric)
    assert answer.lower_method == "spectral with triangles"
    verify_certificate(fabric, json.loads(json.dumps(answer.certificate)))
    assert answer.lower_gbps > 0.9 * answer.upper_gbps
