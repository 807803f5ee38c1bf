"""Numbers for equal values are those that sorting gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.fabric.ranks import distinct_rows, firsts, grouped, ranks, row_ranks, stable_order

VALUES = st.one_of(
    st.lists(st.integers(-5, 5)),
    st.lists(st.integers(-(2**62), 2**62)),
    st.lists(st.floats(allow_nan=True)),
    st.lists(st.sampled_from([0.0, -0.0, 1.0, 400.0, 1e300, 2.0**63, np.inf, -np.inf])),
)


@often(66, 200, VALUES)
def test_ranks_are_places_among_the_distinct(values: list[float]) -> None:
    column = np.array(values)
    expected = np.unique(column, return_inverse=True)[1].reshape(-1) if values else np.zeros(0)
    assert np.array_equal(ranks(column), expected)


@often(
    66,
    200,
    st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=1)),
)
def test_rows_are_numbered_in_lexical_order(rows: list[list[int]]) -> None:
    columns = np.array(rows, dtype=np.float64)
    assert np.array_equal(row_ranks(columns), np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1))


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.bool_, object])
def test_every_kind_of_column(kind: type) -> None:
    assert ranks(np.array([1, 0, 1, 1], dtype=kind)).tolist() == [1, 0, 1, 1]


WHOLE = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**40)), max_size=30)


@often(66, 200, WHOLE, st.booleans())
def test_groups_are_those_that_sorting_gives(values: list[int], ascending: bool) -> None:
    column = np.array(sorted(values) if ascending else values, dtype=np.int64)
    unique, first, place = np.unique(column, return_index=True, return_inverse=True)
    for found, expected in zip(grouped(column), (unique, first, place.reshape(-1)), strict=True):
        assert np.array_equal(found, expected)
    assert np.array_equal(stable_order(column), np.argsort(column, kind="stable"))


@often(66, 200, st.lists(st.integers(0, 9), max_size=30))
def test_firsts_are_those_that_sorting_gives(values: list[int]) -> None:
    column = np.array(values, dtype=np.int64)
    for found, expected in zip(firsts(column), np.unique(column, return_index=True), strict=True):
        assert np.array_equal(found, expected)


ODD = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([0.5, 1e300, -1e300, 2.0**62, float("inf")]))


@often(66, 200, st.lists(st.tuples(ODD, st.integers(-2, 2)), min_size=1, max_size=20))
def test_distinct_rows_are_in_lexical_order(rows: list[tuple[float, int]]) -> None:
    columns = [np.array([row[0] for row in rows]), np.array([row[1] for row in rows])]
    assert [tuple(row) for row in distinct_rows(*columns).tolist()] == sorted(set(rows))
