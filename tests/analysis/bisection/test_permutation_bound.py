"""The bound by the worst permutation of an equal split, against exact bisections and closed forms."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.bisection import bisection
from topo.analysis.bisection._permutation import permutation_proof
from topo.analysis.network import switch_network
from topo.analysis.traffic.worst import worst_permutation
from topo.certificates import verify_certificate
from topo.certificates.bounds.flow import permutation_bound
from topo.certificates.kinds.worst_permutation import permuted
from topo.errors import CertificateError
from topo.fabric import Fabric

from .oracles import by_constraints, tree
from .test_graphs import imported


def proved(fabric: Fabric) -> Fraction:
    certificate = permutation_proof(fabric, 0, 1e10)
    assert certificate is not None
    return bound(fabric, json.loads(json.dumps(certificate)))


def bound(fabric: Fabric, certificate: dict[str, Any]) -> Fraction:
    name = fabric.networks[0]
    return permutation_bound(fabric, name, permuted(fabric, fabric, name, certificate))


@pytest.mark.parametrize(
    ("family", "gpus"), [("ft2", 512), ("ft2", 2048), ("mpft", 1024), ("mrft", 2048), ("ft3", 2048), ("ft3", 4096)]
)
def test_full_trees_have_full_bisection(family: str, gpus: int) -> None:
    fabric = tree(family, gpus)
    assert float(proved(fabric)) == pytest.approx(gpus / 2 * 400, rel=1e-8)
    assert bisection(fabric).lower_gbps == gpus / 2 * 400


def test_an_oversubscribed_tree() -> None:
    fabric = tree("ft2", 1536, oversubscription=3)
    assert float(proved(fabric)) == pytest.approx(1536 / 2 * 400 / 3, rel=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_never_above_the_exact_bisection(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(8, int(rng.integers(8, 16)), seed=seed)
    graph.graph["endpoint_gbps"] = float(rng.choice([100, 400]))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
        graph.nodes[node]["endpoint_gbps"] = float(rng.choice([100, 200, 400]))
    for edge in graph.edges:
        graph.edges[edge]["gbps"] = float(rng.choice([100, 400]))
    graph.nodes[0]["endpoints"] = 2
    fabric = imported(graph)
    certificate = permutation_proof(fabric, 0, 1e10)
    if certificate is None:
        return
    assert bound(fabric, certificate) <= Fraction(by_constraints(fabric)) + Fraction(1, 10**6)


@pytest.mark.parametrize("seed", range(6))
def test_the_certificate_proves_what_was_found(seed: int) -> None:
    graph = nx.random_regular_graph(3, 10, seed=seed)
    fabric = imported(graph, 1 + seed % 3)
    found = worst_permutation(fabric, switch_network(fabric), 0)
    certificate = permutation_proof(fabric, 0, 1e10)
    assert certificate is not None
    value = verify_certificate(fabric, certificate).bounds["network_lower"]
    assert found.lower is not None
    assert value <= found.lower
    assert float(value) == pytest.approx(float(found.lower), rel=1e-9)


def test_a_two_switch_network_is_exact_by_it() -> None:
    fabric = imported(nx.path_graph(2), 3)
    assert proved(fabric) == 400


def test_changed_prices_prove_less_or_nothing() -> None:
    fabric = imported(nx.cycle_graph(6), 2)
    certificate = permutation_proof(fabric, 0, 1e10)
    assert certificate is not None
    value = bound(fabric, certificate)
    for i in range(len(certificate["prices"])):
        for change in (-(2**30), 2**30):
            other = copy.deepcopy(certificate)
            other["prices"][i]["of"] = [max(x + change, 0) for x in other["prices"][i]["of"]]
            assert bound(fabric, other) <= value
    none = {**certificate, "prices": []}
    assert bound(fabric, none) <= value
    wrong = copy.deepcopy(certificate)
    wrong["generators"][0]["to"] = wrong["generators"][0]["to"][::-1]
    for broken in (
        {**certificate, "switch_graph": "0"},
        {**certificate, "prices": [{"arc": [0, 1], "of": [1]}]},
        {**certificate, "prices": [{"arc": [0, 3], "of": [0] * 6}]},
        {**certificate, "network": "storage"},
        wrong,
    ):
        with pytest.raises(CertificateError):
            bound(fabric, broken)
