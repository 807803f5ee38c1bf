"""Which hosts lie on side A in a cheapest split of a host tree: the minimum of the tree, traced back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.certificates.reading.hosttree import (
    HostTree,
    Unit,
    UnitShape,
    alike_pods,
    alike_rows,
    block_function,
    blocks_of,
    leaf_marks,
    plus,
    sides_of,
    unit_function,
    unit_shape,
)
from topo.fabric.model import IntArray


def cheapest_split(tree: HostTree, hosts: int) -> list[int]:
    """How many hosts of each class lie on side A; raises CertificateError as `least_split` does."""
    attached = sum(count for _, count in tree.classes)
    memory: dict[object, IntArray] = {}
    blocks = list(blocks_of(tree))
    functions = [block_function(tree, pods, units, memory) for pods, units in blocks]
    low, high = max(hosts // 2 - (hosts - attached), 0), min(hosts - hosts // 2, attached)
    counts = [0] * len(tree.classes)
    for (pods, units), x in zip(blocks, _shared(functions, range(low, high + 1)), strict=True):
        _within_block(tree, pods, units, x, memory, counts)
    return counts


@dataclass
class _Sum:
    """A row of functions combined, halves first; equal rows are computed once."""

    values: IntArray
    left: _Sum | None = None
    right: _Sum | None = None


def _combined(functions: Sequence[IntArray], keys: Sequence[bytes], known: dict[tuple[bytes, ...], _Sum]) -> _Sum:
    key = tuple(keys)
    if key not in known:
        if len(functions) == 1:
            known[key] = _Sum(functions[0])
        else:
            half = len(functions) // 2
            left = _combined(functions[:half], keys[:half], known)
            right = _combined(functions[half:], keys[half:], known)
            known[key] = _Sum(plus(left.values, right.values), left, right)
    return known[key]


def _shared(functions: Sequence[IntArray], totals: range) -> list[int]:
    """The cheapest shares of one of `totals` among the functions, in their order."""
    order = sorted(range(len(functions)), key=lambda i: functions[i].tobytes())
    ordered = [functions[i] for i in order]
    keys = [f.tobytes() for f in ordered]
    known: dict[tuple[bytes, ...], _Sum] = {}
    if not ordered:
        return []
    if len(ordered) == 1:
        best = min(totals, key=lambda x: int(ordered[0][x]))
        return [best]
    half = len(ordered) // 2
    left, right = _combined(ordered[:half], keys[:half], known), _combined(ordered[half:], keys[half:], known)
    options = [(*_divided(left.values, right.values, x), x) for x in totals]
    _, y, total = min(options)
    shares: list[int] = []
    _trace(left, y, shares)
    _trace(right, total - y, shares)
    result = [0] * len(functions)
    for i, share in zip(order, shares, strict=True):
        result[i] = share
    return result


def _divided(a: IntArray, b: IntArray, x: int) -> tuple[int, int]:
    """The least a[y] + b[x - y], and the largest such y."""
    low, high = max(0, x - len(b) + 1), min(len(a) - 1, x)
    sums = a[low : high + 1] + b[x - high : x - low + 1][::-1]
    at = len(sums) - 1 - int(sums[::-1].argmin())
    return int(sums[at]), low + at


def _trace(node: _Sum, x: int, shares: list[int]) -> None:
    if node.left is None or node.right is None:
        shares.append(x)
        return
    _, y = _divided(node.left.values, node.right.values, x)
    _trace(node.left, y, shares)
    _trace(node.right, x - y, shares)


def _within_block(
    tree: HostTree, pods: Sequence[int], units: list[Unit], x: int, memory: dict[object, IntArray], counts: list[int]
) -> None:
    alike = alike_pods(tree, pods, units)
    best: tuple[int, list[int], list[UnitShape]] | None = None
    for on_a in sides_of(alike):
        shapes = [unit_shape(tree, lv, cl, tuple(tree.pod[leaf] in on_a for leaf in lv)) for lv, cl in units]
        for shape in shapes:
            if shape not in memory:
                memory[shape] = unit_function(*shape)
        functions = [memory[shape] for shape in shapes]
        shares = _shared(functions, range(x, x + 1))
        cost = sum(int(f[s]) for f, s in zip(functions, shares, strict=True)) + sum(tree.up[p] for p in on_a)
        if best is None or cost < best[0]:
            best = cost, shares, shapes
    assert best is not None
    for (leaves, classes), share, shape in zip(units, best[1], best[2], strict=True):
        _within_unit(tree, leaves, classes, shape[1], share, counts)


def _within_unit(
    tree: HostTree, leaves: Sequence[int], classes: Sequence[int], near: Sequence[bool], x: int, counts: list[int]
) -> None:
    marks = leaf_marks(tree, [(tuple(leaves), tuple(classes))])
    near_of = dict(zip(leaves, near, strict=True))
    best: tuple[int, list[tuple[int, int]]] | None = None
    for on_a in sides_of(alike_rows([(leaf, (near_of[leaf], marks[leaf])) for leaf in leaves])):
        cost = sum(tree.leg[leaf] for leaf in leaves if (leaf in on_a) != near_of[leaf])
        steps = []
        for row in classes:
            attachments, count = tree.classes[row]
            as_b = sum(c for leaf, c in attachments if leaf in on_a)
            cost += count * as_b
            steps.append((sum(c for leaf, c in attachments if leaf not in on_a) - as_b, row))
        taken, left = [], x
        for step, row in sorted(steps):
            n = min(left, tree.classes[row][1])
            cost, left = cost + step * n, left - n
            taken.append((row, n))
        if best is None or cost < best[0]:
            best = cost, taken
    assert best is not None
    for row, n in best[1]:
        counts[row] += n


def hosts_on_a(members: Sequence[IntArray], counts: Sequence[int], hosts: int) -> IntArray:
    """Host rows on side A when each class gives its first hosts, filled up with hosts of no class."""
    chosen = [m[:n] for m, n in zip(members, counts, strict=True)]
    picked = np.concatenate([*chosen, np.zeros(0, dtype=np.int64)]).astype(np.int64)
    free = np.setdiff1d(np.arange(hosts), np.concatenate([*members, np.zeros(0, dtype=np.int64)]).astype(np.int64))
    missing = max(hosts // 2 - len(picked), 0)
    return np.sort(np.concatenate([picked, free[:missing]]))
