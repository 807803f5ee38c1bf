"""What an equal split carries of every permutation: one price per sender for each kind of arc.

Keys: `network`, `switch_graph` (digest), `generators` of a symmetry group, and `prices`, a list of {`arc`: [tail,
head], `of`: one whole number per switch that holds endpoints, in multiples of 2^-36}; arcs without prices have 0.

Let f(s, t) be the part of what s sends to t that crosses an arc, and R(s) the line rate of all endpoints on s. Any
traffic within the line rates puts on the arc at most the sum over s of R(s) b(s) and over t of R(t) a(t), where b are
the prices and a(t) = max(0, max over s of f(s, t) - b(s)): each unit from s to t is paid for by b(s) + a(t) >= f(s, t).
It is also at most the sum over s of R(s) times the largest f(s, t). Every f is rounded up. Arcs of one verified orbit
have the same worst load, so the least member of each is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.bounds.flows import hops_to
from topo.certificates.reading.bundles import bundles_of
from topo.certificates.reading.flow_graph import FlowGraph, all_to_all_graph, switch_graph
from topo.certificates.reading.symmetry import verified_orbits
from topo.certificates.reading.whole import number_list, parts, rows, whole
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.speed import exact, speeds

PRICE_ONE = 1 << 36
"""Prices are whole numbers of this many parts of one: divisions are rounded up, against the claim."""
MOST_STEPS = 4e9
"""Arcs times destinations times kinds of arcs that are counted."""


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """`network_lower`: the least throughput of any permutation between the switches, line rate being 1."""
    network = str(certificate.get("network"))
    graph = switch_graph(fabric, network)
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    flow_graph = all_to_all_graph(graph, Fraction(1))
    bundles = bundles_of(fabric, network, graph.device, flow_graph)
    orbits = verified_orbits(flow_graph, certificate)
    for column in (bundles.links, bundles.slowest):
        if (column != column[orbits.arc]).any():
            raise CertificateError("a generator takes a bundle to one of other links")
    chosen = np.unique(orbits.arc)
    senders = np.flatnonzero(flow_graph.sends)
    if float(len(chosen)) * len(flow_graph.tail) * len(senders) > MOST_STEPS:
        raise CertificateError(f"{len(chosen):,} kinds of arcs are too many to count")
    prices = _prices(flow_graph, certificate, chosen, senders)
    loads = _worst_loads(flow_graph, bundles.links.astype(np.int64), chosen, senders, prices)
    rate = whole(speeds(np.bincount(graph.at, graph.rate, flow_graph.nodes)))[1]
    room = (bundles.links[chosen] * bundles.slowest[chosen]).tolist()
    result = [exact(speed) * PRICE_ONE / (load * rate) for speed, load in zip(room, loads, strict=True) if load]
    return {"network_lower": min(result)} if result else {}


def permuted(fabric: Fabric, intact: Fabric, network: str, certificate: Mapping[str, Any]) -> Fraction:
    """How many times a certificate proves that the switches of this network carry every traffic within the line rates.

    Raises CertificateError where it is about something else or proves no lower bound.
    """
    if certificate.get("network") != network or certificate.get("kind") != "worst-permutation":
        raise CertificateError("a permutation that bounds a bisection is one of the same network")
    t = check(fabric, intact, certificate).get("network_lower")
    if t is None:
        raise CertificateError("the certificate proves no throughput from below")
    return t


def _prices(
    graph: FlowGraph, certificate: Mapping[str, Any], chosen: IntArray, senders: IntArray
) -> dict[int, IntArray]:
    """Prices by row of `chosen`."""
    result: dict[int, IntArray] = {}
    for entry in parts(certificate, "prices"):
        arc = rows(entry.get("arc"), "arc", graph.nodes)
        numbers = number_list(entry.get("of"), "prices", 1, 0)
        if len(arc) != 2 or len(numbers) != len(senders) or max(numbers, default=0) > 2 * PRICE_ONE:
            raise CertificateError("prices are one number for each switch that holds endpoints, of an arc")
        row = int(np.searchsorted(chosen, graph.arcs_of(arc[:1], arc[1:])[0]))
        if row == len(chosen) or chosen[row] != graph.arcs_of(arc[:1], arc[1:])[0]:
            raise CertificateError("prices are of the least arc of an orbit")
        if row in result or len(entry) != 2:
            raise CertificateError("an arc has prices twice, or something beside them")
        result[row] = np.array(numbers, dtype=np.int64)
    return result


def _worst_loads(
    graph: FlowGraph, part_of: IntArray, chosen: IntArray, senders: IntArray, prices: Mapping[int, IntArray]
) -> list[int]:
    """For each chosen arc, what any traffic within the line rates puts on it at most: units times PRICE_ONE."""
    if int(np.bincount(graph.tail, part_of, graph.nodes).max(initial=0)) >= 2**16:
        raise CertificateError("too many links leave one switch")
    rate = [int(x) for x in graph.sends[senders].tolist()]
    none = np.zeros(len(senders), dtype=np.int64)
    price = [prices.get(i, none) for i in range(len(chosen))]
    highest = [none.copy() for _ in chosen]
    paid = [sum(r * p for r, p in zip(rate, of.tolist(), strict=True)) for of in price]
    for t, received in zip(senders.tolist(), rate, strict=True):
        hops = hops_to(graph, t)
        nearer = np.flatnonzero((hops[graph.tail] > 0) & (hops[graph.head] == hops[graph.tail] - 1))
        total = np.bincount(graph.tail[nearer], part_of[nearer], graph.nodes).astype(np.int64)
        step = hops[graph.tail[nearer]]
        levels = [nearer[step == h] for h in range(int(step.max(initial=0)) + 1)]
        for i, arc in enumerate(chosen.tolist()):
            u = graph.tail[arc]
            if hops[u] <= 0 or hops[graph.head[arc]] != hops[u] - 1:
                continue
            crossing = np.zeros(graph.nodes, dtype=np.int64)
            crossing[u] = -(-PRICE_ONE * int(part_of[arc]) // int(total[u]))
            for arcs in levels[int(hops[u]) + 1 :]:
                below = np.bincount(graph.tail[arcs], part_of[arcs] * crossing[graph.head[arcs]], graph.nodes)
                busy = np.flatnonzero(below)
                crossing[busy] = -(-below[busy].astype(np.int64) // total[busy])
            own = crossing[senders]
            np.maximum(highest[i], own, out=highest[i])
            paid[i] += received * max(int((own - price[i]).max(initial=0)), 0)
    simple = [sum(r * h for r, h in zip(rate, of.tolist(), strict=True)) for of in highest]
    return [min(a, b) for a, b in zip(paid, simple, strict=True)]


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    said = "least throughput of any permutation under spray routing, endpoint links left out"
    return {"traffic": "worst-permutation", "routing": "spray"}, said


kinds.add("worst-permutation", Kind(check, asked, ("switch_graph", "generators", "prices")))
