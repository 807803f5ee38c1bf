"""Equal values by equal numbers, without sorting where the values are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from topo.fabric.model import IntArray

SPREAD = 4
"""Whole numbers that lie within so many times their number are counted off instead of sorted."""


def ranks(values: npt.NDArray[Any]) -> IntArray:
    """Shape (n,): the place of each of `values` (n,) among the distinct ones, ascending from 0."""
    n = len(values)
    if not n or (values[0] == values[-1] and (values == values[0]).all()):
        return np.zeros(n, dtype=np.int64)
    if values.dtype.kind == "f":
        values = _whole(values)
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if high - low < SPREAD * n:
            from_low = values.astype(np.int64) - low
            met = np.zeros(high - low + 1, dtype=np.bool_)
            met[from_low] = True
            place: IntArray = (np.cumsum(met) - 1)[from_low]
            return place
    result: IntArray = np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return result


def _whole(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same numbers as whole ones, where all are whole and small enough; else as they are."""
    low, high = float(values.min()), float(values.max())  # neither is a number where one of them is none
    if not (low > -(2.0**62) and high < 2.0**62):
        return values
    whole = values.astype(np.int64)
    return whole if (whole == values).all() else values


def stable_order(values: IntArray) -> IntArray:
    """The rows of whole numbers from 0 in ascending order, equal ones as they stand. Small numbers are counted off."""
    few = len(values) and int(values.max()) < 1 << 16
    return np.argsort(values.astype(np.uint16) if few else values, kind="stable")


def grouped(values: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The distinct whole numbers of `values` (n,), ascending; where each first stands; and the place of each of the
    values among them, shape (n,). Without sorting where they ascend already."""
    steps = np.diff(values)
    if len(values) and (steps < 0).any():
        unique, first, place = np.unique(values, return_index=True, return_inverse=True)
        return unique, first, place.reshape(-1)
    starts = np.concatenate([np.ones(min(len(values), 1), dtype=np.bool_), steps > 0])
    first = np.flatnonzero(starts)
    return values[first], first, np.cumsum(starts) - 1


def firsts(values: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct ones of whole numbers from 0, few for their number, ascending; and where each first stands."""
    at = np.full(int(values.max(initial=-1)) + 1, -1, dtype=np.int64)
    at[values[::-1]] = np.arange(len(values))[::-1]
    there = np.flatnonzero(at >= 0)
    return there, at[there]


def row_ranks(columns: npt.NDArray[Any]) -> IntArray:
    """Shape (n,): the place of each row of `columns` (n, keys) among the distinct rows, in lexical order."""
    return ranks_together(*columns.T) if columns.shape[1] else np.zeros(len(columns), dtype=np.int64)


def ranks_together(*columns: npt.NDArray[Any]) -> IntArray:
    """The same of rows whose keys are `columns` of their own, shape (n,) each."""
    result: IntArray = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        own = ranks(column)
        kinds = int(own.max(initial=0)) + 1
        if kinds > 1:
            result = ranks(result * kinds + own)
    return result


def counted(values: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct whole numbers of `values` from 0, ascending, and how often each is there."""
    if len(values) and int(values.max()) < SPREAD * len(values):
        times = np.bincount(values)
        there = np.flatnonzero(times)
        return there, times[there]
    result, times = np.unique(values, return_counts=True)
    return result, times


def ordered(*keys: IntArray) -> IntArray:
    """The rows by several keys of whole numbers from 0, the first key first, equal ones as they stand. Without sorting
    where they are in order already."""
    together = np.zeros(len(keys[0]), dtype=np.int64)
    room = 1
    for key in keys:
        wide = int(key.max(initial=0)) + 1
        room *= wide
        if room >= 2**62:
            return np.lexsort(keys[::-1])
        together = together * wide + key
    if (together[1:] >= together[:-1]).all():
        return np.arange(len(together))
    return np.argsort(together, kind="stable")


def distinct(values: npt.NDArray[Any]) -> IntArray:
    """The distinct whole numbers of `values`, ascending."""
    if not len(values):
        return np.zeros(0, dtype=np.int64)
    low, high = int(values.min()), int(values.max())
    if high - low < SPREAD * len(values):
        met = np.zeros(high - low + 1, dtype=np.bool_)
        met[values.astype(np.int64) - low] = True
        return np.flatnonzero(met) + low
    ordered = np.sort(values.astype(np.int64))
    result: IntArray = ordered[np.diff(ordered, prepend=ordered[0] - 1) != 0]
    return result


def distinct_rows(*columns: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The distinct rows of `columns`, shape (n,) each, in lexical order: (rows, keys)."""
    own = ranks_together(*columns)
    row = np.zeros(int(own.max(initial=-1)) + 1, dtype=np.int64)
    row[own] = np.arange(len(own))
    return np.stack([column[row] for column in columns], axis=1)
