"""Mutated certificates are rejected; the checker knows no solver and no analysis."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

TREE = "name: t\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
Certificate = dict[str, Any]


@pytest.fixture(scope="module")
def tree() -> Fabric:
    return build(parse_design(TREE))


@pytest.fixture(scope="module")
def proof(tree: Fabric) -> Certificate:
    answer = throughput(tree)
    assert answer.exact
    return json.loads(json.dumps(answer.certificate))


@pytest.fixture(scope="module")
def irregular() -> tuple[Fabric, Certificate]:
    """A graph without symmetry, bounded by walks."""
    from topo.analysis.demand import all_to_all
    from topo.analysis.throughput import answer as module
    from topo.analysis.throughput.problem import Problem
    from topo.analysis.throughput.way import Bounds
    from topo.analysis.throughput.ways.walks import by_walks

    graph = nx.random_regular_graph(4, 24, seed=4)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400.0, "gbps")
    fabric = from_networkx(graph)

    def walks_only(problem: Problem, time_limit_s: float, *rest: object) -> Bounds:
        from topo.analysis.symmetry import find_symmetry

        return by_walks(problem, find_symmetry(problem.graph), 0.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "bounds", walks_only)
        found = throughput(fabric)
    assert all_to_all(fabric).endpoint_limit == 1
    assert 0 < found.network_lower < found.network_upper
    return fabric, json.loads(json.dumps(found.certificate))


def network(c: Certificate) -> Certificate:
    return c["proofs"]["network"]


def claim_more(c: Certificate) -> None:
    c["claim"]["network_lower"] = "3"


def claim_less_above(c: Certificate) -> None:
    c["claim"]["network_upper"] = "1/1000000"


def claim_unbounded(c: Certificate) -> None:
    del c["claim"]["network_lower"]


def drop_a_flow(c: Certificate) -> None:
    del network(c)["lower"]["commodities"][0]["flows"][-3:]


def change_a_flow(c: Certificate) -> None:
    network(c)["lower"]["commodities"][0]["flows"][2] += 1


def negative_flow(c: Certificate) -> None:
    network(c)["lower"]["commodities"][0]["flows"][2] *= -1


def flow_on_no_arc(c: Certificate) -> None:
    flows = network(c)["lower"]["commodities"][0]["flows"]
    flows[1] = flows[0]


def shrink_denominator(c: Certificate) -> None:
    network(c)["lower"]["denominator"] *= 2


def drop_a_commodity(c: Certificate) -> None:
    network(c)["lower"]["commodities"].pop()


def repeat_a_commodity(c: Certificate) -> None:
    commodities = network(c)["lower"]["commodities"]
    commodities.append(copy.deepcopy(commodities[0]))


def cells_too_short(c: Certificate) -> None:
    network(c)["lower"]["commodities"][0]["cells"][-1] -= 1


def generator_is_no_permutation(c: Certificate) -> None:
    generator = network(c)["generators"][0]
    generator["to"][0] = generator["to"][1]


def generator_mixes_tiers(c: Certificate) -> None:
    network(c)["generators"].append({"moved": [0, 20], "to": [20, 0]})


def no_lengths(c: Certificate) -> None:
    network(c)["upper"]["lengths"] = []


def negative_length(c: Certificate) -> None:
    network(c)["upper"]["lengths"][2] *= -1


def other_network(c: Certificate) -> None:
    c["network"] = "storage"


def other_fabric(c: Certificate) -> None:
    c["switch_graph"] = "0" * 64


def other_kind(c: Certificate) -> None:
    c["kind"] = "magic"


def unknown_device_lost(c: Certificate) -> None:
    c["without"] = {"links": [], "devices": ["nowhere"]}


def a_spine_lost(c: Certificate) -> None:
    c["without"] = {"links": [], "devices": ["spine-000"]}


def other_demand(c: Certificate) -> None:
    c["demand"] = {"form": "nothing"}


MUTATIONS = [
    claim_more,
    claim_less_above,
    claim_unbounded,
    drop_a_flow,
    change_a_flow,
    negative_flow,
    flow_on_no_arc,
    shrink_denominator,
    drop_a_commodity,
    repeat_a_commodity,
    cells_too_short,
    generator_is_no_permutation,
    generator_mixes_tiers,
    no_lengths,
    negative_length,
    other_network,
    other_fabric,
    other_kind,
    unknown_device_lost,
    a_spine_lost,
    other_demand,
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
def test_a_mutated_certificate_is_rejected(
    tree: Fabric, proof: Certificate, mutate: Callable[[Certificate], None]
) -> None:
    mutated = copy.deepcopy(proof)
    mutate(mutated)
    assert mutated != proof
    with pytest.raises(CertificateError):
        verify_certificate(tree, mutated)


def test_a_weaker_claim_holds(tree: Fabric, proof: Certificate) -> None:
    weaker = copy.deepcopy(proof)
    weaker["claim"].update(lower="1/2", upper="2")
    assert verify_certificate(tree, weaker).bounds["lower"] == 1


def test_without_generators_one_destination_does_not_stand_for_all(tree: Fabric, proof: Certificate) -> None:
    mutated = copy.deepcopy(proof)
    network(mutated)["generators"] = []
    with pytest.raises(CertificateError):
        verify_certificate(tree, mutated)


def test_a_certificate_of_another_size_is_rejected(proof: Certificate) -> None:
    other = build(parse_design(TREE.replace("512", "504")))
    with pytest.raises(CertificateError, match="another fabric"):
        verify_certificate(other, proof)


def test_walks_are_a_true_routing(irregular: tuple[Fabric, Certificate]) -> None:
    fabric, certificate = irregular
    assert network(certificate)["lower"]["method"] == "walks"
    bounds = verify_certificate(fabric, certificate).bounds
    exact = throughput(fabric)
    assert exact.exact
    assert float(bounds["network_lower"]) <= exact.network_lower <= float(bounds["network_upper"])


@pytest.mark.parametrize("price", [-1, 2**20, 1.5, "1"])
def test_wrong_prices_are_rejected(irregular: tuple[Fabric, Certificate], price: object) -> None:
    fabric, certificate = irregular
    mutated = copy.deepcopy(certificate)
    network(mutated)["lower"]["prices"][0] = price
    with pytest.raises(CertificateError):
        verify_certificate(fabric, mutated)


def test_prices_of_fewer_arcs_are_rejected(irregular: tuple[Fabric, Certificate]) -> None:
    fabric, certificate = irregular
    mutated = copy.deepcopy(certificate)
    del network(mutated)["lower"]["prices"][-2:]
    with pytest.raises(CertificateError, match="not one for each arc"):
        verify_certificate(fabric, mutated)


def test_any_prices_prove_no_more_than_the_optimum(irregular: tuple[Fabric, Certificate]) -> None:
    fabric, certificate = irregular
    optimum = throughput(fabric).network_upper
    rng = np.random.default_rng(3)
    mutated = copy.deepcopy(certificate)
    mutated["claim"].update(lower="0", network_lower="0")
    for slack in (0, 1, 2):
        lower = network(mutated)["lower"]
        lower["slack"] = slack
        lower["prices"][::2] = rng.integers(0, 2**17, len(lower["prices"]) // 2).tolist()
        assert verify_certificate(fabric, mutated).bounds["network_lower"] <= optimum


def test_the_checker_imports_no_solver() -> None:
    code = (
        "import sys, topo.certificates, topo.certificates.kinds.throughput, topo.certificates.kinds.bisection;"
        "bad = {'scipy', 'networkx', 'ortools', 'igraph', 'numba'} & {m.partition('.')[0] for m in sys.modules};"
        "sys.exit(str(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
