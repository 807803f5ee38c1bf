"""Exact bound by a sweep: the switches are put on a side one after another, and of all that differ only in what is
settled the cheapest is kept (dynamic programming over a path decomposition: H. L. Bodlaender, "A partial k-arboretum of
graphs with bounded treewidth", Theor. Comput. Sci. 209 (1998)).

A state is the sides of the switches that still have neighbours to come, and how many hosts hang from side A. Hosts with
links to several switches of the component are put on a side like switches. A host with one link lies with its switch
or crosses by that link, so a sweep that ends with m hosts on A adds the cheapest such link times what m lacks or has
too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import gcd
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph, whole_list
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, IntArray

STATES_AT_MOST = 2**28
"""States of all steps together: a few seconds and, in the widest step, less than 1 GB."""


@dataclass(frozen=True)
class Sweep:
    """What is put on a side, in which order: rows of `CutGraph` nodes and, for each, neighbours that came before with
    the capacity to them, the hosts it carries in units of `step`, and which nodes are settled after it."""

    order: list[int]
    before: list[list[tuple[int, int]]]
    carried: list[int]
    settled: list[list[int]]
    step: int

    def states(self) -> int:
        """The states of all steps together."""
        active, columns, total = 0, 1, 0
        for carried, settled in zip(self.carried, self.settled, strict=True):
            active, columns = active + 1, columns + carried
            total += 2**active * columns
            active -= len(settled)
        return total


@dataclass
class Choices:
    """For every node that was settled: the nodes then open (it among them), and whether side A is the better one for
    it, as packed bits by state of the others and by hosts on A, with the number of these columns."""

    node: list[int]
    open: list[list[int]]
    better: list[tuple[Any, int]]


def placed(part: CutGraph) -> list[int]:
    """The nodes that a sweep puts on a side: switches, and hosts with links to several of them."""
    links = np.bincount(part.u[part.u < part.hosts], minlength=part.hosts)
    return [*np.flatnonzero(links[: part.hosts] > 1).tolist(), *range(part.hosts, part.nodes)]


def plan(part: CutGraph, order: list[int]) -> Sweep:
    """The sweep in an order of the `placed` nodes."""
    at = {node: place for place, node in enumerate(order)}
    before: list[list[tuple[int, int]]] = [[] for _ in order]
    hosts, last = [0] * len(order), list(range(len(order)))
    for u, v, capacity in zip(part.u.tolist(), part.v.tolist(), part.capacity.tolist(), strict=True):
        if u not in at:
            hosts[at[v]] += 1
            continue
        first, second = sorted((at[u], at[v]))
        before[second].append((order[first], capacity))
        last[first] = max(last[first], second)
    carried = [h + (node < part.hosts) for h, node in zip(hosts, order, strict=True)]
    step = max(reduce(gcd, carried, 0), 1)
    settled: list[list[int]] = [[] for _ in order]
    for place, end in enumerate(last):
        settled[end].append(order[place])
    return Sweep(order, before, [c // step for c in carried], settled, step)


def sweep_bound(part: CutGraph, bound: dict[str, Any]) -> int:
    """The capacity, in units, that every balanced split of the hosts cuts in this component.

    Key: `order`, device rows of the switches, and of hosts with links to several of them, each once.
    """
    rows = whole_list(bound.get("order"))
    node_of = {int(part.device[node]): node for node in placed(part)}
    if sorted(rows) != sorted(node_of):
        raise CertificateError("the sweep must name every switch once, and every host with links to several of them")
    return swept(part, plan(part, [node_of[row] for row in rows]))[0]


def swept(part: CutGraph, sweep: Sweep, choices: Choices | None = None) -> tuple[int, int]:
    """(least capacity in units, hosts on side A in steps where it is least); `choices` is filled where it is given.

    Raises CertificateError for a sweep with too many states.
    """
    if sweep.states() > STATES_AT_MOST or int(part.capacity.sum()) >= 2**40:
        raise CertificateError("the sweep has too many states")
    table = _table(part, sweep, choices)
    ties = part.u < part.hosts
    links = np.bincount(part.u[ties], minlength=part.hosts)
    attached = int((links > 0).sum())
    least = part.hosts // 2 - (part.hosts - attached)
    most = part.hosts - part.hosts // 2
    count = np.arange(len(table)) * sweep.step
    price = int(part.capacity[ties][links[part.u[ties]] == 1].min(initial=2**40))
    total = table + price * np.maximum(np.maximum(least - count, count - most), 0)
    best = int(total.argmin())
    return int(total[best]), best


def _table(part: CutGraph, sweep: Sweep, choices: Choices | None) -> IntArray:
    """Shape (hosts on A in steps,): the least capacity cut between placed nodes; the first node lies on side B."""
    small = int(part.capacity.sum()) < 2**28
    never = 2**29 if small else 2**60
    table = np.zeros((1, 1), dtype=np.int32 if small else np.int64)
    active: list[int] = []
    for place, node in enumerate(sweep.order):
        table = _with(table, active, sweep, place, never)
        active.append(node)
        for gone in sweep.settled[place]:
            bit = active.index(gone)
            halves = table.reshape(-1, 2, 2**bit, table.shape[1])
            if choices is not None:
                better = halves[:, 1] < halves[:, 0]
                choices.node.append(gone)
                choices.open.append(list(active))
                choices.better.append((np.packbits(better), table.shape[1]))
            table = halves.min(axis=1).reshape(-1, table.shape[1])
            active.pop(bit)
    result: IntArray = table[0].astype(np.int64)
    return result


def _with(table: Any, active: list[int], sweep: Sweep, place: int, never: int) -> Any:
    """The table with the next node on either side, as the highest bit of a state."""
    rows, columns = table.shape
    state = np.arange(rows)
    to_a = np.zeros(rows, dtype=table.dtype)
    for other, capacity in sweep.before[place]:
        to_a += (capacity * (state >> active.index(other) & 1)).astype(table.dtype)
    everything = sum(capacity for _, capacity in sweep.before[place])
    carried = sweep.carried[place]
    new = np.full((2, rows, columns + carried), never, dtype=table.dtype)
    new[0, :, :columns] = np.minimum(table + to_a[:, None], never)
    if place > 0:
        new[1, :, carried:] = np.minimum(table + (everything - to_a)[:, None], never)
    return new.reshape(2 * rows, columns + carried)


def on_side_a(part: CutGraph, sweep: Sweep) -> tuple[int, BoolArray]:
    """(least capacity in units, shape (nodes,): which placed nodes lie on side A where it is least)."""
    choices = Choices([], [], [])
    value, count = swept(part, sweep, choices)
    result = np.zeros(part.nodes, dtype=np.bool_)
    came = len(sweep.order)
    for node, opened, (packed, columns) in reversed(list(zip(choices.node, choices.open, choices.better, strict=True))):
        while sweep.order[came - 1] not in opened:
            came -= 1
            count -= sweep.carried[came] * int(result[sweep.order[came]])
        state = sum(int(result[other]) << bit for bit, other in enumerate(o for o in opened if o != node))
        at = state * columns + count
        result[node] = packed[at // 8] >> (7 - at % 8) & 1
    return value, result
