"""What is proved of a number: the interval it lies in, and the only words and JSON for one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


def six_digits(value: float) -> str:
    """A number with up to six significant digits."""
    return f"{value:.6g}"


@dataclass(frozen=True)
class Interval:
    """A number lies in [lower, upper], exact fractions; an end that is None is unbounded."""

    lower: Fraction | None
    upper: Fraction | None

    @property
    def exact(self) -> bool:
        """Both ends are the same: the number is known (or known to be unbounded)."""
        return self.lower == self.upper

    def least(self, limit: Fraction | None) -> Interval:
        """That of the smaller of this number and an exact limit; None is no limit."""
        return Interval(least(self.lower, limit), least(self.upper, limit))

    def share_of(self, whole: Fraction) -> Interval:
        """The number over a positive one that is known."""
        lower, upper = (None if end is None else end / whole for end in (self.lower, self.upper))
        return Interval(lower, upper)

    def widened(self, slack: Fraction) -> Interval:
        """Ends apart by this relative slack more, each way."""
        lower = None if self.lower is None else self.lower * (1 - slack)
        return Interval(lower, None if self.upper is None else self.upper * (1 + slack))

    def floats(self) -> tuple[float, float]:
        """Both ends as floating point, infinite where unbounded."""
        lower, upper = (math.inf if end is None else float(end) for end in (self.lower, self.upper))
        return lower, upper

    def claim(self, prefix: str = "") -> dict[str, str]:
        """The ends as a certificate claims them, exact; an unbounded one is absent."""
        ends = {f"{prefix}lower": self.lower, f"{prefix}upper": self.upper}
        return {key: str(end) for key, end in ends.items() if end is not None}

    def json(self, prefix: str = "") -> dict[str, float]:
        """The ends as a report has them; an unbounded one is absent."""
        return finite(**dict(zip((f"{prefix}lower", f"{prefix}upper"), self.floats(), strict=True)))

    def text(self, number: Callable[[float], str] = six_digits) -> str:
        """As `span`."""
        return span(*self.floats(), number)


UNBOUNDED = Interval(None, None)


def least(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The smaller of two bounds, None being unbounded."""
    return b if a is None else a if b is None else min(a, b)


def hull(intervals: list[Interval]) -> Interval:
    """The least interval that holds all of these bounded ones; unbounded where there are none."""
    lows = [one.lower for one in intervals if one.lower is not None]
    highs = [one.upper for one in intervals if one.upper is not None]
    return Interval(min(lows), max(highs)) if lows and highs else UNBOUNDED


def finite(**ends: float | None) -> dict[str, float]:
    """Named ends as JSON: those that are not bounded are absent."""
    return {name: float(end) for name, end in ends.items() if end is not None and math.isfinite(end)}


@dataclass(frozen=True)
class Words:
    """How two ends are told that differ, or of which one or both are no bound."""

    joined: str = "{} to {}"
    at_least: str = "at least {}"
    at_most: str = "at most {}"
    nothing: str = "unbounded"


WORDS = Words()


def span(
    lower: float | None,
    upper: float | None,
    number: Callable[[float], str] = six_digits,
    words: Words = WORDS,
) -> str:
    """Two ends for people: `1`, `0.9 to 1`, `at least 0.9`, `at most 1` or `unbounded`. An end that is None or infinite
    is no bound; ends that read alike are written once."""
    low = None if lower is None or math.isinf(lower) else number(lower)
    high = None if upper is None or math.isinf(upper) else number(upper)
    if low is None or high is None:
        if low is high:
            return words.nothing
        return words.at_most.format(high) if low is None else words.at_least.format(low)
    return low if low == high else words.joined.format(low, high)
