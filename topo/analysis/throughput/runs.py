"""Equal problems side by side, as equal planes are: found by comparing every number, believed of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from topo.fabric.model import IntArray


class Runs(NamedTuple):
    """`many` equal problems: nodes k * `nodes` and on, and of each half of the arcs those from k * `arcs` on, are
    number k, everything shifted. `turn` is the permutation of all nodes that takes each to its place in the next."""

    many: int
    nodes: int
    arcs: int
    turn: IntArray


class Sides(NamedTuple):
    """What is compared: arcs whose second half is the first backwards, with `capacity` (arcs,); by node what it `sends`
    and `receives` inside its `group`, -1 for none."""

    tail: IntArray
    head: IntArray
    capacity: npt.NDArray[Any]
    sends: npt.NDArray[Any]
    receives: npt.NDArray[Any]
    group: IntArray


def equal_runs(sides: Sides, proposals: Sequence[IntArray]) -> Runs | None:
    """The equal problems that one of the `proposals` turns into each other; None where there are none."""
    for permutation in proposals:
        nodes = _step(permutation)
        if not nodes or len(permutation) != len(sides.group):
            continue
        count = len(permutation) // nodes
        result = Runs(count, nodes, len(sides.tail) // (2 * count), permutation)
        if count > 1 and _holds(sides, result):
            return result
    return None


def of_one(permutation: IntArray, runs: Runs) -> IntArray | None:
    """What a permutation of all nodes does to those of the first problem, where it does the same to those of each and
    takes none elsewhere; else None."""
    if permutation.shape != (runs.many * runs.nodes,):
        return None
    each = permutation.reshape(runs.many, runs.nodes) - np.arange(runs.many)[:, None] * runs.nodes
    inside = int(each.min()) >= 0 and int(each.max()) < runs.nodes
    return each[0].copy() if inside and (each == each[0]).all() else None


def _step(permutation: IntArray) -> int:
    """By how many places a permutation turns all nodes, where that divides them; 0 where it is no such turn."""
    n = len(permutation)
    step = int(permutation[0]) if n else 0
    if step < 1 or n % step or not np.array_equal(permutation[: n - step], np.arange(step, n)):
        return 0
    return step if np.array_equal(permutation[n - step :], np.arange(step)) else 0


def _holds(sides: Sides, runs: Runs) -> bool:
    half = runs.many * runs.arcs
    if 2 * half != len(sides.tail) or not half:
        return False
    first = slice(0, runs.arcs)
    shift = np.arange(runs.many)[:, None] * runs.nodes
    for ends in (sides.tail, sides.head):
        own = ends[first]
        if int(own.min()) < 0 or int(own.max()) >= runs.nodes:
            return False
        if not (ends[:half].reshape(runs.many, -1) == own + shift).all():
            return False
    for one, other in ((sides.tail, sides.head), (sides.head, sides.tail)):
        if not np.array_equal(one[half:], other[:half]):
            return False
    columns = (sides.capacity[:half], sides.capacity[half:], sides.sends, sides.receives)
    return all(_repeats(column, runs.many) for column in columns) and _groups_apart(sides.group, runs.many)


def _repeats(column: npt.NDArray[Any], count: int) -> bool:
    each = column.reshape(count, -1)
    return bool((each == each[0]).all())


def _groups_apart(group: IntArray, count: int) -> bool:
    """Whether each problem has one group of its own, of the same nodes."""
    each = group.reshape(count, -1)
    member = each[0] >= 0
    if not member.any() or ((each >= 0) != member).any():
        return False
    inside = each[:, member]
    return bool((inside == inside[:, :1]).all()) and len(np.unique(inside[:, 0])) == count
