"""Exact numbers and how they are written for people."""

from __future__ import annotations

from fractions import Fraction

MET_WITHIN = 1e-6
"""A bound counts as met within this relative difference."""


def ratio(value: float | int | str) -> Fraction:
    """A design's ratio as an exact fraction: 3, 1.5, '3:1' or '7/3'. Raises ValueError."""
    if isinstance(value, str):
        top, colon, bottom = value.replace("/", ":").partition(":")
        fraction = Fraction(top.strip()) / Fraction(bottom.strip() if colon else "1")
    else:
        fraction = Fraction(str(value))
    if fraction <= 0:
        raise ValueError("a ratio is above zero")
    return fraction


def count(value: int) -> str:
    """16384 as '16,384'."""
    return f"{value:,}"


def gbps(value: float) -> str:
    """A bandwidth with a readable unit: 400 -> '400 Gb/s', 6553600 -> '6,553.6 Tb/s'."""
    return f"{value / 1000:,.6g} Tb/s" if value >= 100_000 else f"{value:,.6g} Gb/s"
