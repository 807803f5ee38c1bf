"""Certificates of spray: confirmed by the checker's own arithmetic, refused when anything is changed."""

import copy
import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.design import build, parse_design
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def designed(compute: str, gpus: int) -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{{compute}, switch: nvidia-qm9700}}\n"
    return build(parse_design(text))


def random_fabric(seed: int) -> Fabric:
    rng = np.random.default_rng(seed)
    graph = nx.MultiGraph(nx.random_regular_graph(3, 14, seed=seed))
    for node in graph:
        graph.nodes[node]["endpoints"] = int(rng.integers(0, 4))
    nx.set_edge_attributes(graph, 400, "gbps")
    for u, v in list(graph.edges())[:5]:
        graph.add_edge(u, v, gbps=int(rng.choice([200, 400])))
    return from_networkx(graph)


@pytest.mark.parametrize("routing", ["spray", "spray:split=next-hop"])
@pytest.mark.parametrize("traffic", ["all-to-all", "permutation:seed=2", "hot-spot"])
@pytest.mark.parametrize("seed", range(4))
def test_random_fabrics(seed, traffic, routing):
    fabric = random_fabric(seed)
    found = throughput(fabric, traffic, routing)
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.kind == "spray"
    for key in ("lower", "upper", "network_lower", "network_upper"):
        assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("compute", "gpus", "expected"),
    [
        ("family: ft2", 2048, Fraction(2047, 2016)),
        ("family: mpft", 16384, Fraction(2047, 2016)),
        ("family: ft3", 16384, Fraction(16383, 16352)),
        ("family: ft3", 65536, Fraction(65535, 65504)),
        ("family: slim-fly, q: 7, p: 8", 784, Fraction(783, 64 * 19)),
    ],
)
def test_designs(compute, gpus, expected):
    fabric = designed(compute, gpus)
    found = throughput(fabric, routing="spray")
    assert verify_certificate(fabric, found.certificate).bounds["network_lower"] == expected
    assert len(json.dumps(found.certificate)) < 5_000_000


def test_failures():
    whole = designed("family: ft2", 512)
    less = whole.without(devices=["spine-003"], links=[int(whole.links.id[-1])])
    found = throughput(less, routing="spray", baseline=whole)
    proved = verify_certificate(whole, found.certificate)
    assert float(proved.bounds["lower"]) == found.lower < 1
    with pytest.raises(CertificateError, match="another fabric"):
        verify_certificate(less, {k: v for k, v in found.certificate.items() if k != "without"} | {"switch_graph": "x"})


def changed(certificate: dict, *path_and_value) -> dict:
    copied = copy.deepcopy(certificate)
    *path, last, value = path_and_value
    inner = copied
    for step in path:
        inner = inner[step]
    inner[last] = value
    return copied


def test_changes_are_refused():
    fabric = designed("family: ft2", 512)
    good = throughput(fabric, routing="spray").certificate
    verify_certificate(fabric, good)
    value = Fraction(good["claim"]["network_lower"])
    above, below = str(value * Fraction(1001, 1000)), str(value * Fraction(999, 1000))
    verify_certificate(fabric, changed(good, "claim", "network_lower", below))
    verify_certificate(fabric, changed(good, "claim", "network_upper", above))
    first = good["generators"][0]
    bad = [
        (changed(good, "claim", "network_lower", above), "claims network_lower"),
        (changed(good, "claim", "network_upper", below), "claims network_upper"),
        (changed(good, "claim", "upper", "1/2"), "claims upper"),
        (changed(good, "question", "split", "flow"), "nothing is split"),
        (changed(good, "demand", "form", "x"), "no demand has the form"),
        (changed(good, "generators", 0, "to", first["moved"]), None),
        (changed(good, "generators", 0, "to", 0, first["moved"][0] + 200), "permutation|row"),
        (changed(good, "generators", 0, {"moved": [0, 16], "to": [16, 0]}), "generator 0"),
        ({k: v for k, v in good.items() if k != "claim"}, "no part 'claim'"),
        ({k: v for k, v in good.items() if k != "generators"}, "no list 'generators'"),
    ]
    for certificate, message in bad:
        if message is None:
            verify_certificate(fabric, certificate)
            continue
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_bundles_of_unlike_links_do_not_stand_for_each_other():
    """Two bundles of 400 Gb/s, of one link and of two: swapping their ends keeps capacities, not the split."""
    graph = nx.MultiGraph()
    graph.add_nodes_from("abcd", endpoints=1)
    for u, v, speeds in (("a", "b", [400]), ("b", "c", [200, 200]), ("c", "d", [400]), ("d", "a", [200, 200])):
        for gbps in speeds:
            graph.add_edge(u, v, gbps=gbps)
    fabric = from_networkx(graph)
    good = throughput(fabric, routing="spray").certificate
    verify_certificate(fabric, good)
    turn = {"moved": [0, 1, 2, 3], "to": [1, 2, 3, 0]}
    with pytest.raises(CertificateError, match="bundle"):
        verify_certificate(fabric, changed(good, "generators", [turn]))


@pytest.mark.parametrize(("compute", "gpus"), [("family: ft2", 1024), ("family: ft3", 4096), ("family: mrft", 2048)])
def test_adaptive_permutations_by_split_and_cut(compute, gpus):
    fabric = designed(compute, gpus)
    found = throughput(fabric, "shift:k=64", "adaptive")
    assert found.exact
    assert found.certificate["proofs"]["network"]["lower"] == {"method": "split"}
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.bounds["network_lower"] == proved.bounds["network_upper"] == Fraction(found.network_lower)
    with pytest.raises(CertificateError, match="claims network_lower"):
        verify_certificate(fabric, changed(found.certificate, "claim", "network_lower", "20"))


@pytest.mark.parametrize("seed", range(6))
def test_split_and_cut_agrees_with_the_program(seed, monkeypatch):
    """Where the shortcut answers, the linear program finds the same."""
    fabric = from_networkx(nx.relabel_nodes(_equal(nx.complete_bipartite_graph(4, 2 + seed % 3), 4), lambda n: f"s{n}"))
    short = throughput(fabric, "permutation:seed=3", "adaptive")
    monkeypatch.setattr("topo.analysis.throughput.answer.split_and_cut", lambda fabric, demand: None)
    full = throughput(fabric, "permutation:seed=3", "adaptive")
    assert (short.network_lower, short.network_upper) == pytest.approx((full.network_lower, full.network_upper))


def _equal(graph: nx.Graph, leaves: int) -> nx.Graph:
    for node in graph:
        graph.nodes[node]["endpoints"] = 4 if node < leaves else 0
    nx.set_edge_attributes(graph, 400, "gbps")
    return graph
