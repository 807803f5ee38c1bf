"""Dealings by one that keep old links, against every dealing there is; the bound against every naming of switches."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.fabric.model import IntArray
from topo.generators.growing.deal import dual_bound, redealt
from topo.generators.trees.counts.deal import bundles


def every_dealing(now: IntArray) -> list[IntArray]:
    """All matrices of the row sums of `now`, whose entries and column sums differ by at most one."""
    base, uppers = int(now.min()), now.shape[1]
    rows = []
    for surplus in (now.sum(axis=1) - base * uppers).tolist():
        rows.append([np.isin(np.arange(uppers), c).astype(int) for c in combinations(range(uppers), surplus)])
    found = [base + np.array(choice) for choice in product(*rows)]
    return [m for m in found if np.ptp(m.sum(axis=0)) <= 1]


@pytest.mark.parametrize(("lowers", "uppers", "uplinks", "before"), [
    (3, 3, 4, 2), (4, 3, 4, 2), (3, 4, 5, 3), (2, 3, 5, 2), (4, 4, 6, 3), (3, 2, 3, 3), (4, 3, 5, 1),
])  # fmt: skip
def test_no_dealing_keeps_more(lowers: int, uppers: int, uplinks: int, before: int) -> None:
    """The old dealing went to other numbers of switches, above and below; surplus switches of either have no links."""
    now = bundles(np.zeros(lowers, dtype=np.int64), np.full(lowers, uplinks), uppers)
    few = max(lowers - 1, 1)
    dealt = bundles(np.zeros(few, dtype=np.int64), np.full(few, uplinks), before)
    old = np.zeros_like(now)
    wide = min(uppers, before)
    old[:few, :wide] = dealt[:, :wide]
    found = redealt(old, now)
    best = max(int(np.minimum(old, m).sum()) for m in every_dealing(now))
    assert found.kept == best == found.most
    assert int(np.minimum(old, found.times).sum()) == found.kept
    assert any((found.times == m).all() for m in every_dealing(now))


@often(20, 60, st.integers(2, 4), st.integers(2, 4), st.integers(0, 3), st.randoms())
def test_any_old_links(lowers: int, uppers: int, more: int, random) -> None:  # type: ignore[no-untyped-def]
    """Whatever links stand, such as those of a fabric that grew by chance."""
    now = bundles(np.zeros(lowers, dtype=np.int64), np.full(lowers, uppers + more), uppers)
    old = np.array([[random.randint(0, 3) for _ in range(uppers)] for _ in range(lowers)])
    found = redealt(old, now)
    best = max(int(np.minimum(old, m).sum()) for m in every_dealing(now))
    assert found.kept == best == found.most


@pytest.mark.parametrize(("lowers", "before", "after"), [(2, 1, 2), (3, 2, 4), (2, 2, 3)])
def test_no_other_names_keep_more(lowers: int, before: int, after: int) -> None:
    """Links spread evenly: whichever new switch an old one becomes, no more links stay than under its own name."""
    uplinks = 12
    old, now = np.zeros((lowers + 1, after), dtype=int), np.full((lowers + 1, after), uplinks // after)
    old[:lowers, :before] = uplinks // before
    found = redealt(old, now)
    named = [
        int(np.minimum(old[list(rows)][:, list(columns)], now).sum())
        for rows in permutations(range(lowers + 1))
        for columns in permutations(range(after))
    ]
    assert found.kept == found.most == max(named)


def test_any_dual_is_a_bound() -> None:
    """The sum that proves the bound never lies below what a dealing gains, whatever the dual."""
    random = np.random.default_rng(0)
    for _ in range(200):
        now = bundles(np.zeros(3, dtype=np.int64), np.full(3, 4), 3)
        gain, surplus = random.integers(0, 2, (3, 3)), now.sum(axis=1) - 3
        y, z = random.integers(-2, 3, 3), random.integers(-2, 3, 3)
        best = max(int(((m - 1) * gain).sum()) for m in every_dealing(now))
        assert dual_bound(gain, surplus, (1, 1), y, z) >= best
