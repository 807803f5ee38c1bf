"""Whole numbers: how they are read from a certificate and added without overflow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from topo.errors import CertificateError
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact

MOST_DIGITS = 4000
"""Python turns no more than 4,300 digits into a number, as the time for it grows with the square."""
FRACTION = re.compile(rf"-?[0-9]{{1,{MOST_DIGITS}}}(\.[0-9]{{1,{MOST_DIGITS}}}|/[0-9]{{1,{MOST_DIGITS}}})?")
Whole = npt.NDArray[Any]
"""int64 where sums stay below 2^62, else Python integers."""


def whole(values: FloatArray) -> tuple[Whole, Fraction]:
    """Whole numbers, and the unit in Gb/s that gives what the floats stand for (`topo.fabric.speed`)."""
    if len(values) and (values == values[0]).all():
        result, inverse = values[:1], np.zeros(len(values), dtype=np.int64)
    else:
        result, inverse = np.unique(values, return_inverse=True)
    numbers = [exact(v) for v in result.tolist()]
    denominator = lcm(*(f.denominator for f in numbers)) if numbers else 1
    numerators = [int(f * denominator) for f in numbers]
    common = gcd(*numerators) or 1
    return whole_array([n // common for n in numerators])[inverse.reshape(-1)], Fraction(common, denominator)


def whole_array(values: list[int]) -> Whole:
    """An array of these numbers, int64 where they are below 2^31."""
    small = max((abs(v) for v in values), default=0) < 2**31
    return np.array(values, dtype=np.int64 if small else object)


def added(group: IntArray, values: Whole, n: int) -> Whole:
    """Sums of whole numbers by group, shape (n,), exact."""
    biggest = int(np.abs(values).max()) if len(values) else 0
    kind = np.int64 if biggest * max(len(values), 1) < 2**62 else object
    total: npt.NDArray[Any] = np.zeros(n, dtype=kind)
    np.add.at(total, group, values.astype(kind))
    return total


def times(values: Whole, factor: int) -> Whole:
    """values * factor, exact."""
    biggest = int(np.abs(values).max()) if len(values) else 0
    return values * factor if biggest * abs(factor) < 2**62 else values.astype(object) * factor


def dot(a: Whole, b: Whole) -> int:
    """The sum of the products of two columns of whole numbers that are not negative, exact."""
    if not len(a):
        return 0
    if max(int(a.max()), 1) * max(int(b.max()), 1) * len(a) < 2**62:
        return int(a.astype(np.int64) @ b.astype(np.int64))
    return sum(int(x) * int(y) for x, y in zip(a.tolist(), b.tolist(), strict=True))


def number_list(value: object, what: str, width: int = 1, minimum: int | None = None) -> list[int]:
    """A list of whole numbers whose length `width` divides; raises CertificateError."""
    if not isinstance(value, list | tuple) or len(value) % width:
        raise CertificateError(f"{what} is no list of {'whole numbers' if width == 1 else f'{width} numbers each'}")
    if not all(type(v) is int for v in value) or (minimum is not None and value and min(value) < minimum):
        raise CertificateError(
            f"{what} holds what is no whole number{'' if minimum is None else f' from {minimum} on'}"
        )
    return list(value)


def ends_of(numbers: list[int], width: int, below: int, what: str) -> tuple[IntArray, IntArray]:
    """The first two numbers of each group of `width`, rows below a limit; raises CertificateError."""
    first, second = numbers[::width], numbers[1::width]
    if max(first, default=-1) >= below or max(second, default=-1) >= below:
        raise CertificateError(f"{what} names a node that there is not")
    return np.array(first, dtype=np.int64), np.array(second, dtype=np.int64)


def rows(value: object, what: str, below: int) -> IntArray:
    """A list of row numbers below a limit; raises CertificateError."""
    numbers = number_list(value, what, 1, 0)
    if numbers and max(numbers) >= below:
        raise CertificateError(f"{what} names a row beyond {below}")
    return np.array(numbers, dtype=np.int64)


def fraction(value: object, what: str) -> Fraction:
    """A fraction written as text, such as 3/8 or 0.375; raises CertificateError. There are no exponents: 1e9999999 is
    short, and the number it stands for is not."""
    if not isinstance(value, str):
        raise CertificateError(f"{what} is no fraction written as text")
    if len(value) > 2 * MOST_DIGITS or not FRACTION.fullmatch(value):
        raise CertificateError(f"{what} is no fraction of at most {MOST_DIGITS:,} digits: {value[:80]!r}")
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise CertificateError(f"{what} is no fraction: {value[:80]!r}") from None


def told(value: Fraction | int | None) -> str:
    """A number in a message, however long it is; None is unbounded."""
    if value is None:
        return "unbounded"
    number = Fraction(value)
    if max(number.numerator.bit_length(), number.denominator.bit_length()) < 200:
        return str(number)
    try:
        return f"about {float(number):.9g}"
    except OverflowError:
        return f"a number of {number.numerator.bit_length()} bits"


def part(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A mapping inside a certificate; raises CertificateError."""
    result = value.get(key)
    if not isinstance(result, Mapping):
        raise CertificateError(f"the certificate has no part {key!r}")
    return result


def parts(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of mappings inside a certificate; raises CertificateError."""
    result = value.get(key)
    if not isinstance(result, list | tuple) or not all(isinstance(f, Mapping) for f in result):
        raise CertificateError(f"the certificate has no list {key!r}")
    return list(result)
