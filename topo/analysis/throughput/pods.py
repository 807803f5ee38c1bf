"""Where weighted walks start in trees that lost some links: weights balanced on blocks of leaves, spines and cores.

In a tree of two or three tiers every walk goes up and down once, so that the loads of all walks are products of small
matrices: for each pair of pods, leaves x spines, spines x cores and back. A turn takes a hundredth of what it takes to
follow each destination through the graph. The weights go through the same proof as all others; nothing is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.analysis.throughput.walks import EVENLY, HEAVIEST, Step
from topo.fabric.joined import components
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.solvers.budget import now

MOST_CELLS = 2e8
"""Leaves x leaves, or spines x cores, of a network that is held in such blocks."""
TURNS, AT_LEAST = 60, 16
"""A turn takes about 7 ms of one core for 16,384 GPUs; most trees that lost one link in a hundred want seven."""


@dataclass(frozen=True)
class Blocks:
    """A tree of P pods, padded to the same size: L leaves, and S spines for each of K sets of at most C cores that no
    spine joins. Arcs as positions in flat arrays: `up` (P, K, L, S), `down` (P, K, S, L), `rise` (P, K, S, C), `fall`
    (K, C, P, S); -1 where there is none. `sends` and `receives`: shape (P, L)."""

    up: IntArray
    down: IntArray
    rise: IntArray
    fall: IntArray
    sends: FloatArray
    receives: FloatArray


def blocks_of(problem: Problem) -> Blocks | None:
    """The blocks of a problem; None where it is no tree of pods or does not send from all its leaves to all others."""
    if len(problem.extra) or not problem.nodes:
        return None
    busy = (problem.sends != 0) | (problem.receives != 0)
    tail, head, n = problem.tail, problem.head, problem.nodes
    if not busy.any() or len(np.unique(problem.group[busy])) != 1 or problem.group[busy].min() < 0:
        return None
    if (problem.capacity == UNLIMITED).any() or len(np.unique(tail * n + head)) != len(tail):
        return None
    tier = np.full(n, 2, dtype=np.int64)
    tier[head[busy[tail]]] = tier[tail[busy[head]]] = 1
    tier[busy] = 0
    step = tier[head] - tier[tail]
    if (np.abs(step) != 1).any():
        return None
    pod = _hanging(n, tail, head, tier, tier < 2)
    ring = _hanging(n, tail, head, tier, tier > 0)
    leaf, core = _seats(tier == 0, pod), _seats(tier == 2, ring)
    pods, rings = int(pod.max()) + 1, int(ring.max()) + 1
    spine = _seats(tier == 1, pod * rings + ring)
    ell, s, c = (int(seat.max(initial=-1)) + 1 for seat in (leaf, spine, core))
    if (pods * ell) ** 2 > MOST_CELLS or pods * rings * s * max(c, ell) > MOST_CELLS or (pods > 1 and not c):
        return None
    up, down = np.full((pods, rings, ell, s), -1), np.full((pods, rings, s, ell), -1)
    rise, fall = np.full((pods, rings, s, c), -1), np.full((rings, c, pods, s), -1)
    rows = np.arange(len(tail))
    for arcs, low in ((rows[step > 0], tail), (rows[step < 0], head)):
        high = head if low is tail else tail
        ends, others = low[arcs], high[arcs]
        first = tier[ends] == 0
        a, b, own = ends[first], others[first], arcs[first]
        x, y, above = ends[~first], others[~first], arcs[~first]
        if low is tail:
            up[pod[a], ring[b], leaf[a], spine[b]] = own
            rise[pod[x], ring[x], spine[x], core[y]] = above
        else:
            down[pod[a], ring[b], spine[b], leaf[a]] = own
            fall[ring[x], core[y], pod[x], spine[x]] = above
    demand = np.zeros((2, pods, ell))
    at = np.flatnonzero(busy)
    demand[:, pod[at], leaf[at]] = problem.sends[at].astype(float), problem.receives[at].astype(float)
    return Blocks(up, down, rise, fall, demand[0], demand[1])


def _hanging(n: int, tail: IntArray, head: IntArray, tier: IntArray, own: BoolArray) -> IntArray:
    """Shape (nodes,): one number for those of `own` that hang together by links between them, from 0; spines that hang
    by none, and all others, have number 0."""
    inside = own[tail] & own[head]
    label = components(n, tail[inside], head[inside])
    alone = (tier == 1) & (np.bincount(tail[inside], minlength=n) + np.bincount(head[inside], minlength=n) == 0)
    rows = np.flatnonzero(own & ~alone)
    result = np.zeros(n, dtype=np.int64)
    result[rows] = np.unique(label[rows], return_inverse=True)[1].reshape(-1)
    return result


def _seats(own: BoolArray, pod: IntArray) -> IntArray:
    """Shape (nodes,): the position of each of these nodes in its pod, -1 for all others."""
    result = np.full(len(own), -1, dtype=np.int64)
    rows = np.flatnonzero(own)
    order = rows[np.argsort(pod[rows], kind="stable")]
    first = np.searchsorted(pod[order], pod[order])
    result[order] = np.arange(len(order)) - first
    return result


def loads(blocks: Blocks, weight: FloatArray) -> FloatArray | None:
    """Shape (arcs,): the load of every arc at a demand of one unit, by walks of as few arcs as can be that get the
    product of their arcs' weights; None where some leaf does not reach another by such a walk."""

    def of(rows: IntArray) -> FloatArray:
        return np.where(rows >= 0, weight[rows], 0.0)

    up, down, rise, fall = of(blocks.up), of(blocks.down), of(blocks.rise), of(blocks.fall)
    pods, rings, ell, s = up.shape
    flat = fall.reshape(rings, -1, pods * s)
    to_leaf = down.reshape(pods, rings * s, ell)
    result = np.zeros(len(weight) + 1)
    fell, downs = np.zeros_like(fall), np.zeros_like(to_leaf)
    for p in range(pods):
        between = (rise[p] @ flat).reshape(rings, s, pods, s)
        between[:, :, p, :] = np.eye(s)
        wide = between.reshape(rings, s, pods * s)
        reach = (up[p] @ wide).reshape(rings, ell, pods, s).transpose(2, 1, 0, 3).reshape(pods, ell, rings * s)
        walks = reach @ to_leaf
        demand = blocks.sends[p][None, :, None] * blocks.receives[:, None, :]
        demand[p][np.diag_indices(ell)] = 0.0
        if (walks[demand > 0] <= 0).any():
            return None
        share = np.divide(demand, walks, out=np.zeros_like(demand), where=demand > 0)
        into = (share @ to_leaf.transpose(0, 2, 1)).reshape(pods, ell, rings, s)
        into = into.transpose(2, 1, 0, 3).reshape(rings, ell, pods * s)
        result[blocks.up[p]] = up[p] * (into @ wide.transpose(0, 2, 1))
        downs += to_leaf * (reach.transpose(0, 2, 1) @ share)
        passed = (up[p].transpose(0, 2, 1) @ into).reshape(rings, s, pods, s)
        passed[:, :, p, :] = 0.0
        across = passed.reshape(rings, s, pods * s)
        result[blocks.rise[p]] = rise[p] * (across @ flat.transpose(0, 2, 1))
        fell += fall * (rise[p].transpose(0, 2, 1) @ across).reshape(fall.shape)
    result[blocks.down], result[blocks.fall] = downs.reshape(down.shape), fell
    return result[:-1]


