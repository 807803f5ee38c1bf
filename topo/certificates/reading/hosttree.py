"""The least cost of splitting hosts over a tree of leaves, pods and one hub, in whole numbers.

Every leaf hangs by a link of capacity `leg` on its pod, or on the hub (pod -1); every pod by a link of capacity `up` on
the hub. Hosts of one class hang on the same leaves (or the hub, leaf -1) with the same capacities. The hub lies on side
B, without loss of generality when both sizes of a half are asked for. Then blocks (pods and what they share) are
independent; within a block, given the sides of its pods, units (leaves that share host classes) are; within a unit,
given the sides of its leaves, every host of a class costs the same on A and the same on B, so the cheapest hosts go
first. Leaves or pods that a permutation of the tree exchanges are counted, not told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from topo.errors import CertificateError
from topo.fabric.model import IntArray

MANY = 2**62
"""Above every cost, and two of it stay below the largest 64-bit number."""
SIDES_AT_MOST = 4096
"""Sides of unlike leaves and pods that are gone through: each costs a function over all hosts."""
STEPS_AT_MOST = 2e10
"""Sums that functions of unlike parts are combined with: some ten seconds."""
Attachments = tuple[tuple[int, int], ...]
"""((leaf, capacity), ...) of one host, by ascending leaf."""


@dataclass(frozen=True)
class HostTree:
    """Shape (leaves,): `leg`, `pod`; shape (pods,): `up`. `classes` counts the hosts by what they hang on."""

    leg: tuple[int, ...]
    pod: tuple[int, ...]
    up: tuple[int, ...]
    classes: tuple[tuple[Attachments, int], ...]


def least_split(tree: HostTree, hosts: int) -> int:
    """The least cost over all splits of `hosts` hosts into halves that differ by at most one; hosts of no class are
    free. Raises CertificateError where leaves and pods are too unlike to count."""
    attached = sum(count for _, count in tree.classes)
    functions: Counter[bytes] = Counter()
    memory: dict[object, IntArray] = {}
    for pods, units in blocks_of(tree):
        functions[block_function(tree, pods, units, memory).tobytes()] += 1
    parts: list[IntArray] = []
    for encoded, times in sorted(functions.items()):
        f = np.frombuffer(encoded, dtype=np.int64)
        half = power(f, times // 2) if times > 1 else np.array([0], dtype=np.int64)
        parts += [half, half if times % 2 == 0 else plus(half, f)]
    first: IntArray = np.array([0], dtype=np.int64)
    parts.sort(key=len)
    sizes = [len(one) for one in parts[:-1]]
    _refuse_many(
        sum(size * sum(sizes[:i]) for i, size in enumerate(sizes)) if len(sizes) < 1000 else sum(sizes) ** 2 / 2
    )
    while len(parts) > 1:
        first, parts = plus(first, parts[0]), parts[1:]
    last = parts[0] if parts else np.array([0], dtype=np.int64)
    low, high = max(hosts // 2 - (hosts - attached), 0), min(hosts - hosts // 2, attached)
    return min(plus_at(first, last, k) for k in range(low, high + 1))


Unit = tuple[tuple[int, ...], tuple[int, ...]]
"""Leaves and rows of classes."""


def blocks_of(tree: HostTree) -> Iterator[tuple[tuple[int, ...], list[Unit]]]:
    """Pods and units of each block. Leaf -1 (the hub) joins nothing: its hosts are a unit of their own class."""
    parent = list(range(len(tree.leg)))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for attachments, _ in tree.classes:
        leaves = [leaf for leaf, _ in attachments if leaf >= 0]
        for leaf in leaves[1:]:
            parent[root(leaf)] = root(leaves[0])
    leaves_of: dict[int, list[int]] = {}
    classes_of: dict[int, list[int]] = {}
    for leaf in range(len(tree.leg)):
        leaves_of.setdefault(root(leaf), []).append(leaf)
    for row, (attachments, _) in enumerate(tree.classes):
        held = [leaf for leaf, _ in attachments if leaf >= 0]
        if held:
            classes_of.setdefault(root(held[0]), []).append(row)
        else:
            yield (), [((), (row,))]
    units = [(tuple(leaves), tuple(classes_of.get(r, ()))) for r, leaves in leaves_of.items()]
    group = list(range(len(units)))
    of_pod: dict[int, int] = {}
    for i, (held_leaves, _) in enumerate(units):
        for p in {tree.pod[leaf] for leaf in held_leaves} - {-1}:
            a, b = _find(group, of_pod.setdefault(p, i)), _find(group, i)
            group[b] = a
    blocks: dict[int, list[Unit]] = {}
    for i, unit in enumerate(units):
        blocks.setdefault(_find(group, i), []).append(unit)
    for members in blocks.values():
        yield tuple(sorted({tree.pod[leaf] for leaves, _ in members for leaf in leaves} - {-1})), members


def _find(group: list[int], x: int) -> int:
    while group[x] != x:
        group[x] = group[group[x]]
        x = group[x]
    return x


def alike_pods(tree: HostTree, pods: Sequence[int], units: list[Unit]) -> list[list[int]]:
    """The pods of a block in classes: as many links to the hub, and leaves of the same marks."""
    leaves_of: dict[int, list[int]] = {p: [] for p in pods}
    for leaves, _ in units:
        for leaf in leaves:
            if tree.pod[leaf] >= 0:
                leaves_of[tree.pod[leaf]].append(leaf)
    marks = leaf_marks(tree, units)
    return alike_rows([(p, (tree.up[p], sorted(marks[leaf] for leaf in leaves_of[p]))) for p in pods])


def block_function(tree: HostTree, pods: Sequence[int], units: list[Unit], memory: dict[object, IntArray]) -> IntArray:
    """f[x]: the least cost of a block with x of its hosts on side A, the hub on side B."""
    alike = alike_pods(tree, pods, units)
    best: IntArray | None = None
    for on_a in sides_of(alike):
        shapes: Counter[UnitShape] = Counter()
        for leaves, classes in units:
            near = tuple(tree.pod[leaf] in on_a for leaf in leaves)
            shape = unit_shape(tree, leaves, classes, near)
            if shape not in memory:
                memory[shape] = unit_function(*shape)
            shapes[shape] += 1
        key = (tuple(sorted(shapes.items(), key=repr)),)
        if key not in memory:
            total: IntArray = np.array([0], dtype=np.int64)
            for shape, count in sorted(shapes.items(), key=repr):
                total = plus(total, power(memory[shape], count))
            memory[key] = total
        cost = memory[key] + sum(tree.up[p] for p in on_a)
        best = cost if best is None else np.minimum(best, cost)
    assert best is not None
    return best


UnitShape = tuple[tuple[int, ...], tuple[bool, ...], tuple[tuple[Attachments, int], ...]]


def unit_shape(tree: HostTree, leaves: Sequence[int], classes: Sequence[int], near: tuple[bool, ...]) -> UnitShape:
    """The unit with its leaves renumbered from 0: legs, whether each leaf's parent lies on A, classes."""
    local = {leaf: i for i, leaf in enumerate(leaves)} | {-1: -1}
    held = tuple(
        sorted((tuple((local[leaf], c) for leaf, c in tree.classes[r][0]), tree.classes[r][1]) for r in classes)
    )
    return tuple(tree.leg[leaf] for leaf in leaves), near, held


