"""Numbers for equal values are those that sorting gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topo.fabric.ranks import ranks, row_ranks

VALUES = st.one_of(
    st.lists(st.integers(-5, 5)),
    st.lists(st.integers(-(2**62), 2**62)),
    st.lists(st.floats(allow_nan=True)),
    st.lists(st.sampled_from([0.0, -0.0, 1.0, 400.0, 1e300, 2.0**63, np.inf, -np.inf])),
)


@given(VALUES)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_ranks_are_places_among_the_distinct(values: list[float]) -> None:
    column = np.array(values)
    expected = np.unique(column, return_inverse=True)[1].reshape(-1) if values else np.zeros(0)
    assert np.array_equal(ranks(column), expected)


@given(st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(st.integers(0, 3), min_size=k, max_size=k), min_size=1)))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_rows_are_numbered_in_lexical_order(rows: list[list[int]]) -> None:
    columns = np.array(rows, dtype=np.float64)
    assert np.array_equal(row_ranks(columns), np.unique(columns, axis=0, return_inverse=True)[1].reshape(-1))


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.bool_, object])
def test_every_kind_of_column(kind: type) -> None:
    assert ranks(np.array([1, 0, 1, 1], dtype=kind)).tolist() == [1, 0, 1, 1]
