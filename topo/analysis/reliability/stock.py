"""Spares that last until the next delivery: quantiles of the Poisson distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.rates import HOURS_A_YEAR


@dataclass(frozen=True)
class Spares:
    """Of things of one key: so many fail in a year, and `spares` cover those of `lead_days` with the service level."""

    key: str
    count: int
    per_year: float
    lead_days: float
    service_level: float
    spares: int


def poisson_quantile(mean: float, level: float) -> int:
    """The least n with P(N <= n) >= level for N of a Poisson distribution; exact summation in logarithms."""
    from scipy.special import gammaincc

    low, high = -1, 1
    while gammaincc(high + 1, mean) < level:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if gammaincc(middle + 1, mean) >= level else (middle, high)
    return high


def spares(families: Sequence[Family], lead_days: float, service_level: float) -> tuple[Spares, ...]:
    """Spares by key. Failures are taken as independent, so that a lead time sees a Poisson number of them."""
    result = []
    for family in families:
        per_year = family.size * family.per_hour * HOURS_A_YEAR
        mean = per_year * lead_days / 365
        number = poisson_quantile(mean, service_level)
        result.append(Spares(family.key, family.size, per_year, lead_days, service_level, number))
    return tuple(result)
