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

from topo.certificates.kinds.throughput import claims_hold, least_of
from topo.certificates.reading.bundles import bundles_of
from topo.certificates.reading.flow_graph import (
    FlowGraph,
    SwitchGraph,
    all_to_all_graph,
    all_to_all_scale,
    switch_graph,
)
from topo.certificates.reading.question import only
from topo.certificates.reading.symmetry import verified_orbits
from topo.certificates.reading.whole import added, ends_of, number_list, part, parts, whole_array
from topo.certificates.verify import Kind, kinds, verify_inner
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.fabric.speed import exact, speeds


def check(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds `lower` and `upper` of the least throughput."""
    if fabric is not intact:
        raise CertificateError("what can fail is a question about the intact fabric")
    graph = switch_graph(fabric, str(certificate.get("network")))
    if certificate.get("switch_graph") != graph.digest:
        raise CertificateError("the certificate belongs to another fabric: the digest of the switch graph differs")
    question = only(part(certificate, "question"), "question", ("what", "traffic", "routing"))
    if (question.get("what"), question.get("traffic"), question.get("routing")) != ("link", "all-to-all", "adaptive"):
        raise CertificateError("ways around a link are about adaptive all-to-all after the loss of a link")
    before = _before(fabric, certificate)
    flow_graph = all_to_all_graph(graph, all_to_all_scale(graph))
    fastest = _fastest(fabric, graph, flow_graph)
    if "network_lower" not in before:
        raise CertificateError("nothing is said of the network with nothing lost")
    spared = _kept_together(fabric, graph, flow_graph)
    result = {
        "lower": least_of(before["network_lower"] * _share(flow_graph, fastest, certificate), before.get("lower")),
        "upper": least_of(_way_out(graph, flow_graph, np.where(spared, fastest, 0.0)), before.get("upper"))
        if spared.any()
        else None,
    }
    claims_hold(certificate, result)
    return {key: value for key, value in result.items() if value is not None}


def _before(fabric: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    """The bounds of the throughput with nothing lost."""
    proof = part(certificate, "intact")
    question = part(proof, "question")
    same = proof.get("kind") == "throughput" and "without" not in proof
    same = same and (question.get("traffic"), question.get("routing")) == ("all-to-all", "adaptive")
    if not same or proof.get("network") != certificate.get("network"):
        raise CertificateError("the proof of the intact network answers another question")
    return verify_inner(fabric, proof).bounds


def _fastest(fabric: Fabric, graph: SwitchGraph, flow_graph: FlowGraph) -> FloatArray:
    """Shape (arcs,): Gb/s of the fastest of the parallel links of each arc."""
    row = fabric.networks.index(graph.name)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[graph.device] = np.arange(len(graph.device))
    rows = np.flatnonzero((fabric.links.network == row) & fabric.links.active & ~fabric.is_endpoint_link)
    a, b = local[fabric.link_a[rows]], local[fabric.link_b[rows]]
    result = np.zeros(len(graph.tail))
    for tail, head in ((a, b), (b, a)):
        np.maximum.at(result, flow_graph.arcs_of(tail, head), fabric.links.gbps[rows])
    return result


def _share(graph: FlowGraph, fastest: FloatArray, certificate: Mapping[str, Any]) -> Fraction:
    """The least of 1 - c / L over all links; raises CertificateError where a link has no detour."""
    nothing = np.zeros(graph.nodes, dtype=np.int64)
    links_alone = replace(graph, sends=nothing, receives=nothing, group=nothing - 1)
    orbit = verified_orbits(links_alone, certificate).arc
    back = graph.arcs_of(graph.head, graph.tail)
    share = Fraction(1)
    covered = np.zeros(len(orbit), dtype=np.bool_)
    for detour in parts(certificate, "detours"):
        only(detour, "a detour", ("from", "to", "flow"))
        ends = number_list([detour.get("from"), detour.get("to")], "the ends of a detour", 2, 0)
        room = _room(graph, back, ends[0], ends[1], detour)
        arc = graph.arcs_of(np.array(ends[:1]), np.array(ends[1:]))[0]
        mask = (orbit == orbit[arc]) | (orbit == orbit[back[arc]])
        covered |= mask
        share = min(share, 1 - exact(float(fastest[mask].max())) / (room * graph.capacity_unit))
    if not covered.all():
        arc = int(np.flatnonzero(~covered)[0])
        raise CertificateError(f"no detour is alike to one from {graph.tail[arc]} to {graph.head[arc]}")
    return max(share, Fraction(0))


def _room(graph: FlowGraph, back: IntArray, start: int, end: int, detour: Mapping[str, Any]) -> int:
    """The value of a detour's flow, in capacity units."""
    numbers = number_list(detour.get("flow"), "the flow of a detour", 3, 0)
    if max(start, end) >= graph.nodes:
        raise CertificateError("a detour names a switch that there is not")
    tail, head = ends_of(numbers, 3, graph.nodes, "a detour")
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


def _kept_together(fabric: Fabric, graph: SwitchGraph, flow_graph: FlowGraph) -> BoolArray:
    """Shape (arcs,): whether the loss of any one link of an arc parts nobody from anybody: it has another link beside
    it, or is no bridge. What a bridge parts is dropped from the demand, so that its loss bounds nothing from above."""
    links = bundles_of(fabric, graph.name, graph.device, flow_graph).links
    alone = np.flatnonzero((links == 1) & (graph.tail < graph.head))
    kept = np.ones(len(graph.tail), dtype=np.bool_)
    back = flow_graph.arcs_of(graph.head, graph.tail)
    for arc in alone[_bridges(flow_graph)[alone]].tolist():
        kept[[arc, back[arc]]] = False
    return kept


def _bridges(graph: FlowGraph) -> BoolArray:
    """Shape (arcs,): whether an arc is the only way between its ends (R. E. Tarjan, "A note on finding the bridges of a
    graph", Inf. Process. Lett. 2 (1974)): no arc from below reaches above it in a depth-first tree."""
    start = np.searchsorted(graph.tail, np.arange(graph.nodes + 1)).tolist()
    head = graph.head.tolist()
    order = [-1] * graph.nodes
    low = [0] * graph.nodes
    result = np.zeros(len(head), dtype=np.bool_)
    back = graph.arcs_of(graph.head, graph.tail).tolist()
    count = 0
    for root in range(graph.nodes):
        if order[root] >= 0:
            continue
        order[root] = low[root] = count
        count += 1
        stack = [(root, -1, start[root])]
        while stack:
            node, came, at = stack.pop()
            if at < start[node + 1]:
                stack.append((node, came, at + 1))
                to = head[at]
                if order[to] < 0:
                    order[to] = low[to] = count
                    count += 1
                    stack.append((to, at, start[to]))
                elif came < 0 or at != back[came]:
                    low[node] = min(low[node], order[to])
            elif came >= 0:
                above = head[back[came]]
                low[above] = min(low[above], low[node])
                if low[node] > order[above]:
                    result[[came, back[came]]] = True
    return result


def _way_out(graph: SwitchGraph, flow_graph: FlowGraph, fastest: FloatArray) -> Fraction | None:
    """What leaves a switch without its fastest link over what it sends, the least over switches."""
    out = speeds(np.bincount(graph.tail, graph.gbps, flow_graph.nodes))
    most = np.zeros(flow_graph.nodes)
    np.maximum.at(most, graph.tail, fastest)
    total = added(flow_graph.group[flow_graph.group >= 0], flow_graph.sends[flow_graph.group >= 0], flow_graph.nodes)
    result = []
    for switch in np.flatnonzero(flow_graph.group >= 0).tolist():
        sends = int(flow_graph.sends[switch])
        sent = sends * (int(total[flow_graph.group[switch]]) - sends) * flow_graph.demand_unit
        if sent:
            result.append((exact(float(out[switch])) - exact(float(most[switch]))) / sent)
    return min(result, default=None)


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that is answered."""
    said = "least throughput of all-to-all under adaptive routing after the loss of any one link"
    return {"what": "link", "traffic": "all-to-all", "routing": "adaptive"}, said


KEYS = ("switch_graph", "question", "intact", "generators", "detours", "claim")
kinds.add("rerouted", Kind(check, asked, KEYS))
