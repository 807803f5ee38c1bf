"""A routing by prices of arcs as the proof that a throughput is reached, where flows themselves would be too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.channels import FAR, hops_between
from topo.certificates.reading.flow_graph import UNLIMITED, FlowGraph
from topo.certificates.reading.symmetry import VerifiedOrbits
from topo.certificates.reading.whole import Whole, added, number_list
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, FloatArray, IntArray

HALVING = 2**14
"""The price at which an arc counts half."""
MOST_PRICE = 40 * HALVING
"""An arc then counts 2^-40: as good as not used."""
ROOM = 2**61
"""Totals up to it leave two bits of a signed 64-bit number free."""
MOST_SLACK = 4
"""Work and memory grow with it; no routing that is sought takes longer detours."""
BLOCK = 256
"""Destinations whose distances are found at once."""
Hops = npt.NDArray[np.int16]


def walks_bound(graph: FlowGraph, orbits: VerifiedOrbits, proof: Mapping[str, Any]) -> Fraction | None:
    """The throughput of the routing that `prices` (runs of price and arcs, in order of tail and head) and `slack`
    describe.

    An arc of price p has the weight 2^(-p / HALVING). Towards a destination a walk takes at most `slack` arcs more than
    the fewest, and gets the product of its arcs' weights as its share. Shares are computed in floating point, but flow
    is split in whole numbers and nothing of it is lost, so the loads are those of a true routing whatever the rounding.
    Raises CertificateError.
    """
    slack = proof.get("slack")
    if type(slack) is not int or not 0 <= slack <= MOST_SLACK:
        raise CertificateError(f"the slack is no whole number up to {MOST_SLACK:,}")
    weight = np.exp2(_prices(graph, proof) / -HALVING)
    first = np.unique(orbits.node[graph.possible_destinations]).tolist()
    columns = [(node, graph.column(node)) for node in first]
    total = sum(sum(column.tolist()) * int(orbits.node_size[node]) for node, column in columns)
    if not total:
        return None
    factor = 1 << max(0, (ROOM // total).bit_length() - 1)
    small = total * factor <= ROOM
    load: Whole = np.zeros(len(graph.tail), dtype=np.int64 if small else object)
    start = np.searchsorted(graph.tail, np.arange(graph.nodes + 1))
    for block in (columns[i : i + BLOCK] for i in range(0, len(columns), BLOCK)):
        far = hops_between(start, graph.head, np.array([node for node, _ in block], dtype=np.int64))
        for hops, (node, column) in zip(far, block, strict=True):
            demand = column.astype(np.int64 if small else object) * factor
            if demand.any():
                load += _carried(graph, weight, slack, node, hops, demand) * int(orbits.node_size[node])
    by_orbit = added(orbits.arc, load, len(load))
    loaded = np.flatnonzero((by_orbit != 0) & (graph.capacity[orbits.arc] != UNLIMITED))
    sizes, capacities = orbits.arc_size[loaded].tolist(), graph.capacity[loaded].tolist()
    rows = zip(by_orbit[loaded].tolist(), sizes, capacities, strict=True)
    congestion = max((Fraction(x, factor * size * capacity) for x, size, capacity in rows), default=Fraction(0))
    return graph.capacity_unit / (graph.demand_unit * congestion) if congestion else None


def _prices(graph: FlowGraph, proof: Mapping[str, Any]) -> FloatArray:
    """Shape (arcs,): the price of every arc."""
    runs = number_list(proof.get("prices"), "prices", 2, 0)
    price, arcs = runs[::2], runs[1::2]
    if sum(arcs) != len(graph.tail) or max(price, default=0) > MOST_PRICE:
        raise CertificateError(f"the prices are not one for each arc, at most {MOST_PRICE:,}")
    return np.repeat(np.array(price, dtype=np.float64), np.array(arcs, dtype=np.int64))


@dataclass(frozen=True)
class Step:
    """Arcs (sorted by tail, `start` the first of each, `group` the number of each arc's) that walks with `slack` left
    may take; `rest` is left after."""

    slack: int
    arcs: IntArray
    rest: IntArray
    start: IntArray
    group: IntArray


def _carried(graph: FlowGraph, weight: FloatArray, slack: int, node: int, hops: Hops, demand: Whole) -> Whole:
    """Shape (arcs,): the flow on every arc to one destination that lies `hops` (nodes,) away."""
    sent = np.flatnonzero(demand)
    if (hops[sent] == FAR).any():
        raise CertificateError(f"node {node} is sent what cannot reach it")
    steps = _steps(graph, hops, slack, node)
    share = np.zeros((slack + 1, graph.nodes))
    share[0, node] = 1.0
    for step in steps:
        part = weight[step.arcs] * share[step.rest, graph.head[step.arcs]]
        share[step.slack, graph.tail[step.arcs[step.start]]] = np.add.reduceat(part, step.start)
    every = share.sum(axis=0)
    if (every[sent] <= 0).any() or not np.isfinite(every).all():
        raise CertificateError(f"the shares of walks to node {node} vanish")
    flow: Whole = np.zeros((slack + 1, graph.nodes), dtype=demand.dtype)
    left = demand[sent]
    for s in range(slack, 0, -1):
        flow[s, sent] = np.minimum(_floor(demand[sent], share[s, sent] / every[sent]), left)
        left = left - flow[s, sent]
    flow[0, sent] = left
    load: Whole = np.zeros(len(graph.tail), dtype=demand.dtype)
    for step in reversed(steps):
        tail, head = graph.tail[step.arcs], graph.head[step.arcs]
        amount = flow[step.slack, tail]
        part = weight[step.arcs] * share[step.rest, head]
        moved = _floor(amount, part / np.maximum(share[step.slack, tail], 1e-300))
        _complete(moved, amount, part, step)
        np.add.at(flow, (step.rest, head), moved)
        load[step.arcs] += moved
    arrived = flow[0, node]
    if arrived != demand.sum():
        raise CertificateError(f"the walks to node {node} lose flow")
    return load


def _complete(moved: Whole, amount: Whole, part: FloatArray, step: Step) -> None:
    """Gives what rounding left over, or took too much, to the arc of each state that has the largest share."""
    largest = np.flatnonzero(part == np.maximum.reduceat(part, step.start)[step.group])
    largest = largest[_firsts(step.group[largest])]
    moved[largest] += amount[step.start] - np.add.reduceat(moved, step.start)


def _steps(graph: FlowGraph, hops: Hops, slack: int, node: int) -> list[Step]:
    """The arcs that walks may take, fewest arcs to go first."""
    near, far = hops[graph.head], hops[graph.tail]
    detour = near + np.int16(1) - far
    usable = np.flatnonzero((far > 0) & (near < FAR) & (detour <= slack))
    level = far[usable]
    usable = usable[np.argsort(level.astype(np.min_scalar_type(graph.nodes)), kind="stable")]
    ends = np.cumsum(np.bincount(level)).tolist()
    result: list[tuple[int, Step]] = []
    for hop, (first, last) in enumerate(pairwise([0, *ends])):
        here = usable[first:last]
        for s in range(slack + 1):
            rest = s - detour[here].astype(np.int64)
            kept = (rest >= 0) & ((graph.head[here] != node) | (rest == 0))
            arcs = here[kept]
            if len(arcs):
                is_first = _firsts(graph.tail[arcs])
                group = np.cumsum(is_first) - 1
                result.append((hop + s, Step(s, arcs, rest[kept], np.flatnonzero(is_first), group)))
    result.sort(key=lambda one: one[0])
    return [step for _, step in result]


def _firsts(values: IntArray) -> BoolArray:
    """Whether each of some values differs from the one before."""
    result = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=result[1:])
    return result


def _floor(amount: Whole, part: FloatArray) -> Whole:
    """amount * part, rounded down to whole numbers between 0 and amount."""
    part = np.clip(part, 0.0, 1.0)
    if amount.dtype == object:
        exact: Whole = (amount * np.floor(part * 2**52).astype(np.int64).astype(object)) >> 52
        return exact
    return np.minimum(np.floor(amount * part).astype(np.int64), amount)
