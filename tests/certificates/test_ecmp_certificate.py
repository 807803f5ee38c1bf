"""Certificates of ECMP: every flow placed again by numpy, and refused when anything is changed."""

import json
from fractions import Fraction

import numpy as np
import pytest

from tests.certificates.common import KEYS, changed, designed, less, random_fabric
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.certificates.kinds.ecmp import _loads
from topo.certificates.reading.channels import FAR, channels_of, distances
from topo.certificates.reading.flow_graph import groups, switch_graph
from topo.certificates.replays.end_demand import EndDemand
from topo.certificates.replays.hash_paths import Hash
from topo.errors import CertificateError

ROUTINGS = ["ecmp:seeds=3", "ecmp:qp=3,seeds=2,seed=9", "ecmp:split=next-hop,seeds=2", "ecmp:polarised=true,seeds=2"]


@pytest.mark.sampled(12)
@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("traffic", ["all-to-all", "permutation:seed=2", "hot-spot"])
@pytest.mark.parametrize("seed", range(3))
def test_random_fabrics(seed, traffic, routing):
    fabric = random_fabric(seed)
    found = throughput(fabric, traffic, routing)
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.kind == "ecmp"
    for key in KEYS:
        assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


def mixed(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


def choice(ways: list[int], x: int) -> int:
    x = (x ^ (x >> 16)) * 0x85EBCA6B % 2**32
    x = (x ^ (x >> 13)) * 0xC2B2AE35 % 2**32
    return ways[len(ways) * (x >> 12) >> 20]


def test_flow_by_flow_in_python_integers():
    """One permutation on a leaf-spine, hashed by the documented formula: the most loaded uplink tells the answer."""
    fabric = designed("family: ft2", 256)
    found = throughput(fabric, "permutation:seed=5", "ecmp:seeds=1,seed=4")
    stated = found.certificate["demand"]
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    golden = 0x9E3779B97F4A7C15

    def word(n: int, kind: int) -> int:
        return mixed((mixed((4 * golden + kind) % 2**64) + (n + 1) * golden) % 2**64) >> 32

    load: dict[int, float] = {}
    for src, dst, gbps in zip(stated["src"], stated["dst"], stated["gbps"], strict=True):
        at, to = int(graph.at[src]), int(graph.at[dst])
        if at == to:
            continue
        key = (word(src, 1) + word(dst, 2) + 0x9E3779B9) % 2**32
        ups = list(range(channels.start[at], channels.start[at + 1]))
        up = choice(ups, key ^ word(at, 3))
        spine = int(channels.head[up])
        downs = [c for c in range(channels.start[spine], channels.start[spine + 1]) if channels.head[c] == to]
        down = choice(downs, key ^ word(spine, 3))
        for channel in (up, down):
            load[channel] = load.get(channel, 0.0) + gbps
    assert max(load.values()) * found.network_lower == pytest.approx(400.0)
    assert float(verify_certificate(fabric, found.certificate).bounds["network_lower"]) == found.network_lower


def test_every_flow_of_4096_gpus():
    """More senders than are hashed at once, some of them with shorter paths."""
    fabric = designed("family: ft3", 4096)
    found = throughput(fabric, routing="ecmp:seeds=1")
    assert float(verify_certificate(fabric, found.certificate).bounds["lower"]) == found.lower


def test_as_many_flows_leave_as_arrive():
    """Every sender's flows cross one channel out of its switch and one into each receiver's, however they are cut into
    chunks."""
    fabric = designed("family: ft3", 2048)
    graph = switch_graph(fabric, "compute")
    channels = channels_of(fabric, graph)
    demand = EndDemand(np.ones(2048, dtype=np.int64), groups(graph), None, Fraction(1), None)
    load = next(_loads(channels, graph.at, demand, [Hash(3, 2, False)]))
    per_leaf = np.bincount(graph.at, minlength=channels.switches)
    out = np.bincount(channels.tail, weights=load, minlength=channels.switches)
    into = np.bincount(channels.head, weights=load, minlength=channels.switches)
    sent = 2 * per_leaf * (2048 - per_leaf)
    leaves = per_leaf > 0
    assert np.array_equal(out[leaves], sent[leaves])
    assert np.array_equal(into, out)


@pytest.mark.slow
def test_every_flow_of_16384_gpus():
    fabric = designed("family: ft3", 16384)
    found = throughput(fabric, routing="ecmp")
    assert float(verify_certificate(fabric, found.certificate).bounds["lower"]) == found.lower
    assert len(json.dumps(found.certificate)) < 5000


def test_failures_keep_the_names_of_the_degraded_fabric():
    whole = designed("family: ft2", 256)
    broken = whole.without(devices=["spine-001"], links=[int(whole.links.id[3]), int(whole.links.id[-1])])
    found = throughput(broken, routing="ecmp:seeds=2", baseline=whole)
    proved = verify_certificate(whole, found.certificate)
    assert float(proved.bounds["lower"]) == found.lower < 1


def test_changes_are_refused():
    fabric = designed("family: ft2", 256)
    good = throughput(fabric, routing="ecmp:seeds=3").certificate
    verify_certificate(fabric, good)
    low, high = Fraction(good["claim"]["network_lower"]), Fraction(good["claim"]["network_upper"])
    assert low < high
    sample = good["claim"]["samples"][1]
    bad = [
        (changed(good, "claim", "network_lower", str(low * Fraction(1001, 1000))), "claims network_lower"),
        (changed(good, "claim", "network_upper", str(high * Fraction(999, 1000))), "claims network_upper"),
        (changed(good, "claim", "upper", "1/2"), "claims upper"),
        (changed(good, "claim", "samples", 1, [str(Fraction(x) * Fraction(9, 10)) for x in sample]), "seed 2 reaches"),
        (changed(good, "claim", "samples", good["claim"]["samples"][:2]), "one for each seed"),
        (changed(good, "question", "seeds", [2, 3]), "seed"),
        (changed(good, "question", "seeds", [1, 0]), "seeds"),
        (changed(good, "question", "queue_pairs", 2), "reaches"),
        (changed(good, "question", "queue_pairs", 0), "queue pairs"),
        (changed(good, "question", "polarised", True), "reaches"),
        (changed(good, "question", "polarised", "no"), "true or false"),
        (changed(good, "question", "split", "flow"), "no hash chooses"),
        (changed(good, "demand", "form", "pairs"), "no demand between endpoints"),
        (changed(good, "switch_graph", "x"), "another fabric"),
        (less(good, "claim"), "no part 'claim'"),
        (less(good, "question"), "no part 'question'"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)


def test_flows_that_no_path_joins_are_refused():
    fabric = designed("family: ft2", 256)
    good = throughput(fabric, "permutation:seed=5", "ecmp:seeds=1").certificate
    spines = [str(name) for name in fabric.devices.name if str(name).startswith("spine")]
    islands = fabric.without(devices=spines)
    own = changed(good, "switch_graph", switch_graph(islands, "compute").digest) | {"without": {"devices": spines}}
    with pytest.raises(CertificateError, match="not that of permutation:seed=5"):
        verify_certificate(fabric, own)


@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_networkx(seed):
    import networkx as nx

    fabric = random_fabric(seed, 90).without(links=range(0, 60, 3))
    graph = switch_graph(fabric, fabric.networks[0])
    channels = channels_of(fabric, graph)
    found = distances(channels, np.arange(channels.switches))
    plain = nx.Graph()
    plain.add_nodes_from(range(channels.switches))
    plain.add_edges_from(zip(channels.tail.tolist(), channels.head.tolist(), strict=True))
    expected = np.full(found.shape, FAR)
    for node, far in nx.all_pairs_shortest_path_length(plain):
        expected[node, list(far)] = list(far.values())
    assert np.array_equal(found, expected)
