"""Demands that a certificate states number by number."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph, SwitchGraph
from topo.certificates.reading.whole import rows, whole
from topo.errors import CertificateError
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact


def flows_graph(graph: SwitchGraph, demand: Mapping[str, Any]) -> FlowGraph:
    """Flows between endpoints, summed by the switches they hang on."""
    src, dst, gbps = flow_columns(demand, len(graph.at))
    u, v = graph.at[src], graph.at[dst]
    apart = u != v
    n = len(graph.device)
    key, at = np.unique(v[apart] * n + u[apart], return_inverse=True)
    summed = np.bincount(at, weights=gbps[apart], minlength=len(key)).astype(np.float64)
    return _stated(graph, key % max(n, 1), key // max(n, 1), summed)


def flows_endpoint_limit(graph: SwitchGraph, demand: Mapping[str, Any]) -> Fraction | None:
    """The largest t at which no endpoint sends or receives more than its link carries."""
    src, dst, gbps = flow_columns(demand, len(graph.at))
    n = len(graph.at)
    busiest = np.maximum(np.bincount(src, gbps, n), np.bincount(dst, gbps, n))
    pairs = np.unique(np.stack([graph.attach, busiest])[:, busiest > 0], axis=1).T.tolist()
    return min((exact(a) / exact(b) for a, b in pairs), default=None)


def pairs_graph(graph: SwitchGraph, demand: Mapping[str, Any]) -> FlowGraph:
    """Demands between switches."""
    src, dst, gbps = flow_columns(demand, len(graph.device))
    if (src == dst).any() or len(np.unique(dst * len(graph.device) + src)) != len(src):
        raise CertificateError("a pair of switches is stated twice, or a switch with itself")
    return _stated(graph, src, dst, gbps)


def flow_columns(demand: Mapping[str, Any], below: int) -> tuple[IntArray, IntArray, FloatArray]:
    """The stated flows as columns: source, destination (both below `below`) and Gb/s; raises CertificateError."""
    src, dst = rows(demand.get("src"), "src", below), rows(demand.get("dst"), "dst", below)
    given = demand.get("gbps")
    if not isinstance(given, list | tuple) or not len(src) == len(dst) == len(given):
        raise CertificateError("src, dst and gbps of the demand differ in length")
    if not all(type(v) in (int, float) and isfinite(v) and v > 0 for v in given):
        raise CertificateError("a demand is no positive number of Gb/s")
    return src, dst, np.array(given, dtype=np.float64)


def _stated(graph: SwitchGraph, src: IntArray, dst: IntArray, gbps: FloatArray) -> FlowGraph:
    capacity, capacity_unit = whole(graph.gbps)
    extra, unit = whole(gbps)
    n = len(graph.device)
    nothing = np.zeros(n, dtype=np.int64)
    nobody = np.full(n, -1, dtype=np.int64)
    return FlowGraph(
        n,
        graph.tail,
        graph.head,
        capacity,
        capacity_unit,
        nothing,
        nothing,
        nobody,
        src,
        dst,
        extra.astype(object),
        unit,
    )
