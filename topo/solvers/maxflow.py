"""Maximum flow and minimum cut in whole numbers, by OR-Tools' push-relabel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.errors import LimitReachedError

IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MinCut:
    """`value` of the flow and of the cut; `side` (shape (nodes,)) marks the source's side, `flow` (shape (edges,)) runs
    from u to v where it is positive."""

    value: int
    side: BoolArray
    flow: IntArray


def min_cut(nodes: int, u: IntArray, v: IntArray, capacity: IntArray, source: int, sink: int) -> MinCut:
    """The minimum cut between two nodes of an undirected graph, edges (u, v) with whole capacities.

    Raises LimitReachedError where the capacities overflow the solver, ValueError for input that it refuses.
    """
    from ortools.graph.python.max_flow import SimpleMaxFlow

    if source == sink or not (0 <= source < nodes and 0 <= sink < nodes):
        raise ValueError("source and sink must be two nodes of the graph")
    if float(capacity.sum()) >= 2**61:
        raise LimitReachedError("the capacities are too large for the flow solver")
    solver: Any = SimpleMaxFlow()
    amount = capacity.astype(np.int64)
    there = solver.add_arcs_with_capacity(u.astype(np.int32), v.astype(np.int32), amount)
    back = solver.add_arcs_with_capacity(v.astype(np.int32), u.astype(np.int32), amount)
    if len(u) == 0 or not ((u == source) | (v == source)).any() or not ((u == sink) | (v == sink)).any():
        side = np.zeros(nodes, dtype=np.bool_)
        side[_reached(nodes, u, v, amount, source)] = True
        return MinCut(0, side, np.zeros(len(u), dtype=np.int64))
    status = solver.solve(source, sink)
    if status == SimpleMaxFlow.POSSIBLE_OVERFLOW:
        raise LimitReachedError("the capacities are too large for the flow solver")
    if status != SimpleMaxFlow.OPTIMAL:
        raise ValueError(f"the flow solver refused its input: {status}")
    side = np.zeros(nodes, dtype=np.bool_)
    side[solver.get_source_side_min_cut()] = True
    flow = solver.flows(there) - solver.flows(back)
    return MinCut(int(solver.optimal_flow()), side, flow)


def _reached(nodes: int, u: IntArray, v: IntArray, capacity: IntArray, source: int) -> IntArray:
    """The nodes that edges with capacity join to the source."""
    reached = np.zeros(nodes, dtype=np.bool_)
    reached[source] = True
    open_edges = capacity > 0
    a, b = u[open_edges], v[open_edges]
    while True:
        more = reached.copy()
        more[b[reached[a]]] = True
        more[a[reached[b]]] = True
        if np.array_equal(more, reached):
            return np.flatnonzero(reached)
        reached = more


class FlowGraph:
    """A directed graph whose flows between many pairs of nodes are asked for: arcs (u, v) with whole capacities."""

    def __init__(self, u: IntArray, v: IntArray, capacity: IntArray) -> None:
        from ortools.graph.python.max_flow import SimpleMaxFlow

        if float(capacity.sum()) >= 2**61:
            raise LimitReachedError("the capacities are too large for the flow solver")
        self._optimal = SimpleMaxFlow.OPTIMAL
        solver: Any = SimpleMaxFlow()
        self._solver = solver
        self._ends = (np.unique(u[capacity > 0]), np.unique(v[capacity > 0]))
        add: Any = self._solver.add_arcs_with_capacity
        add(u.astype(np.int32), v.astype(np.int32), capacity.astype(np.int64))

    def value(self, source: int, sink: int) -> int:
        """The maximum flow from one node to another; ValueError where the solver refuses its input."""
        if source not in self._ends[0] or sink not in self._ends[1]:
            return 0
        status = self._solver.solve(source, sink)
        if status != self._optimal:
            raise ValueError(f"the flow solver refused its input: {status}")
        return int(self._solver.optimal_flow())
