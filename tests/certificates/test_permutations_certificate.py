"""Certificates of worst permutations: prices that hold for every permutation, refused when anything is changed."""

import itertools
import json
from fractions import Fraction
from functools import cache

import networkx as nx
import numpy as np
import pytest

from tests.certificates.common import KEYS, changed, designed, less, random_fabric
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.certificates._channels import bundled, channels_of
from topo.certificates._crossing import crossings
from topo.certificates._flow_graph import switch_graph
from topo.errors import CertificateError
from topo.importers.networkx_graph import from_networkx

SMALL = {
    "prism": nx.circular_ladder_graph(3),
    "ring": nx.cycle_graph(6),
    "wheel": nx.wheel_graph(6),
    "tree": nx.balanced_tree(2, 2),
    "k23": nx.complete_bipartite_graph(2, 3),
    "random": nx.gnm_random_graph(7, 10, seed=4),
}


def small(name: str):
    """At most seven endpoints, one on a switch."""
    graph = nx.MultiGraph(SMALL[name])
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    u, v = next(iter(graph.edges()))[:2]
    graph.add_edge(u, v, gbps=200)
    return graph


def least_of_all(graph: nx.MultiGraph) -> Fraction:
    """The least spray throughput over every permutation, flow by flow in fractions."""
    far = dict(nx.all_pairs_shortest_path_length(nx.Graph(graph)))

    @cache
    def loads(s, t) -> dict:
        if s == t:
            return {}
        ports = [(s, x, k) for x in graph[s] if far[x][t] == far[s][t] - 1 for k in graph[s][x]]
        found: dict = {}
        for port in ports:
            for link, load in [(port, Fraction(1)), *loads(port[1], t).items()]:
                found[link] = found.get(link, Fraction(0)) + load / len(ports)
        return found

    nodes = list(graph)
    worst = Fraction(10**9)
    for image in itertools.permutations(nodes):
        total: dict = {}
        for s, t in zip(nodes, image, strict=True):
            for link, load in loads(s, t).items():
                total[link] = total.get(link, Fraction(0)) + load
        for (u, v, k), load in total.items():
            worst = min(worst, Fraction(graph[u][v][k]["gbps"]) / (400 * load))
    return worst


@pytest.mark.parametrize("name", sorted(SMALL))
def test_every_permutation_of_a_small_graph(name):
    graph = small(name)
    fabric = from_networkx(graph)
    found = throughput(fabric, "worst-permutation", "spray")
    proved = verify_certificate(fabric, json.loads(json.dumps(found.certificate)))
    assert proved.kind == "permutations"
    truth = least_of_all(graph)
    assert proved.bounds["network_lower"] == truth
    assert proved.bounds["network_upper"] == truth


@pytest.mark.parametrize("routing", ["spray", "adaptive"])
@pytest.mark.parametrize("compute", ["family: ft2", "family: mrft", "family: slim-fly, q: 5, p: 4"])
def test_families(compute, routing):
    fabric = designed(compute, 200 if "fly" in compute else 512)
    found = throughput(fabric, "worst-permutation", routing)
    proved = verify_certificate(fabric, found.certificate)
    for key in KEYS:
        assert float(proved.bounds[key]) == pytest.approx(getattr(found, key), rel=1e-12)


@pytest.mark.parametrize("of", ["static", "ecmp"])
def test_only_the_upper_end_of_other_routings(of):
    fabric = designed("family: ft2", 256)
    found = throughput(fabric, f"worst-permutation:of={of}", "static" if of == "static" else "ecmp:seeds=2")
    proved = verify_certificate(fabric, found.certificate).bounds
    assert proved["network_lower"] == 0
    assert float(proved["network_upper"]) == pytest.approx(found.network_upper, rel=1e-12)


@pytest.mark.parametrize("per_port", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_crossings_flow_by_flow(seed, per_port):
    fabric = random_fabric(seed, 10)
    graph = switch_graph(fabric, fabric.networks[0])
    channels = bundled(channels_of(fabric, graph))
    n = channels.switches
    part = channels.links if per_port else np.ones(len(channels), dtype=np.int64)
    plain = nx.Graph(list(zip(channels.tail.tolist(), channels.head.tolist(), strict=True)))
    far = dict(nx.all_pairs_shortest_path_length(plain))

    def shares(s: int, t: int) -> dict[int, Fraction]:
        held, found = {s: Fraction(1)}, {}
        for _ in range(far[s][t]):
            onwards: dict[int, Fraction] = {}
            for v, amount in held.items():
                ways = [
                    c for c in range(len(channels)) if channels.tail[c] == v and far[channels.head[c]][t] < far[v][t]
                ]
                total = sum(int(part[c]) for c in ways)
                for c in ways:
                    found[c] = found.get(c, Fraction(0)) + amount * int(part[c]) / total
                    head = int(channels.head[c])
                    onwards[head] = onwards.get(head, Fraction(0)) + amount * int(part[c]) / total
            held = onwards
        return found

    expected = {(s, t): shares(s, t) for s in range(n) for t in range(n)}
    everyone, arcs = np.arange(n), np.arange(len(channels))
    seen = 0
    for arc, crossing in crossings(channels, part, arcs, everyone):
        for row, t in zip(crossing.share, crossing.to.tolist(), strict=True):
            for s, share in enumerate(row.tolist()):
                assert Fraction(share, crossing.scale) == expected[s, t].get(arc, 0)
                seen += 1
    assert seen == n * n * len(channels)


def test_changes_are_refused():
    fabric = designed("family: slim-fly, q: 5, p: 4", 200)
    good = throughput(fabric, "worst-permutation", "spray").certificate
    low = Fraction(verify_certificate(fabric, good).bounds["network_lower"])
    first = good["prices"][0]
    shown = good["shown"]
    twice = changed(shown, "demand", "gbps", [2 * x for x in shown["demand"]["gbps"]])
    bad = [
        (changed(good, "claim", "network_lower", str(low * 2)), "claims"),
        (changed(good, "claim", "network_upper", str(low / 2)), "claims"),
        (changed(good, "claim", "lower", "1"), "claims lower"),
        (changed(good, "prices", good["prices"][1:]), "have no prices"),
        (changed(good, "prices", 0, "arc", [0, 0]), "that there is not"),
        (changed(good, "prices", 0, "arc", [0]), "arc"),
        (changed(good, "prices", 0, "scale", 0), "scale"),
        (changed(good, "prices", 0, "a", [0, 1, 0, 1]), "one for each switch"),
        (changed(good, "prices", 0, "a", [10**6, 1]), "one for each switch"),
        (changed(good, "prices", 0, {**first, "scale": first["scale"] * 4}), "claims|proves"),
        (changed(good, "generators", [{"moved": [0, 1], "to": [1, 0]}]), "generator|no prices"),
        (changed(good, "question", "routing", "adaptive"), "another question"),
        (changed(good, "question", "routing", "static"), "say nothing"),
        (changed(good, "question", "split", "flow"), "say nothing"),
        (changed(good, "shown", twice), "line rates allow"),
        (changed(good, "shown", "demand", {"form": "all-to-all"}), "no traffic between endpoints"),
        (changed(good, "shown", "kind", "static"), "another question"),
        (changed(good, "without", {"links": [int(fabric.links.id[-1])]}), "intact"),
        (less(good, "shown"), "no part 'shown'"),
        (less(good, "claim"), "no part 'claim'"),
        (less(good, "prices"), "claims"),
    ]
    for certificate, message in bad:
        with pytest.raises(CertificateError, match=message):
            verify_certificate(fabric, certificate)
