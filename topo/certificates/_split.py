"""Flows divided over all shortest next hops in fixed proportions, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from topo.certificates._flow_graph import UNLIMITED, FlowGraph
from topo.certificates._flows import hops_to
from topo.certificates._symmetry import VerifiedOrbits
from topo.certificates._whole import Whole, added, times
from topo.errors import CertificateError
from topo.fabric.model import IntArray


def split_bound(graph: FlowGraph, orbits: VerifiedOrbits) -> Fraction | None:
    """The throughput of dividing every flow over its shortest next hops in proportion to the capacities; None where
    nothing is loaded. Raises CertificateError where a capacity is unlimited or a demand has no path."""
    if (graph.capacity == UNLIMITED).any():
        raise CertificateError("flows cannot be split in proportion to unlimited capacities")
    load, divisor = split_loads(graph, orbits, graph.capacity.astype(np.int64))
    loaded = np.flatnonzero(load)
    columns = (load[loaded].tolist(), orbits.arc_size[loaded].tolist(), graph.capacity[loaded].tolist())
    worst = max((Fraction(x, divisor * n * c) for x, n, c in zip(*columns, strict=True)), default=Fraction(0))
    return graph.capacity_unit / (graph.demand_unit * worst) if worst else None


def split_loads(graph: FlowGraph, orbits: VerifiedOrbits, part_of: IntArray) -> tuple[Whole, int]:
    """(load, divisor): shape (arcs,), what all arcs of an orbit carry together, at its least member, times `divisor`;
    flows are divided in proportion to `part_of` (arcs,), which must be alike on an orbit."""
    if (part_of != part_of[orbits.arc]).any():
        raise CertificateError("an orbit mixes arcs of different parts")
    chosen = [node for node in graph.possible_destinations.tolist() if orbits.node[node] == node]
    if set(orbits.node[graph.possible_destinations].tolist()) != set(chosen):
        raise CertificateError("an orbit mixes destinations with other nodes")
    divisor = _common_divisor(graph, part_of, chosen)
    load: Whole = np.zeros(len(graph.tail), dtype=object)
    for node in chosen:
        flow = _equal_split(graph, part_of, node, divisor)
        by_orbit = added(orbits.arc, flow, len(graph.tail))
        used = np.flatnonzero(by_orbit)
        load[used] += by_orbit[used].astype(object) * int(orbits.node_size[node])
    return load, divisor


@dataclass(frozen=True)
class _Level:
    """Arcs from `distance` hops to one less, and what each tail's flow is divided by."""

    arcs: IntArray
    total: IntArray


def _levels(graph: FlowGraph, part_of: IntArray, node: int) -> Iterator[_Level]:
    """The levels of the shortest paths to a node, the farthest first."""
    hops = hops_to(graph, node)
    nearer = np.flatnonzero((hops[graph.tail] > 0) & (hops[graph.head] == hops[graph.tail] - 1))
    distance = hops[graph.tail[nearer]]
    total = np.bincount(graph.tail[nearer], weights=part_of[nearer], minlength=graph.nodes).astype(np.int64)
    for step in range(int(distance.max(initial=0)), 0, -1):
        arcs = nearer[distance == step]
        yield _Level(arcs, total[graph.tail[arcs]])


def _common_divisor(graph: FlowGraph, part_of: IntArray, chosen: list[int]) -> int:
    """A number that can be divided exactly at every split on the way to any chosen destination."""
    by_step: dict[int, int] = {}
    for node in chosen:
        for step, level in enumerate(reversed(list(_levels(graph, part_of, node)))):
            by_step[step] = lcm(by_step.get(step, 1), *np.unique(level.total).tolist())
    product = 1
    for value in by_step.values():
        product *= value
    return product


def _equal_split(graph: FlowGraph, part_of: IntArray, node: int, divisor: int) -> Whole:
    """Shape (arcs,): the flow towards a node, `divisor` times the demand units."""
    held = times(graph.column(node), divisor)
    held[node] = 0
    levels = list(_levels(graph, part_of, node))
    reached = np.zeros(graph.nodes, dtype=np.bool_)
    for level in levels:
        reached[graph.tail[level.arcs]] = True
    if (held[~reached] != 0).any():
        raise CertificateError(f"some demand to node {node} has no path")
    total = int(held.sum()) if held.dtype == object else sum(int(x) for x in held.tolist())
    small = total * int(part_of.max(initial=1)) < 2**62
    held = held.astype(np.int64 if small else object)
    flow: Whole = np.zeros(len(graph.tail), dtype=held.dtype)
    for level in levels:
        tail, head = graph.tail[level.arcs], graph.head[level.arcs]
        share = held[tail] * part_of[level.arcs] // level.total
        flow[level.arcs] = share
        np.add.at(held, head, share)
    return flow
