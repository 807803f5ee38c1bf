"""How a switch's cages become logical ports, and how its ports are split into down and up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice

import numpy as np

from topo.catalog import Switch
from topo.catalog.models import Breakout, CageGroup
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


Runs = tuple[tuple[int, Breakout], ...]
"""How cages are configured, in order of their numbers: so many in this breakout."""


@dataclass(frozen=True)
class Split:
    """Ports of a switch that face down and up: how many of each, of `gbps` (down, up). Where both speeds are one, the
    ports up begin at `start`, counted from 0. Names and numbers of ports are made when they are asked for."""

    part: Switch
    runs: Runs
    down: int
    up: int
    gbps: tuple[float, float]
    start: int

    @property
    def total(self) -> int:
        """All ports of the switch."""
        return ports_of(self.runs)

    @cached_property
    def layout(self) -> PortLayout:
        """The ports with their names."""
        return layout_of(self.part, self.runs)

    @cached_property
    def down_at(self) -> IntArray:
        """The number of each port that faces down, in their own order (shape (down,) or longer)."""
        at = numbers_at(self.layout, self.gbps[0])
        return at[: self.down] if self.gbps[0] == self.gbps[1] else at

    @cached_property
    def up_at(self) -> IntArray:
        """The number of each port that faces up, in their own order (shape (up,) or longer)."""
        at = numbers_at(self.layout, self.gbps[1])
        return at[self.start :] if self.gbps[0] == self.gbps[1] else at


def ports_of(runs: Runs) -> int:
    """How many ports cages so configured have."""
    return sum(cages * breakout.ports for cages, breakout in runs)


def breakout_of(part: Switch, gbps: float, key: str) -> Breakout:
    """A breakout of `part` with ports of this speed; raises ParameterError."""
    for breakout in part.breakouts:
        if breakout.gbps == gbps:
            return breakout
    speeds = ", ".join(f"{b.gbps:g}" for b in {b.gbps: b for b in part.breakouts}.values())
    raise ParameterError(key, f"{gbps:g}", f"{part.id} has no ports of this speed in Gb/s", speeds)


@lru_cache(maxsize=16384)
def most_beside(part: Switch, gbps: float, other_gbps: float, others: int) -> int:
    """The most ports of one speed beside so many of another; negative where not even those fit. Cages that have no
    ports of the first speed are taken first for the others, then those that lose the fewest."""
    groups = [(g.cages, g.at(gbps), g.at(other_gbps)) for g in part.groups]
    left = sum(cages * own.ports for cages, own, _ in groups if own)
    able = [(cages, own.ports if own else 0, other.ports) for cages, own, other in groups if other]
    able.sort(key=lambda row: Fraction(row[1], row[2]))
    for i, (cages, loss, gain) in enumerate(able):
        need = max(-(-others // gain), 0)
        taken = need if i == len(able) - 1 and loss else min(need, cages)
        others, left = others - taken * gain, left - taken * loss
        if taken > cages:
            return min(left, -1)
    return left if others <= 0 else -1


def uniform(part: Switch, gbps: float, key: str = "switch") -> PortLayout:
    """The ports of `uniform_runs`."""
    return layout_of(part, uniform_runs(part, gbps, key))


def uniform_runs(part: Switch, gbps: float, key: str = "switch") -> Runs:
    """Every cage that can in the breakout of this speed, the others in their default."""
    breakout_of(part, gbps, key)
    return tuple((g.cages, g.at(gbps) or g.breakouts[0]) for g in part.groups)


def parted(part: Switch, down_gbps: float, up: int, up_gbps: float) -> PortLayout:
    """The ports of `parted_runs`."""
    return layout_of(part, parted_runs(part, down_gbps, up, up_gbps))


def parted_runs(part: Switch, down_gbps: float, up: int, up_gbps: float) -> Runs:
    """Cages for `up` ports of one speed, the last of each group, and all others of the other speed."""
    wanted = up
    high: dict[int, int] = {}
    order = sorted(
        (i for i, g in enumerate(part.groups) if g.at(up_gbps)),
        key=lambda i: _loss(part.groups[i], down_gbps, up_gbps),
    )
    for i in order:
        group = part.groups[i]
        each = group.at(up_gbps)
        high[i] = min(group.cages, -(-wanted // each.ports)) if each and wanted > 0 else 0
        wanted -= high[i] * (each.ports if each else 0)
    runs: list[tuple[int, Breakout]] = []
    for i, group in enumerate(part.groups):
        low = group.at(down_gbps) or group.at(up_gbps) or group.breakouts[0]
        runs.append((group.cages - high.get(i, 0), low))
        runs.append((high.get(i, 0), group.at(up_gbps) or low))
    return tuple(run for run in runs if run[0])


def _loss(group: CageGroup, down_gbps: float, up_gbps: float) -> Fraction:
    own, other = group.at(down_gbps), group.at(up_gbps)
    return Fraction(own.ports if own else 0, other.ports if other else 1)


def numbers_at(layout: PortLayout, gbps: float) -> IntArray:
    """The numbers of the ports of one speed, in order."""
    return np.flatnonzero(layout.gbps == gbps) + 1


def fits(part: Switch, down: int, down_gbps: float, up: int, up_gbps: float) -> bool:
    """Whether a switch has cages for `down` ports of one speed and `up` of another; raises ParameterError for a speed
    that it does not have."""
    return _fits(part, breakout_of(part, down_gbps, "switch"), breakout_of(part, up_gbps, "switch"), down, up)


@lru_cache(maxsize=4096)
def fitted(part: Switch, down: int, down_gbps: float, up: int, up_gbps: float) -> Split | None:
    """`down` ports of one speed and `up` of another on one switch, None where it has too few cages for them; raises
    ParameterError for a speed the switch does not have. Kept, as a search asks for the same ones again and again."""
    low, high = breakout_of(part, down_gbps, "switch"), breakout_of(part, up_gbps, "switch")
    if not _fits(part, low, high, down, up):
        return None
    if low.gbps == high.gbps:
        runs = uniform_runs(part, low.gbps)
    else:
        runs = parted_runs(part, low.gbps, most_beside(part, high.gbps, low.gbps, down), high.gbps)
    return Split(part, runs, down, up, (low.gbps, high.gbps), down)


def _fits(part: Switch, low: Breakout, high: Breakout, down: int, up: int) -> bool:
    if low.gbps == high.gbps:
        return down + up <= part.ports_at(low.gbps)
    return down <= most_beside(part, low.gbps, high.gbps, up)


def no_split(
    part: Switch, low: Breakout, high: Breakout, ratio: Fraction, key: str, works: Callable[[Fraction], bool]
) -> ParameterError:
    """The error where no split of a switch's ports gives a ratio, with the nearest ratios that one gives (and that
    `works`, as ports may be reserved)."""
    by_distance = sorted(_ratios(part, low, high), key=lambda r: (abs(r - ratio), r))
    near = sorted(islice(filter(works, by_distance), 2))
    allowed = " or ".join(f"{r.numerator}:{r.denominator}" for r in near)
    return ParameterError(
        key, f"{ratio.numerator}:{ratio.denominator}", f"no split of the ports of {part.id} gives this ratio", allowed
    )


@lru_cache(maxsize=512)
def _ratios(part: Switch, low: Breakout, high: Breakout) -> frozenset[Fraction]:
    """Every ratio of bandwidths that a split of the ports gives."""
    each = Fraction(str(low.gbps)) / Fraction(str(high.gbps))
    result = set()
    for up in range(1, part.ports_at(high.gbps)):
        beside = part.ports_at(low.gbps) - up if low.gbps == high.gbps else most_beside(part, low.gbps, high.gbps, up)
        result |= {Fraction(down, up) for down in range(1, min(beside, part.ports_at(low.gbps) - 1) + 1)}
    return frozenset(ratio * each for ratio in result)


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
