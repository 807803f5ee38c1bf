"""Averages, quantiles and times below a floor of weighed intervals, with what drawing leaves uncertain."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.reliability.patterns import CAP
from topo.fabric.model import FloatArray


@dataclass(frozen=True)
class Weighed:
    """A share of time `weight` in which the value lies in [lower, upper] and `cut_off` GPUs are cut off. It is `drawn`
    where its stratum is sampled; not `known` where no time was left."""

    weight: float
    lower: float
    upper: float
    cut_off: float
    drawn: bool = False
    known: bool = True
    control: float = 0.0
    """What is cheap to know of a drawn pattern."""


Interval = tuple[float, float]


def proved(parts: Sequence[Weighed]) -> Interval:
    """The mean with everything that was only drawn between nothing and line rate: no statistics in it."""
    low = math.fsum(p.weight * p.lower for p in parts if not p.drawn)
    return min(low, CAP), min(low + _slack(parts), CAP)


def _slack(parts: Sequence[Weighed]) -> float:
    exact = [p for p in parts if not p.drawn]
    return max(
        math.fsum(p.weight * (p.upper - p.lower) for p in exact) + (1 - math.fsum(p.weight for p in exact)) * CAP,
        0.0,
    )


def expected(
    parts: Sequence[Weighed],
    confidence: float,
    most: float = CAP,
    what: str = "throughput",
    controls: FloatArray | None = None,
) -> Interval:
    """The mean: exact parts as they are, drawn ones by Student's t at this confidence, and what is neither between 0
    and `most`. `what`: `throughput` or `cut_off`. `controls`, shape (many,): the control of many other patterns, which
    takes its share of the variance away where it goes with the values."""

    def ends(p: Weighed) -> Interval:
        if what == "cut_off":
            return (p.cut_off, p.cut_off) if p.known else (0.0, most)
        return p.lower, p.upper

    exact = [(p.weight, *ends(p)) for p in parts if not p.drawn]
    drawn = [(p.weight, *ends(p)) for p in parts if p.drawn]
    mass = math.fsum(w for w, _, _ in drawn)
    rest = max(1 - mass - math.fsum(w for w, _, _ in exact), 0.0)
    low = math.fsum(w * a for w, a, _ in exact)
    high = math.fsum(w * b for w, _, b in exact) + rest * most
    if drawn:
        lows, highs = np.array([a for _, a, _ in drawn]), np.array([b for _, _, b in drawn])
        control = np.array([p.control for p in parts if p.drawn])
        low += mass * max(_mean(lows, control, controls, confidence, 0.0)[0], 0.0)
        high += mass * min(_mean(highs, control, controls, confidence, most)[1], most)
    low = min(max(low, 0.0), most)
    return low, max(low, min(high, most))


def _mean(
    values: FloatArray, control: FloatArray, controls: FloatArray | None, confidence: float, worst: float
) -> Interval:
    """The interval of a mean, by the control where that leaves less variance: then the mean difference from it and the
    mean of it share what may be wrong."""
    less = values - control
    if controls is None or len(values) < 3 or not 0 < less.std() < values.std():
        half = _half(values, confidence, worst)
        return float(values.mean()) - half, float(values.mean()) + half
    each = (1 + confidence) / 2
    half = _half(less, each, worst) + _half(controls, each, float(controls.mean()))
    middle = float(less.mean()) + float(controls.mean())
    return middle - half, middle + half


def _half(values: FloatArray, confidence: float, worst: float) -> float:
    """Half the width of Student's interval. Where all draws agree it says nothing: then the share of others, at this
    confidence, is at most 1 - (1 - confidence)^(1/n), and they may be as far away as `worst`."""
    n = len(values)
    if float(np.ptp(values)) <= 1e-12:
        return (1.0 - math.pow(1 - confidence, 1 / n)) * abs(worst - float(values[0]))
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, n - 1) * values.std(ddof=1) / math.sqrt(n))


def _shares(parts: Sequence[Weighed], value: str, limit: float, confidence: float, reached: bool) -> Interval:
    """Between which ends the share of time lies in which `value` (`lower` or `upper`) is below `limit` (or `reached`),
    of what is known: exact parts as they are, drawn ones by the exact binomial bounds of Clopper and Pearson (1934).

    They hold for draws from strata too: the number of draws below a limit is then spread no wider than the binomial
    one (Hoeffding, 1956). What holds for each limit holds for a quantile, as shares only grow with the limit."""
    from scipy.special import betaincinv

    def under(p: Weighed) -> bool:
        own = float(getattr(p, value))
        return own <= limit if reached else own < limit

    known = math.fsum(p.weight for p in parts if not p.drawn and under(p))
    drawn = [under(p) for p in parts if p.drawn]
    if not drawn:
        return known, known
    mass = math.fsum(p.weight for p in parts if p.drawn)
    n, k, each = len(drawn), sum(drawn), (1 - confidence) / 2
    low = float(betaincinv(k, n - k + 1, each)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - each)) if k < n else 1.0
    return known + mass * low, known + mass * high


def _rest(parts: Sequence[Weighed]) -> float:
    return max(1 - math.fsum(p.weight for p in parts), 0.0)


def quantile(parts: Sequence[Weighed], share: float, confidence: float) -> Interval:
    """The value that is not reached in this share of the time."""
    rest = _rest(parts)
    lows, highs = sorted({p.lower for p in parts}), sorted({p.upper for p in parts})

    def more(i: int) -> bool:
        return _shares(parts, "lower", lows[i], confidence, False)[1] + rest >= share - 1e-15

    def enough(i: int) -> bool:
        return _shares(parts, "upper", highs[i], confidence, True)[0] >= share - 1e-15

    first, last = (bisect_left(range(len(of)), True, key=told) for of, told in ((lows, more), (highs, enough)))
    low, high = lows[first - 1] if first else 0.0, highs[last] if last < len(highs) else CAP
    return low, max(low, high)


def below(parts: Sequence[Weighed], floor: float, confidence: float) -> Interval:
    """The share of time in which less than `floor` is carried."""
    low = _shares(parts, "upper", floor - 1e-9, confidence, False)[0]
    high = _shares(parts, "lower", floor - 1e-9, confidence, False)[1] + _rest(parts)
    return max(low, 0.0), min(high, 1.0)
