"""Exact ratios and readable numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from topo.units import count, gbps, ratio, rounded


@pytest.mark.parametrize(
    ("given", "expected"),
    [(1, Fraction(1)), (1.5, Fraction(3, 2)), ("3:1", Fraction(3)), ("7/3", Fraction(7, 3)), (0.1, Fraction(1, 10))],
)
def test_ratio(given: float | str, expected: Fraction) -> None:
    assert ratio(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1.067, "16/15"), ("1.067:1", "16/15"), (1.0667, "16/15"), (1.33, "4/3"), (1.67, "5/3"), (2.33, "7/3"),
        (0.67, "2/3"), (1.14, "8/7"), (7.33, "22/3"), ("1.333333", "4/3"),
        (1.25, None), (1.5, None), (3, None), ("16:15", None), (1.3, None), (1.07, None), (1.08, None), (0.001, None),
        ("1.067:2", None),
    ],
)  # fmt: skip
def test_a_ratio_that_is_written_rounded(given: float | str, expected: str | None) -> None:
    """1.07 is 15:14 and 16:15 rounded, 1.08 as simple as what it could be the rounding of."""
    assert rounded(given) == (Fraction(expected) if expected else None)


@pytest.mark.parametrize("wrong", ["x", "", 0, -1, "0:1", "1:-2"])
def test_no_ratio(wrong: float | str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ratio(wrong)


def test_readable() -> None:
    assert count(16384) == "16,384"
    assert gbps(400) == "400 Gb/s"
    assert gbps(6_553_600) == "6,553.6 Tb/s"
