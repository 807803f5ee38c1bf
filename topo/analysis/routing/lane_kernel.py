"""One fixed virtual lane per pair of switches, compiled. See `topo.analysis.deadlock.deadlock` for what calls it.

Every lane keeps its channel dependencies (as in `_dependency_kernel`) and a topological order of the channels, mended
as dependencies come (A. Marchetti-Spaccamela, U. Nanni, H. Rohnert, "Maintaining a topological order under edge
insertions", Information Processing Letters 59, 1996): a dependency c to d against the order moves what d reaches among
the channels up to c behind c, unless it reaches c itself, which would close a circle.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import nearest_first
from topo.fabric.model import BoolArray, IntArray

Words = npt.NDArray[np.uint64]


@compiled
def _fits(
    start: IntArray,
    head: IntArray,
    one: IntArray,
    other: IntArray,
    count: int,
    after: Words,
    place: IntArray,
    at: IntArray,
    marked: BoolArray,
    stack: IntArray,
    added: IntArray,
) -> tuple[bool, int]:
    """Adds the dependencies one[i] to other[i] to a lane where they close no circle, else none of them; and the work
    this took. `place` (channels,) is the lane's order, `at` its inverse."""
    new = 0
    work = count
    for i in range(count):
        c, d = one[i], other[i]
        bit = d - start[head[c]]
        flag = np.uint64(1) << np.uint64(bit & 63)
        if after[c, bit >> 6] & flag:
            continue
        if place[d] < place[c]:
            last = place[c]
            stack[0] = d
            marked[d] = True
            depth, closed = 1, False
            lowest = place[d]
            while depth > 0 and not closed:
                depth -= 1
                x = stack[depth]
                v = head[x]
                for y in range(start[v], start[v + 1]):
                    b = y - start[v]
                    if (after[x, b >> 6] >> np.uint64(b & 63)) & np.uint64(1) and not marked[y]:
                        if y == c:
                            closed = True
                            break
                        if place[y] < last:
                            marked[y] = True
                            stack[depth] = y
                            depth += 1
                work += start[v + 1] - start[v]
            if closed:
                for p in range(lowest, last + 1):
                    marked[at[p]] = False
                for n in range(new):
                    x = one[added[n]]
                    b = other[added[n]] - start[head[x]]
                    after[x, b >> 6] &= ~(np.uint64(1) << np.uint64(b & 63))
                return False, work + last - lowest
            moved, to = 0, lowest
            for p in range(lowest, last + 1):
                x = at[p]
                if marked[x]:
                    marked[x] = False
                    stack[moved] = x
                    moved += 1
                else:
                    at[to] = x
                    place[x] = to
                    to += 1
            for n in range(moved):
                at[to + n] = stack[n]
                place[stack[n]] = to + n
            work += last - lowest
        after[c, bit >> 6] |= flag
        added[new] = i
        new += 1
    return True, work


@compiled
def place_pairs(
    start: IntArray,
    head: IntArray,
    dest: IntArray,
    sends: BoolArray,
    table: IntArray,
    after: Words,
    place: IntArray,
    at: IntArray,
    most_work: int,
    lane: IntArray,
) -> int:
    """Fills lane[s, j] for the pairs of every switch that sends and dest[j]: the first lane where all paths of the pair
    fit beside those before; -1 where nothing is sent. Returns how many lanes are used, 0 where all are too few or the
    work is more than `most_work`.

    Paths are all shortest ones; with rows in `table` (rows, switches), those that lead to the switches dest[j] row by
    row, in which case rows of one switch are neighbours and the pair takes the first lane where each row's path fits.
    `after` (lanes, channels, words), `place` and `at` (lanes, channels) are the lanes.
    """
    switches, channels = len(start) - 1, len(head)
    by_table = len(table) > 0
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    marked, passes = np.zeros(channels, np.bool_), np.zeros(switches, np.bool_)
    stack, added = np.empty(channels, np.int64), np.empty(channels * 8, np.int64)
    one, other = np.empty(channels * 8, np.int64), np.empty(channels * 8, np.int64)
    used, work = 0, 0
    j = 0
    while j < len(dest):
        t = dest[j]
        rows = 1
        while by_table and j + rows < len(dest) and dest[j + rows] == t:
            rows += 1
        reached = nearest_first(start, head, t, distance, order)
        for s in range(switches):
            if not sends[s] or distance[s] <= 0:
                continue
            count = 0
            if by_table:
                for r in range(j, j + rows):
                    v = s
                    while v != t and table[r, v] >= 0 and count < len(one):
                        c = table[r, v]
                        v = head[c]
                        if v != t and table[r, v] >= 0:
                            one[count], other[count] = c, table[r, v]
                            count += 1
            else:
                stack[0] = s
                result, i = 1, 0
                passes[s] = True
                while i < result:
                    v = stack[i]
                    i += 1
                    for c in range(start[v], start[v + 1]):
                        u = head[c]
                        if distance[u] != distance[v] - 1:
                            continue
                        if not passes[u]:
                            passes[u] = True
                            stack[result] = u
                            result += 1
                        for d in range(start[u], start[u + 1]):
                            if u != t and distance[head[d]] == distance[u] - 1 and count < len(one):
                                one[count], other[count] = c, d
                                count += 1
                for i in range(result):
                    passes[stack[i]] = False
            if count == len(one):
                return 0
            fits = False
            for n in range(len(after)):
                fits, cost = _fits(start, head, one, other, count, after[n], place[n], at[n], marked, stack, added)
                work += cost
                if fits:
                    for r in range(rows):
                        lane[s, j + r] = n
                    used = max(used, n + 1)
                    break
            if not fits or work > most_work:
                return 0
        for i in range(reached):
            distance[order[i]] = -1
        j += rows
    return used
