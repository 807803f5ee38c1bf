"""The cheapest sides of the switches for given hosts, and of the hosts for given switches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.certificates._cut import CutGraph
from topo.fabric.model import BoolArray, IntArray
from topo.solvers.maxflow import min_cut


@dataclass(frozen=True)
class Split:
    """Sides of all nodes (shape (nodes,), true on side A) and the capacity between them, in units."""

    on_a: BoolArray
    cut: int


def with_switches(graph: CutGraph, hosts_on_a: IntArray) -> Split:
    """The minimum cut for the given host rows on side A and all others on side B."""
    at_a = np.zeros(graph.hosts, dtype=np.bool_)
    at_a[hosts_on_a] = True
    return between(graph, at_a, ~at_a)


def between(graph: CutGraph, at_a: BoolArray, at_b: BoolArray) -> Split:
    """The minimum cut between two sets of hosts (masks of shape (hosts,)); other hosts lie where it is cheapest."""
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    on_a[: graph.hosts] = at_a
    source, sink = graph.nodes, graph.nodes + 1
    end = np.arange(graph.nodes)
    end[: graph.hosts] = np.where(at_a, source, np.where(at_b, sink, end[: graph.hosts]))
    u, v = end[graph.u], end[graph.v]
    key, edge = np.unique(np.minimum(u, v) * (sink + 1) + np.maximum(u, v), return_inverse=True)
    capacity = np.zeros(len(key), dtype=np.int64)
    np.add.at(capacity, edge, graph.capacity)
    a, b = np.divmod(key, sink + 1)
    found = min_cut(sink + 1, a, b, capacity, source, sink)
    inner = found.side[: graph.nodes]
    on_a = np.where(end < source, inner, on_a)
    return Split(on_a, graph.cut(on_a))


def with_hosts(graph: CutGraph, on_a: BoolArray) -> Split:
    """The cheapest balanced hosts for the given sides of the switches; a host that costs the same on both stays."""
    ties = graph.u < graph.hosts
    host, at, capacity = graph.u[ties], graph.v[ties], graph.capacity[ties]
    gain = np.zeros(graph.hosts, dtype=np.int64)
    np.add.at(gain, host, np.where(on_a[at], capacity, -capacity))
    order = np.lexsort((np.arange(graph.hosts), ~on_a[: graph.hosts], -gain))
    wanted = int((gain > 0).sum() + ((gain == 0) & on_a[: graph.hosts]).sum())
    size = min(max(wanted, graph.hosts // 2), graph.hosts - graph.hosts // 2)
    result = on_a.copy()
    result[: graph.hosts] = False
    result[order[:size]] = True
    return Split(result, graph.cut(result))


def improved(graph: CutGraph, split: Split) -> Split:
    """Hosts and switches moved in turn while the cut falls."""
    while True:
        better = with_hosts(graph, split.on_a)
        better = with_switches(graph, np.flatnonzero(better.on_a[: graph.hosts]))
        if better.cut >= split.cut:
            return split
        split = better
