"""Equal problems side by side: one of them tells the symmetry of all, two of them how flows merge.

A turn carries each of equal problems to the next, so that orbits of all are those of the first, repeated. Around a
destination in the first, all the others look alike: the second stands for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.analysis.symmetry import Symmetry
from topo.analysis.symmetry.graph import generated_by_all
from topo.analysis.throughput.merge import Commodity, commodities
from topo.analysis.throughput.problem import Problem
from topo.analysis.throughput.runs import Runs, of_one

ENOUGH = 2
"""Of equal problems: the one with the destination, and one of the others."""


def repeated_symmetry(problem: Problem) -> Symmetry | None:
    """The verified group of the proposals, as `find_symmetry` finds it, by the arcs of one of equal problems; None
    where there are none, or some proposal does not hold or does not do the same in each."""
    runs = problem.runs
    if runs is None:
        return None
    others = [p for p in problem.proposals if p is not runs.turn]
    own = [of_one(p, runs) for p in others]
    inside = [p for p in own if p is not None]
    known = generated_by_all(_first(problem, runs, 1).graph, inside) if len(inside) == len(own) else None
    if known is None:
        return None
    kept = {id(one) for one in known.generators}
    held = {id(p) for p, one in zip(others, own, strict=True) if id(one) in kept}
    generators = tuple(p for p in problem.proposals if p is runs.turn or id(p) in held)
    there, back = np.split(known.arc_orbit, 2)
    return Symmetry(
        generators,
        np.tile(known.node_orbit, runs.many),
        np.concatenate([np.tile(there, runs.many), np.tile(back, runs.many)]),
    )


def repeated_commodities(problem: Problem, symmetry: Symmetry, most: int | None = None) -> list[Commodity] | None:
    """What `commodities` gives, by two of equal problems where their turn is among the generators of the symmetry."""
    runs = problem.runs
    if runs is None or runs.many <= ENOUGH or not any(one is runs.turn for one in symmetry.generators):
        return commodities(problem, symmetry, most)
    two = _first(problem, runs, ENOUGH)
    arcs = _of_first(symmetry.arc_orbit, runs, ENOUGH)
    own = Symmetry((), symmetry.node_orbit[: two.nodes], arcs)
    found = commodities(two, own, most)
    return None if found is None else [_repeated(one, problem, symmetry, runs) for one in found]


def _first(problem: Problem, runs: Runs, many: int) -> Problem:
    """The first `many` of equal problems as one."""
    nodes = many * runs.nodes
    return replace(
        problem,
        nodes=nodes,
        tail=_of_first(problem.tail, runs, many),
        head=_of_first(problem.head, runs, many),
        capacity=_of_first(problem.capacity, runs, many),
        sends=problem.sends[:nodes],
        receives=problem.receives[:nodes],
        group=problem.group[:nodes],
        proposals=(),
    )


def _of_first(column: npt.NDArray[Any], runs: Runs, many: int) -> npt.NDArray[Any]:
    """The entries (arcs,) of the first `many` of equal problems, there and back."""
    half, own = runs.many * runs.arcs, many * runs.arcs
    return np.concatenate([column[:own], column[half : half + own]])


def _repeated(one: Commodity, problem: Problem, symmetry: Symmetry, runs: Runs) -> Commodity:
    """A commodity of two equal problems among all of them: no arc outside the first leads to its destination."""
    own, every = ENOUGH * runs.arcs, runs.many * runs.arcs
    cells = [one.cell[: runs.nodes], np.tile(one.cell[runs.nodes :], runs.many - 1)]
    arc_class = np.full(len(problem.tail), -1, dtype=np.int64)
    arc_class[: runs.arcs] = one.arc_class[: runs.arcs]
    arc_class[every : every + runs.arcs] = one.arc_class[own : own + runs.arcs]
    return replace(
        one,
        copies=int(symmetry.orbit_size[symmetry.node_orbit[one.node]]),
        cell=np.concatenate(cells),
        arc=np.where(one.arc < own, one.arc, one.arc + (every - own)),
        arc_class=arc_class,
    )