def leaf_marks(tree: HostTree, units: Iterable[Unit]) -> dict[int, tuple[object, ...]]:
    """What a leaf is to the rest of its unit: leaves with equal marks may be exchanged, private hosts with them."""
    marks: dict[int, tuple[object, ...]] = {}
    for leaves, classes in units:
        shared: dict[int, list[tuple[int, int]]] = {leaf: [] for leaf in leaves}
        private: dict[int, list[tuple[Attachments, int]]] = {leaf: [] for leaf in leaves}
        for row in classes:
            attachments, count = tree.classes[row]
            held = [leaf for leaf, _ in attachments if leaf >= 0]
            for leaf, capacity in attachments:
                if leaf >= 0 and len(held) > 1:
                    shared[leaf].append((row, capacity))
                elif leaf >= 0:
                    private[leaf].append((tuple((-1 if at < 0 else 0, c) for at, c in attachments), count))
        for leaf in leaves:
            marks[leaf] = (tree.leg[leaf], tuple(sorted(shared[leaf])), tuple(sorted(private[leaf])))
    return marks


def alike_rows(marked: Sequence[tuple[int, object]]) -> list[list[int]]:
    """Rows with equal marks together."""
    result: dict[str, list[int]] = {}
    for row, mark in marked:
        result.setdefault(repr(mark), []).append(row)
    return list(result.values())


