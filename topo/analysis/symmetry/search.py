"""Automorphisms of a graph nobody knows: interchangeable nodes first, then igraph's BLISS on what remains."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from topo.analysis.symmetry.graph import ColouredGraph, Symmetry, generated, generated_by_all
from topo.fabric.model import IntArray
from topo.isolated import children_environment
from topo.solvers.budget import QUESTION_S

UNSIGNED = np.uint64
STOPPABLE = 20_000
"""Edges from which on BLISS runs in a process of its own: starting one takes a quarter of a second."""
LIMIT_S = QUESTION_S / 3
"""What a search takes at most where no limit is given."""


def find_symmetry(
    graph: ColouredGraph, proposals: list[IntArray] | None = None, search: bool = True, limit_s: float = LIMIT_S
) -> Symmetry:
    """The verified group of the proposals where all of them hold (a family knows its own symmetry), else of those
    that hold and what a search finds. A large graph is searched for at most `limit_s`."""
    known = generated_by_all(graph, proposals) if proposals else None
    if known is not None:
        return known
    result = searched(graph, limit_s) if search else []
    return generated(graph, [*(proposals or ()), *result])


def searched(graph: ColouredGraph, limit_s: float = LIMIT_S) -> list[IntArray]:
    """Permutations that should be automorphisms; to be verified.

    Nodes with the same colour and the same neighbours over the same labels ("twins") are interchangeable. BLISS sees
    one node for each class of twins; what it finds is carried back class by class, member by member.
    """
    twin = _twins(graph)
    size = np.bincount(twin)
    order = np.argsort(twin, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)])
    result = _twin_rotations(graph, twin, order, start)
    first = order[start[:-1]]
    colour = np.unique(np.stack([graph.colour[first], size]), axis=1, return_inverse=True)[1].reshape(-1)
    kept = np.flatnonzero((first[twin[graph.tail]] == graph.tail) & (first[twin[graph.head]] == graph.head))
    quotient = ColouredGraph(colour, twin[graph.tail[kept]], twin[graph.head[kept]], graph.label[kept])
    place = np.empty(graph.nodes, dtype=np.int64)
    place[order] = np.arange(graph.nodes) - start[twin[order]]
    for image in _bliss(quotient, limit_s):
        result.append(order[start[image[twin]] + place])
    return result


def mixed(
    values: IntArray | np.ndarray[tuple[int, ...], np.dtype[np.uint64]], salt: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """A 64-bit hash of each value (the finaliser of SplitMix64: Steele, Lea, Flood, OOPSLA 2014)."""
    z = np.asarray(values).astype(UNSIGNED)
    z += UNSIGNED((salt * 0x9E3779B97F4A7C15) & (2**64 - 1))
    shifted = np.empty_like(z)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        np.right_shift(z, UNSIGNED(shift), out=shifted)
        np.bitwise_xor(z, shifted, out=z)
        if factor > 1:
            np.multiply(z, UNSIGNED(factor), out=z)
    return z


def summed(
    group: IntArray, values: np.ndarray[tuple[int, ...], np.dtype[np.uint64]], n: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
    """Sums of hashes modulo 2^64 by group, shape (n,)."""
    total = np.zeros(n, dtype=UNSIGNED)
    if len(group):
        order = np.argsort(group, kind="stable")
        sorted_group = group[order]
        first = np.flatnonzero(np.diff(sorted_group, prepend=sorted_group[0] - 1))
        total[sorted_group[first]] = np.add.reduceat(values[order], first)
    return total


def _twins(graph: ColouredGraph) -> IntArray:
    """Shape (nodes,): the class of each node; nodes of one class have equal neighbours."""
    n = graph.nodes
    out = mixed(mixed(graph.head, 1) ^ mixed(graph.label, 2), 3)
    into = mixed(mixed(graph.tail, 4) ^ mixed(graph.label, 5), 6)
    both = summed(graph.tail, out, n) ^ mixed(summed(graph.head, into, n), 7) ^ mixed(graph.colour, 8)
    twin: IntArray = np.unique(both, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return twin


def _twin_rotations(graph: ColouredGraph, twin: IntArray, order: IntArray, start: IntArray) -> list[IntArray]:
    """Rotations of the classes of twins; classes with arcs between them turn in different permutations, so that every
    pair of their members can meet."""
    size = np.diff(start)
    many = np.flatnonzero(size > 1)
    if not len(many):
        return []
    a, b = twin[graph.tail], twin[graph.head]
    meet = np.unique(np.stack([a, b], axis=1)[(size[a] > 1) & (size[b] > 1) & (a != b)], axis=0)
    beside: dict[int, set[int]] = {}
    for p, q in meet.tolist():
        beside.setdefault(p, set()).add(q)
        beside.setdefault(q, set()).add(p)
    shade: dict[int, int] = {}
    for p in many.tolist():
        taken = {shade[q] for q in beside.get(p, ()) if q in shade}
        shade[p] = next(s for s in range(len(many)) if s not in taken)
    images = np.tile(np.arange(graph.nodes), (max(shade.values()) + 1, 1))
    for p, s in shade.items():
        members = order[start[p] : start[p + 1]]
        images[s, members] = np.roll(members, -1)
    return list(images)


def _bliss(graph: ColouredGraph, limit_s: float) -> list[IntArray]:
    """Generators of the automorphism group by igraph. The commonest label stands as plain edges; arcs of other labels
    and arcs without their reverse are subdivided by nodes of their own colours. None where time runs out."""
    n = graph.nodes
    low, high = np.minimum(graph.tail, graph.head), np.maximum(graph.tail, graph.head)
    forward = (graph.tail < graph.head).astype(np.int64)
    key, edge = np.unique(low.astype(np.int64) * n + high, return_inverse=True)
    kind = np.zeros((2, len(key)), dtype=np.int64)
    kind[forward, edge] = graph.label + 1
    kinds, code = np.unique(kind, axis=1, return_inverse=True)
    code = code.reshape(-1)
    even = kinds[0] == kinds[1]
    counts = np.where(even, np.bincount(code, minlength=kinds.shape[1]), -1)
    plain = code == (int(counts.argmax()) if len(counts) and counts.max() > 0 else -1)
    u, v = key // max(n, 1), key % max(n, 1)
    edges = [np.stack([u[plain], v[plain]], axis=1)]
    colours = [graph.colour]
    base, top = n, int(graph.colour.max(initial=0)) + 1
    for label in range(kinds.shape[1]):
        rows = np.flatnonzero((code == label) & ~plain)
        if not len(rows):
            continue
        # An arc pair with equal labels gets one middle node, any other two, so that its direction shows.
        steps = 1 if even[label] else 2
        middle = base + np.arange(len(rows) * steps).reshape(steps, -1)
        edges.append(np.stack([u[rows], middle[0]], axis=1))
        edges.append(np.stack([middle[-1], v[rows]], axis=1))
        if steps == 2:
            edges.append(np.stack([middle[0], middle[1]], axis=1))
        for step in range(steps):
            ends = kinds[:, label] if step == 0 else kinds[::-1, label]
            colours.append(np.full(len(rows), top + _code(kinds, ends), dtype=np.int64))
        base += len(rows) * steps
    colour = np.unique(np.concatenate(colours), return_inverse=True)[1].reshape(-1)
    joined = np.concatenate(edges)
    result = _generators(colour, joined) if len(joined) < STOPPABLE else _stoppable(colour, joined, limit_s)
    return [g[:n] for g in result]


def _generators(colour: IntArray, edges: IntArray) -> list[IntArray]:
    """What BLISS finds for a graph of coloured nodes."""
    import igraph

    graph_of: Any = igraph.Graph
    graph = graph_of(n=len(colour), edges=edges)
    return [np.array(g, dtype=np.int64) for g in graph.automorphism_group(color=colour.tolist())]


def _stoppable(colour: IntArray, edges: IntArray, limit_s: float) -> list[IntArray]:
    """The same by another process, which ends at the limit: highly regular graphs can keep BLISS busy for ever."""
    asked = np.concatenate([[len(colour), len(edges)], colour, edges.ravel()]).astype(np.int64)
    script = Path(__file__).with_name("_bliss.py")
    theirs, ours = os.pipe()  # ours is closed at the latest when this process ends
    try:
        answer = subprocess.run(
            [sys.executable, "-P", str(script), str(min(max(limit_s, 0.01), 86_400.0)), str(theirs)],
            pass_fds=(theirs,),
            input=asked.tobytes(),
            capture_output=True,
            timeout=limit_s,
            check=True,
            env={**os.environ, **children_environment()},
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return []
    finally:
        os.close(ours)
        os.close(theirs)
    return list(np.frombuffer(answer.stdout, dtype=np.int64).reshape(-1, max(len(colour), 1)))


def _code(kinds: IntArray, ends: IntArray) -> int:
    """A number for an ordered pair of arc labels, the same wherever the pair occurs."""
    width = int(kinds.max()) + 1
    return int(ends[0]) * width + int(ends[1])
