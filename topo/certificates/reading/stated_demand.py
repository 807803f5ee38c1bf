"""Demands that a certificate states number by number: compared with the traffic they are named after."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph, SwitchGraph
from topo.certificates.reading.named_demand import MOST_FLOWS, Flows, derived_flows, refuse_shorter
from topo.certificates.reading.question import Named
from topo.certificates.reading.whole import fraction, rows, whole
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact

SAME = 2**-40
"""Relative difference up to which a stated rate is the derived one: floats of another order of sums."""
DERIVED = ("hot-spot", "permutation", "shift", "storage")


def stated_flows(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, whole_graph: SwitchGraph, demand: Mapping[str, Any], of: Named
) -> Flows:
    """The flows of a demand of the form `flows` or `pairs`. Raises CertificateError where they are not those of the
    traffic, as far as its name says which those are; pairs of switches say so little that they must be derived."""
    pairs = demand.get("form") == "pairs"
    if of.name not in DERIVED:
        if pairs:
            raise CertificateError(f"the flows of {of.text} are not stated one by one")
        result = flow_columns(demand, len(graph.at))
        if of.name == "longest-matching":
            refuse_shorter(graph, whole_graph, result)
        return result
    flows = derived_flows(fabric, graph, intact, whole_graph, of)
    if pairs:
        stated, known = flow_columns(demand, len(graph.device)), summed(graph, flows)
    else:
        stated, known = flow_columns(demand, len(graph.at)), flows
    same = all(np.array_equal(a, b) for a, b in zip(stated[:2], known[:2], strict=True))
    if not same or (np.abs(stated[2] - known[2]) > SAME * known[2]).any():
        raise CertificateError(f"the demand is not that of {of.text}")
    if pairs and "endpoint_limit" in demand:
        limit, own = fraction(demand["endpoint_limit"], "endpoint_limit"), flows_endpoint_limit(graph, flows)
        if own is None or abs(limit - own) > own * Fraction(SAME):
            raise CertificateError("the endpoint limit is not that of the traffic's flows")
    return flows if pairs else stated


def summed(graph: SwitchGraph, flows: Flows) -> Flows:
    """Flows between endpoints, summed by the switches they hang on, sorted by receiver and sender."""
    src, dst, gbps = flows
    u, v = graph.at[src], graph.at[dst]
    apart = u != v
    n = max(len(graph.device), 1)
    key, at = np.unique(v[apart] * n + u[apart], return_inverse=True)
    total = np.bincount(at.reshape(-1), weights=gbps[apart], minlength=len(key)).astype(np.float64)
    return key % n, key // n, total


def flows_graph(graph: SwitchGraph, flows: Flows) -> FlowGraph:
    """What the switches send each other."""
    src, dst, gbps = summed(graph, flows)
    capacity, capacity_unit = whole(graph.gbps)
    extra, unit = whole(gbps)
    n = len(graph.device)
    nothing, nobody = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    columns = (graph.tail, graph.head, capacity, capacity_unit, nothing, nothing, nobody)
    return FlowGraph(n, *columns, src, dst, extra.astype(object), unit)


def flows_endpoint_limit(graph: SwitchGraph, flows: Flows) -> Fraction | None:
    """The largest t at which no endpoint sends or receives more than its link carries."""
    src, dst, gbps = flows
    n = len(graph.at)
    busiest = np.maximum(np.bincount(src, gbps, n), np.bincount(dst, gbps, n))
    pairs = np.unique(np.stack([graph.attach, busiest])[:, busiest > 0], axis=1).T.tolist()
    return min((exact(a) / exact(b) for a, b in pairs), default=None)


def flow_columns(demand: Mapping[str, Any], below: int) -> tuple[IntArray, IntArray, FloatArray]:
    """The stated flows as columns: source, destination (both below `below`) and Gb/s; raises CertificateError."""
    src, dst = rows(demand.get("src"), "src", below), rows(demand.get("dst"), "dst", below)
    given = demand.get("gbps")
    if not isinstance(given, list | tuple) or not len(src) == len(dst) == len(given) <= MOST_FLOWS:
        raise CertificateError("src, dst and gbps of the demand differ in length")
    if not all(type(v) in (int, float) and 0 < v < 2**63 and isfinite(v) for v in given):
        raise CertificateError("a demand is no positive number of Gb/s")
    return src, dst, np.array(given, dtype=np.float64)