def sides_of(alike: list[list[int]]) -> Iterator[frozenset[int]]:
    """The sets of rows on side A, one for each number of alike rows."""
    if np.prod([len(rows) + 1.0 for rows in alike]) > SIDES_AT_MOST:
        raise CertificateError("the tree has too many unlike leaves or pods that share hosts")
    for counts in product(*(range(len(rows) + 1) for rows in alike)):
        yield frozenset(row for rows, n in zip(alike, counts, strict=True) for row in rows[:n])


def unit_function(
    legs: tuple[int, ...], near: tuple[bool, ...], classes: tuple[tuple[Attachments, int], ...]
) -> IntArray:
    """f[x]: the least cost of a unit with x of its hosts on side A; `near` tells which leaves hang on side A."""
    everything = tuple(range(len(legs)))
    tree = HostTree(legs, tuple(int(n) for n in near), (0, 0), classes)
    marks = leaf_marks(tree, [(everything, tuple(range(len(classes))))])
    alike = alike_rows([(leaf, (near[leaf], marks[leaf])) for leaf in everything])
    best: IntArray | None = None
    for on_a in sides_of(alike):
        cost = sum(legs[leaf] for leaf in everything if (leaf in on_a) != near[leaf])
        steps = []
        for attachments, count in classes:
            as_a = sum(c for leaf, c in attachments if leaf not in on_a)
            as_b = sum(c for leaf, c in attachments if leaf in on_a)
            cost += count * as_b
            steps.append((as_a - as_b, count))
        steps.sort()
        step = np.repeat([s for s, _ in steps], [n for _, n in steps]).astype(np.int64)
        function = cost + np.concatenate([[0], np.cumsum(step)]).astype(np.int64)
        best = function if best is None else np.minimum(best, function)
    assert best is not None
    return best


def plus(a: IntArray, b: IntArray) -> IntArray:
    """c[x]: the least a[y] + b[x - y]."""
    if len(a) < len(b):
        a, b = b, a
    _refuse_many(float(len(a)) * len(b))
    out = np.full(len(a) + len(b) - 1, MANY, dtype=np.int64)
    for shift, value in enumerate(b.tolist()):
        window = out[shift : shift + len(a)]
        np.minimum(window, a + value, out=window)
    return out


def plus_at(a: IntArray, b: IntArray, x: int) -> int:
    """The least a[y] + b[x - y]."""
    low, high = max(0, x - len(b) + 1), min(len(a) - 1, x)
    return int((a[low : high + 1] + b[x - high : x - low + 1][::-1]).min())


def power(f: IntArray, times: int) -> IntArray:
    """f combined with itself `times` times.

    Of a concave f at most one part is neither empty nor full: two that are would give less with one host moved from the
    smaller to the larger. So no sums have to be compared."""
    most = len(f) - 1
    if most and (np.diff(f, 2) <= 0).all():
        full, rest = np.divmod(np.arange(most * times + 1), most)
        one = np.where(full < times, f[rest] + (times - full - 1) * f[0], 0)
        return np.asarray(full * f[-1] + one, dtype=np.int64)
    _refuse_many((most * times) ** 2 / 3)
    result: IntArray | None = None
    while times:
        if times & 1:
            result = f if result is None else plus(result, f)
        times >>= 1
        f = plus(f, f) if times else f
    assert result is not None
    return result


def _refuse_many(steps: float) -> None:
    """Raises CertificateError where the hosts are too many to be counted."""
    if steps > STEPS_AT_MOST:
        raise CertificateError(f"{steps:.3g} steps share out the hosts of unlike leaves, more than {STEPS_AT_MOST:.3g}")
