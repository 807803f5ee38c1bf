"""The question in whole numbers: a directed graph with capacities, and demands between its nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from topo.analysis.demand import Demand, Uniform
from topo.analysis.symmetry import ColouredGraph
from topo.analysis.throughput.runs import Runs, Sides, equal_runs
from topo.certificates.reading.whole import Whole, whole
from topo.fabric.joined import components
from topo.fabric.model import IntArray
from topo.fabric.ranks import ranks

UNLIMITED = -1
"""The capacity of an arc that nothing bounds."""


@dataclass(frozen=True)
class Problem:
    """Route t times the demand within the capacities, with t as large as possible.

    Arc i runs from `tail[i]` to `head[i]` with `capacity[i]` * `capacity_unit` Gb/s (UNLIMITED: no bound). Node a sends
    (sends[a] * receives[b], where the groups are equal and a differs from b, plus the `extra` of the pair) *
    `demand_unit` Gb/s to node b at t = 1.
    """

    nodes: int
    tail: IntArray
    head: IntArray
    capacity: Whole
    capacity_unit: Fraction
    sends: Whole
    receives: Whole
    group: IntArray
    extra_src: IntArray
    extra_dst: IntArray
    extra: Whole
    demand_unit: Fraction
    proposals: tuple[IntArray, ...] = ()
    minimal: bool = False

    @cached_property
    def possible_destinations(self) -> IntArray:
        """Nodes that others may send to, ascending; some may get nothing once the extra demands are counted."""
        product = np.flatnonzero((self.receives != 0) & (self.group >= 0))
        result: IntArray = np.union1d(product, self.extra_dst).astype(np.int64)
        return result

    def column(self, node: int) -> Whole:
        """Shape (nodes,): what every node sends to this one."""
        if self.receives[node]:
            sent: Whole = self.sends * self.receives[node]
            sent[(self.group != self.group[node]) | (self.group < 0)] = 0
            sent[node] = 0
        else:
            sent = np.zeros(self.nodes, dtype=self.sends.dtype)
        rows = self._extra_rows(node)
        if len(rows):
            sent = sent.astype(object)
            np.add.at(sent, self.extra_src[rows], self.extra[rows])
        return sent

    def _extra_rows(self, node: int) -> IntArray:
        order, start = self._extra_order
        rows: IntArray = order[start[node] : start[node + 1]]
        return rows

    @cached_property
    def _extra_order(self) -> tuple[IntArray, IntArray]:
        order = np.argsort(self.extra_dst, kind="stable")
        return order, np.searchsorted(self.extra_dst[order], np.arange(self.nodes + 1))

    @cached_property
    def graph(self) -> ColouredGraph:
        """What a symmetry of the question has to preserve; the arcs come first, then the extra demands."""
        label = ranks(self.capacity)
        more = ranks(self.extra) + int(label.max(initial=-1)) + 1
        weights = list(zip(self.sends.tolist(), self.receives.tolist(), self._told_apart.tolist(), strict=True))
        colour = {weight: i for i, weight in enumerate(sorted(set(weights)))}
        return ColouredGraph(
            np.array([colour[w] for w in weights], dtype=np.int64),
            np.concatenate([self.tail, self.extra_src]),
            np.concatenate([self.head, self.extra_dst]),
            np.concatenate([label, more]),
        )

    @cached_property
    def _told_apart(self) -> IntArray:
        """Group numbers where two groups share a component, else 0: components of their own may be exchanged."""
        member = self.group >= 0
        pairs = np.unique(np.stack([self.component, self.group])[:, member], axis=1)
        if pairs.shape[1] == len(np.unique(pairs[0])):
            return np.zeros(self.nodes, dtype=np.int64)
        return self.group

    @cached_property
    def component(self) -> IntArray:
        """Shape (nodes,): the connected component of each node, arcs taken without direction."""
        there = slice(len(self.tail) // 2 if self._both_ways else None)
        tail, head = self.tail[there], self.head[there]
        return components(self.nodes, tail, head)

    @cached_property
    def runs(self) -> Runs | None:
        """The equal problems that this one is, side by side; None where it is not several."""
        if len(self.extra):
            return None
        sides = Sides(self.tail, self.head, self.capacity, self.sends, self.receives, self.group)
        return equal_runs(sides, self.proposals)

    @property
    def _both_ways(self) -> bool:
        """Whether the second half of the arcs is the first backwards."""
        half = len(self.tail) // 2
        return np.array_equal(self.tail[:half], self.head[half:]) and np.array_equal(self.head[:half], self.tail[half:])

    def throughput(self, congestion: Fraction) -> Fraction:
        """The t at which `congestion` (demand units per capacity unit, at t = 1) becomes a load of 1."""
        return self.capacity_unit / (self.demand_unit * congestion)


def switch_problem(demand: Demand, proposals: list[IntArray], minimal: bool = False) -> Problem:
    """The question for the network alone: demands between switches over the links between switches."""
    net, form = demand.network, demand.form
    capacity, capacity_unit = whole(net.capacity)
    none = np.zeros(0, dtype=np.int64)
    nothing = np.zeros(net.switches, dtype=np.int64)
    base = Problem(
        net.switches,
        net.tail.astype(np.int64, copy=False),
        net.head.astype(np.int64, copy=False),
        capacity,
        capacity_unit,
        nothing,
        nothing,
        np.full(net.switches, -1, dtype=np.int64),
        none,
        none,
        none,
        Fraction(1),
        tuple(proposals),
        minimal,
    )
    if isinstance(form, Uniform):
        weight, unit = whole(form.weight)
        scale = form.scale * unit * unit
        return replace(base, sends=weight, receives=weight, group=form.group.astype(np.int64), demand_unit=scale)
    extra, unit = whole(form.gbps)
    src, dst = form.src.astype(np.int64), form.dst.astype(np.int64)
    return replace(base, extra_src=src, extra_dst=dst, extra=extra.astype(object), demand_unit=unit)
