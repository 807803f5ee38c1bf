"""How a switch's cages become logical ports, and how its ports are split into down and up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.catalog import Switch
from topo.catalog.models import Breakout
from topo.catalog.ports import switch_ports
from topo.errors import ParameterError
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class PortLayout:
    """The ports of one switch model as configured here, in number order (shape (ports,) each)."""

    part: str
    cage: IntArray
    sub: IntArray
    lanes: IntArray
    gbps: FloatArray
    names: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """Ports of a switch that face down and up: `down` from port 1, `up` from port `up_start`."""

    layout: PortLayout
    down: int
    up: int
    up_start: int


def breakout_of(part: Switch, gbps: float, key: str) -> Breakout:
    """The breakout of `part` with ports of this speed; raises ParameterError."""
    for breakout in part.breakouts:
        if breakout.gbps == gbps:
            return breakout
    speeds = ", ".join(f"{b.gbps:g}" for b in part.breakouts)
    raise ParameterError(key, f"{gbps:g}", f"{part.id} has no ports of this speed in Gb/s", speeds)


def uniform(part: Switch, gbps: float, key: str = "switch") -> PortLayout:
    """Every cage in the same breakout."""
    breakout = breakout_of(part, gbps, key)
    return _layout(part, [(part.cages, breakout)])


def split(
    part: Switch,
    down_gbps: float,
    up_gbps: float,
    ratio: Fraction,
    switch_key: str = "switch",
    ratio_key: str = "oversubscription",
) -> Split:
    """The largest split of the ports with bandwidth down : up equal to `ratio`; raises ParameterError with the
    nearest ratios that a split gives."""
    low, high = breakout_of(part, down_gbps, switch_key), breakout_of(part, up_gbps, switch_key)
    down = 0
    each = ratio * Fraction(str(up_gbps)) / Fraction(str(down_gbps))
    for up in range(each.denominator, part.cages * high.ports + 1, each.denominator):
        wanted = up // each.denominator * each.numerator
        if _fits(part, low, high, wanted, up):
            down, ups = wanted, up
    if not down:
        raise _no_split(part, low, high, ratio, ratio_key)
    if low is high:
        start = -(-down // low.ports) * low.ports
        start = start if start + ups <= part.cages * low.ports else down
        return Split(_layout(part, [(part.cages, low)]), down, ups, start + 1)
    low_cages = part.cages - -(-ups // high.ports)
    layout = _layout(part, [(low_cages, low), (part.cages - low_cages, high)])
    return Split(layout, down, ups, low_cages * low.ports + 1)


def fitted(part: Switch, down: int, down_gbps: float, up: int, up_gbps: float) -> Split | None:
    """`down` ports of one speed and `up` of another on one switch, None where it has too few cages for them; raises
    ParameterError for a speed the switch does not have."""
    low, high = breakout_of(part, down_gbps, "switch"), breakout_of(part, up_gbps, "switch")
    if not _fits(part, low, high, down, up):
        return None
    if low is high:
        return Split(_layout(part, [(part.cages, low)]), down, up, down + 1)
    cages = -(-down // low.ports)
    return Split(_layout(part, [(cages, low), (part.cages - cages, high)]), down, up, cages * low.ports + 1)


def _fits(part: Switch, low: Breakout, high: Breakout, down: int, up: int) -> bool:
    if low is high:
        return down + up <= part.cages * low.ports
    return -(-down // low.ports) + -(-up // high.ports) <= part.cages


def _no_split(part: Switch, low: Breakout, high: Breakout, ratio: Fraction, key: str) -> ParameterError:
    possible = {
        Fraction(down, up) * Fraction(str(low.gbps)) / Fraction(str(high.gbps))
        for up in range(1, part.cages * high.ports)
        for down in range(1, part.cages * low.ports)
        if _fits(part, low, high, down, up)
    }
    near = sorted(sorted(possible, key=lambda r: abs(r - ratio))[:2])
    allowed = " or ".join(f"{r.numerator}:{r.denominator}" for r in near)
    return ParameterError(
        key, f"{ratio.numerator}:{ratio.denominator}", f"no split of the ports of {part.id} gives this ratio", allowed
    )


def _layout(part: Switch, runs: Sequence[tuple[int, Breakout]]) -> PortLayout:
    ports = switch_ports(part, runs)
    return PortLayout(
        part.id,
        np.array([port.cage for port in ports], np.int32),
        np.array([port.sub for port in ports], np.int32),
        np.array([port.breakout.lanes for port in ports], np.int32),
        np.array([float(port.breakout.gbps) for port in ports]),
        tuple(port.name for port in ports),
    )
