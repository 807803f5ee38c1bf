"""What a plane needs at least if it carries all-to-all at a share of line rate: plain arithmetic that shares no line
with the closed forms of the families. `topo.searching.bounds.groups` says what is proved.

Sums are over parts, in the order of `SUMMED` of as many of them as are asked for; infinite where no such plane can be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np

from topo.fabric.model import FloatArray

Vector = tuple[float, ...]
SUMMED = ("cost_usd", "switches", "power_w", "rack_units")
"""Objectives that are sums over parts: the first two always, the others where they are asked for."""
USD, SWITCHES = 0, 1
"""Where the first two are among the sums."""
LESS = 1 - 1e-9
"""Bounds are rounded down by more than floats round."""


@dataclass(frozen=True)
class Figures:
    """A switch part as bounds see it: what one adds to each of `SUMMED`, the most Gb/s of any configuration, and the
    cages with the breakouts of each."""

    each: Vector
    gbps: float
    cages: tuple[tuple[int, tuple[tuple[float, int], ...]], ...]
    known: dict[tuple[float, ...], int] = field(default_factory=dict, compare=False, repr=False)

    def ports(self, *gbps: float) -> int:
        """The most ports of these speeds that the cages can be broken out into."""
        result = self.known.get(gbps)
        if result is None:
            most = (cages * max((n for speed, n in ways if speed in gbps), default=0) for cages, ways in self.cages)
            result = self.known[gbps] = sum(most)
        return result


class Plane(NamedTuple):
    """Endpoints, the Gb/s of each and of links between switches, the share of line rate that all-to-all has to reach,
    and what one link adds to each of `SUMMED`."""

    endpoints: int
    gbps: float
    link_gbps: float
    share: float
    link: Vector


class Units(NamedTuple):
    """Groups of which every one is whole: endpoints of a group at most, its switches and the links among them."""

    endpoints: int
    switches: int
    links: int


class Sizes(NamedTuple):
    """What keys say of a plane: endpoints of a switch and of a group at most; of flat networks also the most switches
    (0 for any number), or exactly how many, and the links of each; the groups that it is made of."""

    most: int
    group: int
    few: int = 0
    switches: int = 0
    degree: int = 0
    units: Units | None = None


@dataclass(frozen=True)
class Tree:
    """The planes that are trees of these leaves and spines. The least, over leaves with at most 1, 2, 3, ... endpoints
    of those that fit, of what one endpoint's share of its leaf adds to each of `SUMMED` (infinite where none fits), of
    its share of uplinks, and the most endpoints."""

    plane: Plane
    leaf: Figures
    spine: Figures
    shares: tuple[Sequence[float], ...]
    ups: Sequence[float]
    held: Sequence[int]

    def sums(self, sizes: Sizes) -> Vector:
        """The sums of a plane: of leaves in their best mix, or of whole leaves and spines, whichever is more."""
        last, number = min(sizes.most, len(self.ups)) - 1, self.plane.endpoints
        if last < 0 or not self.held[last]:
            return _never(self.leaf)
        above = max(self.spine.ports(self.plane.link_gbps), 1)
        away = self._away(sizes.group)
        leaves = -(-number // self.held[last])
        links = math.ceil(number * self.ups[last] * LESS) + number * away / 2
        spines = math.ceil(number * (self.ups[last] + away) / above * LESS)
        return tuple(
            max(number * (share[last] + away * (b / 2 + c / above)), leaves * a + links * b + spines * c)
            for share, a, b, c in zip(self.shares, self.leaf.each, self.plane.link, self.spine.each, strict=True)
        )

    def _away(self, group: int) -> float:
        """The links above spines that an endpoint needs on either side."""
        plane = self.plane
        out = plane.share * max(plane.endpoints - group, 0) / max(plane.endpoints - 1, 1)
        return out * (plane.gbps / plane.link_gbps) * LESS


def tree(plane: Plane, leaf: Figures, spine: Figures, ratio: float = math.inf) -> Tree:
    """The planes that are trees of these leaves and spines. With a `ratio` a leaf has at least 1 / ratio of its
    endpoints' line rate in uplinks, of which one that holds all endpoints has the ports alone."""
    number, gbps, speed = plane.endpoints, plane.gbps, plane.link_gbps
    held = np.arange(1, min(leaf.ports(gbps), number) + 1)
    up = np.ceil(plane.share * held * (number - held) / max(number - 1, 1) * (gbps / speed) * LESS)
    kept = np.maximum(up, np.ceil(held * gbps / (ratio * speed) * LESS))
    up = np.where(held < number, kept, up)
    if speed == gbps:
        fits = held + kept <= leaf.ports(gbps)
    else:
        fits = (kept <= leaf.ports(speed)) & (held * gbps + kept * speed <= leaf.gbps * (1 + 1e-9))
    above = spine.ports(speed)
    fits &= (up == 0) | (above > 0)

    def least(each: FloatArray) -> list[float]:
        result: list[float] = np.minimum.accumulate(np.where(fits, each / held, math.inf)).tolist()
        return result

    shares = [least(a + up * (b + c / max(above, 1)))
              for a, b, c in zip(leaf.each, plane.link, spine.each, strict=True)]  # fmt: skip
    most = np.maximum.accumulate(np.where(fits, held, 0)).tolist()
    return Tree(plane, leaf, spine, tuple(shares), least(up), most)


