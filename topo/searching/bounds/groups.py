"""What whole groups of candidates need at least, without counting one of them: plain arithmetic that shares no line
with the closed forms of the families.

A group is what candidates of a family have in common that differ in ratios, spreads, packings and the like: parts,
speed of links, planes, endpoints a switch. Whatever else it says, a candidate that carries all-to-all at t of line rate
needs what is written here. Let a plane have N endpoints, and links be s times as fast as an endpoint's.

* Trees: a leaf with h endpoints sends t h (N - h) / (N - 1) of line rate to the others, so it has u(h) >= that / s
  uplinks; h + u(h) ports are no more than a leaf has. Each uplink ends in a port of a spine of k ports. So the leaf
  with its share of what lies above costs c(h) >= leaf + u(h) (link + spine / k), and a plane N min over h of c(h) / h.
  Where spines of a group of at most G endpoints are joined with those of others, each endpoint sends at least
  t (N - G) / (N - 1) beyond its group, through 1 / s as many more ports of spines and half as many links.
* Flat networks: S switches of at most p endpoints. S >= N / p. A message loads as many links as lie between its two
  switches, so S k >= N (1 + t D / s) with D the mean distance, k the ports; links number t N D / (2 s). No more than
  C_j(h) = h - 1 + h r (1 + (r0) + ... + (r0)^(j - 1)) others lie within j links of an endpoint on a switch with h, as
  in `topo.searching.bounds.anything`, with r links a switch and r0 = r - 1.

Where no such candidate can be the group needs infinitely much. With t = 0 the same holds of every candidate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from topo.catalog import PriceBook
from topo.checks.requirements.throughput import ThroughputParams
from topo.fabric.model import BoolArray, FloatArray
from topo.searching.bounds.least import (
    SUMMED,
    SWITCHES,
    USD,
    Figures,
    Plane,
    Sizes,
    Tree,
    Units,
    Vector,
    flat,
    tree,
    whole_groups,
)
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.request import Request
from topo.units import MET_WITHIN, ratio, rounded

Pair = tuple[str, Any]
Row = tuple[float, ...]

TREES = ("ft2", "ft3", "mrft", "mpft", "rail-only", "dual-plane", "dragonfly-plus")
"""Families whose leaves alone have endpoints, each on one leaf of its plane, and links to spines alone."""
RATIO = "oversubscription"
RATIOED = ("ft2", "ft3", "mrft", "mpft")
"""Families whose leaves have uplinks for their endpoints by `RATIO`, whatever else is stated."""
GROUPS = "dragonfly-plus"
"""The one whose `leaves` are how many a group has; in others they are of several kinds."""
FEWEST = "jellyfish"
"""The one that has the fewest switches that hold the endpoints, or one more."""
FLAT = ("dragonfly", "hyperx", "jellyfish", "slim-fly")
"""Families whose switches are all alike."""
PLANES = ("rail-only", "dual-plane", "mpft")
"""Families of several planes."""
PARTS = ("switch", "spine_switch")
"""Keys whose values are parts."""
BUILT = (*PARTS, "uplink_gbps", "link_gbps", "planes")
"""Keys that say what a group is built of."""
SIZED = ("p", "leaves", "a", "spines", "shape", "width")
"""Keys that say how large the parts of a plane are."""
_HELD = frozenset({*BUILT, "p", "leaves"})
LEVELS = (frozenset(BUILT), _HELD, _HELD | {"shape", "width", "a", "spines"})
"""Keys that bounds depend on: those whose bound often tells enough, and more of them. The bound of some trees is higher
where `RATIO` is among their keys."""
IDLE = frozenset({
    "oversubscription", "spine_oversubscription", "pods", "spread", "rails_per_leaf", "packing", "hosts_per_leaf",
    "h", "q",
})  # fmt: skip
"""Keys that they hold for, whatever they say; a candidate with any other key has no bound."""
KNOWN = LEVELS[-1] | IDLE


FIGURES = ("impossible", "least_switches", "least_usd", "switches", "usd")
"""What bounds say of a group: 1 where each candidate is refused by its host, what its leaves are in any case, and what
it needs if it holds."""


class Bounded(NamedTuple):
    """What each candidate of some groups needs. `told` where there is a bound, shape (groups,); `best` is the best that
    one can reach in each objective if it holds, less being better, shape (groups, objectives); `figures` has `FIGURES`,
    shape (groups, 5)."""

    told: BoolArray
    best: FloatArray
    figures: FloatArray


@dataclass(frozen=True)
class Site:
    """Hosts, NICs of a host in the network, ports of a NIC and their Gb/s."""

    hosts: int
    nics: int
    ports: int
    gbps: float


class Built(NamedTuple):
    """What parts and planes a group is built of: so many planes like this one, of this switch at the leaves or
    everywhere, and this spine above (None where there is none)."""

    planes: int
    plane: Plane
    part: Figures
    spine: Figures | None


@dataclass(frozen=True)
class Bounds:
    """Bounds of one request's groups."""

    request: Request
    share: float
    book: PriceBook | None
    built: dict[tuple[Any, ...], Built | None] = field(default_factory=dict, compare=False, repr=False)
    sized: dict[tuple[Any, ...], Sizes] = field(default_factory=dict, compare=False, repr=False)
    trees: dict[tuple[Any, ...], Tree] = field(default_factory=dict, compare=False, repr=False)
    parts: dict[str, Figures] = field(default_factory=dict, compare=False, repr=False)
    sites: dict[str, Site | None] = field(default_factory=dict, compare=False, repr=False)

    def of(self, host: str, family: str, asked: Sequence[Sequence[Pair]]) -> Bounded:
        """The bounds of groups, each that of a candidate with these values among others."""
        every = [dict(keys) for keys in asked]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for place, given in enumerate(every):
            if given.keys() <= KNOWN and (family == GROUPS or not given.get("leaves")):
                groups.setdefault(tuple(map(given.get, BUILT)), []).append(place)
        rows = [self._unknown] * len(every)
        for values, places in groups.items():
            some = [every[place] for place in places]
            for place, row in zip(places, self._rows(host, family, values, some), strict=True):
                rows[place] = row
        return self._bounded(np.array(rows, dtype=np.float64).reshape(len(rows), len(self._unknown)))

    @cached_property
    def _unknown(self) -> Row:
        return (0.0, 0.0, 1.0, 0.0, 0.0, *[math.inf] * len(self.summed))

    def _built(self, site: Site, family: str, given: Mapping[str, Any]) -> Built | None:
        """By the values of `BUILT`."""
        planes = self._planes(family, given, site)
        if not planes or (family not in TREES and family not in FLAT) or (family == "dual-plane" and site.ports != 2):
            return None
        number = site.hosts * site.nics * site.ports // planes
        speed = float(given.get("uplink_gbps") or given.get("link_gbps") or site.gbps)
        if speed < site.gbps or number < 1:
            return None
        part = self._figures(str(given["switch"]))
        spine = self._figures(str(given.get("spine_switch") or given["switch"])) if family in TREES else None
        return Built(planes, Plane(number, site.gbps, speed, self.share, self._link), part, spine)

    def _rows(
        self, host: str, family: str, values: tuple[Any, ...], every: Sequence[Mapping[str, Any]]
    ) -> Sequence[Row]:
        """By group, all of the same `values` of `BUILT`: 1 where there is a bound, 1 where each is refused, planes, the
        fewest leaves of one and the price of one, and the sums of a plane: of trees of this leaf and spine, or of flat
        networks where there is no spine."""
        if host not in self.sites:
            self.sites[host] = self._site(host)
        site = self.sites[host]
        if site is not None and family == "dual-plane" and site.ports == 1:
            return [(1.0, 1.0, *self._unknown[2:])] * len(every)
        question = (host, family, *values)
        if question not in self.built:
            self.built[question] = self._built(site, family, every[0]) if site is not None else None
        built = self.built[question]
        if built is None:
            return [self._unknown] * len(every)
        planes, plane, part, spine = built
        sizes = [self._sizes(family, given, plane.endpoints) for given in every]
        if spine is None:
            sums = flat(plane, part, sizes).tolist()
        else:
            sums = [self._tree(plane, part, spine, _down_up(family, given)).sums(size)
                    for given, size in zip(every, sizes, strict=True)]  # fmt: skip
        ports, usd = part.ports(plane.gbps), part.each[USD]
        rows = []
        for size, one in zip(sizes, sums, strict=True):
            if size.units is not None:
                one = tuple(map(max, one, whole_groups(plane, part, size.units)))
            leaves = -(-plane.endpoints // max(min(ports, size.most), 1))
            rows.append((1.0, 0.0, planes, leaves, usd, *one))
        return rows

    def _bounded(self, rows: FloatArray) -> Bounded:
        """Rows of `_rows` as bounds."""
        told, impossible, planes, leaves, usd = rows[:, :5].T
        sums = planes * rows[:, 5:].T
        never = np.isinf(sums[SWITCHES])
        sums[SWITCHES] = np.ceil(sums[SWITCHES] - 1e-6)
        least = planes * leaves
        best = np.empty((len(rows), len(self._goals)))
        for goal, place in enumerate(self._goals):
            best[:, goal] = 0.0 if place is None else -1.0 if place < 0 else sums[place]
        best[never] = math.inf
        figures = np.stack([impossible, least, least * usd, sums[SWITCHES], sums[USD]], axis=1)
        return Bounded(told > 0, best, figures)

    def _sizes(self, family: str, given: Mapping[str, Any], endpoints: int) -> Sizes:
        question = (family, endpoints, *map(given.get, SIZED))
        result = self.sized.get(question)
        if result is None:
            result = self.sized[question] = _sizes(family, given, endpoints)
        return result

    @cached_property
    def _goals(self) -> Sequence[int | None]:
        """Where each objective is among the sums: -1 for one of which more is better, None for another."""
        places = {name: place for place, name in enumerate(self.summed)}
        return [-1 if OBJECTIVES[name].more else places.get(name) for name in self.request.objectives]

    @cached_property
    def summed(self) -> tuple[str, ...]:
        """What is added up over parts: money, switches, and those of the objectives that are such sums."""
        return (*SUMMED[:2], *(name for name in SUMMED[2:] if name in self.request.objectives))

    def _tree(self, plane: Plane, leaf: Figures, spine: Figures, down_up: float) -> Tree:
        question = (id(leaf), id(spine), plane.endpoints, plane.gbps, plane.link_gbps, down_up)
        result = self.trees.get(question)
        if result is None:
            result = self.trees[question] = tree(plane, leaf, spine, down_up)
        return result

    def _site(self, host: str) -> Site | None:
        """None where NICs differ, or hosts do not come out even."""
        part = self.request.catalog.host(host)
        own = [nics for nics in part.nics if nics.network == self.request.network]
        kinds = {(nic.ports, nic.gbps) for nic in (self.request.catalog.nic(nics.nic) for nics in own)}
        if len(kinds) != 1 or not part.gpus or self.request.file.gpus % part.gpus:
            return None
        [(ports, gbps)] = kinds
        return Site(self.request.file.gpus // part.gpus, sum(nics.count for nics in own), ports, float(gbps))

    def _planes(self, family: str, given: Mapping[str, Any], site: Site) -> int:
        """The planes of a family, each with as many endpoints; 0 where they do not come out even."""
        stated = given.get("planes")
        if family not in PLANES:
            return 0 if stated else 1
        if stated and family != "mpft":
            return 0
        own = {"rail-only": site.nics, "dual-plane": site.ports, "mpft": site.ports if site.ports > 1 else site.nics}
        planes = int(stated or own[family])
        return planes if planes > 0 and site.nics * site.ports % planes == 0 else 0

    def part(self, part: str) -> int:
        """A number of a part, the same for parts that bounds cannot tell apart."""
        return id(self._figures(part))

    def _figures(self, part: str) -> Figures:
        """Those of a part; the same value for parts that are alike."""
        result = self.parts.get(part)
        if result is None:
            switch = self.request.catalog.switch(part)
            usd = self.book.switch_price_usd(part, switch.ports) if self.book else None
            adds = (usd or 0.0, 1.0, switch.power_typical_w or 0.0, float(switch.rack_units or 0))
            each = tuple([add for name, add in zip(SUMMED, adds, strict=True) if name in self.summed])
            cages = tuple((g.cages, tuple((float(b.gbps), b.ports) for b in g.breakouts)) for g in switch.groups)
            most = sum(number * max(speed * n for speed, n in ways) for number, ways in cages)
            result = Figures(each, most, cages)
            result = self.parts[part] = next((one for one in self.parts.values() if one == result), result)
        return result

    @cached_property
    def _link(self) -> Vector:
        """What one link adds to each sum, of whichever class it is."""
        book = self.book
        prices = (book.optical_link_usd or 0.0, book.electric_link_usd or 0.0) if book else (0.0,)
        return min(prices), *[0.0] * (len(self.summed) - 1)


def bounds_of(request: Request, book: PriceBook | None) -> Bounds | None:
    """The bounds of a request; None where something in it is not looked at by them."""
    limits = request.file.limits
    limited = limits.parts or any(v is not None for v in (limits.racks, limits.power_w, limits.cost_usd))
    if limited or request.file.other_hosts or request.file.stages:
        return None
    asked = [
        r.params.at_least
        for r in request.requirements
        if isinstance(r.params, ThroughputParams) and r.params.network == request.network
        and r.params.traffic == "all-to-all" and r.params.level == "endpoint" and r.params.unreachable == "zero"
    ]  # fmt: skip
    return Bounds(request, min(max(asked, default=0.0), 1.0) * (1 - MET_WITHIN), book)


def _down_up(family: str, given: Mapping[str, Any]) -> float:
    """The most of its endpoints' line rate over that of its uplinks that a leaf has; infinite where keys do not say."""
    stated = given.get(RATIO)
    return float(max(ratio(stated), rounded(stated) or 0)) if stated and family in RATIOED else math.inf


def _sizes(family: str, given: Mapping[str, Any], endpoints: int) -> Sizes:
    """What the keys of a group say of the sizes of a plane."""
    held = int(given.get("p") or 0)
    if not held:
        return Sizes(endpoints, endpoints, 0, *_grid(given))
    group = held * int(given.get("leaves") or held) if family == GROUPS else 0
    few = max(2, -(-endpoints // held)) + 1 if family == FEWEST else 0
    return Sizes(held, group or endpoints, few, *_grid(given), _units(family, given))


def _units(family: str, given: Mapping[str, Any]) -> Units | None:
    """The whole groups that a dragonfly is made of, where its keys state their sizes."""
    if family == "dragonfly" and given.get("a"):
        a = int(given["a"])
        return Units(a * int(given["p"]), a, a * (a - 1) // 2)
    if family == GROUPS and given.get("leaves") and given.get("spines"):
        leaves, spines = int(given["leaves"]), int(given["spines"])
        return Units(leaves * int(given["p"]), leaves + spines, leaves * spines)
    return None


def _grid(given: Mapping[str, Any]) -> tuple[int, int]:
    """The switches of a HyperX and the links of each, where its keys state them: in each dimension a switch is joined
    to all others of its row, by `width` links."""
    shape, width = given.get("shape"), given.get("width")
    if not isinstance(shape, tuple) or not isinstance(width, tuple) or len(shape) != len(width):
        return 0, 0
    return math.prod(shape), sum((side - 1) * wide for side, wide in zip(shape, width, strict=True))
