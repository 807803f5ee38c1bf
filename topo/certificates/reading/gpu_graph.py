"""The checker's own reading of all-to-all over GPUs: hosts as sources and sinks that use any of their NICs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

import numpy as np

from topo.certificates.reading.flow_graph import UNLIMITED, FlowGraph, SwitchGraph
from topo.certificates.reading.gpu_classes import GpuClasses, gpu_classes
from topo.certificates.reading.joint_gpus import joint_gpus
from topo.certificates.reading.whole import whole, whole_array
from topo.fabric import Fabric
from topo.fabric.speed import speeds


@dataclass(frozen=True)
class GpuGraph:
    """The question without (`network`) and with (`endpoints`) the endpoint links, and the largest t for which the
    scale-up bandwidth surely forwards enough (None: nothing to forward)."""

    network: FlowGraph
    endpoints: FlowGraph
    forwarding_limit: Fraction | None


def gpu_graph(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph, within: bool = False
) -> GpuGraph:
    """Host classes as nodes after the switches: first all as sources, then all as sinks."""
    classes = gpu_classes(fabric, graph, intact, intact_graph, within)
    return _asked(_graph(graph, classes), len(graph.device), classes)


def joint_graph(fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph, over: str) -> GpuGraph:
    """The same over two networks: classes of GPUs, whose sinks pass on to their sources."""
    joined, classes = joint_gpus(fabric, graph, intact, intact_graph, over)
    return _asked(_graph(joined, classes, relays=True), len(joined.device), classes)


def _asked(whole_graph: FlowGraph, switches: int, classes: GpuClasses) -> GpuGraph:
    free = whole_graph.capacity.copy()
    free[(whole_graph.tail >= switches) | (whole_graph.head >= switches)] = UNLIMITED
    return GpuGraph(replace(whole_graph, capacity=free), whole_graph, classes.forwarding_limit)


def _graph(graph: SwitchGraph, classes: GpuClasses, relays: bool = False) -> FlowGraph:
    links, size, weight = classes.links, classes.size, classes.weight
    n, m = len(graph.device), len(links)
    rows = [(i, switch, gbps * size[i]) for i in range(m) for switch, gbps in links[i]]
    own, at = (np.array([r[k] for r in rows], dtype=np.int64) for k in (0, 1))
    speed = speeds(np.array([r[2] for r in rows], dtype=np.float64))
    on = n + np.arange(m if relays else 0, dtype=np.int64)
    tail, head = np.concatenate([graph.tail, n + own, at, on + m]), np.concatenate([graph.head, at, n + m + own, on])
    order = np.lexsort((head, tail))
    capacity, capacity_unit = whole(np.concatenate([graph.gbps, speed, speed]))
    capacity = np.concatenate([capacity, np.full(len(on), UNLIMITED, dtype=capacity.dtype)])
    per_host = [w / s for w, s in zip(weight, size, strict=True)]
    unit = unit_of(per_host)
    units = [int(w / unit) for w in weight]
    pairs = sorted(classes.unsent)
    return FlowGraph(
        n + 2 * m,
        tail[order],
        head[order],
        capacity[order],
        capacity_unit,
        whole_array([0] * n + units + [0] * m),
        whole_array([0] * (n + m) + units),
        np.concatenate([np.full(n, -1), classes.group, classes.group]).astype(np.int64),
        np.array([n + a for a, _ in pairs], dtype=np.int64),
        np.array([n + m + b for _, b in pairs], dtype=np.int64),
        np.array([-int(classes.unsent[pair] / (unit * unit)) for pair in pairs], dtype=object),
        classes.scale * unit * unit,
    )


def unit_of(values: list[Fraction]) -> Fraction:
    """The largest fraction that divides all of these."""
    denominator = lcm(*(v.denominator for v in values)) if values else 1
    return Fraction(reduce(gcd, (int(v * denominator) for v in values), 0) or 1, denominator)
