"""The cheapest filling of tiers from limited parts, against trying all of them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from topo.solvers.stock import Stock, cheapest_fill, multipliers


def _tried(stock: Stock) -> int | None:
    """The least price of all fillings, None where none keeps the limits."""
    ways = []
    for need, parts in zip(stock.need, stock.fits, strict=True):
        every = (n for n in product(range(need + 1), repeat=len(parts)) if sum(n) == need)
        ways.append([dict(zip(parts, numbers, strict=True)) for numbers in every])
    best = None
    for tiers in product(*ways):
        held = [sum(tier.get(p, 0) for tier in tiers) for p in range(len(stock.price))]
        if all(np.dot(use, held) <= room for use, room in zip(stock.use, stock.room, strict=True)):
            price = int(np.dot(stock.price, held))
            best = price if best is None else min(best, price)
    return best


def _random(seed: int) -> Stock:
    rng = np.random.default_rng(seed)
    parts = int(rng.integers(1, 4))
    need = rng.integers(1, 6, int(rng.integers(1, 4))).tolist()
    fits = [sorted(rng.choice(parts, int(rng.integers(1, parts + 1)), replace=False).tolist()) for _ in need]
    use = [[int(p == q) for q in range(parts)] for p in range(parts)] + [rng.integers(1, 9, parts).tolist()]
    room = [*rng.integers(1, 9, parts).tolist(), int(rng.integers(5, 70))]
    return Stock(need, fits, rng.integers(1, 50, parts).tolist(), use, room)


@pytest.mark.parametrize("seed", range(40))
def test_the_least_price_is_that_of_all_fillings_and_multipliers_bound_it(seed: int) -> None:
    stock = _random(seed)
    tried, filling = _tried(stock), cheapest_fill(stock)
    weights = multipliers(stock, filling is not None)
    assert min(weights) >= 0
    price = stock.price if filling is not None else [0] * len(stock.price)
    bound = -float(np.dot(weights, stock.room)) + sum(
        need * min(price[p] + sum(w * use[p] for w, use in zip(weights, stock.use, strict=True)) for p in parts)
        for need, parts in zip(stock.need, stock.fits, strict=True)
    )
    if filling is None:
        assert tried is None
        return
    assert tried == sum(stock.price[p] * n for (_, p), n in filling.items())
    for t, need in enumerate(stock.need):
        assert sum(n for (tier, _), n in filling.items() if tier == t) == need
    assert bound <= tried + 1e-6
    least = sum(need * min(price[p] for p in parts) for need, parts in zip(stock.need, stock.fits, strict=True))
    assert bound >= least - 1e-6


def test_there_are_cases_of_either_kind() -> None:
    found = [_tried(_random(seed)) is None for seed in range(40)]
    assert 5 < sum(found) < 35