def _never(part: Figures) -> Vector:
    """What no candidate of a group can meet."""
    return (math.inf,) * len(part.each)


def whole_groups(plane: Plane, switch: Figures, units: Units) -> Vector:
    """The sums of a plane of equal switches in whole groups, without links between them."""
    groups = -(-plane.endpoints // units.endpoints)
    return tuple(groups * (units.switches * a + units.links * b)
                 for a, b in zip(switch.each, plane.link, strict=True))  # fmt: skip


def flat(plane: Plane, switch: Figures, sizes: Sequence[Sizes]) -> FloatArray:
    """Shape (sizes, sums): the sums of planes of equal switches, each with what its keys say of its sizes."""
    endpoints, gbps, speed = plane.endpoints, plane.gbps, plane.link_gbps
    ports = switch.ports(gbps, speed)
    if not ports:
        return np.full((len(sizes), len(switch.each)), math.inf)
    farthest = _farthest(endpoints, ports)
    said = []
    for size in sizes:
        most, degree = min(size.most, ports), size.degree
        far = _far(endpoints, most, degree) if degree else farthest[most - 1]
        said.append((most, size.few, size.switches, degree, far))
    most, few, number, degree, far = np.array(said, dtype=np.float64).T
    far *= plane.share
    room = switch.gbps if speed != gbps else ports * gbps
    switches = np.maximum(np.maximum(endpoints / most, endpoints * gbps * (1 + far) / room), number)
    links = endpoints * far * gbps / speed / 2
    used = np.ceil(endpoints / np.maximum(number, 1)) * gbps + degree * speed
    never = (few > 0) & (switches * LESS > few)
    never |= (number > 0) & (
        (number * most < endpoints) | (number * degree < 2 * links * LESS) | (used * LESS > switch.gbps)
    )
    sums = np.outer(np.ceil(switches * LESS), switch.each)
    sums += np.outer(np.maximum(links, number * degree / 2), plane.link)
    sums[never] = math.inf
    return sums


@cache
def _farthest(endpoints: int, ports: int) -> Sequence[float]:
    """A lower bound on the mean distance over ordered pairs of endpoints where a switch has so many ports and at most
    1, 2, 3, ... endpoints."""
    held = np.arange(1, ports + 1, dtype=np.float64)
    if endpoints < 2:
        return [0.0] * ports
    totals, walks, best = np.zeros_like(held), 0.0, np.zeros_like(held)
    for m in range(64):
        totals += 1 - (held - 1 + held * (ports - held) * walks) / (endpoints - 1)
        least = np.minimum.accumulate(totals)
        if m and (least <= best).all():
            break
        best = np.maximum(best, least)
        walks += (ports - 1.0) ** m
    result: list[float] = (best * LESS).tolist()
    return result


@cache
def _far(endpoints: int, most: int, degree: int) -> float:
    """The same where every switch has `degree` links and at most `most` endpoints: those with the most have the most
    others near."""
    if endpoints < 2:
        return 0.0
    near, shell, far = most - 1, most * degree, 0.0
    for _ in range(64):
        if near >= endpoints - 1:
            break
        far += 1 - near / (endpoints - 1)
        near, shell = near + shell, shell * (degree - 1)
    return far * LESS
