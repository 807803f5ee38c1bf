"""How many groups are broken at once, and patterns drawn with a given number of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.fabric.model import FloatArray

ORDER = 2
"""Second word of the seed of an order, so that it is no draw's."""
TAIL = 1e-15
"""Probability that is cut off the number of broken groups of a family."""


@dataclass(frozen=True)
class Chances:
    """Families of `sizes` groups, each broken for a share `unavailable` of the time, independently. `total[k]` is the
    probability that k are broken in all; `below[f]` that of the families from f on."""

    sizes: tuple[int, ...]
    unavailable: tuple[float, ...]
    own: tuple[FloatArray, ...]
    below: tuple[FloatArray, ...]

    @property
    def total(self) -> FloatArray:
        """Shape (most + 1,): the probability of each number of broken groups."""
        return self.below[0]

    @property
    def none(self) -> float:
        """Nothing is broken."""
        return math.exp(math.fsum(n * math.log1p(-u) for n, u in zip(self.sizes, self.unavailable, strict=True)))

    @property
    def mean(self) -> float:
        """Groups broken on average."""
        return math.fsum(n * u for n, u in zip(self.sizes, self.unavailable, strict=True))

    def odds(self, family: int) -> float:
        """Of one group being broken against its not being so."""
        return self.unavailable[family] / (1 - self.unavailable[family])

    def beyond(self, least: int) -> float:
        """The probability that at least so many are broken."""
        if least == 0:
            return 1.0
        return float(min(max(1 - self.total[:least].sum(), self.total[least:].sum(), 0.0), 1.0))

    def draw(self, rng: np.random.Generator, least: int, at: float) -> list[list[int]]:
        """Groups of each family that are broken, given that at least `least` are: their number is the quantile `at` (0
        to 1) of its distribution, all else is drawn."""
        tail = self.total[least:]
        left = least + int(np.searchsorted(np.cumsum(tail) / tail.sum(), at))
        left = min(left, len(self.total) - 1)
        result = []
        for f, size in enumerate(self.sizes):
            rest = self.below[f + 1] if f + 1 < len(self.sizes) else np.ones(1)
            most = min(left, len(self.own[f]) - 1)
            rows = np.arange(most + 1)
            other = left - rows
            weight = self.own[f][: most + 1] * np.where(other < len(rest), rest[np.minimum(other, len(rest) - 1)], 0.0)
            n = int(rng.choice(len(rows), p=weight / weight.sum()))
            result.append(np.sort(rng.choice(size, n, replace=False)).tolist() if n else [])
            left -= n
        return result


def strata(first_seed: int, draws: int) -> list[int]:
    """The order in which the parts of the distribution of the number of broken groups are drawn from: a permutation of
    all `draws` of them, so that the first few of them are fair where time ends before the last."""
    order: list[int] = np.random.default_rng([first_seed, ORDER]).permutation(draws).tolist()
    return order


def chances(sizes: Sequence[int], unavailable: Sequence[float]) -> Chances:
    """The distribution of the number of broken groups: a convolution of binomial ones."""
    own = tuple(_binomial(n, u) for n, u in zip(sizes, unavailable, strict=True))
    below: list[FloatArray] = []
    for pmf in reversed(own):
        below.insert(0, np.convolve(pmf, below[0]) if below else pmf)
    return Chances(tuple(sizes), tuple(unavailable), own, tuple(below or [np.ones(1)]))


def _binomial(n: int, p: float) -> FloatArray:
    """Probabilities of 0, 1, ... of n, up to where about TAIL is left; by logarithms, as (1 - p)^n may be too small."""
    if not n:
        return np.ones(1)
    whole, result = math.lgamma(n + 1), []
    for k in range(n + 1):
        chosen = whole - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        result.append(math.exp(chosen + k * math.log(p) + (n - k) * math.log1p(-p)))
        if k > n * p and result[-1] * (n - k) < TAIL:
            break
    return np.array(result)
