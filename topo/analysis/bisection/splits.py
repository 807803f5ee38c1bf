"""Every split of a small network, by an order of its switches that keeps few of them open."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from topo.analysis.bisection._sweep import greedy_orders
from topo.analysis.bisection.sides import Split
from topo.certificates.bounds.share import HostRates
from topo.certificates.bounds.splits import (
    HOSTS_AT_MOST,
    WIDEST,
    WORK_AT_MOST,
    best_splits,
    least_capacities,
    plan_splits,
    traced,
)
from topo.certificates.reading.cut import CutGraph

SWITCHES_AT_MOST = 120
"""Planning an order takes the cube of the switches, and is done before it is known whether the table is small
enough."""
WORK_PER_S = 2**27
"""Entries that a slow core computes in a second: what is tried depends on the limit alone, not on the clock."""


@dataclass(frozen=True)
class AllSplits:
    """The least capacity in units with a split that has it, the least share with its split, and their proof."""

    least: Split
    share: Fraction
    shared: Split
    proof: dict[str, Any]


def by_all_splits(graph: CutGraph, rates: HostRates, time_limit_s: float) -> AllSplits | None:
    """The answer of the best order found; None where there is too much to go through."""
    switches = list(range(graph.hosts, graph.nodes))
    if (
        not 0 < len(switches) <= SWITCHES_AT_MOST
        or not 2 <= graph.hosts <= HOSTS_AT_MOST
        or int(graph.capacity.sum()) >= 2**50
    ):
        return None
    plans = [(plan_splits(graph, rates.kind, order), order) for order in _orders(graph, switches)]
    plan, order = min(plans, key=lambda one: one[0].work)
    if plan.work > min(WORK_AT_MOST, WORK_PER_S * time_limit_s) or plan.widest > WIDEST:
        return None
    choices: list[tuple[Any, int]] = []
    least = least_capacities(graph, plan, choices)
    column, (share, other) = best_splits(graph, plan, [rate / graph.unit for rate in rates.of_kind], least)
    result = [Split(on_a, graph.cut(on_a)) for on_a in (traced(graph, plan, choices, c) for c in (column, other))]
    return AllSplits(result[0], share, result[1], {"order": [int(graph.device[node]) for node in order]})


def _orders(graph: CutGraph, switches: list[int]) -> list[list[int]]:
    """Orders by neighbours: switches that a link or a host joins."""
    row = {node: i for i, node in enumerate(switches)}
    joined = [0] * len(switches)
    tied: dict[int, list[int]] = {}
    for u, v in zip(graph.u.tolist(), graph.v.tolist(), strict=True):
        if u < graph.hosts:
            tied.setdefault(u, []).append(row[v])
        else:
            joined[row[u]] |= 1 << row[v]
            joined[row[v]] |= 1 << row[u]
    for group in {tuple(sorted(rows)) for rows in tied.values()}:
        everyone = sum(1 << r for r in group)
        for r in group:
            joined[r] |= everyone & ~(1 << r)
    return [[switches[r] for r in order] for order in greedy_orders(joined)]
