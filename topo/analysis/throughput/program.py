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

DENSE_AT_MOST = 10_000
"""Places of a matrix that is written out, so that SciPy need not be loaded: that takes 0.07 s."""


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
        """The scaled matrix, as scipy CSR where it is not small."""
        value = self.value.astype(np.float64) * self.row_scale[self.row] * self.column_scale[self.column]
        if self.rows * self.columns <= DENSE_AT_MOST:
            dense = np.zeros((self.rows, self.columns))
            np.add.at(dense, (self.row, self.column), value)
            return dense
        from scipy.sparse import coo_array

        return coo_array((value, (self.row, self.column)), shape=(self.rows, self.columns)).tocsr()

    def scaled_rhs(self) -> FloatArray:
        """The scaled right-hand side."""
        scaled: FloatArray = self.rhs.astype(np.float64) * self.row_scale
        return scaled


class _Entries:
    """Triplets of a matrix, gathered."""

    def __init__(self) -> None:
        self._row: list[IntArray] = []
        self._column: list[IntArray] = []
        self._value: list[Whole] = []

    def add(self, row: IntArray, column: IntArray, value: int) -> None:
        """Entries of one value."""
        self.add_each(row, column, np.full(len(row), value, dtype=object))

    def add_each(self, row: IntArray, column: IntArray, value: Whole) -> None:
        """Entries, each with its value."""
        self._row.append(row)
        self._column.append(column)
        self._value.append(value)

    def columns(self) -> tuple[IntArray, IntArray, Whole]:
        """Rows, columns and values."""
        row, column = (np.concatenate(each).astype(np.int64) for each in (self._row, self._column))
        return row, column, np.concatenate(self._value)


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
    room = capacity[bounded].astype(object) * arcs_in[bounded].astype(object)
    start = np.concatenate([[0], np.cumsum([len(k.arc) for k in commodities])]).astype(np.int64)
    entries = _Entries()
    cell_row, rhs = _conservation(commodities, start, entries)
    first_capacity = sum(map(len, rhs))
    capacity_row = np.full(orbits, -1, dtype=np.int64)
    capacity_row[bounded] = first_capacity + np.arange(len(bounded))
    for k, first in zip(commodities, start.tolist(), strict=False):
        at = capacity_row[k.orbit]
        held = at >= 0
        entries.add(at[held], (first + np.arange(len(k.arc)))[held], k.copies)
    entries.add_each(capacity_row[bounded], np.full(len(bounded), int(start[-1])), -room)
    column_scale, row_scale = _scales(commodities, cell_row, room)
    return Program(
        tuple(commodities),
        *entries.columns(),
        np.concatenate([*rhs, np.zeros(len(bounded), dtype=object)]),
        orbits,
        first_capacity,
        bounded,
        room,
        start,
        tuple(cell_row),
        column_scale,
        row_scale,
    )


def _conservation(
    commodities: list[Commodity], start: IntArray, entries: _Entries
) -> tuple[list[IntArray], list[Whole]]:
    """Adds what flows out of and into every cell but the destination's; the rows of each commodity's cells (-1 where
    nothing leaves), and their right-hand sides."""
    cell_rows: list[IntArray] = []
    rhs: list[Whole] = []
    next_row = 0
    for k, first in zip(commodities, start.tolist(), strict=False):
        touched = np.zeros(k.cells, dtype=np.bool_)
        touched[k.tail] = True
        touched[0] = False
        cell_row = np.full(k.cells, -1, dtype=np.int64)
        cell_row[touched] = next_row + np.arange(int(touched.sum()))
        next_row += int(touched.sum())
        columns, inner = first + np.arange(len(k.arc)), k.head != 0
        entries.add(cell_row[k.tail], columns, 1)
        entries.add(cell_row[k.head[inner]], columns[inner], -1)
        rhs.append(k.demand[touched])
        cell_rows.append(cell_row)
    return cell_rows, rhs


def _scales(commodities: list[Commodity], cell_row: list[IntArray], room: Whole) -> tuple[FloatArray, FloatArray]:
    """Scales of columns and rows: every flow in units of its commodity's demand, z in those of all over all room."""
    totals = [float(k.demand.sum()) for k in commodities]
    total = sum(t * k.copies for t, k in zip(totals, commodities, strict=True))
    z_scale = total / max(float(room.sum()), 1.0) if len(room) else 1.0
    column = [np.full(len(k.arc), t) for k, t in zip(commodities, totals, strict=True)]
    row = [np.full(int((c >= 0).sum()), 1.0 / t) for c, t in zip(cell_row, totals, strict=True)]
    scaled_room: FloatArray = room.astype(np.float64) * z_scale
    return np.concatenate([*column, [z_scale]]), np.concatenate([*row, 1.0 / scaled_room])
