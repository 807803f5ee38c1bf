"""A routing as the proof that a throughput is reached."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import UNLIMITED, FlowGraph
from topo.certificates.reading.question import only
from topo.certificates.reading.symmetry import VerifiedOrbits
from topo.certificates.reading.whole import Whole, added, ends_of, number_list, parts, times, whole_array
from topo.errors import CertificateError
from topo.fabric.model import IntArray


def flows_bound(graph: FlowGraph, orbits: VerifiedOrbits, proof: Mapping[str, Any], minimal: bool) -> Fraction | None:
    """The throughput that the flows of `proof` reach; None where nothing is loaded.

    One destination of each orbit has a flow, spread alike over the arcs between any two of its `cells` (runs of label
    and length over the nodes) that lie in one orbit; `flows` holds tail, head and flow per arc, times `denominator`.
    Averaged over the group, each arc of an orbit carries the orbit's sum over its size. Raises CertificateError for a
    flow that is none or serves another demand.
    """
    denominator = proof.get("denominator")
    if type(denominator) is not int or denominator < 1:
        raise CertificateError("the flows have no denominator")
    load: Whole = np.zeros(len(graph.tail), dtype=object)
    served: set[int] = set()
    for commodity in parts(proof, "commodities"):
        node = commodity.get("destination")
        if type(node) is not int or not 0 <= node < graph.nodes:
            raise CertificateError("a commodity has no destination")
        orbit = int(orbits.node[node])
        if orbit in served:
            raise CertificateError(f"two flows are about the orbit of node {node}")
        served.add(orbit)
        only(commodity, "a commodity", ("destination", "cells", "flows"))
        flow = _expanded(graph, orbits, commodity)
        if minimal:
            hops = hops_to(graph, node)
            if (flow[hops[graph.tail] != hops[graph.head] + 1] != 0).any():
                raise CertificateError(f"the flow to node {node} leaves the shortest paths")
        net = added(graph.tail, flow, graph.nodes) - added(graph.head, flow, graph.nodes)
        wanted = times(graph.column(node), denominator)
        net[node] = wanted[node] = 0
        if (net != wanted).any():
            raise CertificateError(f"the flow to node {node} does not serve the demand")
        by_orbit = added(orbits.arc, flow, len(graph.tail))
        used = np.flatnonzero(by_orbit)
        load[used] += by_orbit[used].astype(object) * int(orbits.node_size[node])
    for node in graph.possible_destinations.tolist():
        if int(orbits.node[node]) not in served and graph.column(node).any():
            raise CertificateError(f"no flow is given to node {node}")
    loaded = np.flatnonzero((load != 0) & (graph.capacity != UNLIMITED))
    congestion = max(
        (
            Fraction(x, denominator * size * capacity)
            for x, size, capacity in zip(
                load[loaded].tolist(), orbits.arc_size[loaded].tolist(), graph.capacity[loaded].tolist(), strict=True
            )
        ),
        default=Fraction(0),
    )
    return graph.capacity_unit / (graph.demand_unit * congestion) if congestion else None


def _expanded(graph: FlowGraph, orbits: VerifiedOrbits, commodity: Mapping[str, Any]) -> Whole:
    """Shape (arcs,): the flow on every arc."""
    runs = number_list(commodity.get("cells"), "cells", 2, 0)
    if sum(runs[1::2]) != graph.nodes or max(runs[::2], default=0) >= graph.nodes:
        raise CertificateError("the cells do not cover the nodes")
    cell = np.repeat(np.array(runs[::2], dtype=np.int64), np.array(runs[1::2], dtype=np.int64))
    triples = number_list(commodity.get("flows"), "flows", 3, 0)
    tail, head = ends_of(triples, 3, graph.nodes, "a flow")
    value = whole_array(triples[2::3])
    arc = graph.arcs_of(tail, head)
    class_of = np.unique(np.stack([cell[graph.tail], cell[graph.head], orbits.arc]), axis=1, return_inverse=True)[1]
    class_of = class_of.reshape(-1)
    if len(np.unique(class_of[arc])) != len(arc):
        raise CertificateError("two flows are about the same arcs")
    by_class: Whole = np.zeros(int(class_of.max(initial=-1)) + 1, dtype=value.dtype)
    by_class[class_of[arc]] = value
    return by_class[class_of]


def hops_to(graph: FlowGraph, node: int) -> IntArray:
    """Shape (nodes,): arcs on a shortest path to a node; -2 * nodes where there is none, which no arc bridges."""
    hops = np.full(graph.nodes, -2 * graph.nodes, dtype=np.int64)
    hops[node] = 0
    for step in range(graph.nodes):
        fresh = graph.tail[(hops[graph.head] == step) & (hops[graph.tail] < 0)]
        if not len(fresh):
            break
        hops[fresh] = step + 1
    return hops
