"""The merged linear program: least congestion z, with the whole-number matrix that its exact answer must satisfy.

    min z   subject to, per commodity and cell,    flow out - flow in = demand of the cell        (conservation)
            and, per arc orbit with a capacity,    sum of copies * flow <= z * capacity * arcs    (capacity)

A variable is the whole flow of one class of arcs, so every coefficient of the first kind is +1 or -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.analysis.throughput.merge import Commodity
from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.certificates.reading.whole import Whole
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Program:
    """The matrix as triplets (shape (entries,) each), `rhs` (rows,) and the scales of its floating-point form.

    There are `orbits` arc orbits. The last column is z. Rows from `first_capacity` on are those of capacities, of the
    arc orbits `capacity_orbit`; `room` is capacity * arcs of each. `start[k]` is the first column of commodity k,
    `cell_row[k]` the rows of its cells.
    """

    commodities: tuple[Commodity, ...]
    row: IntArray
    column: IntArray
    value: Whole
    rhs: Whole
    orbits: int
    first_capacity: int
    capacity_orbit: IntArray
    room: Whole
    start: IntArray
    cell_row: tuple[IntArray, ...]
    column_scale: FloatArray
    row_scale: FloatArray

    @property
    def columns(self) -> int:
        """Variables, z included."""
        return len(self.column_scale)

    @property
    def rows(self) -> int:
        """Constraints."""
        return len(self.rhs)

    def matrix(self) -> Any:
        """The scaled matrix as scipy CSR."""
        from scipy.sparse import coo_array

        value = self.value.astype(np.float64) * self.row_scale[self.row] * self.column_scale[self.column]
        return coo_array((value, (self.row, self.column)), shape=(self.rows, self.columns)).tocsr()

    def scaled_rhs(self) -> FloatArray:
        """The scaled right-hand side."""
        scaled: FloatArray = self.rhs.astype(np.float64) * self.row_scale
        return scaled


def program(problem: Problem, commodities: list[Commodity], arc_orbit: IntArray) -> Program:
    """The merged program of these commodities; `arc_orbit` (arcs,)."""
    orbits = int(arc_orbit.max(initial=-1)) + 1
    arcs_in = np.bincount(arc_orbit, minlength=orbits)
    capacity = np.zeros(orbits, dtype=problem.capacity.dtype)
    capacity[arc_orbit] = problem.capacity
    used = np.zeros(orbits, dtype=np.bool_)
    for k in commodities:
        used[k.orbit] = True
    bounded = np.flatnonzero(used & (capacity != UNLIMITED))
    start = np.concatenate([[0], np.cumsum([len(k.arc) for k in commodities])]).astype(np.int64)
    z = int(start[-1])
    rows, columns, values, rhs, cell_rows, totals = [], [], [], [], [], []
    next_row = 0
    for k, first in zip(commodities, start.tolist(), strict=False):
        cell_row = np.full(k.cells, -1, dtype=np.int64)
        touched = np.zeros(k.cells, dtype=np.bool_)
        touched[k.tail] = True
        touched[0] = False
        cell_row[touched] = next_row + np.arange(int(touched.sum()))
        next_row += int(touched.sum())
        mine = first + np.arange(len(k.arc))
        inner = k.head != 0
        rows += [cell_row[k.tail], cell_row[k.head[inner]]]
        columns += [mine, mine[inner]]
        values += [np.ones(len(mine), dtype=object), np.full(int(inner.sum()), -1, dtype=object)]
        rhs.append(k.demand[touched])
        cell_rows.append(cell_row)
        totals.append(float(k.demand.sum()))
    first_capacity = next_row
    capacity_row = np.full(orbits, -1, dtype=np.int64)
    capacity_row[bounded] = next_row + np.arange(len(bounded))
    for k, first in zip(commodities, start.tolist(), strict=False):
        at = capacity_row[k.orbit]
        held = at >= 0
        rows.append(at[held])
        columns.append((first + np.arange(len(k.arc)))[held])
        values.append(np.full(int(held.sum()), k.copies, dtype=object))
    room = capacity[bounded].astype(object) * arcs_in[bounded].astype(object)
    rows.append(capacity_row[bounded])
    columns.append(np.full(len(bounded), z))
    values.append(-room)
    rhs.append(np.zeros(len(bounded), dtype=object))
    total = sum(t * k.copies for t, k in zip(totals, commodities, strict=True))
    z_scale = total / max(float(room.sum()), 1.0) if len(room) else 1.0
    column_scale = np.concatenate(
        [np.full(len(k.arc), t) for k, t in zip(commodities, totals, strict=True)] + [[z_scale]]
    )
    row_scale = np.concatenate(
        [np.full(int((c >= 0).sum()), 1.0 / t) for c, t in zip(cell_rows, totals, strict=True)]
        + [1.0 / (room.astype(np.float64) * z_scale)]
    )
    return Program(
        tuple(commodities),
        np.concatenate(rows).astype(np.int64),
        np.concatenate(columns).astype(np.int64),
        np.concatenate(values),
        np.concatenate(rhs),
        orbits,
        first_capacity,
        bounded,
        room,
        start,
        tuple(cell_rows),
        column_scale,
        row_scale,
    )
