"""Flows divided over all shortest next hops in fixed proportions, in whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.channels import FAR, hops_between
from topo.certificates.reading.flow_graph import UNLIMITED, FlowGraph
from topo.certificates.reading.symmetry import VerifiedOrbits
from topo.certificates.reading.whole import Whole, added, times
from topo.errors import CertificateError
from topo.fabric.model import IntArray

Towards = Callable[[int, npt.NDArray[np.int16]], IntArray]
"""(destination, hops of every node to it) -> parts of the arcs."""
AT_ONCE = 256
"""Nodes whose distances are held at once."""


def split_bound(graph: FlowGraph, orbits: VerifiedOrbits) -> Fraction | None:
    """The throughput of dividing every flow over its shortest next hops in proportion to the capacities; None where
    nothing is loaded. Raises CertificateError where a capacity is unlimited or a demand has no path."""
    if (graph.capacity == UNLIMITED).any():
        raise CertificateError("flows cannot be split in proportion to unlimited capacities")
    if graph.capacity.dtype == object:
        raise CertificateError("the capacities are too large to divide flows by")
    load, divisor = split_loads(graph, orbits, graph.capacity)
    loaded = np.flatnonzero(load)
    columns = (load[loaded].tolist(), orbits.arc_size[loaded].tolist(), graph.capacity[loaded].tolist())
    worst = max((Fraction(x, divisor * n * c) for x, n, c in zip(*columns, strict=True)), default=Fraction(0))
    return graph.capacity_unit / (graph.demand_unit * worst) if worst else None


def split_loads(
    graph: FlowGraph, orbits: VerifiedOrbits, part_of: IntArray, towards: Towards | None = None
) -> tuple[Whole, int]:
    """(load, divisor): shape (arcs,), what all arcs of an orbit carry together, at its least member, times `divisor`;
    flows are divided in proportion to `part_of` (arcs,), which must be alike on an orbit, or to what `towards` makes of
    the network alone for each destination."""
    if (part_of != part_of[orbits.arc]).any():
        raise CertificateError("an orbit mixes arcs of different parts")
    chosen = [node for node in graph.possible_destinations.tolist() if orbits.node[node] == node]
    if set(orbits.node[graph.possible_destinations].tolist()) != set(chosen):
        raise CertificateError("an orbit mixes destinations with other nodes")
    load: Whole = np.zeros(len(graph.tail), dtype=object)
    divisor = 1
    for node, hops in _hops_to(graph, chosen):
        parts = part_of if towards is None else towards(node, hops)
        levels = _levels(graph, parts, hops)
        own = prod(level.divisor for level in levels)
        flow = _equal_split(graph, parts, node, levels, own)
        if divisor % own:
            load *= lcm(divisor, own) // divisor
            divisor = lcm(divisor, own)
        by_orbit = added(orbits.arc, flow, len(graph.tail))
        used = np.flatnonzero(by_orbit)
        load[used] += by_orbit[used].astype(object) * (int(orbits.node_size[node]) * (divisor // own))
    return load, divisor


def _hops_to(graph: FlowGraph, nodes: list[int]) -> Iterator[tuple[int, npt.NDArray[np.int16]]]:
    """Every node with the arcs on shortest paths to it, shape (nodes,)."""
    start = np.searchsorted(graph.tail, np.arange(graph.nodes + 1))
    for first in range(0, len(nodes), AT_ONCE):
        some = np.array(nodes[first : first + AT_ONCE], dtype=np.int64)
        yield from zip(some.tolist(), hops_between(start, graph.head, some), strict=True)


@dataclass(frozen=True)
class _Level:
    """Arcs from some distance to one less, what each tail's flow is divided by, and what all of these divide."""

    arcs: IntArray
    total: IntArray
    divisor: int


def _levels(graph: FlowGraph, part_of: IntArray, hops: npt.NDArray[np.int16]) -> list[_Level]:
    """The levels of the shortest paths to a node that lies `hops` (nodes,) away, the farthest first."""
    far = hops[graph.tail]
    nearer = np.flatnonzero((hops[graph.head] == far - 1) & (far < FAR))
    tail, distance = graph.tail[nearer], far[nearer]
    total = added(tail, part_of[nearer], graph.nodes)
    if total.dtype == object:
        raise CertificateError("the parts that flows are divided in are too large to be counted")
    levels = []
    for step in range(int(distance.max(initial=0)), 0, -1):
        these = np.flatnonzero(distance == step)
        divisor = lcm(*np.unique(total[hops == step]).tolist())
        levels.append(_Level(nearer[these], total[tail[these]], divisor))
    return levels


def _equal_split(graph: FlowGraph, part_of: IntArray, node: int, levels: list[_Level], divisor: int) -> Whole:
    """Shape (arcs,): the flow towards a node, `divisor` times the demand units; what every switch on the way divides by
    must divide it, level by level."""
    held = times(graph.column(node), divisor)
    held[node] = 0
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
