"""Finite fields GF(q) as tables of integers 0 .. q-1, for Slim Fly.

Prime orders are plain modular arithmetic. An element of GF(p^m) is a polynomial over GF(p), written as the integer
whose digits in base p are its coefficients, modulo the first monic polynomial of degree m of which x is a primitive
element (R. Lidl, H. Niederreiter, "Finite Fields", chapters 1 and 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

from topo.fabric.model import IntArray


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
    digits = np.arange(q)[:, None] // p ** np.arange(m) % p
    plus = ((digits[:, None] + digits) % p) @ p ** np.arange(m)
    log = np.zeros(q, dtype=np.int64)
    powers = _powers_of_x(p, m)
    log[powers] = np.arange(q - 1)
    times = powers[(log[:, None] + log) % (q - 1)]
    times[0, :] = times[:, 0] = 0
    return FiniteField(q, plus, times, _powers(times, q), tuple(p**i for i in range(m)))


def _powers_of_x(p: int, m: int) -> IntArray:
    """Shape (p^m - 1,): the powers of x modulo the first polynomial that makes them all the elements but zero. First by
    the coefficients from the highest, those of odd distance from the top negated, as Conway's polynomials are ordered;
    the constant is the one whose norm is the least primitive element of GF(p)."""
    x = np.arange(p)
    root = int(_powers(x[:, None] * x % p, p)[1]) if p > 2 else 1
    signs = [(-1) ** (m - i) for i in range(m)]
    for rest in product(range(p), repeat=m - 1):
        low = [sign * c % p for sign, c in zip(signs, (*rest, root)[::-1], strict=True)]
        powers: list[int] = []
        value = [1] + [0] * (m - 1)
        while not powers or value != [1] + [0] * (m - 1):
            powers.append(sum(c * p**i for i, c in enumerate(value)))
            top = value[-1]
            value = [(c - top * a) % p for c, a in zip([0, *value[:-1]], low, strict=True)]
        if len(powers) == p**m - 1:
            return np.array(powers)
    raise ValueError(f"no primitive polynomial of degree {m} over GF({p})")


def _powers(times: IntArray, q: int) -> IntArray:
    """The powers of the smallest primitive element."""
    for g in range(1, q):
        powers = [1]
        while (following := int(times[powers[-1], g])) != 1:
            powers.append(following)
        if len(powers) == q - 1:
            return np.array(powers)
    raise ValueError(f"no primitive element among {q}")
