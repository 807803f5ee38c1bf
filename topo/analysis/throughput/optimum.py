"""Solves the merged program and turns the solver's floating point into exact flows and lengths."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.analysis.throughput.merge import Commodity
from topo.analysis.throughput.program import Program
from topo.analysis.throughput.rational import Matrix, exact_solution
from topo.certificates.reading.whole import Whole
from topo.fabric.model import BoolArray, FloatArray
from topo.solvers.budget import now

NEAR_ZERO = (1e-9, 1e-11, 1e-7)
"""What counts as tight in the scaled program, in order of trial; every trial is checked exactly."""

TRACE = 1e-13
"""Of a commodity's total, what leaves every cell along a shortest path, whatever the solver says."""
PDLP_PRECISION = 1e-6
"""Where PDLP stops: what it says is made a valid routing anyway."""


@dataclass(frozen=True)
class Flows:
    """A routing in whole numbers: `flow[k][i]` / `denominator` is the whole flow of class i of commodity k at t = 1,
    `congestion` the greatest load in demand units per capacity unit."""

    flow: tuple[Whole, ...]
    denominator: int
    congestion: Fraction


@dataclass(frozen=True)
class Lengths:
    """A length per arc orbit (shape (orbits,)) and the congestion that it proves to be unavoidable."""

    length: Whole
    congestion: Fraction


def solve(program: Program, time_limit_s: float, solver: Any = "glop") -> tuple[Flows, Lengths]:
    """The optimal routing and lengths, exact where the rational solution is found and else rounded to valid ones.

    The solver gets the larger part of the time, as it sees its limit late; what is left is for the rational solution.
    Raises LimitReachedError where the solver runs out of time.
    """
    from topo.solvers.linear import LinearProgram, minimize

    end = now() + time_limit_s
    matrix, rhs = program.matrix(), program.scaled_rhs()
    lower = rhs.copy()
    lower[program.first_capacity :] = -np.inf
    cost = np.zeros(program.columns)
    cost[-1] = 1.0
    precision = PDLP_PRECISION if solver == "pdlp" else 1e-9
    free, top = np.zeros(program.columns), np.full(program.columns, np.inf)
    answer = minimize(LinearProgram(cost, matrix, lower, rhs, free, top), solver, 0.7 * time_limit_s, precision)
    flows = lengths = None
    slack = rhs - matrix @ answer.x
    reduced = cost - matrix.T @ answer.dual
    for near in NEAR_ZERO if solver == "glop" else ():
        if now() > end:
            break
        flows = flows or _exact_flows(program, answer.x > near * 1e-3, np.abs(slack) < near, end)
        lengths = lengths or _exact_lengths(program, np.abs(answer.dual) > near * 1e-3, np.abs(reduced) < near, end)
    return flows or rounded_flows(program, answer.x), lengths or rounded_lengths(program, -answer.dual)


def _exact_flows(program: Program, support: BoolArray, tight: BoolArray, end: float) -> Flows | None:
    support[-1] = True
    tight[: program.first_capacity] = True  # what flows in flows out, however far the solver was off
    matrix = Matrix(program.row, program.column, program.value, program.row_scale, program.column_scale)
    solution = exact_solution(matrix.part(tight, support), program.rhs[tight], end)
    if solution is None or min(solution) < 0:
        return None
    values = np.zeros(program.columns, dtype=object)
    values[np.flatnonzero(support)] = solution
    result = as_flows(program, values[:-1])
    return result if result.congestion == values[-1] else None


def _exact_lengths(program: Program, support: BoolArray, tight: BoolArray, end: float) -> Lengths | None:
    """Duals: potentials of all cells, lengths of tight capacities; equations of the columns without reduced cost."""
    support[: program.first_capacity] = True
    tight[-1] = True
    rhs = np.zeros(program.columns, dtype=object)
    rhs[-1] = 1
    matrix = Matrix(program.column, program.row, program.value, program.column_scale, program.row_scale)
    solution = exact_solution(matrix.part(tight, support), rhs[tight], end)
    if solution is None:
        return None
    dual = np.zeros(program.rows, dtype=object)
    dual[np.flatnonzero(support)] = solution
    length = [-v for v in dual[program.first_capacity :].tolist()]
    if min(length) < 0:
        return None
    common = lcm_of(length)
    whole = np.array([int(v * common) for v in length], dtype=object)
    return as_lengths(program, whole)


def lcm_of(values: list[Fraction]) -> int:
    """The common denominator."""
    from math import lcm

    return lcm(*(Fraction(v).denominator for v in values))


def as_flows(program: Program, values: Whole) -> Flows:
    """Flows per commodity from rational values of all variables but z, with their exact congestion."""
    common = lcm_of(values.tolist())
    whole = np.array([int(v * common) for v in values.tolist()], dtype=object)
    parts = tuple(np.split(whole, program.start[1:-1])) if len(program.commodities) else ()
    load: dict[int, int] = {}
    for k, flow in zip(program.commodities, parts, strict=True):
        for orbit, f in zip(k.orbit.tolist(), flow.tolist(), strict=True):
            load[orbit] = load.get(orbit, 0) + k.copies * f
    congestion = max(
        (
            Fraction(load.get(orbit, 0), room * common)
            for orbit, room in zip(program.capacity_orbit.tolist(), program.room.tolist(), strict=True)
        ),
        default=Fraction(0),
    )
    return Flows(parts, common, congestion)


