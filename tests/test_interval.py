from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import strategies as st

from tests.slow import often
from topo.interval import UNBOUNDED, Interval, Words, finite, hull, least, span

ENDS = st.none() | st.fractions(min_value=0, max_value=10, max_denominator=50)
INTERVALS = st.builds(Interval, ENDS, ENDS)


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [
        (1.0, 1.0, "1"),
        (0.9, 1.0, "0.9 to 1"),
        (0.12345678, 0.12345679, "0.123457"),
        (0.5, math.inf, "at least 0.5"),
        (0.5, None, "at least 0.5"),
        (None, 0.5, "at most 0.5"),
        (math.inf, math.inf, "unbounded"),
        (None, None, "unbounded"),
    ],
)
def test_words(lower: float | None, upper: float | None, text: str) -> None:
    assert span(lower, upper) == text


def test_words_of_ones_own() -> None:
    assert span(1, 2, "{:.1f}".format, Words(joined="between {} and {}")) == "between 1.0 and 2.0"
    assert span(1, None, str, Words(at_least="over {}")) == "over 1"
    assert span(None, None, words=Words(nothing="-")) == "-"


@often(30, 100, INTERVALS, ENDS)
def test_the_smaller_of_two_is_what_floats_say(one: Interval, limit: Fraction | None) -> None:
    top = math.inf if limit is None else float(limit)
    assert one.least(limit).floats() == tuple(min(end, top) for end in one.floats())


@often(30, 100, INTERVALS, st.fractions(min_value=0, max_value=Fraction(1, 2), max_denominator=100))
def test_widened_holds_what_it_held(one: Interval, slack: Fraction) -> None:
    wide = one.widened(slack)
    assert wide.floats()[0] <= one.floats()[0]
    assert wide.floats()[1] >= one.floats()[1]
    assert one.widened(Fraction(0)) == one


@often(30, 100, INTERVALS)
def test_unbounded_ends_are_absent_and_the_rest_is_exact(one: Interval) -> None:
    claimed = one.claim("network_")
    assert {key: Fraction(value) for key, value in claimed.items()} == {
        f"network_{name}": end for name, end in (("lower", one.lower), ("upper", one.upper)) if end is not None
    }
    assert list(one.json()) == [key.removeprefix("network_") for key in claimed]
    assert one.exact == (one.floats()[0] == one.floats()[1])


@often(30, 100, st.lists(st.tuples(*(st.fractions(0, 5, max_denominator=9),) * 2).map(sorted), max_size=5))
def test_hull(ends: list[list[Fraction]]) -> None:
    found = hull([Interval(low, high) for low, high in ends])
    assert found == (Interval(min(a for a, _ in ends), max(b for _, b in ends)) if ends else UNBOUNDED)


def test_share_least_and_finite() -> None:
    assert Interval(Fraction(1), Fraction(3)).share_of(Fraction(2)) == Interval(Fraction(1, 2), Fraction(3, 2))
    assert UNBOUNDED.share_of(Fraction(2)) == UNBOUNDED
    assert least(None, None) is None
    assert finite(lower=1, upper=math.inf, network_lower=None) == {"lower": 1.0}
