"""Small networks of unlike hosts, speeds, planes and components, with and without failures: capacity and share against
every half of the hosts, each with networkx's minimum cut."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

import topo
from tests.analysis.bisection.oracles import by_constraints
from tests.analysis.drawn import drawn, every, exact_gbps
from tests.slow import slow
from topo.analysis.bisection import bisection
from topo.certificates import verify_certificate
from topo.errors import CertificateError
from topo.fabric import Fabric

SEEDS = 30
MANY = 1000
HOSTS = 11
SOLVED = 10
"""Switches up to which CP-SAT takes milliseconds."""


def by_halves(fabric: Fabric) -> tuple[Fraction, Fraction]:
    """(least capacity in Gb/s, least share) over all halves of the hosts; links counted in whole bit/s."""
    graph, ends = nx.Graph(), fabric.endpoints
    hosts = sorted(set(ends.host.tolist()))
    rate = dict.fromkeys(hosts, Fraction(0))
    for h, gbps in zip(ends.host.tolist(), ends.gbps.tolist(), strict=True):
        rate[h] += exact_gbps(gbps)
    graph.add_nodes_from([*hosts, "a", "b"])
    for a, b, gbps in zip(fabric.link_a.tolist(), fabric.link_b.tolist(), fabric.links.gbps.tolist(), strict=True):
        before = graph.get_edge_data(a, b, {"capacity": 0})["capacity"]
        graph.add_edge(a, b, capacity=before + int(exact_gbps(gbps) * 10**9))
    cuts: list[tuple[Fraction, Fraction]] = []
    for half in combinations(hosts, len(hosts) // 2):
        net = graph.copy()
        for h in hosts:
            net.add_edge(h, "a" if h in half else "b", capacity=10**18)
        cut = Fraction(nx.minimum_cut_value(net, "a", "b"), 10**9)
        mine = sum((rate[h] for h in half), Fraction(0))
        cuts.append((cut, cut / min(mine, sum(rate.values()) - mine)))
    return min(cut for cut, _ in cuts), min(share for _, share in cuts)


def is_exact(fabric: Fabric, intact: Fabric | None = None) -> None:
    """Both ends of both intervals are the truth, and the checker proves them."""
    found = bisection(fabric, baseline=intact)
    least, share = by_halves(fabric)
    assert found.exact
    assert found.lower_gbps == pytest.approx(float(least), rel=1e-12)
    assert found.share_lower == found.share_upper == float(share)
    bounds = verify_certificate(intact or fabric, found.certificate).bounds
    assert bounds == {"lower": least, "upper": least}
    stated = found.certificate["share"]
    assert Fraction(stated["lower"]) == Fraction(stated["upper"]) == share


def small(seed: int) -> Fabric | None:
    """A drawn fabric of few hosts."""
    fabric = drawn(seed, switches=5, planes=2, named_hosts=seed % 4 == 1)
    return fabric if 2 <= len(set(fabric.endpoints.host.tolist())) <= HOSTS else None


def degraded(fabric: Fabric, seed: int) -> Fabric:
    """A device and a link less, where there is more than one of each."""
    rng = np.random.default_rng(seed)
    switches = fabric.devices.name[~fabric.is_host]
    devices = [str(rng.choice(switches))] if len(switches) > 1 and seed % 3 else []
    links = [int(rng.choice(fabric.links.id))] if len(fabric.links) else []
    return fabric.without(links=links, devices=devices)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_halves(seed: int) -> None:
    fabric = small(seed)
    if fabric is None:
        return
    is_exact(fabric)
    less = degraded(fabric, seed)
    if len(set(less.endpoints.host.tolist())) > 1:
        is_exact(less, fabric)


@pytest.mark.slow
def test_all_halves_a_thousand_times() -> None:
    asked = 0
    for seed in range(SEEDS, 20 * MANY):
        fabric = small(seed)
        if fabric is None:
            continue
        is_exact(fabric if seed % 2 else degraded(fabric, seed), None if seed % 2 else fabric)
        asked += 1
        if asked == MANY:
            return


def of_a_family(seed: int) -> None:
    """A family in turn, whole or with links and switches lost: exact up to 25 switches, and up to SOLVED what CP-SAT
    finds."""
    less, intact = every(3 * seed)
    if len(intact.networks) > 1 or len(set(less.endpoints.host.tolist())) < 2:
        return
    found = bisection(less, baseline=intact)
    assert found.exact, seed
    bounds = verify_certificate(intact, found.certificate).bounds
    assert bounds["lower"] == bounds["upper"] == pytest.approx(found.lower_gbps, rel=1e-12), seed
    if (~less.is_host).sum() <= SOLVED:
        assert found.lower_gbps == pytest.approx(by_constraints(less), rel=1e-12), seed


@pytest.mark.parametrize("seed", range(4))
def test_halves_of_families(seed: int) -> None:
    of_a_family(seed)


@pytest.mark.slow
def test_halves_of_families_many_times() -> None:
    for seed in range(4, 104):
        of_a_family(seed)


@pytest.mark.parametrize("nodes", [127, slow(5001)])
def test_one_switch_joins_all_hosts_at_line_rate(nodes: int) -> None:
    """Nodes of eight ports and four management ports on one switch: 1, whatever the halves weigh."""
    graph = nx.MultiGraph()
    graph.add_node("S", endpoints=0)
    for i in range(nodes + 4):
        graph.add_node(f"h{i}", tier="host", gpus=1)
        for _ in range(8 if i < nodes else 1):
            graph.add_edge(f"h{i}", "S", gbps=400)
    fabric = topo.from_networkx(graph)
    found = bisection(fabric)
    assert found.share_lower == found.share_upper == 1.0
    assert found.lower_gbps == found.upper_gbps == (((nodes + 4) // 2 - 4) * 8 + 4) * 400
    verify_certificate(fabric, found.certificate)
    report = topo.check(fabric, requirements=[{"bisection": {"at_least": 1.0}}])
    assert report.verdict == "held"
    assert report.metrics.bisection is not None
    assert report.metrics.bisection["share"] == {"lower": 1.0, "upper": 1.0}


def test_a_fat_tree_of_unlike_hosts_is_full() -> None:
    """Leaves of eight nodes and one of small hosts below four spines: the worst permutation proves the share."""
    graph = nx.MultiGraph()
    for leaf in range(16):
        graph.add_node(f"leaf{leaf}", endpoints=0)
        for spine in range(8):
            graph.add_edge(f"leaf{leaf}", f"spine{spine}", gbps=3200)
        for i in range(8):
            name = f"h{leaf}-{i}"
            graph.add_node(name, tier="host", gpus=1)
            for _ in range(8 if leaf or i < 4 else 1):
                graph.add_edge(name, f"leaf{leaf}", gbps=400)
    for spine in range(8):
        graph.nodes[f"spine{spine}"]["endpoints"] = 0
    fabric = topo.from_networkx(graph)
    found = bisection(fabric)
    assert found.share_lower == found.share_upper == 1.0
    verify_certificate(fabric, found.certificate)
    assert found.certificate["share"]["lower"] == "1"


def test_links_of_unlike_hosts_on_five_switches() -> None:
    graph = nx.complete_graph(5)
    for v in graph:
        graph.nodes[v].update(endpoints=1 + v % 2, endpoint_gbps=(75.0, 225.0)[v % 2])
    nx.set_edge_attributes(graph, 400, "gbps")
    is_exact(topo.from_networkx(graph))


def test_two_parts_of_unlike_size() -> None:
    """Two random graphs that no link joins, each without a bound of its own: the hosts of the smaller go whole."""
    graph = nx.disjoint_union(nx.random_regular_graph(4, 16, seed=1), nx.random_regular_graph(3, 8, seed=2))
    nx.set_node_attributes(graph, 1, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    fabric = topo.from_networkx(graph)
    found = bisection(fabric)
    assert found.exact
    assert found.lower_gbps > 0
    verify_certificate(fabric, found.certificate)


@pytest.mark.parametrize("key", ["lower", "upper"])
def test_a_share_that_is_claimed_is_counted(key: str) -> None:
    fabric = small(3) or drawn(3)
    certificate = dict(bisection(fabric).certificate)
    share = dict(certificate["share"])
    share[key] = str(Fraction(share[key]) + Fraction(1, 10))
    with pytest.raises(CertificateError, match="share"):
        verify_certificate(fabric, {**certificate, "share": share})