def as_lengths(program: Program, length: Whole) -> Lengths:
    """The bound that whole-number lengths of the bounded orbits (shape (bounded,)) prove."""
    everywhere: npt.NDArray[Any] = np.zeros(program.orbits, dtype=object)
    everywhere[program.capacity_orbit] = length
    weight = sum(c * r for c, r in zip(length.tolist(), program.room.tolist(), strict=True))
    needed = sum(k.copies * _distance_sum(k, everywhere[k.orbit]) for k in program.commodities)
    return Lengths(everywhere, Fraction(needed, weight) if weight else Fraction(0))


def _distance_sum(k: Commodity, length: Whole) -> int:
    """Demand times distance to the destination, summed over the cells (Bellman-Ford)."""
    far = int(length.sum()) + 1
    small = far * max(k.cells, 1) < 2**62
    cost = length.astype(np.int64) if small else length
    distance: npt.NDArray[Any] = np.full(k.cells, far, dtype=np.int64 if small else object)
    distance[0] = 0
    while True:
        better = distance.copy()
        np.minimum.at(better, k.tail, distance[k.head] + cost)
        if (better == distance).all():
            break
        distance = better
    return int(sum(d * f for d, f in zip(distance.tolist(), k.demand.tolist(), strict=True) if f))


def rounded_lengths(program: Program, dual: FloatArray) -> Lengths:
    """Valid lengths near the solver's duals; any lengths that are not negative prove a bound."""
    length = np.maximum(dual[program.first_capacity :] * program.row_scale[program.first_capacity :], 0.0)
    top = float(length.max(initial=0.0))
    if top <= 0.0:
        length, top = np.ones_like(length), 1.0
    return as_lengths(program, np.array([round(v / top * 2**40) for v in length.tolist()], dtype=object))


def rounded_flows(program: Program, x: FloatArray) -> Flows:
    """A valid routing near the solver's: each cell passes on all that it gets and sends in the proportions of the
    solver's outflow, then every flow is rounded to a whole number of 2^-40 of its commodity's total."""
    values: list[Fraction] = []
    for i, k in enumerate(program.commodities):
        flow = np.maximum(x[program.start[i] : program.start[i + 1]], 0.0)
        values += _carried(k, _conserving(k, flow))
    return as_flows(program, np.array(values, dtype=object))


def _conserving(k: Commodity, flow: FloatArray) -> FloatArray:
    """Flow that conserves (up to floating point) in the proportions in which `flow` (a total of 1 is sent) leaves each
    cell: a flow that conserves already stays as it is. A trace along shortest paths leads out of every cell."""
    from scipy.sparse import coo_array, identity
    from scipy.sparse.linalg import splu

    step = np.array(_step_to_destination(k))
    traced = flow.copy()
    traced[step[step >= 0]] += TRACE
    leaves = np.bincount(k.tail, traced, k.cells)
    share = traced / np.maximum(leaves[k.tail], TRACE)
    inner = k.head != 0
    onward = coo_array((share[inner], (k.head[inner], k.tail[inner])), shape=(k.cells, k.cells))
    sent = k.demand.astype(np.float64) / float(k.demand.sum())
    sent[0] = 0.0
    try:
        passed = splu((identity(k.cells) - onward).tocsc()).solve(sent)
    except RuntimeError:  # exactly singular: flow in circles alone
        return flow
    conserved: FloatArray = share * np.maximum(passed, 0.0)[k.tail]
    return conserved


def _carried(k: Commodity, flow: FloatArray) -> list[Fraction]:
    """Whole flows that satisfy conservation exactly, close to `flow` (scaled to a total of 1)."""
    unit = 2**40
    total = int(k.demand.sum())
    amount = [round(f * unit) * total for f in flow.tolist()]
    lacking = [d * unit for d in k.demand.tolist()]
    lacking[0] = 0
    for tail, head, a in zip(k.tail.tolist(), k.head.tolist(), amount, strict=True):
        lacking[tail] -= a
        lacking[head] += a
    by_tail: list[list[int]] = [[] for _ in range(k.cells)]
    for i, tail in enumerate(k.tail.tolist()):
        by_tail[tail].append(i)
    step = _step_to_destination(k)
    heads = k.head.tolist()
    # What a cell has too much goes along its first step; what it lacks is taken off its largest outflow.
    pending = [c for c in range(1, k.cells) if lacking[c]]
    for _ in range(200 * (len(pending) + k.cells)):
        if not pending:
            break
        c = pending.pop()
        rest, lacking[c] = lacking[c], 0
        if c == 0 or not rest:
            continue
        i = step[c] if rest > 0 else max(by_tail[c], key=amount.__getitem__)
        moved = rest if rest > 0 else -min(-rest, amount[i])
        amount[i] += moved
        lacking[heads[i]] += moved
        lacking[c] += rest - moved
        pending += [x for x in (c, heads[i]) if x and lacking[x]]
    if any(lacking[1:]):
        return _first_steps(k, step)
    return [Fraction(a, unit) for a in amount]


def _step_to_destination(k: Commodity) -> list[int]:
    """For each cell a class that leads one hop nearer to cell 0 (-1 for cell 0)."""
    hops = np.full(k.cells, k.cells, dtype=np.int64)
    step = np.full(k.cells, -1, dtype=np.int64)
    hops[0] = 0
    for h in range(k.cells):
        into = np.flatnonzero((hops[k.head] == h) & (hops[k.tail] > h + 1))
        if not len(into):
            break
        step[k.tail[into]] = into
        hops[k.tail[into]] = h + 1
    return step.tolist()


def _first_steps(k: Commodity, step: list[int]) -> list[Fraction]:
    """Everything along one shortest path tree: poor, but valid."""
    flow = [Fraction(0)] * len(k.arc)
    heads = k.head.tolist()
    for cell, demand in enumerate(k.demand.tolist()):
        while cell and demand:
            flow[step[cell]] += demand
            cell = heads[step[cell]]
    return flow
