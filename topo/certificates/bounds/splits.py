"""Every split of a small network, whatever its hosts and parts: dynamic programming over the switches (a path
decomposition, as in `sweep`) with the number of hosts of each kind on side A.

Switches are put on a side one after another. Hosts that have the same kind and the same links come together, once the
last of their switches has a side: one on side A cuts its links to switches on side B, and the other way round. As the
cost is linear in their number, they come in parcels of 1, 2, 4, ... hosts and the rest, each on one side as a whole. A
switch is settled, and the better of its sides kept, when its neighbours and hosts have come. What is left is the least
capacity for each number of hosts of each kind on side A: of host links of any speed, hosts without a link, and any
number of components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError
from topo.fabric.model import IntArray

WORK_AT_MOST = 2**30
"""Entries computed in all, a few seconds."""
WIDEST = 2**24
"""Entries of the widest table, 128 MB."""
HOSTS_AT_MOST = 4_096
"""A column of the table for each count of them."""
NEVER = 2**60
"""Above every capacity, and far enough below 2**63 for sums."""


@dataclass(frozen=True)
class Step:
    """What comes next: a switch with its neighbours that have come (`ties`: node, capacity), a parcel of `hosts` with
    its switches, moving the count by `shift`, or, `settled`, the end of a switch. `open` are the switches with a side
    before it, in the order of their bits."""

    open: tuple[int, ...]
    node: int = -1
    ties: tuple[tuple[int, int], ...] = ()
    hosts: tuple[int, ...] = ()
    shift: int = 0
    settled: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps, and the strides by which hosts of each kind count; `columns` counts."""

    steps: list[Step]
    sizes: tuple[int, ...]
    columns: int
    work: int
    widest: int

    def counts(self) -> list[IntArray]:
        """Shape (columns,) for each kind: how many of its hosts are on side A."""
        return list(np.unravel_index(np.arange(self.columns), [n + 1 for n in self.sizes], order="F"))


def plan_splits(graph: CutGraph, kind: Sequence[int], order: Sequence[int]) -> Plan:
    """The steps for the switches (nodes) in an order; `kind` numbers the kinds of hosts from 0. Raises CertificateError
    for too many hosts."""
    if graph.hosts > HOSTS_AT_MOST:
        raise CertificateError(f"every split is gone through for up to {HOSTS_AT_MOST:,} hosts")
    sizes = tuple(int(n) for n in np.bincount(np.array(kind, dtype=np.int64), minlength=1))
    stride = [prod(n + 1 for n in sizes[:k]) for k in range(len(sizes))]
    place = {node: i for i, node in enumerate(order)}
    neighbours: dict[int, list[tuple[int, int]]] = {node: [] for node in order}
    ties: list[list[tuple[int, int]]] = [[] for _ in range(graph.hosts)]
    for u, v, capacity in zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True):
        if u < graph.hosts:
            ties[u].append((v, capacity))
        else:
            neighbours[u].append((v, capacity))
            neighbours[v].append((u, capacity))
    alike: dict[tuple[int, tuple[tuple[int, int], ...]], list[int]] = {}
    for host in range(graph.hosts):
        alike.setdefault((kind[host], tuple(sorted(ties[host]))), []).append(host)
    coming: dict[int, list[tuple[tuple[int, tuple[tuple[int, int], ...]], list[int]]]] = {}
    last = [max((place[v] for v, _ in neighbours[node]), default=i) for i, node in enumerate(order)]
    last = [max(i, end) for i, end in enumerate(last)]
    for key, members in alike.items():
        at = max((place[v] for v, _ in key[1]), default=-1)
        coming.setdefault(at, []).append((key, members))
        for v, _ in key[1]:
            last[place[v]] = max(last[place[v]], at)
    columns = prod(n + 1 for n in sizes)
    opened: list[int] = []
    steps: list[Step] = []
    for i in range(-1, len(order)):
        if i >= 0:
            before = tuple((v, c) for v, c in neighbours[order[i]] if place[v] < i)
            steps.append(Step(tuple(opened), order[i], before))
            opened.append(order[i])
        for (of, links), members in coming.get(i, []):
            for parcel in _parcels(members):
                steps.append(Step(tuple(opened), -1, links, parcel, stride[of] * len(parcel)))
        for node in [node for node in opened if last[place[node]] <= i]:
            steps.append(Step(tuple(opened), node, settled=True))
            opened.remove(node)
    entries = [columns << (len(step.open) + (step.node >= 0 and not step.settled)) for step in steps]
    return Plan(steps, sizes, columns, sum(entries), max(entries, default=columns))


def _parcels(hosts: Sequence[int]) -> list[tuple[int, ...]]:
    """Hosts in parcels of 1, 2, 4, ... and the rest: any number of them is the sum of some."""
    result, start, size = [], 0, 1
    while start < len(hosts):
        result.append(tuple(hosts[start : start + size]))
        start, size = start + size, size * 2
    return result


