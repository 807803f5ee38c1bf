"""The loss of any one link between switches, by the ways around it.

Keys: `fabric`, `network`, `switch_graph` (digest), `question` (`what` is link, `traffic` all-to-all, `routing`
adaptive), `intact` (the certificate of that throughput with nothing lost), `generators` (permutations of the switches
that keep capacities, whatever hangs on the switches), `detours` and `claim` (`lower`, `upper`).

A detour has `from`, `to` and a `flow` between the two, as tail, head and amount in capacity units: two neighbours, that
stand for all pairs of neighbours which the generators carry them to, either way round. Where an intact routing is
scaled to the share a, every link has the share 1 - a to spare; the flow's value L, scaled by that, and what is left of
the failed link of c carry what it carried if a is at most 1 - c / L, and both directions at once if the flow uses no
link both ways beyond its capacity. So the least throughput is at least that share of the intact network's, or what the
endpoint links allow. It is at most the intact one, and at most what leaves a switch without its fastest link over what
the switch sends. The loss of an endpoint's link takes only demands away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.kinds.throughput import claim_holds, least_of
from topo.certificates.reading.flow_graph import (
    FlowGraph,
    SwitchGraph,
    all_to_all_graph,
    all_to_all_scale,
    switch_graph,
)
from topo.certificates.reading.symmetry import verified_orbits
from topo.certificates.reading.whole import added, fraction, number_list, part, parts, whole_array
from topo.certificates.verify import kinds, verify_certificate
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact, speeds


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds `lower` and `upper` of the least throughput."""
    if fabric is not intact:
        raise CertificateError("what can fail is a question about the intact fabric")
    graph = switch_graph(fabric, str(certificate.get("network")))
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    asked = part(certificate, "question")
    if (asked.get("what"), asked.get("traffic"), asked.get("routing")) != ("link", "all-to-all", "adaptive"):
        raise CertificateError("ways around a link are about adaptive all-to-all after the loss of a link")
    before = _before(fabric, certificate)
    flow_graph = all_to_all_graph(graph, all_to_all_scale(graph))
    fastest = _fastest(fabric, graph, flow_graph)
    if "network_lower" not in before:
        raise CertificateError("nothing is said of the network with nothing lost")
    found = {
        "lower": least_of(before["network_lower"] * _share(flow_graph, fastest, certificate), before.get("lower")),
        "upper": least_of(_way_out(graph, flow_graph, fastest), before.get("upper")),
    }
    claim = part(certificate, "claim")
    for key, value in found.items():
        claim_holds(key, fraction(claim[key], key) if key in claim else None, value)
    return {key: value for key, value in found.items() if value is not None}


def _before(fabric: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds of the throughput with nothing lost."""
    proof = part(certificate, "intact")
    question = part(proof, "question")
    same = proof.get("kind") == "throughput" and "without" not in proof and question.get("paths") == "any"
    same = same and part(proof, "demand").get("form") == "all-to-all"
    if not same or proof.get("network") != certificate.get("network"):
        raise CertificateError("the proof of the intact network answers another question")
    return verify_certificate(fabric, proof).bounds


def _fastest(fabric: Fabric, graph: SwitchGraph, flow_graph: FlowGraph) -> FloatArray:
    """Shape (arcs,): Gb/s of the fastest of the parallel links of each arc."""
    row = fabric.networks.index(graph.name)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[graph.device] = np.arange(len(graph.device))
    mine = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    a, b = local[fabric.link_a[mine]], local[fabric.link_b[mine]]
    found = np.zeros(len(graph.tail))
    for tail, head in ((a, b), (b, a)):
        np.maximum.at(found, flow_graph.arcs_of(tail, head), fabric.links.gbps[mine])
    return found


def _share(graph: FlowGraph, fastest: FloatArray, certificate: Mapping[str, Any]) -> Fraction:
    """The least of 1 - c / L over all links; raises CertificateError where a link has no detour."""
    nothing = np.zeros(graph.nodes, dtype=np.int64)
    links_alone = replace(graph, sends=nothing, receives=nothing, group=nothing - 1)
    orbit = verified_orbits(links_alone, certificate).arc
    back = graph.arcs_of(graph.head, graph.tail)
    share = Fraction(1)
    covered = np.zeros(len(orbit), dtype=np.bool_)
    for detour in parts(certificate, "detours"):
        ends = number_list([detour.get("from"), detour.get("to")], "the ends of a detour", 2, 0)
        room = _room(graph, back, ends[0], ends[1], detour)
        arc = graph.arcs_of(np.array(ends[:1]), np.array(ends[1:]))[0]
        mine = (orbit == orbit[arc]) | (orbit == orbit[back[arc]])
        covered |= mine
        share = min(share, 1 - exact(float(fastest[mine].max())) / (room * graph.capacity_unit))
    if not covered.all():
        arc = int(np.flatnonzero(~covered)[0])
        raise CertificateError(f"no detour is alike to one from {graph.tail[arc]} to {graph.head[arc]}")
    return max(share, Fraction(0))


def _room(graph: FlowGraph, back: IntArray, start: int, end: int, detour: Mapping[str, Any]) -> int:
    """The value of a detour's flow, in capacity units."""
    numbers = number_list(detour.get("flow"), "the flow of a detour", 3, 0)
    tail, head = (np.array(numbers[i::3], dtype=np.int64) for i in (0, 1))
    if max([start, end, *tail.tolist(), *head.tolist()]) >= graph.nodes:
        raise CertificateError("a detour names a switch that there is not")
    arc, amount = graph.arcs_of(tail, head), whole_array(numbers[2::3])
    used = added(arc, amount, len(graph.tail))
    if (used + used[back] > graph.capacity).any():
        raise CertificateError("a detour uses more of a link than there is")
    net = added(tail, amount, graph.nodes) - added(head, amount, graph.nodes)
    value = int(net[start])
    net[[start, end]] = net[start] + net[end], 0
    if net.any() or value <= 0 or start == end:
        raise CertificateError("a detour loses flow on its way")
    return value


def _way_out(graph: SwitchGraph, flow_graph: FlowGraph, fastest: FloatArray) -> Fraction | None:
    """What leaves a switch without its fastest link over what it sends, the least over switches."""
    out = speeds(np.bincount(graph.tail, graph.gbps, flow_graph.nodes))
    most = np.zeros(flow_graph.nodes)
    np.maximum.at(most, graph.tail, fastest)
    total = added(flow_graph.group[flow_graph.group >= 0], flow_graph.sends[flow_graph.group >= 0], flow_graph.nodes)
    found = []
    for switch in np.flatnonzero(flow_graph.group >= 0).tolist():
        sends = int(flow_graph.sends[switch])
        sent = sends * (int(total[flow_graph.group[switch]]) - sends) * flow_graph.demand_unit
        if sent:
            found.append((exact(float(out[switch])) - exact(float(most[switch]))) / sent)
    return min(found, default=None)


kinds.add("rerouted", check)
