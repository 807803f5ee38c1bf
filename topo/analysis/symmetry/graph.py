"""A directed graph with colours, and what a group of its automorphisms makes equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.fabric.joined import components
from topo.fabric.model import IntArray

COMPARED_AT_MOST = 16
"""Automorphisms that a further one is compared with."""


@dataclass(frozen=True)
class ColouredGraph:
    """Nodes with a colour (shape (nodes,)) and arcs with a label (shape (arcs,) each). No arc occurs twice."""

    colour: IntArray
    tail: IntArray
    head: IntArray
    label: IntArray

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return len(self.colour)

    @property
    def arcs(self) -> int:
        """How many arcs."""
        return len(self.tail)

    @cached_property
    def by_key(self) -> tuple[IntArray, IntArray]:
        """Keys tail * nodes + head in ascending order, and the arc behind each."""
        key = self.tail.astype(np.int64) * self.nodes + self.head
        if (key[1:] > key[:-1]).all():
            return key, np.arange(self.arcs)
        order = np.argsort(key)
        return key[order], order

    def one_way(self) -> ColouredGraph | None:
        """The first half of the arcs, where the second half is the same arcs backwards in the same order; else None."""
        half, odd = divmod(self.arcs, 2)
        first, second = slice(0, half), slice(half, None)
        if odd or not half or (self.tail[first] != self.head[second]).any():
            return None
        if (self.head[first] != self.tail[second]).any() or (self.label[first] != self.label[second]).any():
            return None
        return ColouredGraph(self.colour, self.tail[first], self.head[first], self.label[first])

    def arc_image(self, permutation: IntArray) -> IntArray | None:
        """Where a permutation of the nodes takes each arc (shape (arcs,)), or None where it is no automorphism."""
        moves = self.arc_moves(permutation)
        if moves is None:
            return None
        image = np.arange(self.arcs)
        image[moves[0]] = moves[1]
        return image

    def arc_moves(self, permutation: IntArray, seen: IntArray | None = None) -> tuple[IntArray, IntArray] | None:
        """The arcs (of those `seen`) at nodes that a permutation of the nodes moves, and where it takes them; None
        where it is no automorphism, as far as these arcs tell."""
        if permutation.shape != (self.nodes,) or len(np.unique(permutation)) != self.nodes:
            return None
        if (self.colour[permutation] != self.colour).any():
            return None
        key, order = self.by_key
        moved = np.arange(self.nodes) != permutation
        if seen is None:
            arcs = np.flatnonzero(moved[self.tail] | moved[self.head])
        else:
            arcs = seen[moved[self.tail[seen]] | moved[self.head[seen]]]
        wanted = permutation[self.tail[arcs]].astype(np.int64) * self.nodes + permutation[self.head[arcs]]
        at = np.minimum(np.searchsorted(key, wanted), self.arcs - 1)
        if (key[at] != wanted).any():
            return None
        to = order[at]
        return None if (self.label[to] != self.label[arcs]).any() else (arcs, to)


@dataclass(frozen=True)
class Symmetry:
    """A group of verified automorphisms by its generators (permutations, shape (nodes,) each), and its orbits:
    `node_orbit` (nodes,) and `arc_orbit` (arcs,) number them from 0 in order of their first member."""

    generators: tuple[IntArray, ...]
    node_orbit: IntArray
    arc_orbit: IntArray

    @cached_property
    def representatives(self) -> IntArray:
        """The first node of each orbit."""
        first: IntArray = np.unique(self.node_orbit, return_index=True)[1]
        return first

    @cached_property
    def orbit_size(self) -> IntArray:
        """How many nodes each orbit has."""
        return np.bincount(self.node_orbit)


class Orbits:
    """Orbits under a growing set of generators."""

    def __init__(self, size: int) -> None:
        self.label: IntArray = np.arange(size)
        self.count = size

    def join(self, image: IntArray) -> bool:
        """Adds a permutation; tells whether it joined any orbits."""
        moved = np.flatnonzero(self.label != self.label[image])
        return self.join_pairs(moved, image[moved])

    def first(self) -> IntArray:
        """The first member of each orbit, ascending."""
        result = np.empty(self.count, dtype=np.int64)
        result[self.label[::-1]] = np.arange(len(self.label))[::-1]
        return np.sort(result)

    def join_pairs(self, a: IntArray, b: IntArray) -> bool:
        """Joins the orbits of members `a` to those of members `b`; tells whether any were others."""
        left, right = self.label[a], self.label[b]
        other = left != right
        if not other.any():
            return False
        left, right = left[other], right[other]
        part = components(self.count, left, right)
        count = int(part.max()) + 1
        merged = self.count > count
        self.count, self.label = count, part[self.label]
        return merged

    def numbered(self) -> IntArray:
        """Orbit numbers in order of their first member."""
        rank = np.empty(self.count, dtype=np.int64)
        rank[self.label[self.first()]] = np.arange(self.count)
        return rank[self.label]


def generated(graph: ColouredGraph, permutations: list[IntArray]) -> Symmetry:
    """The group of those permutations that are automorphisms, less those that join no orbits."""
    return _verified(graph, permutations)[0]


def generated_by_all(graph: ColouredGraph, permutations: list[IntArray]) -> Symmetry | None:
    """The same where every permutation is an automorphism, else None."""
    result, failed = _verified(graph, permutations, at_once=True)
    return None if failed else result


def _verified(graph: ColouredGraph, permutations: list[IntArray], at_once: bool = False) -> tuple[Symmetry, bool]:
    """The group, and whether some permutation is no automorphism (`at_once`: no more are seen then).

    Where arcs go both ways and no permutation turns one round, what holds for those of one way holds for all."""
    one_way = graph.one_way()
    if one_way is not None:
        half, failed = _verified_arcs(one_way, permutations, True)
        if not failed:
            back = half.arc_orbit + int(half.arc_orbit.max()) + 1
            return Symmetry(half.generators, half.node_orbit, np.concatenate([half.arc_orbit, back])), False
    return _verified_arcs(graph, permutations, at_once)


def _verified_arcs(graph: ColouredGraph, permutations: list[IntArray], at_once: bool) -> tuple[Symmetry, bool]:
    """The same, by every arc of the graph.

    A permutation p that commutes with all that were kept is seen on one arc of each of their orbits: an arc of the
    orbit of r is g(r) for some g of their group, and p(g(r)) = g(p(r)) is an arc like p(r), in the orbit of p(r)."""
    nodes, arcs = Orbits(graph.nodes), Orbits(graph.arcs)
    kept: list[IntArray] = []
    failed = False
    for permutation in permutations:
        seen = arcs.first() if kept and _commutes(permutation, kept) else None
        moves = graph.arc_moves(permutation, seen)
        if moves is None:
            failed = True
            if at_once:
                break
            continue
        joined = [nodes.join(permutation), arcs.join_pairs(*moves)]
        if any(joined):
            kept.append(permutation)
    return Symmetry(tuple(kept), nodes.numbered(), arcs.numbered()), failed


def _commutes(permutation: IntArray, kept: list[IntArray]) -> bool:
    if len(kept) > COMPARED_AT_MOST or permutation.shape != kept[0].shape:
        return False
    inside = bool((permutation >= 0).all()) and int(permutation.max(initial=0)) < len(permutation)
    return inside and all(np.array_equal(permutation[one], one[permutation]) for one in kept)
