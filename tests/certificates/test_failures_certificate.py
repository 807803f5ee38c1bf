"""Certificates of single failures: they cover every failure, and are refused when anything is changed."""

import json
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

from tests.analysis.failures.test_single import small
from tests.certificates.common import changed, designed, less, random_fabric
from topo.analysis.failures import failures_proof, lost, single_failures
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.certificates.reading.cut_off import cut_off
from topo.errors import CertificateError
from topo.fabric import TIER_NAMES, Fabric
from topo.importers.networkx_graph import from_networkx


def proof_of(fabric: Fabric, what: str, traffic: str = "all-to-all", routing: str = "adaptive") -> dict:
    rows = single_failures(fabric, [what], 0, traffic, routing)
    found = failures_proof(fabric, 0, rows)
    assert found is not None
    return json.loads(json.dumps(found))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("what", ["cable", "nic", "host", "leaf", "spine", "plane"])
@pytest.mark.parametrize("traffic", ["all-to-all", "gpu-all-to-all"])
def test_a_family_by_few_representatives(what, traffic):
    fabric = designed("family: mpft", 1024)
    rows = single_failures(fabric, [what], 0, traffic)
    proved = verify_certificate(fabric, proof_of(fabric, what, traffic))
    assert float(proved.bounds["lower"]) == min(row.lower for row in rows)
    assert float(proved.bounds["upper"]) == min(row.upper for row in rows)
    assert proved.bounds["cut_off"] == max(row.cut_off for row in rows)
    assert proved.bounds["hosts_cut_off"] == max(len(row.lost.hosts) for row in rows)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("what", ["cable", "switch", "nic", "host"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_proved_holds_for_every_failure(seed, what):
    """Everything of the kind taken away one by one: none cuts off more, and the worst is what is claimed."""
    graph = nx.MultiGraph([(0, 1), (1, 2), (2, 3), (3, 0), (3, 4), (4, 5), (5, 3), (0, 1)][: 6 + seed])
    for node in graph:
        graph.nodes[node]["endpoints"] = 1 + (node + seed) % 3
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = from_networkx(graph)
    proved = verify_certificate(fabric, proof_of(fabric, what, routing="spray")).bounds
    if what == "cable":
        without = [{"links": [i]} for i in fabric.links.id.tolist()]
    elif what == "nic":
        without = [{"links": [i]} for i in fabric.links.id[fabric.endpoint_link].tolist()]
    else:
        wanted = fabric.is_host if what == "host" else ~fabric.is_host
        without = [{"devices": [name]} for name in fabric.devices.name[wanted].tolist()]
    gone = [lost(fabric, fabric.without(**one)) for one in without]
    assert proved["cut_off"] == max(one.gpus for one in gone)
    assert proved["hosts_cut_off"] == max(len(one.hosts) for one in gone)
    assert len(without) >= len(proof_of(fabric, what)["representatives"])


@pytest.mark.parametrize("family", ["family: ft2", "family: mpft", "family: mrft", "random"])
def test_who_is_cut_off_is_counted_alike_by_both(family):
    fabric = random_fabric(3) if family == "random" else designed(family, 128)
    rng = np.random.default_rng(7)
    for _ in range(12):
        links = rng.random(len(fabric.links)) > 0.3
        devices = (rng.random(len(fabric.devices)) > 0.1) | fabric.is_host
        names = fabric.devices.name[~devices].tolist()
        expected = lost(fabric, fabric.without(links=fabric.links.id[~links].tolist(), devices=names))
        found = cut_off(fabric, 0, links, devices)
        assert (found.endpoints, found.gpus, found.hosts) == (expected.endpoints, expected.gpus, len(expected.hosts))


def test_changes_are_refused():
    fabric = designed("family: mpft", 1024)
    good = proof_of(fabric, "cable")
    verify_certificate(fabric, good)
    assert len(good["representatives"]) == 2
    leaf = proof_of(fabric, "leaf")
    value = Fraction(good["claim"]["lower"])
    one, two = good["representatives"]
    inner = changed(one, "proof", "claim", "lower", str(value * 2))
    other = changed(one, "proof", two["proof"])
    gone = good["generators"]
    bad = [
        (changed(good, "representatives", [one]), "no representative"),
        (changed(good, "representatives", [two]), "no representative"),
        (changed(good, "representatives", [one, one]), "no representative"),
        (changed(good, "representatives", leaf["representatives"]), "no failure of this kind"),
        (changed(good, "representatives", [one, {"without": {"links": [10**6]}}]), "no failure of this kind"),
        (changed(good, "representatives", [inner, two]), "claims lower"),
        (changed(good, "representatives", [other, two]), "another failure"),
        (changed(good, "representatives", [less(one, "proof"), two]), "claims lower"),
        (changed(good, "generators", gone[:1]), "no representative"),
        (
            changed(good, "generators", [*gone[1:], changed(gone[0], "to", gone[0]["moved"][::-1])]),
            "generator|represent",
        ),
        (changed(good, "generators", [{"moved": [0, 1], "to": [1, 1]}]), "no permutation"),
        (changed(good, "generators", [*gone, {"moved": [0, 9], "to": [9, 0]}]), "generator"),
        (changed(good, "generators", [*gone, {"moved": [0, 10**5], "to": [10**5, 0]}]), "beyond"),
        (changed(good, "claim", "lower", str(value * 2)), "claims lower"),
        (changed(good, "claim", "upper", str(value / 2)), "claims upper"),
        (changed(good, "claim", "cut_off", 1), "claims cut_off"),
        (changed(good, "claim", "hosts_cut_off", 1), "claims hosts_cut_off"),
        (changed(good, "question", "what", "spine"), "no failure of this kind"),
        (changed(good, "question", "what", "rack"), "nothing of kind"),
        (changed(good, "question", "traffic", "gpu-all-to-all"), "another question"),
        (changed(good, "question", "traffic", "permutation"), "no throughput"),
        (changed(good, "question", "routing", "spray"), "no throughput"),
        (changed(good, "question", "routing", "adaptive:paths=minimal"), "another question"),
        (changed(good, "without", {"devices": ["spine-000"]}), "has not what|intact"),
        (changed(good, "switch_graph", "x"), "another fabric"),
        (less(good, "claim"), "no part 'claim'"),
        (less(good, "generators"), "no list 'generators'"),
        (less(good, "representatives"), "no list 'representatives'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_hosts_of_unlike_gpus_do_not_stand_for_each_other():
    """A leaf of two hosts and a leaf of one: no generator may exchange them, though their links are alike."""
    fabric = designed("family: ft2", 256)
    name = str(fabric.devices.name[fabric.is_host][-1])
    smaller = fabric.without(devices=[name])
    good = proof_of(smaller, "leaf")
    verify_certificate(smaller, good)
    whole = proof_of(fabric, "leaf")
    assert len(good["representatives"]) == len(whole["representatives"]) + 1
    with pytest.raises(CertificateError, match="another fabric"):
        verify_certificate(smaller, whole)
    stolen = changed(good, "generators", whole["generators"])
    with pytest.raises(CertificateError, match="generator"):
        verify_certificate(smaller, stolen)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("family", ["ft2", "mrft"])
@pytest.mark.parametrize("traffic", ["all-to-all", "gpu-all-to-all"])
def test_domains_that_join_hosts_on_different_switches(family, traffic):
    """Two hosts a leaf, domains of three: what is proved is what taking every switch and host away one by one gives,
    and permutations of the same network without domains are refused."""
    fabric, alone = small(family, 8, 8, per_domain=3), small(family, 8, 8)
    for what in ("leaf", "host"):
        good = proof_of(fabric, what, traffic)
        proved = verify_certificate(fabric, good).bounds
        mine = fabric.devices.name[fabric.devices.tier == TIER_NAMES.index(what)].tolist()
        gone = [lost(fabric, fabric.without(devices=[name])) for name in mine]
        left = [throughput(fabric.without(devices=[name]), traffic, baseline=fabric) for name in mine]
        assert proved["cut_off"] == max(one.gpus for one in gone)
        assert proved["hosts_cut_off"] == max(len(one.hosts) for one in gone)
        assert float(proved["lower"]) == min(one.lower for one in left)
        assert float(proved["upper"]) == min(one.upper for one in left)
        stolen = proof_of(alone, what, traffic)
        assert len(stolen["representatives"]) < len(good["representatives"])
        with pytest.raises(CertificateError, match=r"generator|no representative"):
            verify_certificate(fabric, stolen)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["cable", "nic", "leaf", "spine", "core"])
def test_all_failures_at_16384_gpus(what):
    fabric = designed("family: ft3", 16384)
    certificate = proof_of(fabric, what)
    verify_certificate(fabric, certificate)
    assert len(json.dumps(certificate)) < 5_000_000
