"""One rule for how a speed becomes a rational number: all certificates and analyses count by it.

A speed is a whole number of bit/s. `Links` and `Endpoints` hold the float nearest to it in Gb/s, sums of speeds are
rounded to it again (`speeds`), and `exact` reads it back. So sums in floats of 99.9 or of 1/3 are the whole numbers
that they stand for, and two ways to add the same links up give one number.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

PER_GBPS = 10**9
"""bit/s in one Gb/s."""
SLOWEST_GBPS, FASTEST_GBPS = 1e-6, 1e6
"""What a link or an endpoint can have: 1 kb/s to 1 Pb/s. What is read is held to it at the border, so that sums of
speeds and their ratios stay far from where floats end."""
SPEEDS = "Gb/s from 0.000001 to 1,000,000"
WHOLE_BELOW_GBPS = 2.0**53 / PER_GBPS
"""Whole numbers of Gb/s below this are whole numbers of bit/s as floats too."""
NOISE = Fraction(1, 2**50)
"""What rounding in floats changes of a number at most, relative to it."""


@lru_cache(maxsize=2**16)
def exact(gbps: float) -> Fraction:
    """The rational number that a float in Gb/s stands for: a whole number of bit/s where that is the float but for
    rounding, else (a share of a demand, for example) the float itself."""
    value = Fraction(gbps)
    if value.denominator == 1:
        return value
    nearest = Fraction(round(value * PER_GBPS), PER_GBPS)
    return nearest if abs(nearest - value) <= NOISE * abs(value) else value


def speeds(gbps: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The floats nearest to whole bit/s, any shape; what is less than half a bit/s stays as it is."""
    given = np.asarray(gbps, dtype=np.float64)
    if given.size > 1 and (given == given.flat[0]).all():
        one = speeds(given.flat[:1])
        return given if one[0] == given.flat[0] else np.full_like(given, one[0])
    if given.size and given.min() > 0 and given.max() < WHOLE_BELOW_GBPS and (given == np.rint(given)).all():
        return given
    with np.errstate(over="ignore"):
        whole = np.rint(gbps * PER_GBPS) / PER_GBPS
    result: npt.NDArray[np.float64] = np.where((whole > 0) & np.isfinite(whole), whole, gbps)
    return result
