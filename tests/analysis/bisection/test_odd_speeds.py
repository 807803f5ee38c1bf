"""Speeds that are no round numbers: every proved interval holds the least cut of all splits, counted apart."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import networkx as nx
from hypothesis import strategies as st

import topo
from tests.slow import often
from topo.errors import LimitReachedError
from topo.fabric import Fabric

ODD = st.sampled_from([99.9, 12.3, 33.3, 1.1, 0.7, 1 / 3, 2 / 3, 100 / 7, 53.125, 400.0, 1e-6, 0.1, 123456.789, 9e5])


@st.composite
def graphs(draw: st.DrawFn) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    n = draw(st.integers(2, 4))
    for node in range(n):
        graph.add_node(node, endpoints=draw(st.integers(0 if node > 1 else 1, 2)), endpoint_gbps=draw(ODD))
    for node in range(1, n):
        graph.add_edge(node, draw(st.integers(0, node - 1)), gbps=draw(ODD))
    for _ in range(draw(st.integers(0, 5))):
        a, b = draw(st.sampled_from(list(combinations(range(n), 2))))
        graph.add_edge(a, b, gbps=draw(ODD))
    return graph


def least_cut(fabric: Fabric) -> Fraction:
    """Over all splits of the hosts in halves and all sides of the switches; speeds read as written in decimals."""
    links = [
        (int(a), int(b), Fraction(repr(float(gbps))))
        for a, b, gbps in zip(fabric.link_a, fabric.link_b, fabric.links.gbps, strict=True)
    ]
    hosts = [i for i in range(len(fabric.devices)) if fabric.devices.tier[i] == 0]
    switches = [i for i in range(len(fabric.devices)) if fabric.devices.tier[i] != 0]
    best = None
    for chosen in combinations(hosts, len(hosts) // 2):
        for k in range(len(switches) + 1):
            for others in combinations(switches, k):
                side = {*chosen, *others}
                cut = sum((g for a, b, g in links if (a in side) != (b in side)), Fraction(0))
                best = cut if best is None else min(best, cut)
    assert best is not None
    return best


@often(15, 80, graphs())
def test_the_least_cut_lies_between_the_proved_ends(graph: nx.MultiGraph) -> None:
    fabric = topo.from_networkx(graph)
    found = topo.bisection(fabric)
    bounds = topo.verify_certificate(fabric, found.certificate).bounds
    truth = least_cut(fabric)
    assert bounds["lower"] <= truth <= bounds["upper"]
    assert found.exact == (bounds["lower"] == bounds["upper"])


@often(5, 60, graphs(), st.sampled_from(["all-to-all", "shift:k=1", "worst-permutation", "gpu-all-to-all"]))
def test_certificates_of_throughput_hold_and_spray_carries_no_more_than_adaptive(
    graph: nx.MultiGraph, traffic: str
) -> None:
    fabric = topo.from_networkx(graph)
    proved = {}
    for routing in ("adaptive", "spray", "static"):
        if routing == "static" and traffic == "worst-permutation":
            continue
        try:
            found = topo.throughput(fabric, traffic=traffic, routing=routing)
        except LimitReachedError:
            assert traffic == "worst-permutation"
            return
        assert found.certificate is not None
        bounds = topo.verify_certificate(fabric, found.certificate).bounds
        proved[routing] = bounds
        for low, high in (("lower", "upper"), ("network_lower", "network_upper")):
            if high in bounds:
                assert bounds[low] <= bounds[high]
    for key in ("network_lower", "lower"):
        if "network_upper" in proved["adaptive"] and traffic != "worst-permutation":
            assert proved["spray"][key] <= proved["adaptive"][key.replace("lower", "upper")]


def test_sums_of_decimals_and_thirds_are_exact() -> None:
    for ends, between, least in (
        (((3, 99.9), (1, 12.3)), 33.3, Fraction("112.2")),
        (((2, 1 / 3), (2, 1 / 3)), 1.1, Fraction("0.666666666")),
    ):
        graph = nx.Graph()
        for node, (endpoints, gbps) in enumerate(ends):
            graph.add_node(node, endpoints=endpoints, endpoint_gbps=gbps)
        graph.add_edge(0, 1, gbps=between)
        fabric = topo.from_networkx(graph)
        found = topo.bisection(fabric)
        assert found.exact
        assert topo.verify_certificate(fabric, found.certificate).bounds == {"lower": least, "upper": least}
