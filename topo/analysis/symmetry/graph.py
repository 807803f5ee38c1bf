"""A directed graph with colours, and what a group of its automorphisms makes equal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.fabric.model import IntArray


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
        order = np.argsort(key)
        return key[order], order

    def arc_image(self, permutation: IntArray) -> IntArray | None:
        """Where a permutation of the nodes takes each arc (shape (arcs,)), or None where it is no automorphism."""
        if permutation.shape != (self.nodes,) or len(np.unique(permutation)) != self.nodes:
            return None
        if (self.colour[permutation] != self.colour).any():
            return None
        key, order = self.by_key
        image = np.arange(self.arcs)
        moved = np.arange(self.nodes) != permutation
        arcs = np.flatnonzero(moved[self.tail] | moved[self.head])
        wanted = permutation[self.tail[arcs]].astype(np.int64) * self.nodes + permutation[self.head[arcs]]
        at = np.minimum(np.searchsorted(key, wanted), self.arcs - 1)
        if (key[at] != wanted).any():
            return None
        image[arcs] = order[at]
        return None if (self.label[image] != self.label).any() else image


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
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        moved = np.flatnonzero(self.label != self.label[image])
        if not len(moved):
            return False
        joins = coo_array(
            (np.ones(len(moved), dtype=np.int8), (self.label[moved], self.label[image[moved]])),
            shape=(self.count, self.count),
        )
        count, part = connected_components(joins, directed=False)
        merged = self.count > count
        self.count, self.label = int(count), part[self.label].astype(np.int64)
        return merged

    def numbered(self) -> IntArray:
        """Orbit numbers in order of their first member."""
        _, first, inverse = np.unique(self.label, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        numbers: IntArray = rank[inverse]
        return numbers


def generated(graph: ColouredGraph, images: list[tuple[IntArray, IntArray | None]]) -> Symmetry:
    """The group of permutations with the arcs' images (None: no automorphism, left out), less those that join no
    orbits."""
    nodes, arcs = Orbits(graph.nodes), Orbits(graph.arcs)
    kept = []
    for permutation, image in images:
        if image is None:
            continue
        joined = [nodes.join(permutation), arcs.join(image)]
        if any(joined):
            kept.append(permutation)
    return Symmetry(tuple(kept), nodes.numbered(), arcs.numbered())
