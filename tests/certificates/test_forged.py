"""False certificates, made by hand: what a review could make verify, and what is like it."""

from __future__ import annotations

import copy
from fractions import Fraction
from itertools import combinations
from typing import Any

import networkx as nx
import pytest

import topo
from topo.analysis.deadlock.deadlock import deadlock
from topo.analysis.deadlock.proof import deadlock_proof
from topo.certificates import switch_graph_digest
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

TRAFFICS = (
    "all-to-all",
    "permutation:seed=3",
    "shift:k=3",
    "hot-spot:count=2",
    "longest-matching",
    "worst-permutation",
)
ROUTINGS = ("adaptive", "adaptive:paths=minimal", "spray", "static", "ecmp:qp=2,seeds=3", "ecmp")
BEYOND = [2**63, -(2**63), 10**400, "1e5000", "1e100000000", "é", 1.0, True, None, [None, 1, "x"], float("inf"), {}]


def fabric_of(graph: nx.Graph, endpoints: int = 2) -> Fabric:
    many = nx.MultiGraph(graph)
    nx.set_node_attributes(many, endpoints, "endpoints")
    nx.set_edge_attributes(many, 400, "gbps")
    return from_networkx(many)


@pytest.fixture(scope="module")
def ring() -> Fabric:
    return fabric_of(nx.cycle_graph(8))


def edited(certificate: dict[str, Any], **question: Any) -> dict[str, Any]:
    return {**certificate, "question": {**certificate["question"], **question}}


def test_the_question_is_derived_and_a_label_of_another_one_is_refused(ring: Fabric) -> None:
    """Every traffic under every routing verifies as itself, and under no other name."""
    for traffic in TRAFFICS:
        for routing in ROUTINGS:
            good = topo.throughput(ring, traffic, routing).certificate
            found = topo.verify_certificate(ring, good)
            assert found.question.get("called", found.question["traffic"]) == traffic
            assert (found.question["routing"], found.network, found.without) == (routing, "compute", {})
            for other in {*TRAFFICS, "permutation:seed=4", "shift:k=4", "hot-spot"} - {traffic}:
                with pytest.raises(CertificateError):
                    topo.verify_certificate(ring, edited(good, traffic=other))
            for other in {*ROUTINGS, "ecmp:qp=16,seeds=100", "spray:split=next-hop"} - {routing}:
                if traffic == "worst-permutation" or other.partition(":")[0] == routing.partition(":")[0]:
                    with pytest.raises(CertificateError):
                        topo.verify_certificate(ring, edited(good, routing=other))


def test_any_path_flows_are_not_minimal_ones() -> None:
    """A hot spot behind a short way: any paths carry more than the shortest."""
    fabric = fabric_of(nx.cycle_graph(5), 2)
    good = topo.throughput(fabric, "shift:k=2", "adaptive").certificate
    minimal = topo.throughput(fabric, "shift:k=2", "adaptive:paths=minimal")
    assert minimal.network_upper < float(Fraction(good["claim"]["network_lower"]))
    for label in ({"routing": "adaptive:paths=minimal"}, {"routing": "adaptive:paths=minimal", "paths": "minimal"}):
        with pytest.raises(CertificateError, match="paths"):
            topo.verify_certificate(fabric, edited(good, **label))


def test_one_seed_is_not_a_hundred(ring: Fabric) -> None:
    one = topo.throughput(ring, routing="ecmp:seeds=1").certificate
    for label in ("ecmp:qp=16,seeds=100", "ecmp:seeds=2", "ecmp", "ecmp:seed=2,seeds=1", "ecmp:polarised=true,seeds=1"):
        with pytest.raises(CertificateError):
            topo.verify_certificate(ring, edited(one, routing=label))
    proved = topo.verify_certificate(ring, one)
    assert proved.question["seeds"] == [1, 1]
    assert "1 seeds from 1" in proved.statement


