"""The cheapest sides of the switches for given hosts, and of the hosts for given switches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.certificates.reading.cut import CutGraph
from topo.fabric.model import BoolArray, IntArray
from topo.solvers.maxflow import min_cut


@dataclass(frozen=True)
class Split:
    """Sides of all nodes (shape (nodes,), true on side A) and the capacity between them, in units."""

    on_a: BoolArray
    cut: int


COMPONENTS = 64
"""Components up to which each is cut on its own."""


def with_switches(graph: CutGraph, hosts_on_a: IntArray) -> Split:
    """The minimum cut for the given host rows on side A and all others on side B.

    Components share no switch, and the switches on side A are those that the hosts on it reach through what a maximum
    flow leaves, so that each component is cut on its own; one that equals the first in every edge, as it does."""
    if not 1 < int(graph.component.max(initial=-1)) + 1 <= COMPONENTS:
        return _with_switches(graph, hosts_on_a)
    first, *others = graph.parts
    cut_first = _with_switches(first, hosts_on_a)
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    on_a[hosts_on_a] = True
    on_a[graph.component == 0] = cut_first.on_a[graph.hosts :]
    for component, part in enumerate(others, 1):
        result = cut_first if part.equals(first) else _with_switches(part, hosts_on_a)
        on_a[graph.component == component] = result.on_a[graph.hosts :]
    return Split(on_a, graph.cut(on_a))


def _with_switches(graph: CutGraph, hosts_on_a: IntArray) -> Split:
    source, sink = graph.nodes, graph.nodes + 1
    end = np.arange(graph.nodes)
    end[: graph.hosts] = sink
    end[hosts_on_a] = source
    u, v = end[graph.u], end[graph.v]
    key, edge = np.unique(np.minimum(u, v) * (sink + 1) + np.maximum(u, v), return_inverse=True)
    capacity = np.zeros(len(key), dtype=np.int64)
    np.add.at(capacity, edge, graph.capacity)
    a, b = np.divmod(key, sink + 1)
    result = min_cut(sink + 1, a, b, capacity, source, sink)
    on_a = result.side[end]
    return Split(on_a, graph.cut(on_a))


def flow_between(graph: CutGraph, at_a: BoolArray, at_b: BoolArray) -> tuple[Split, IntArray]:
    """The minimum cut between two sets of hosts (masks of shape (hosts,)), other hosts left out, and a maximum flow:
    units per edge, from `u` to `v` where positive."""
    named = np.concatenate([at_a | at_b, np.ones(graph.nodes - graph.hosts, dtype=np.bool_)])
    source, sink = graph.nodes, graph.nodes + 1
    a, b = np.flatnonzero(at_a), np.flatnonzero(at_b)
    held = np.zeros(graph.hosts, dtype=np.int64)
    ties = graph.u < graph.hosts
    np.add.at(held, graph.u[ties], graph.capacity[ties])
    u = np.concatenate([graph.u, np.full(len(a), source), b])
    v = np.concatenate([graph.v, a, np.full(len(b), sink)])
    capacity = np.where(named[graph.u], graph.capacity, 0)
    result = min_cut(sink + 1, u, v, np.concatenate([capacity, held[a], held[b]]), source, sink)
    on_a = result.side[: graph.nodes].copy()
    on_a[a], on_a[b] = True, False
    return Split(on_a, int(capacity[on_a[graph.u] != on_a[graph.v]].sum())), result.flow[: len(graph.u)]


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
