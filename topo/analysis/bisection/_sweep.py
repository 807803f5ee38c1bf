"""The order of a sweep that keeps few switches open, found greedily from several starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from topo.analysis.bisection.sides import Split, with_hosts
from topo.certificates.bounds.sweep import STATES_AT_MOST, Sweep, on_side_a, placed, plan
from topo.certificates.reading.cut import CutGraph

NODES_AT_MOST = 200
"""Orders are looked for in time that grows with the cube of the nodes."""
STARTS = 12
"""First nodes that are tried: those with the fewest neighbours, where narrow orders begin."""


@dataclass(frozen=True)
class Swept:
    """What a sweep proves for a component in units, its bound, and the split it found."""

    value: int
    bound: dict[str, Any]
    split: Split


def by_sweep(part: CutGraph, component: int) -> Swept | None:
    """The answer of the best order found; None where it has too many states."""
    nodes = placed(part)
    if len(nodes) > NODES_AT_MOST or int(part.capacity.sum()) >= 2**40:
        return None
    sweeps = [plan(part, order) for order in _orders(part, nodes)]
    best = min(sweeps, key=Sweep.states)
    if best.states() > STATES_AT_MOST:
        return None
    value, on_a = on_side_a(part, best)
    bound = {"method": "sweep", "component": component, "order": part.device[best.order].tolist()}
    return Swept(value, bound, with_hosts(part, on_a))


def _orders(part: CutGraph, nodes: list[int]) -> list[list[int]]:
    """Orders in which the node that leaves the fewest open comes next, from starts with few neighbours."""
    row = {node: i for i, node in enumerate(nodes)}
    joined = [0] * len(nodes)
    for u, v in zip(part.u.tolist(), part.v.tolist(), strict=True):
        if u in row:
            joined[row[u]] |= 1 << row[v]
            joined[row[v]] |= 1 << row[u]
    return [[nodes[n] for n in order] for order in greedy_orders(joined)]


def greedy_orders(joined: list[int]) -> list[list[int]]:
    """Orders of rows, from starts with few neighbours; `joined` holds the neighbours of each row as bits."""
    starts = sorted(range(len(joined)), key=lambda n: joined[n].bit_count())[:STARTS]
    return [_greedy(joined, start) for start in starts]


def _greedy(joined: list[int], start: int) -> list[int]:
    """Rows in the order of the sweep; `joined` holds the neighbours of each row as bits."""
    left, order = (1 << len(joined)) - 1, []
    now = start
    while True:
        order.append(now)
        left &= ~(1 << now)
        if not left:
            return order
        opened = [row for row in order if joined[row] & left]
        near = [row for row in _bits(left) if any(joined[row] >> o & 1 for o in opened)] or _bits(left)
        now = min((_open_after(joined, opened, left, row), row) for row in near)[1]


def _open_after(joined: list[int], opened: list[int], left: int, row: int) -> tuple[int, int]:
    """How many rows are open once `row` has come, and how many neighbours it still waits for."""
    after = left & ~(1 << row)
    waits = joined[row] & after
    return sum(1 for o in opened if joined[o] & after) + bool(waits), waits.bit_count()


def _bits(rows: int) -> list[int]:
    return [row for row in range(rows.bit_length()) if rows >> row & 1]
