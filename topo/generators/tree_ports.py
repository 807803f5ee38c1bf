"""The ports of one switch of a tree, as numbers: what fits beside what, and which splits give a ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from topo.catalog import Switch
from topo.catalog.models import Breakout
from topo.generators.layout import PortLayout, Split, breakout_of, layout_of, no_split, uniform


@dataclass(frozen=True)
class TierPorts:
    """A switch whose cages take ports of one speed down and of one up; `reserved` ports of the lower speed stay free
    (whole cages of them where the speeds differ)."""

    part: Switch
    low: Breakout
    high: Breakout
    reserved: int = 0
    ratio_key: str = "oversubscription"

    @property
    def same(self) -> bool:
        """Both speeds are one."""
        return self.low is self.high

    @cached_property
    def total(self) -> int:
        """Ports that are not reserved, were all of the lower speed."""
        return max(self.part.cages * self.low.ports - self.reserved, 0)

    @cached_property
    def _cages(self) -> int:
        return max(self.part.cages - -(-self.reserved // self.low.ports), 0)

    def count(self, up: int) -> int:
        """All ports of the switch, with so many up."""
        if self.same:
            return self.part.cages * self.low.ports
        high = -(-up // self.high.ports)
        return (self.part.cages - high) * self.low.ports + high * self.high.ports

    def most_down(self, up: int) -> int:
        """Ports down beside so many up; negative where not even those fit."""
        if self.same:
            return self.total - up
        return (self._cages - -(-up // self.high.ports)) * self.low.ports

    def most_up(self, down: int) -> int:
        """Ports up beside so many down; negative where not even those fit."""
        if self.same:
            return self.total - down
        return (self._cages - -(-down // self.low.ports)) * self.high.ports

    def needed_up(self, down: int, ratio: Fraction) -> int:
        """The fewest ports up that keep down : up at or below `ratio`."""
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        return max(-(-down * each.denominator // each.numerator), 1)

    def allowed_down(self, up: int, ratio: Fraction) -> int:
        """The most ports down that keep down : up at or below `ratio` and fit."""
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        return min(up * each.numerator // each.denominator, self.most_down(up))

    def exact(self, ratio: Fraction) -> Iterator[tuple[int, int]]:
        """Every (down, up) of exactly this ratio of bandwidths, the largest first."""
        each = ratio * _exact(self.high.gbps) / _exact(self.low.gbps)
        down, up = each.numerator, each.denominator
        most = min(self.most_down(up) // down if down else 0, self.most_up(down) // up)
        while most > 0 and self.most_down(most * up) < most * down:
            most -= 1
        for k in range(most, 0, -1):
            if self.most_down(k * up) >= k * down:
                yield k * down, k * up

    def refusal(self, ratio: Fraction) -> Exception:
        """The error where no split gives a ratio, with the nearest that one does."""
        return no_split(self.part, self.low, self.high, ratio, self.ratio_key)

    def split(self, down: int, up: int) -> Split:
        """The ports with their names: `down` from port 1, `up` from the next cage that is free where that fits."""
        if self.same:
            layout = uniform(self.part, self.low.gbps)
            start = -(-down // self.low.ports) * self.low.ports
            start = start if start + up <= len(layout.names) else down
            return Split(layout, down, up, start + 1)
        cages = self.part.cages - -(-up // self.high.ports)
        layout = layout_of(self.part, [(cages, self.low), (self.part.cages - cages, self.high)])
        return Split(layout, down, up, cages * self.low.ports + 1)

    def top(self) -> PortLayout:
        """All ports down, as on a highest tier."""
        return uniform(self.part, self.low.gbps)


def tier_ports(
    part: Switch, down_gbps: float, up_gbps: float, reserved: int, key: str, ratio_key: str = "oversubscription"
) -> TierPorts:
    """The ports of a switch; raises ParameterError for a speed that it does not have."""
    return TierPorts(part, breakout_of(part, down_gbps, key), breakout_of(part, up_gbps, key), reserved, ratio_key)


@lru_cache(maxsize=64)
def _exact(gbps: float) -> Fraction:
    return Fraction(str(gbps))