def cut(blocks: Blocks, capacity: FloatArray) -> tuple[float, FloatArray]:
    """The congestion that the narrowest cut around a leaf or a pod proves, and the length 1 for each arc through it."""
    out, into = blocks.sends, blocks.receives
    every = float(into.sum())
    pairs: list[tuple[FloatArray, IntArray]] = [
        (out * (every - into), blocks.up.transpose(0, 2, 1, 3).reshape(*out.shape, -1)),
        (into * (float(out.sum()) - out), blocks.down.transpose(0, 3, 1, 2).reshape(*out.shape, -1)),
        (out.sum(axis=1) * (every - into.sum(axis=1)), blocks.rise.reshape(len(out), -1)),
        (
            into.sum(axis=1) * (float(out.sum()) - out.sum(axis=1)),
            blocks.fall.transpose(2, 0, 1, 3).reshape(len(out), -1),
        ),
    ]
    best, length = 0.0, np.zeros(len(capacity))
    for demand, arcs in pairs:
        room = np.where(arcs >= 0, capacity[arcs], 0.0).sum(axis=-1)
        load = np.divide(demand, room, out=np.zeros_like(room), where=(room > 0) & (demand > 0))
        if load.size and float(load.max()) > best:
            best = float(load.max())
            through = arcs[np.unravel_index(int(load.argmax()), load.shape)]
            length = np.zeros(len(capacity))
            length[through[through >= 0]] = 1.0
    return best, length


def steps(problem: Problem, blocks: Blocks, end: float) -> Iterator[Step]:
    """Better and better steps for TURNS turns, or AT_LEAST of them and until the time `end`; none where walks of the
    fewest arcs do not reach everywhere. Prices move as those of all walks do."""
    capacity = problem.capacity.astype(np.float64)
    needed, length = cut(blocks, capacity)
    reached, best = np.inf, np.ones(len(capacity))
    price = np.zeros(len(capacity))
    last = price
    for turn in range(TURNS):
        load = loads(blocks, np.exp(-price))
        if load is None or not needed:
            return
        use = load / capacity
        top = float(use.max())
        if top < reached:
            reached, best = top, np.exp(-price)
        yield Step(reached, needed, best, length, 0, top)
        if turn >= AT_LEAST and now() > end:
            return
        aim = needed - min(EVENLY.inflation * (reached - needed), 0.05 * needed)
        push = np.log(np.maximum(use / aim, 1e-3))
        pushed = price + (0.7 if turn < 40 else 0.35) * push + (EVENLY.momentum * (price - last) if turn > 5 else 0.0)
        last, price = price, np.clip(pushed, 0.0, HEAVIEST)
