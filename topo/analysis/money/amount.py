"""An amount of money between two ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from topo.catalog.ranges import Ranged


@dataclass(frozen=True)
class Amount:
    """The expected amount, the least and the most it may be."""

    low: float
    expected: float
    high: float

    @classmethod
    def of(cls, value: float) -> Amount:
        """A price, which may be a range."""
        if isinstance(value, Ranged):
            return cls(value.low, float(value), value.high)
        return cls(value, value, value)

    @classmethod
    def sum(cls, amounts: Iterable[Amount]) -> Amount:
        """All of them; nothing is 0."""
        every = list(amounts)
        ends = (math.fsum(getattr(a, end) for a in every) for end in ("low", "expected", "high"))
        return cls(*ends)

    def times(self, factor: float) -> Amount:
        """So many times as much."""
        return Amount(self.low * factor, self.expected * factor, self.high * factor)

    def to_json(self) -> dict[str, float]:
        """Plain data."""
        return {"low": self.low, "expected": self.expected, "high": self.high}