def test_multipliers_that_wrap_lift_no_bound(ring: Fabric) -> None:
    """Four triangles whose multipliers add up to nothing in 64 bits, and to a great deal in truth."""
    network = ring.networks[0]
    honest = topo.bisection(ring)
    assert honest.exact
    assert honest.upper_gbps == least_cut(nx.cycle_graph(8), 2)
    triangles = [x for row in range(4) for x in (0, 1, 2, row, 2**62 - 1)]
    for mu in (triangles, [0, 1, 2, 0, 2**61] * 8, [0, 1, 2, 0, 2**53]):
        bound = {"method": "spectral", "component": 0, "scale": 1, "weight": 0, "d": [2**20], "triangles": mu}
        forged = {**honest.certificate, "network": network, "lower": honest.certificate["upper"] * 4, "bounds": [bound]}
        with pytest.raises(CertificateError, match=r"multipliers|twice"):
            topo.verify_certificate(ring, forged)


def least_cut(graph: nx.Graph, endpoints: int) -> float:
    """Brute force over all halves of the hosts, which hang one to an endpoint; 400 Gb/s links."""
    switches, best = list(graph), float("inf")
    hosts = [s for s in switches for _ in range(endpoints)]
    for size in range(len(switches) + 1):
        for side in combinations(switches, size):
            inside = set(side)
            cut = 400 * sum((u in inside) != (v in inside) for u, v in graph.edges)
            best = min(best, cut + 400 * abs(sum(h in inside for h in hosts) - len(hosts) // 2))
    return best


@pytest.mark.parametrize("routing", ["spray", "ecmp", "adaptive"])
def test_tables_prove_lanes_of_static_routing_alone(ring: Fabric, routing: str) -> None:
    network = ring.networks[0]
    of_tables = deadlock_proof(ring, network, deadlock(ring, network, "static"))
    assert of_tables is not None
    with pytest.raises(CertificateError, match="paths of"):
        topo.verify_certificate(ring, edited(of_tables, routing=routing))
    proved = topo.verify_certificate(ring, deadlock_proof(ring, network, deadlock(ring, network, routing)))
    assert proved.upper == 2


def test_tables_of_no_rule_are_only_listed(ring: Fabric) -> None:
    """A path goes round the ring the long way: these tables are not those of `static`, and are not called so."""
    good = topo.throughput(ring, routing="static").certificate
    by_rule = topo.throughput(ring, routing="static:rule=minhop").certificate
    assert topo.verify_certificate(ring, edited(by_rule, routing="static")).question["routing"] == "static"
    assert topo.verify_certificate(ring, good).question["routing"] == "static"


def test_an_endpoint_limit_is_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    from topo.analysis.throughput import answer

    monkeypatch.setattr(answer, "MOST_STATED_FLOWS", 1)
    fabric = fabric_of(nx.cycle_graph(6))
    good = topo.throughput(fabric, "hot-spot:count=2").certificate
    assert good["demand"]["form"] == "pairs"
    topo.verify_certificate(fabric, good)
    for limit in ("-5", "2", "0"):
        forged = {**good, "demand": {**good["demand"], "endpoint_limit": limit}}
        with pytest.raises(CertificateError, match="endpoint limit"):
            topo.verify_certificate(fabric, forged)
    without = {key: value for key, value in good["demand"].items() if key != "endpoint_limit"}
    assert topo.verify_certificate(fabric, {**good, "demand": without}).lower is not None
    with pytest.raises(CertificateError, match="not stated one by one"):
        topo.verify_certificate(fabric, edited(good, traffic="matrix:file=x.csv"))


def rerouted(fabric: Fabric, flow: list[int], claim: dict[str, str]) -> dict[str, Any]:
    network = fabric.networks[0]
    return {
        "kind": "rerouted",
        "network": network,
        "switch_graph": switch_graph_digest(fabric, network),
        "question": {"what": "link", "traffic": "all-to-all", "routing": "adaptive"},
        "intact": topo.throughput(fabric).certificate,
        "generators": [],
        "detours": [{"from": flow[0], "to": flow[1], "flow": flow}],
        "claim": claim,
    }


def test_what_a_bridge_parts_bounds_nothing_from_above() -> None:
    """Two switches and one link: without it nobody sends anybody anything, and nothing is exactly 0."""
    fabric = fabric_of(nx.path_graph(2))
    with pytest.raises(CertificateError, match="claims upper 0"):
        topo.verify_certificate(fabric, rerouted(fabric, [0, 1, 1], {"lower": "0", "upper": "0"}))
    assert topo.verify_certificate(fabric, rerouted(fabric, [0, 1, 1], {"lower": "0"})).upper is None


@pytest.mark.sampled(2)
@pytest.mark.parametrize("beyond", BEYOND, ids=lambda value: str(value)[:12])
def test_nothing_but_a_refusal_comes_of_what_is_malformed(ring: Fabric, beyond: object) -> None:
    """Every entry of a certificate of every kind, replaced by what no certificate holds."""
    network = ring.networks[0]
    some = [topo.throughput(ring, "permutation", routing).certificate for routing in ROUTINGS[:5]]
    some += [topo.bisection(ring).certificate, deadlock_proof(ring, network, deadlock(ring, network, "static"))]
    some += [rerouted(ring, [0, 1, 1], {"lower": "0"})]
    for good in some:
        for path in paths(good):
            try:
                proved = topo.verify_certificate(ring, replaced(good, path, beyond))
            except CertificateError:
                continue
            assert beyond in (None, True, {}) or path[0] in ("demand", "claim", "proofs"), (path, beyond, proved)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of a certificate, of long lists the first three."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:3] if isinstance(value, list) else ()
    return [(*at, key) for key, _ in inner] + [path for key, one in inner for path in paths(one, (*at, key))]


def replaced(value: Any, path: tuple[Any, ...], by: object) -> Any:
    found = copy.deepcopy(value)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = by
    return found


@pytest.mark.parametrize(
    "lost", [{"links": [-1]}, {"links": ["0"]}, {"devices": [0]}, {"more": []}, {"links": [0, 0]}, []]
)
def test_what_is_taken_away_is_named_by_id_and_name(ring: Fabric, lost: object) -> None:
    with pytest.raises(CertificateError):
        topo.verify_certificate(ring, {**topo.throughput(ring).certificate, "without": lost})


def test_a_key_that_nothing_reads_is_refused(ring: Fabric) -> None:
    good = topo.throughput(ring).certificate
    for forged in ({**good, "exact": True}, {**good, "question": {**good["question"], "seeds": [1, 5]}}):
        with pytest.raises(CertificateError, match="nothing reads"):
            topo.verify_certificate(ring, forged)
    with pytest.raises(CertificateError, match="another fabric"):
        topo.verify_certificate(ring, {**good, "fabric": "another"})


def test_unlike_speeds_are_counted_exactly() -> None:
    """400 and 400/3 Gb/s have no small common unit."""
    graph = nx.MultiGraph(nx.cycle_graph(5))
    for node, gbps in enumerate((400, 400 / 3, 123.456, 400, 100 / 7)):
        graph.nodes[node].update(endpoints=2, endpoint_gbps=gbps)
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    for routing in ("ecmp", "ecmp:qp=3,split=next-hop", "static", "spray"):
        found = topo.throughput(fabric, routing=routing)
        proved = topo.verify_certificate(fabric, found.certificate)
        assert float(proved.bounds["network_lower"]) == pytest.approx(found.network_lower)


@pytest.mark.sampled(6)
@pytest.mark.parametrize("routing", ["static", "ecmp:seeds=2", "spray", "adaptive"])
@pytest.mark.parametrize("traffic", ["all-to-all", "permutation", "worst-permutation"])
def test_random_failures_verify_under_every_routing(ring: Fabric, traffic: str, routing: str) -> None:
    from topo.analysis.failures import draws_proof, random_failures

    rows = random_failures(ring, "cable", 2, range(2), 0, traffic, routing).rows
    certificate = draws_proof(ring, 0, range(2), rows)
    proved = topo.verify_certificate(ring, certificate)
    assert proved.question["routing"] == routing
    with pytest.raises(CertificateError):
        topo.verify_certificate(ring, edited(certificate, routing="static:rule=ftree"))
