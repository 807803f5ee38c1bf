"""Where the iteration starts: the optimum of a more symmetric problem near by.

A family that is partly filled, or has lost a few links, is close to one that every proposed symmetry keeps: demands
averaged over its orbits of nodes, lost links put back. That problem is small, its prices are nearly right here, and its
lengths prove nearly the right bound. Nothing is believed of it: it only says where to start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from topo.analysis.symmetry import find_symmetry
from topo.analysis.symmetry.graph import Orbits
from topo.analysis.throughput.merged import is_quick, merged_program
from topo.analysis.throughput.optimum import solve
from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.analysis.throughput.walks import HEAVIEST, Step
from topo.errors import LimitReachedError
from topo.fabric.model import IntArray
from topo.solvers.budget import now

UNIT = 1024
"""The mean demand of a node in the averaged problem: enough to tell orbits apart."""
NEARBY = 5e-3
"""Relative width of the interval at which walks near by end: prices that are sharper would have to be unlearnt."""
MOST_GROWTH = 2.0
"""Times as many arcs as there are, where proposals are no longer taken for nearly right."""


@dataclass(frozen=True)
class Start:
    """Weights and lengths of arcs between nodes of another problem; `node` (its nodes,) says which they are here, -1
    where they are gone."""

    node: IntArray
    tail: IntArray
    head: IntArray
    step: Step

    def on(self, problem: Problem) -> Step:
        """The same for the arcs of a problem; arcs that the other does not have are the heaviest, of no length."""
        weight = np.full(len(problem.tail), np.exp(-HEAVIEST / 2))
        length = np.zeros(len(problem.tail))
        tail, head = self.node[self.tail], self.node[self.head]
        rows = np.flatnonzero((tail >= 0) & (head >= 0))
        key = tail[rows] * problem.nodes + head[rows]
        order = np.argsort(key)
        wanted = problem.tail * problem.nodes + problem.head
        at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
        known = key[order][at] == wanted if len(key) else np.zeros(len(wanted), dtype=np.bool_)
        source = rows[order[at[known]]]
        weight[known], length[known] = self.step.weight[source], self.step.length[source]
        length[problem.capacity == UNLIMITED] = 0.0
        return Step(np.inf, 0.0, weight, length, self.step.slack)


def evened(problem: Problem) -> Problem | None:
    """The problem that all proposals keep: the most capacity of each orbit of arcs, lost ones included, and the mean
    demand of each orbit of nodes. None where there are no proposals, demands are no products, or lost arcs are many."""
    n = problem.nodes
    if not problem.proposals or len(problem.extra) or not problem.sends.any():
        return None
    orbits = Orbits(n)
    for image in problem.proposals:
        if image.shape != (n,) or len(np.unique(image)) != n:
            return None
        orbits.join(image)
    orbit = orbits.numbered()
    key = np.unique(problem.tail * n + problem.head)
    while True:
        images = [image[key // n] * n + image[key % n] for image in problem.proposals]
        grown = np.unique(np.concatenate([key, *images]))
        if len(grown) > MOST_GROWTH * len(problem.tail):
            return None
        if len(grown) == len(key):
            break
        key = grown
    weight = problem.sends.astype(np.float64)
    mean = np.bincount(orbit, weight) / np.bincount(orbit)
    sends = np.rint(mean * (UNIT / weight[weight > 0].mean())).astype(np.int64)[orbit]
    busy = problem.group[problem.group >= 0]
    group = np.where(sends > 0, int(busy.min()) if len(np.unique(busy)) == 1 else problem.group, -1)
    even = replace(
        problem, tail=key // n, head=key % n, capacity=_evened_capacity(problem, key), sends=sends, receives=sends,
        group=group,
    )  # fmt: skip
    return even if (even.group[sends > 0] >= 0).all() else None


def _evened_capacity(problem: Problem, key: IntArray) -> IntArray:
    """The most capacity of each orbit of the arcs `key` (tail * nodes + head, ascending)."""
    n = problem.nodes
    arcs = Orbits(len(key))
    for image in problem.proposals:
        arcs.join(np.searchsorted(key, image[key // n] * n + image[key % n]))
    orbit = arcs.numbered()
    own = np.searchsorted(key, problem.tail * n + problem.head)
    most = np.full(int(orbit.max(initial=-1)) + 1, UNLIMITED, dtype=problem.capacity.dtype)
    np.maximum.at(most, orbit[own], problem.capacity)
    capacity: IntArray = most[orbit]
    return capacity


def nearly(source: Problem, node: IntArray, end: float) -> Start | None:
    """Nearly optimal weights and lengths of a more symmetric problem than `source`, found until about the time `end`;
    `node` says where the nodes of `source` are wanted."""
    from topo.analysis.throughput.walks import best_walks

    even = evened(source)
    if even is None:
        return None
    symmetry = find_symmetry(even.graph, list(even.proposals), search=False)
    small = merged_program(even, symmetry)
    if small is None or not is_quick(small) or not len(small.capacity_orbit):
        return None
    try:
        lengths = solve(small, end - now())[1]
    except LimitReachedError:
        return None
    length = lengths.length[symmetry.arc_orbit[: len(even.tail)]].astype(np.float64)
    ones = np.ones(len(length))
    step = best_walks(even, symmetry, end, NEARBY, Step(np.inf, 0.0, ones, length / max(length.max(), 1.0), 0))
    return Start(node, even.tail, even.head, replace(step, length=length / max(length.max(), 1.0)))
