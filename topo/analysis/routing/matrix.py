"""A demand as whole numbers of one unit, in the shape that the compiled kernels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Sparse
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact

EXACT_BELOW = float(1 << 52)
"""Sums of whole numbers stay exact in float64 below this."""


@dataclass(frozen=True)
class Matrix:
    """Demand between switches in multiples of `unit` Gb/s at t = 1, by destination.

    Destination j is switch dest[j]. With dest_class[j] = k >= 0 every switch s sends it class_weight[k, s] *
    class_weight[k, dest[j]]; otherwise source[i] sends amount[i] for i in first[j] .. first[j + 1] - 1. `whole` tells
    that all of these are whole numbers; `total` is their sum.
    """

    unit: Fraction
    whole: bool
    total: float
    dest: IntArray
    dest_class: IntArray
    class_weight: FloatArray
    first: IntArray
    source: IntArray
    amount: FloatArray


def whole_numbers(values: FloatArray) -> tuple[FloatArray, Fraction, bool]:
    """(multiples, unit, whole): values = multiples * unit; (values, 1, False) where the multiples would be huge."""
    distinct, row = np.unique(values, return_inverse=True)
    result = fractions_as_whole([exact(value) for value in distinct.tolist()])
    if result is None:
        return values, Fraction(1), False
    return result[0][row], result[1], True


def fractions_as_whole(values: Sequence[Fraction]) -> tuple[FloatArray, Fraction] | None:
    """(multiples, unit) with values = multiples * unit and whole multiples below 2^40, None where there are none."""
    if len(values) > 10_000:
        return None
    unit = Fraction(0)
    for value in values:
        other = value
        while other:
            unit, other = other, unit % other
        if unit and abs(value / unit) > 1 << 40:
            return None
    unit = unit or Fraction(1)
    multiples = [value / unit for value in values]
    return (np.array([float(m) for m in multiples]), unit) if max(multiples, default=0) <= 1 << 40 else None


def matrix_of(demand: Demand) -> Matrix:
    """The demand in whole units where it has a common one."""
    form = demand.form
    dest = demand.destinations
    none, no_floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    if isinstance(form, Sparse):
        amount, unit, whole = whole_numbers(form.gbps)
        first = np.searchsorted(form.dst, np.append(dest, np.iinfo(np.int64).max)).astype(np.int64)
        return Matrix(
            unit, whole, float(amount.sum()), dest, np.full(len(dest), -1), np.zeros((1, 1)),
            first, form.src.astype(np.int64), amount,
        )  # fmt: skip
    weight, unit, whole = whole_numbers(form.weight)
    groups = int(form.group.max(initial=-1)) + 1
    total = np.bincount(form.group[form.group >= 0], weights=weight[form.group >= 0], minlength=groups)
    used = np.unique(form.group[dest])
    classes = np.where(form.group[None, :] == used[:, None], weight[None, :], 0.0)
    return Matrix(
        unit * unit * form.scale, whole, float((total**2).sum()), dest, np.searchsorted(used, form.group[dest]),
        np.ascontiguousarray(classes) if len(used) else np.zeros((1, 1)), none, none, no_floats,
    )  # fmt: skip
