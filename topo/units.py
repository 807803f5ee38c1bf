"""Exact numbers and how they are written for people."""

from __future__ import annotations

import re
from fractions import Fraction

MET_WITHIN = 1e-6
"""A bound counts as met within this relative difference."""


def ratio(value: float | int | str) -> Fraction:
    """A design's ratio as an exact fraction: 3, 1.5, '3:1' or '7/3'. Raises ValueError."""
    found = _RATIO.fullmatch(str(value))
    if not found or not float(found[1]) or (found[2] and not float(found[2])):
        raise ValueError("is no ratio above zero")
    return Fraction(found[1]) / Fraction(found[2] or "1")


_NUMBER = r"\s*(\d{1,9}(?:\.\d{1,18})?)\s*"
_RATIO = re.compile(rf"{_NUMBER}(?:[:/]{_NUMBER})?", re.ASCII)


def count(value: int) -> str:
    """16384 as '16,384'."""
    return f"{value:,}"


def gbps(value: float) -> str:
    """A bandwidth with a readable unit: 400 -> '400 Gb/s', 6553600 -> '6,553.6 Tb/s'."""
    return f"{value / 1000:,.6g} Tb/s" if value >= 100_000 else f"{value:,.6g} Gb/s"
