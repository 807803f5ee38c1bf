"""The ports of one switch of a tree, as numbers: what fits beside what, and which splits give a ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from topo.catalog import Switch
from topo.catalog.models import Breakout
from topo.generators.layout import (
    Runs,
    Split,
    breakout_of,
    most_beside,
    no_split,
    parted_runs,
    ports_of,
    uniform_runs,
)
from topo.units import ratio, rounded


@dataclass(frozen=True, eq=False)
class TierPorts:
    """A switch whose cages take ports of one speed down and of one up; `reserved` ports of the lower speed stay free
    (whole cages of them where the speeds differ). `tier_ports` makes one of a kind: each is equal to itself alone."""

    part: Switch
    low: Breakout
    high: Breakout
    reserved: int = 0
    ratio_key: str = "oversubscription"
    peers: int = 0
    """How many of the reserved ports, the last of the lower speed, are for links to a switch of the same tier."""

    @cached_property
    def same(self) -> bool:
        """Both speeds are one."""
        return self.low.gbps == self.high.gbps

    @cached_property
    def total(self) -> int:
        """Ports of the lower speed that are not reserved, were all cages set to it."""
        return max(self.part.ports_at(self.low.gbps) - self.reserved, 0)

    @cached_property
    def _kept(self) -> int:
        """Ports of the whole cages that reserved ports take."""
        return -(-self.reserved // self.low.ports) * self.low.ports

    def count(self, up: int) -> int:
        """All ports of the switch, with so many up."""
        key = 0 if self.same else up
        if key not in self._counts:
            self._counts[key] = ports_of(self._runs(up))
        return self._counts[key]

    @cached_property
    def _counts(self) -> dict[int, int]:
        return {}

    @cached_property
    def _splits(self) -> dict[Fraction, tuple[tuple[int, int], ...]]:
        return {}

    def most_down(self, up: int) -> int:
        """Ports down beside so many up; negative where not even those fit."""
        if self.same:
            return self.total - up
        return most_beside(self.part, self.low.gbps, self.high.gbps, up) - self._kept

    def most_up(self, down: int) -> int:
        """Ports up beside so many down; negative where not even those fit."""
        if self.same:
            return self.total - down
        return most_beside(self.part, self.high.gbps, self.low.gbps, down + self._kept)

    def needed_up(self, down: int, ratio: Fraction) -> int:
        """The fewest ports up that keep down : up at or below `ratio`."""
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        return max(-(-down * each.denominator // each.numerator), 1)

    def allowed_down(self, up: int, ratio: Fraction) -> int:
        """The most ports down that keep down : up at or below `ratio` and fit."""
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        return min(up * each.numerator // each.denominator, self.most_down(up))

    def exact(self, ratio: Fraction) -> tuple[tuple[int, int], ...]:
        """Every (down, up) of exactly this ratio of bandwidths, the largest first."""
        if ratio not in self._splits:
            self._splits[ratio] = tuple(self._of_ratio(ratio))
        return self._splits[ratio]

    def _of_ratio(self, ratio: Fraction) -> Iterator[tuple[int, int]]:
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        down, up = each.numerator, each.denominator
        most = min(self.most_down(up) // down if down else 0, self.most_up(down) // up)
        while most > 0 and self.most_down(most * up) < most * down:
            most -= 1
        for k in range(most, 0, -1):
            if self.most_down(k * up) >= k * down:
                yield k * down, k * up

    def ratio_of(self, stated: float | str) -> Fraction:
        """A stated ratio as it is written, or, where only that is a split of the ports, the ratio of small numbers that
        it is the rounding of."""
        exact = ratio(stated)
        near = None if self.exact(exact) else rounded(stated)
        return near if near and self.exact(near) else exact

    def read_as(self, stated: float | str) -> str:
        """What is said of a stated ratio that is not taken as it is written; empty of one that is."""
        taken = self.ratio_of(stated)
        return "" if taken == ratio(stated) else f"{stated} read as {taken.numerator}:{taken.denominator}"

    def refusal(self, ratio: Fraction) -> Exception:
        """The error where no split gives a ratio, with the nearest that one does."""
        return no_split(self.part, self.low, self.high, ratio, self.ratio_key, lambda near: bool(self.exact(near)))

    def split(self, down: int, up: int) -> Split:
        """The ports with their names: `down` from the first, `up` from the next cage that is free where that fits."""
        start = down
        if self.same:
            full = self.part.ports_at(self.low.gbps)
            start = -(-down // self.low.ports) * self.low.ports
            start = start if start + up <= full - self.peers else down
        return Split(self.part, self._runs(up), down, up, (self.low.gbps, self.high.gbps), start)

    def top(self) -> Split:
        """All ports of the lower speed down, as on a highest tier."""
        full = self.part.ports_at(self.low.gbps)
        return Split(self.part, uniform_runs(self.part, self.low.gbps), full, 0, (self.low.gbps,) * 2, full)

    def _runs(self, up: int) -> Runs:
        if self.same:
            return uniform_runs(self.part, self.low.gbps)
        return parted_runs(self.part, self.low.gbps, up, self.high.gbps)


RATIO = "oversubscription"
SPINE_RATIO = "spine_oversubscription"
LEAF_KEYS = ("switch", RATIO)
"""The keys of a leaf's part and of its ratio."""


@lru_cache(maxsize=1024)
def tier_ports(
    part: Switch,
    down_gbps: float,
    up_gbps: float,
    reserved: int,
    keys: tuple[str, str],
    peers: int = 0,
) -> TierPorts:
    """The ports of a switch, which the first of the `keys` names, with the ratio of the second; raises
    ParameterError for a speed that it does not have. Kept with their splits, as a search asks for the same few
    thousands of times."""
    key, ratio_key = keys
    low, high = breakout_of(part, down_gbps, key), breakout_of(part, up_gbps, key)
    return TierPorts(part, low, high, reserved, ratio_key, peers)


@lru_cache(maxsize=64)
def _exact(gbps: float) -> Fraction:
    return Fraction(str(gbps))
