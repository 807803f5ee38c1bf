"""How a switch's cages become logical ports, and how its ports are split into down and up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

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
    return layout_of(part, [(part.cages, breakout)])


def fitted(part: Switch, down: int, down_gbps: float, up: int, up_gbps: float) -> Split | None:
    """`down` ports of one speed and `up` of another on one switch, None where it has too few cages for them; raises
    ParameterError for a speed the switch does not have."""
    low, high = breakout_of(part, down_gbps, "switch"), breakout_of(part, up_gbps, "switch")
    if not _fits(part, low, high, down, up):
        return None
    if low is high:
        return Split(layout_of(part, [(part.cages, low)]), down, up, down + 1)
    cages = -(-down // low.ports)
    return Split(layout_of(part, [(cages, low), (part.cages - cages, high)]), down, up, cages * low.ports + 1)


def _fits(part: Switch, low: Breakout, high: Breakout, down: int, up: int) -> bool:
    if low is high:
        return down + up <= part.cages * low.ports
    return -(-down // low.ports) + -(-up // high.ports) <= part.cages


def no_split(part: Switch, low: Breakout, high: Breakout, ratio: Fraction, key: str) -> ParameterError:
    """The error where no split of a switch's ports gives a ratio, with the nearest ratios that one gives."""
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


def layout_of(part: Switch, runs: Sequence[tuple[int, Breakout]]) -> PortLayout:
    """The ports of a switch whose first cages take the first breakout of `runs` (cages, breakout), and so on."""
    return _kept_layout(part, tuple(runs))


@lru_cache(maxsize=512)
def _kept_layout(part: Switch, runs: tuple[tuple[int, Breakout], ...]) -> PortLayout:
    """Kept, as a search asks for the same few thousands of times; nobody writes to its columns."""
    ports = switch_ports(part, runs)
    return PortLayout(
        part.id,
        np.array([port.cage for port in ports], np.int32),
        np.array([port.sub for port in ports], np.int32),
        np.array([port.breakout.lanes for port in ports], np.int32),
        np.array([float(port.breakout.gbps) for port in ports]),
        tuple(port.name for port in ports),
    )
