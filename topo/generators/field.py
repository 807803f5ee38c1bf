"""Finite fields GF(q) as tables of integers 0 .. q-1, for Slim Fly.

Prime orders are plain modular arithmetic; other orders come from `galois` (imported only then: it takes over a second).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from topo.fabric.model import IntArray
from topo.isolated import import_numba


@dataclass(frozen=True)
class FiniteField:
    """`plus` and `times`: shape (q, q). `powers`: shape (q - 1,), the powers of a primitive element from the zeroth.
    `basis`: field elements that generate the additive group."""

    q: int
    plus: IntArray
    times: IntArray
    powers: IntArray
    basis: tuple[int, ...]

    @property
    def minus(self) -> IntArray:
        """Shape (q,): the negative of every element."""
        return np.asarray(np.argmin(self.plus, axis=1))


def prime_power(q: int) -> tuple[int, int] | None:
    """(p, m) with q = p^m and p prime, or None."""
    if q < 2:
        return None
    p = next((d for d in range(2, int(q**0.5) + 1) if q % d == 0), q)
    m, left = 0, q
    while left % p == 0:
        left, m = left // p, m + 1
    return (p, m) if left == 1 else None


@lru_cache(maxsize=8)
def field(q: int) -> FiniteField:
    """The field of `q` elements; raises ValueError where there is none."""
    factors = prime_power(q)
    if factors is None:
        raise ValueError(f"{q} is no prime power")
    p, m = factors
    if m == 1:
        x = np.arange(q)
        plus, times = (x[:, None] + x) % q, x[:, None] * x % q
        return FiniteField(q, plus, times, _powers(times, q), (1,))
    import_numba()
    import galois

    elements = galois.GF(q, compile="python-calculate", repr="int")(np.arange(q))
    plus = np.asarray(elements[:, None] + elements[None, :], dtype=np.int64)
    times = np.asarray(elements[:, None] * elements[None, :], dtype=np.int64)
    return FiniteField(q, plus, times, _powers(times, q), tuple(p**i for i in range(m)))


def _powers(times: IntArray, q: int) -> IntArray:
    """The powers of the smallest primitive element."""
    for g in range(1, q):
        powers = [1]
        while (following := int(times[powers[-1], g])) != 1:
            powers.append(following)
        if len(powers) == q - 1:
            return np.array(powers)
    raise ValueError(f"no primitive element among {q}")
