"""Which of the values that several problems propose work beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from topo.design.proposals import Proposal
from topo.generators import NetworkParams

TOGETHER = 16
"""Combinations of proposals that are tried at a time."""

Fits = Callable[[NetworkParams], bool]


@dataclass(frozen=True)
class Works:
    """Values that work, and the range of them where all numbers are proposed."""

    values: tuple[Any, ...]
    low: int = 0
    top: int = 0


def that_work(fits: Fits, mended: NetworkParams, wanted: Sequence[Proposal]) -> list[Works]:
    """The values of each proposal that work whatever is taken of the others, where `mended` has one of each that do."""
    chosen = [(value_of(mended, one),) for one in wanted]
    return _beside(fits, mended, wanted, chosen) or [*map(Works, chosen)]


def _beside(
    fits: Fits, mended: NetworkParams, wanted: Sequence[Proposal], chosen: Sequence[tuple[Any, ...]]
) -> list[Works] | None:
    """Single values first, each list cut to what works beside those before it, then ranges cut to what works beside
    all lists; a single value of each range where ranges depend on each other; None where that does not work either."""
    values = [*chosen]
    whole = [Works(one) for one in chosen]

    def fit(some: Sequence[tuple[Any, ...]]) -> bool:
        return all(fits(_with(mended, wanted, one)) for one in islice(product(*some), TOGETHER))

    for i in sorted(range(len(wanted)), key=lambda i: wanted[i].ranged):
        one = wanted[i]

        def works(value: Any, i: int = i) -> bool:
            return fit([*values[:i], (value,), *values[i + 1 :]])

        good = next((v for v in (*chosen[i], *one.values) if works(v)), None)
        if good is None and one.values != (None,):
            return None
        if not one.ranged:
            values[i] = tuple(v for v in one.values if works(v)) or (good,)
            whole[i] = Works(values[i])
            continue
        low, top = (_farthest(works, good or 0, end) for end in (one.low, one.top))
        values[i] = (good,)
        whole[i] = Works(tuple(sorted({low, (low + top) // 2, top})), low, top)
    if fit([one.values for one in whole]):
        return whole
    return [*map(Works, values)] if fit(values) else None


def _with(params: NetworkParams, wanted: Sequence[Proposal], values: Sequence[Any]) -> NetworkParams:
    for one, value in zip(wanted, values, strict=True):
        params = one.into(params, value)
    return params


def _farthest(works: Callable[[Any], bool], good: int, end: int) -> int:
    """The number towards `end` up to which all work, where `good` does and no second end lies between."""
    if works(end):
        return end
    while abs(end - good) > 1:
        middle = (good + end) // 2
        good, end = (middle, end) if works(middle) else (good, middle)
    return good


def value_of(params: NetworkParams, wanted: Proposal) -> Any:
    """The value that keys have for a proposal, None where it is to leave the key out."""
    value = getattr(params, wanted.key)
    if wanted.tier:
        return getattr(value, wanted.tier)
    return None if wanted.values == (None,) else value