def least_capacities(graph: CutGraph, plan: Plan, choices: list[tuple[Any, int]] | None = None) -> IntArray:
    """Shape (columns,): the least capacity, in units, for each count of hosts on side A, NEVER where there is none;
    `choices` takes, for each step but the placing of a switch, whether side A was better.

    Raises CertificateError where there are too many states.
    """
    if plan.work > WORK_AT_MOST or plan.widest > WIDEST or int(graph.capacity.sum()) >= 2**50:
        raise CertificateError("a network has too many splits to go through")
    table: Any = np.full((1, plan.columns), NEVER, dtype=np.int64)
    table[0, 0] = 0
    first = True
    for step in plan.steps:
        if step.node >= 0 and not step.settled:
            table, first = _placed(table, step, first), False
            continue
        if step.settled:
            halves = table.reshape(-1, 2, 2 ** step.open.index(step.node), table.shape[1])
            better = halves[:, 1] < halves[:, 0]
            table = halves.min(axis=1).reshape(-1, table.shape[1])
        else:
            table, better = _with_hosts(table, step)
        if choices is not None:
            choices.append((np.packbits(better), table.shape[1]))
    result: IntArray = np.where(table[0] >= NEVER, NEVER, table[0])
    return result


def _sides(step: Step, rows: int) -> tuple[IntArray, IntArray]:
    """The capacity of a step's ties to switches on side A, and to those on side B, by state."""
    state = np.arange(rows)
    to_a = np.zeros(rows, dtype=np.int64)
    for node, capacity in step.ties:
        to_a += capacity * (state >> step.open.index(node) & 1)
    return to_a, sum(c for _, c in step.ties) - to_a


def _placed(table: Any, step: Step, first: bool) -> Any:
    """The table with a switch on either side, as the highest bit; the first one lies on side B, as sides have no
    names."""
    to_a, to_b = _sides(step, len(table))
    new = np.full((2, *table.shape), NEVER, dtype=np.int64)
    new[0] = table + to_a[:, None]
    if not first:
        new[1] = table + to_b[:, None]
    return np.minimum(new, NEVER).reshape(-1, table.shape[1])


def _with_hosts(table: Any, step: Step) -> tuple[Any, Any]:
    to_a, to_b = _sides(step, len(table))
    new = table + len(step.hosts) * to_a[:, None]
    moved = table[:, : table.shape[1] - step.shift] + len(step.hosts) * to_b[:, None]
    better = np.zeros(table.shape, dtype=np.bool_)
    better[:, step.shift :] = moved < new[:, step.shift :]
    new[:, step.shift :] = np.minimum(moved, new[:, step.shift :])
    return np.minimum(new, NEVER), better


def traced(
    graph: CutGraph, plan: Plan, choices: list[tuple[Any, int]], column: int
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Shape (nodes,): who is on side A in a split of least capacity for a count."""
    on_a = np.zeros(graph.nodes, dtype=np.bool_)
    left = list(choices)
    for step in reversed(plan.steps):
        if step.node >= 0 and not step.settled:
            continue
        packed, width = left.pop()
        others = [node for node in step.open if node != step.node] if step.settled else step.open
        state = sum(int(on_a[node]) << bit for bit, node in enumerate(others))
        at = state * width + column
        if packed[at // 8] >> (7 - at % 8) & 1:
            if step.settled:
                on_a[step.node] = True
            else:
                on_a[list(step.hosts)] = True
                column -= step.shift
    return on_a


def best_splits(
    graph: CutGraph, plan: Plan, rates: Sequence[Fraction], least: IntArray
) -> tuple[int, tuple[Fraction, int]]:
    """(column of the least capacity between halves of the hosts, (least share, its column)): the share of a split is
    its capacity over the line rate of the weaker half, `rates` those of each kind of host in units of the capacity."""
    counts = plan.counts()
    hosts = sum(counts, np.zeros(plan.columns, dtype=np.int64))
    even = np.flatnonzero((hosts >= graph.hosts // 2) & (hosts <= graph.hosts - graph.hosts // 2) & (least < NEVER))
    total = sum((rate * n for rate, n in zip(rates, plan.sizes, strict=True)), Fraction(0))
    column = int(even[least[even].argmin()])
    best: tuple[Fraction, int] | None = None
    weaker: dict[Fraction, int] = {}
    for i in even.tolist():
        own = sum((rate * int(count[i]) for rate, count in zip(rates, counts, strict=True)), Fraction(0))
        low = min(own, total - own)
        if low not in weaker or least[i] < least[weaker[low]]:
            weaker[low] = i
    for low, i in sorted(weaker.items()):
        share = int(least[i]) / low
        if best is None or share < best[0]:
            best = share, i
    assert best is not None
    return column, best
