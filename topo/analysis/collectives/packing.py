"""Trees that reach the bound of an all-gather or a broadcast: a schedule, and the proof that the bound is met.

Switches are taken out by splitting off: an edge into one and an edge out of it become one edge past it, as much as
leaves every rank reachable at full rate (Zhao et al., "ForestColl", arXiv 2402.06787; Bang-Jensen, Frank, Jackson,
1995). Trees then grow on the ranks edge by edge, each as often as leaves all others possible (Berczi and Frank,
"Packing arborescences", 2009). A cut that a step breaks loses just what the step takes, so one flow tells how much is
too much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.rank_graph import RankGraph
from topo.errors import LimitReachedError
from topo.solvers.budget import now
from topo.solvers.maxflow import FlowGraph

Path = tuple[int, ...]
"""Nodes from one rank to another, switches between."""
Arc = tuple[int, int]


@dataclass
class _Tree:
    """A tree that grows: `times` copies of it, from `root` over `arcs` of ranks to `reached`."""

    root: int
    times: int
    reached: set[int]
    arcs: list[Arc] = field(default_factory=list)


@dataclass(frozen=True)
class Packing:
    """Trees as (times, root node, [path, ...]); together they load no edge with more than `scale` times its capacity,
    and those of every root that sends come to `each`."""

    scale: int
    each: int
    trees: tuple[tuple[int, int, tuple[Path, ...]], ...]


def packed(graph: RankGraph, roots: list[int], rate: Fraction, limit_s: float = 60.0) -> Packing:
    """Trees from every root of `roots` (nodes) to all ranks, `rate` units of the graph from each in all.

    Raises LimitReachedError where time ends first, ValueError where no such trees exist.
    """
    deadline = now() + limit_s
    scale, each = rate.denominator, rate.numerator
    ranks = graph.rank.tolist()
    arcs: dict[Arc, int] = {}
    for u, v, c in zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True):
        arcs[u, v] = arcs[v, u] = c * scale
    need = dict.fromkeys(roots, each)
    if _short(graph.nodes, arcs, ranks, need):
        raise ValueError("the fabric does not carry the trees that were asked for")
    paths: dict[Arc, dict[Path, int]] = {arc: {arc: amount} for arc, amount in arcs.items()}
    inner = sorted(set(range(graph.nodes)) - set(ranks), key=lambda w: (sum(w == a for a, _ in arcs), w))
    for w in inner:
        _split_off(arcs, paths, w, lambda left: _short(graph.nodes, left, ranks, need), deadline)
    grown = _grow(graph.nodes, arcs, ranks, need, deadline)
    return Packing(scale, each, tuple(_with_paths(grown, paths)))


def _short(nodes: int, arcs: dict[Arc, int], ranks: list[int], need: dict[int, int]) -> int:
    """How much the worst rank lacks of what all roots send, from an added source."""
    ends = [*arcs, *((nodes, root) for root in need)]
    amount = np.array([*arcs.values(), *need.values()], dtype=np.int64)
    u, v = np.array(ends, dtype=np.int64).T
    flow = FlowGraph(u, v, amount)
    total = sum(need.values())
    return max((total - flow.value(nodes, rank) for rank in ranks), default=0)


def _split_off(
    arcs: dict[Arc, int],
    paths: dict[Arc, dict[Path, int]],
    w: int,
    lacking: Callable[[dict[Arc, int]], int],
    deadline: float,
) -> None:
    """Takes node w out: `arcs` and the `paths` that they stand for then lead past it, as far as nothing is `lacking`
    to the worst rank."""
    for t in sorted(b for a, b in arcs if a == w):
        for u in sorted(a for a, b in arcs if b == w):
            most = min(arcs.get((u, w), 0), arcs.get((w, t), 0))
            if not most or (u == t and len({a for a, b in arcs if b == w and arcs[a, b]}) > 1):
                continue
            if now() > deadline:
                raise LimitReachedError("time ended before trees were found that reach the bound")
            _take(arcs, u, w, t, most)
            short = lacking(arcs)
            _take(arcs, u, w, t, -min(short, most))
            _join(paths, u, w, t, most - min(short, most))
            for arc in ((u, w), (w, t)):
                if arcs.get(arc) == 0:
                    del arcs[arc]
    for arc in [arc for arc in arcs if w in arc]:
        del arcs[arc]


def _take(arcs: dict[Arc, int], u: int, w: int, t: int, amount: int) -> None:
    arcs[u, w] -= amount
    arcs[w, t] -= amount
    if u != t:
        arcs[u, t] = arcs.get((u, t), 0) + amount


def _join(paths: dict[Arc, dict[Path, int]], u: int, w: int, t: int, amount: int) -> None:
    """Moves `amount` of the paths from u to w and on to t to the arc from u to t."""
    into = paths.setdefault((u, t), {}) if u != t else {}
    while amount:
        first, second = next(iter(paths[u, w])), next(iter(paths[w, t]))
        part = min(amount, paths[u, w][first], paths[w, t][second])
        joined = first + second[1:]
        into[joined] = into.get(joined, 0) + part
        for arc, path in (((u, w), first), ((w, t), second)):
            paths[arc][path] -= part
            if not paths[arc][path]:
                del paths[arc][path]
        amount -= part


def _grow(nodes: int, arcs: dict[Arc, int], ranks: list[int], need: dict[int, int], deadline: float) -> list[_Tree]:
    open_ = [_Tree(root, times, {root}) for root, times in need.items()]
    done: list[_Tree] = []
    while open_:
        tree = open_[-1]
        if len(tree.reached) == len(ranks):
            done.append(open_.pop())
            continue
        for x, y in sorted(a for a, c in arcs.items() if c and a[0] in tree.reached and a[1] not in tree.reached):
            if now() > deadline:
                raise LimitReachedError("time ended before trees were found that reach the bound")
            times = _times(nodes, arcs, open_, tree, x, y)
            if not times:
                continue
            if times < tree.times:
                open_.insert(-1, _Tree(tree.root, tree.times - times, set(tree.reached), list(tree.arcs)))
                tree.times = times
            arcs[x, y] -= times
            tree.reached.add(y)
            tree.arcs.append((x, y))
            break
        else:
            raise ValueError("a tree cannot grow")
    return done


def _times(nodes: int, arcs: dict[Arc, int], open_: list[_Tree], tree: _Tree, x: int, y: int) -> int:
    """How often arc (x, y) can be added to copies of `tree` while all other trees can still be completed: what flows
    from x to y less what others need, each other tree being a node that x feeds and that leads to all it has
    reached."""
    others = [other for other in open_ if other is not tree and len(other.reached) > 0]
    u, v = [a for a, _ in arcs], [b for _, b in arcs]
    amount = list(arcs.values())
    wide = sum(other.times for other in others) + arcs[x, y] + sum(amount) + 1
    for i, other in enumerate(others):
        u.append(x)
        v.append(nodes + i)
        amount.append(other.times)
        for rank in other.reached:
            u.append(nodes + i)
            v.append(rank)
            amount.append(wide)
    flow = FlowGraph(*(np.array(column, dtype=np.int64) for column in (u, v, amount)))
    left = flow.value(x, y) - sum(other.times for other in others)
    return max(min(arcs[x, y], tree.times, left), 0)


def _with_paths(trees: list[_Tree], paths: dict[Arc, dict[Path, int]]) -> list[tuple[int, int, tuple[Path, ...]]]:
    """Every tree with a path for each arc; a tree is cut into several where an arc's copies take several paths."""
    result = []
    for tree in trees:
        left = tree.times
        while left:
            taken = [next(iter(paths[arc])) for arc in tree.arcs]
            times = min([left, *(paths[arc][path] for arc, path in zip(tree.arcs, taken, strict=True))])
            for arc, path in zip(tree.arcs, taken, strict=True):
                paths[arc][path] -= times
                if not paths[arc][path]:
                    del paths[arc][path]
            result.append((times, tree.root, tuple(taken)))
            left -= times
    return result


def as_certificate(graph: RankGraph, packing: Packing, head: dict[str, Any]) -> dict[str, Any]:
    """The trees as a certificate of kind `collective-trees`; `head` has what it shares with that of the bound."""
    summed: dict[tuple[int, tuple[Path, ...]], int] = defaultdict(int)
    for times, root, taken in packing.trees:
        summed[root, taken] += times
    trees = [
        {"times": times, "root": root, "paths": [list(path) for path in taken]}
        for (root, taken), times in sorted(summed.items())
    ]
    return {**head, "kind": "collective-trees", "scale": packing.scale, "each": packing.each, "trees": trees}
