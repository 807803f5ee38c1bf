"""Exact ratios and readable numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from topo.units import count, gbps, ratio


@pytest.mark.parametrize(
    ("given", "expected"),
    [(1, Fraction(1)), (1.5, Fraction(3, 2)), ("3:1", Fraction(3)), ("7/3", Fraction(7, 3)), (0.1, Fraction(1, 10))],
)
def test_ratio(given: float | str, expected: Fraction) -> None:
    assert ratio(given) == expected


@pytest.mark.parametrize("wrong", ["x", "", 0, -1, "0:1", "1:-2"])
def test_no_ratio(wrong: float | str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ratio(wrong)


def test_readable() -> None:
    assert count(16384) == "16,384"
    assert gbps(400) == "400 Gb/s"
    assert gbps(6_553_600) == "6,553.6 Tb/s"
