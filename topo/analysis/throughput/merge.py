"""The program made small: one destination per orbit, its flow variables merged by colour refinement.

Averaging any routing over a group of automorphisms gives every arc of an orbit the same load, so one destination of
each orbit stands for all. Around one destination, arcs between the same two cells of an equitable partition may carry
the same flow without loss (Grohe, Kersting, Mladenov, Selman, "Dimension Reduction via Colour Refinement", ESA 2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.analysis.symmetry import Symmetry
from topo.analysis.symmetry.search import mixed
from topo.analysis.throughput.problem import Problem
from topo.certificates.reading.whole import Whole
from topo.fabric.model import IntArray
from topo.fabric.ranks import stable_order

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Commodity:
    """All flow to one destination, that stands for `copies` of them.

    `cell` (nodes,) is the equitable partition; cell 0 holds the destination alone. Class i is the `count[i]` arcs of
    orbit `orbit[i]` from cell `tail[i]` to cell `head[i]`; `arc[i]` is one of them. `demand` (cells,) is what the nodes
    of each cell send in all. Classes that cannot reach the destination are left out.
    """

    node: int
    copies: int
    cell: IntArray
    arc: IntArray
    count: IntArray
    tail: IntArray
    head: IntArray
    orbit: IntArray
    demand: Whole
    arc_class: IntArray
    """Shape (arcs,): the class of each arc, -1 where it is left out."""

    @property
    def cells(self) -> int:
        """How many cells."""
        return len(self.demand)


class Refiner:
    """Colour refinement of one graph from any first colouring."""

    def __init__(self, nodes: int, tail: IntArray, head: IntArray, label: IntArray) -> None:
        self.nodes = nodes
        half = len(tail) // 2
        order = stable_order(tail)
        backwards = np.array_equal(tail[:half], head[half:]) and np.array_equal(tail[half:], head[:half])
        # Where the second half of the arcs is the first backwards, what starts at a node turned round ends at it.
        turned = np.where(order < half, order + half, order - half) if backwards else stable_order(head)
        self._sides = [_Side(tail, head, label, 1, order), _Side(head, tail, label, 2, turned)]

    def refine(self, colour: IntArray) -> IntArray:
        """The coarsest equitable partition finer than `colour` (shape (nodes,)), numbered from 0."""
        colour = np.unique(colour, return_inverse=True)[1].reshape(-1)
        count = int(colour.max(initial=-1)) + 1
        while count < self.nodes:
            key = mixed(colour, 11)
            hashed = mixed(colour, 12)
            for side in self._sides:
                key = mixed(key ^ side.summed(hashed, self.nodes), 13)
            finer = np.unique(key, return_inverse=True)[1].reshape(-1)
            result = int(finer.max()) + 1
            if result == count:
                break
            colour, count = finer, result
        return colour.astype(np.int64)


class _Side:
    """Sums over the arcs at each node, on one of the two sides."""

    def __init__(self, at: IntArray, far: IntArray, label: IntArray, salt: int, order: IntArray) -> None:
        """`order` (arcs,) puts equal nodes of `at` together, ascending."""
        self.far = far[order]
        self.label = mixed(np.arange(int(label.max(initial=-1)) + 1), 20 + salt)[label[order]]
        sorted_at = at[order]
        self.start = np.flatnonzero(np.diff(sorted_at, prepend=-1))
        self.at = sorted_at[self.start]
        self.salt = salt

    def summed(self, colour: Hashes, nodes: int) -> Hashes:
        total = np.zeros(nodes, dtype=np.uint64)
        if len(self.at):
            total[self.at] = np.add.reduceat(mixed(colour[self.far] ^ self.label, 30 + self.salt), self.start)
        return total


def commodities(problem: Problem, symmetry: Symmetry, most: int | None = None) -> list[Commodity] | None:
    """One commodity for each orbit of destinations; None once they have more than `most` classes together."""
    arcs = len(problem.tail)
    orbit = symmetry.arc_orbit[:arcs]
    refiner = Refiner(problem.nodes, problem.tail, problem.head, orbit)
    first = symmetry.representatives
    result: list[Commodity] = []
    classes = 0
    for node in first[np.isin(first, problem.possible_destinations)].tolist():
        sent = problem.column(node)
        if not sent.any():
            continue
        result.append(_commodity(problem, symmetry, refiner, orbit, node, sent))
        classes += len(result[-1].arc)
        if most is not None and classes > most:
            return None
    return result


def _commodity(
    problem: Problem, symmetry: Symmetry, refiner: Refiner, orbit: IntArray, node: int, column: Whole
) -> Commodity:
    value = np.unique(column, return_inverse=True)[1]
    start = symmetry.node_orbit * (int(value.max()) + 1) + value.reshape(-1)
    start[node] = -1
    cell = refiner.refine(start)
    # Cell 0 shall be the destination.
    cell = np.where(cell == cell[node], 0, cell + (cell < cell[node]))
    cells = int(cell.max()) + 1
    key = (cell[problem.tail] * cells + cell[problem.head]) * (int(orbit.max(initial=0)) + 1) + orbit
    arc, arc_class, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)[1:]
    tail, head = cell[problem.tail[arc]], cell[problem.head[arc]]
    hops = _hops(tail, head, cells)
    used = (tail != 0) & (hops[head] < cells)
    if problem.minimal:
        used &= hops[tail] == hops[head] + 1
    demand = _summed(cell, column, cells)
    place = np.where(used, np.cumsum(used) - 1, -1)
    return Commodity(
        node,
        int(symmetry.orbit_size[symmetry.node_orbit[node]]),
        cell,
        arc[used],
        count[used],
        tail[used],
        head[used],
        orbit[arc[used]],
        demand,
        place[arc_class.reshape(-1)],
    )


def _hops(tail: IntArray, head: IntArray, cells: int) -> IntArray:
    """Arcs on a shortest path from each cell to cell 0; `cells` where there is none."""
    hops = np.full(cells, cells, dtype=np.int64)
    hops[0] = 0
    for step in range(cells):
        fresh = tail[(hops[head] == step) & (hops[tail] > step + 1)]
        if not len(fresh):
            break
        hops[fresh] = step + 1
    return hops


def _summed(cell: IntArray, column: Whole, cells: int) -> Whole:
    total: npt.NDArray[Any] = np.zeros(cells, dtype=object)
    busy = np.flatnonzero(column)
    for at, value in zip(cell[busy].tolist(), column[busy].tolist(), strict=True):
        total[at] += value
    return total
