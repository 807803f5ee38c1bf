"""What closed forms say of a candidate: its parts, the least it can cost and draw, the most it can carry.

Nothing is wired. A bound on what a network carries is a count of links that traffic has to cross:

* leaf cut: of N endpoints of a plane on L leaves some leaf has H >= ceil(N / L), and at most as many as it has ports
  and leave one for each other leaf. What they send to the others, H (N - H) / (N - 1) of line rate, leaves over that
  leaf's uplinks; between the two ends that is least at one of them.
* distance: all links together carry at most their capacity; a message from an endpoint crosses as many links as lie
  between two switches. At most p (r)(r - 1)^(j - 1) endpoints lie j links away where a switch has p endpoints and r
  links, so the mean distance has a least value (the Moore bound).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from topo.analysis.money import CostTerms
from topo.analysis.money.life import HOURS_A_YEAR
from topo.catalog import Catalog, PriceBook
from topo.errors import InputError
from topo.generators import Attached, Counts, HostGroup, attached
from topo.generators.family import families
from topo.placement.lengths import ASSUMED_M, ASSUMED_OTHER_M
from topo.searching.candidate import Candidate, ports_at

ONE_PLANE = ("ft2", "ft3", "mrft")
TREES = (*ONE_PLANE, "mpft", "dual-plane", "rail-only")
"""Families whose leaves all have equally many uplinks, so that the leaf cut bounds them."""
REGULAR = ("jellyfish", "hyperx", "slim-fly")
"""Families whose switches all have equally many links, over which endpoints are spread evenly."""


@dataclass(frozen=True)
class Refusal:
    """A candidate that cannot be: which key stands in the way, and why. `needed` is what would be enough, where a limit
    is passed."""

    key: str
    message: str
    needed: float | None = None


@dataclass(frozen=True)
class Counted:
    """A candidate's closed forms. `cost_lower` is the least price that its parts can have and `cost_upper` the most
    (infinite where cables have to be laid first); `throughput_upper` bounds endpoint all-to-all under any routing, by
    what `cut` names."""

    candidate: Candidate
    counts: Counts
    parts: Mapping[str, int]
    cost_lower: float
    cost_upper: float
    power_lower: float
    rack_units: float | None
    throughput_upper: float
    cut: Mapping[str, Any]
    lifetime_lower: float = 0.0
    """The least that it can cost over its life, where the request states terms."""

    @property
    def total(self) -> int:
        """Switches of all tiers."""
        return sum(self.counts.switches.values())

    def to_json(self) -> dict[str, Any]:
        """What the list of candidates says of it."""
        found: dict[str, Any] = {"switches": dict(self.counts.switches), "links": dict(self.counts.links)}
        if self.cost_lower > 0:
            found["cost_usd_at_least"] = self.cost_lower
        if self.throughput_upper < 1:
            found["throughput_at_most"] = self.throughput_upper
        return found


@dataclass(frozen=True)
class Counter:
    """Counts candidates of one request's GPUs, hosts beside them and prices."""

    catalog: Catalog
    network: str
    gpus: int
    others: tuple[tuple[str, int], ...]
    book: PriceBook | None
    lengths_m: Mapping[str, float]
    placed: bool
    terms: CostTerms | None = None

    def count(self, candidate: Candidate) -> Counted | Refusal:
        """The closed forms of a candidate, or what refuses it."""
        family = families.get(candidate.family)
        try:
            params = family.params.model_validate(candidate.network())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return Refusal(".".join(map(str, first["loc"])) or "family", first["msg"])
        try:
            ends = self._ends(candidate)
            self._check_protocols(candidate)
            alike = self._alike(candidate)
            if alike not in _COUNTS:
                if len(_COUNTS) > 200_000:
                    _COUNTS.clear()
                _COUNTS[alike] = (family.brief or family.counts)(params, ends, self.catalog)
            counts = _COUNTS[alike]
        except InputError as error:
            problem = error.problems[0]
            allowed = f"; {problem.allowed}" if problem.allowed else ""
            return Refusal(problem.key or "family", f"{problem.message}{allowed}")
        return self._counted(candidate, counts, ends)

    def _check_protocols(self, candidate: Candidate) -> None:
        """Raises InputError where a switch and the hosts' NICs have no protocol in common."""
        from topo.design.fit import check_fit
        from topo.design.model import Network

        keys = [k for k, _ in candidate.keys if k == "switch" or k.endswith("_switch")]
        question = (self.catalog_key, self.network, candidate.host, tuple(candidate.get(k) for k in keys))
        if question in _FITS:
            return
        params = families.get(candidate.family).params.model_validate(candidate.network())
        check_fit(Network(self.network, params), self._groups(candidate.host), self.catalog)
        _FITS.add(question)

    def _alike(self, candidate: Candidate) -> tuple[Any, ...]:
        """What counts depend on: the same for parts with the same cages and breakouts."""
        keys = [(k, self.cages(str(v)) if k.endswith("switch") else v) for k, v in candidate.keys]
        return self.catalog_key, self.network, self.gpus, self.others, candidate.host, candidate.family, tuple(keys)

    def cages(self, part: str) -> tuple[Any, ...]:
        """The cages of a switch part and what they can be: parts with the same are counted alike."""
        question = (self.catalog_key, part)
        if question not in _CAGES:
            switch = self.catalog.switch(part)
            _CAGES[question] = tuple((g.cages, tuple((b.ports, b.gbps) for b in g.breakouts)) for g in switch.groups)
        return _CAGES[question]

    @property
    def catalog_key(self) -> tuple[str, ...]:
        """What tells catalogs apart."""
        return tuple(map(str, self.catalog.folders))

    def _groups(self, host: str) -> list[HostGroup]:
        part = self.catalog.host(host)
        if not part.gpus or self.gpus % part.gpus:
            low = self.gpus // max(part.gpus, 1) * part.gpus
            from topo.errors import ParameterError

            message = f"{self.gpus:,} GPUs are no whole number of hosts of {part.gpus}"
            raise ParameterError("gpus", self.gpus, message, f"{low or part.gpus:,}")
        rest = [HostGroup(self.catalog.host(h), n) for h, n in self.others]
        return [HostGroup(part, self.gpus // part.gpus), *rest]

    def _ends(self, candidate: Candidate) -> Attached:
        gbps = candidate.get("endpoint_gbps")
        question = (self.catalog_key, self.network, self.gpus, self.others, candidate.host, gbps)
        if question not in _ENDS:
            if len(_ENDS) > 16:
                _ENDS.clear()
            _ENDS[question] = attached(self._groups(candidate.host), self.network, self.catalog, gbps)
        return _ENDS[question]

    def _counted(self, candidate: Candidate, counts: Counts, ends: Attached) -> Counted:
        parts: dict[str, int] = {}
        for tier, number in counts.switches.items():
            part = candidate.part_of(tier)
            parts[part] = parts.get(part, 0) + number
        speeds = ends.speeds()
        endpoint_gbps = speeds[0] if speeds else 0.0
        link_gbps = float(candidate.get("uplink_gbps") or candidate.get("link_gbps") or endpoint_gbps)
        low, high = self._cost(parts, counts.links, endpoint_gbps, link_gbps)
        power, units = 0.0, 0.0
        known = True
        for part, number in parts.items():
            switch = self.catalog.switch(part)
            power += number * (switch.power_typical_w or 0.0)
            units += number * (switch.rack_units or 0)
            known &= switch.rack_units is not None
        upper, cut = self._carried(candidate, counts, ends, endpoint_gbps, link_gbps)
        return Counted(
            candidate, counts, parts, low, high, power, units if known else None, upper, cut, self._lifetime(low, power)
        )

    def _lifetime(self, cost: float, power: float) -> float:
        """The least of a life: every class at the largest discount, and the energy of the switches. Expected prices:
        what is measured is the upper end."""
        if self.terms is None:
            return 0.0
        terms = self.terms
        kwh = power * terms.load * (terms.pue or 1.0) * HOURS_A_YEAR / 1000
        once = cost * (1 - max(terms.discount.values(), default=0.0))
        return once + terms.years * kwh * float(terms.usd_per_kwh or 0.0)

    def _cost(
        self, parts: Mapping[str, int], links: Mapping[str, int], endpoint_gbps: float, link_gbps: float
    ) -> tuple[float, float]:
        """The least and the most that the network can cost."""
        if self.book is None:
            return 0.0, math.inf
        low = high = 0.0
        for part, number in parts.items():
            usd = self.book.switch_price_usd(part, self.catalog.switch(part).ports)
            low, high = low + number * (usd or 0.0), high + (number * usd if usd is not None else math.inf)
        for kind, number in links.items():
            least, most = self.link_usd(kind, endpoint_gbps if kind == "endpoint" else link_gbps)
            low, high = low + number * least, high + number * most
        return low, high

    @property
    def unit_priced(self) -> bool:
        """Whether every link of a kind and speed has one price, wherever its cable lies."""
        book = self.book
        if book is None:
            return False
        if book.optical_link_usd is not None or book.electric_link_usd is not None:
            return not (book.electric_links and book.electric_rack_switches)
        return book.prices_links and book.rack_layout is None and not self.placed

    def switch_usd(self, part: str) -> float:
        """The price of a switch part, 0 where the book has none."""
        usd = self.book.switch_price_usd(part, self.catalog.switch(part).ports) if self.book else None
        return usd or 0.0

    def link_gbps(self, candidate: Candidate, kind: str) -> float:
        """The speed at which a candidate's links of a kind are priced."""
        speeds = self._ends(candidate).speeds()
        endpoint = speeds[0] if speeds else 0.0
        if kind == "endpoint":
            return endpoint
        return float(candidate.get("uplink_gbps") or candidate.get("link_gbps") or endpoint)

    def link_usd(self, kind: str, gbps: float) -> tuple[float, float]:
        """The least and the most that a link of this kind and speed can cost."""
        book = self.book
        if book is None or (kind == "endpoint" and not book.counts_endpoint_links):
            return 0.0, 0.0
        if book.optical_link_usd is not None or book.electric_link_usd is not None:
            electric, optical = book.electric_link_usd, book.optical_link_usd
            if kind == "endpoint":
                classes = [electric if book.endpoint_links == "electric" else optical]
            elif kind not in book.electric_links:
                classes = [optical]
            else:
                classes = [electric, optical] if book.electric_rack_switches else [electric]
            return min(c or 0.0 for c in classes), max(math.inf if c is None else c for c in classes)
        if not book.prices_links or book.rack_layout is not None or self.placed:
            return 0.0, math.inf
        metres = {**ASSUMED_M, **self.lengths_m}.get(kind, ASSUMED_OTHER_M)
        offers = [c for c in (book.electric_cable, book.optical_cable) if c is not None]
        usd = min(gbps * (metres * c.usd_per_gbps_m + c.usd_per_gbps) for c in offers)
        return usd, usd

    def _carried(
        self, candidate: Candidate, counts: Counts, ends: Attached, endpoint_gbps: float, link_gbps: float
    ) -> tuple[float, Mapping[str, Any]]:
        """The most that endpoint all-to-all reaches, and the cut that says so."""
        speed = link_gbps / endpoint_gbps if endpoint_gbps else 1.0
        leaves, switches = counts.switches.get("leaf", 0), counts.switches.get("switch", 0)
        if candidate.family in TREES and leaves and candidate.get("homing") != "dual" and not candidate.get("leaves"):
            planes = planes_of(candidate, ends)
            if leaves > planes and len(ends) >= 2 * planes:
                uplinks = counts.links.get("leaf_spine", 0) / leaves
                ports = ports_at(self.catalog.switch(candidate.part_of("leaf")), endpoint_gbps)
                return leaf_cut(len(ends) // planes, leaves // planes, ports, uplinks, speed)
        if switches > 1 and (candidate.family in REGULAR or candidate.family == "dragonfly"):
            hosts = ends.hosts
            wide = -(-len(ends) // hosts)
            most = max(-(-hosts // switches) * wide, -(-len(ends) // switches))
            fabric = sum(n for kind, n in counts.links.items() if kind != "endpoint")
            degree = 2 * fabric // switches
            if candidate.family == "dragonfly":
                degree = int(candidate.get("a") or 0) + int(candidate.get("h") or 0) - 1
                degree = degree if candidate.get("a") and candidate.get("h") else counts.links["endpoint"]
            return distance_cut(len(ends), most, degree, fabric, speed)
        return 1.0, {"kind": "endpoint"}


_ENDS: dict[tuple[Any, ...], Attached] = {}
_COUNTS: dict[tuple[Any, ...], Counts] = {}
_CAGES: dict[tuple[Any, ...], tuple[Any, ...]] = {}
_FITS: set[tuple[Any, ...]] = set()


def planes_of(candidate: Candidate, ends: Attached) -> int:
    """The planes of a tree of these endpoints."""
    if candidate.family in ONE_PLANE:
        return 1
    if candidate.get("planes"):
        return int(candidate.get("planes"))
    bring = [kind.one for kind in ends.kinds if kind.count and len(kind.one)]
    nics, ports = (max(int(getattr(one, key).max()) + 1 for one in bring) for key in ("nic", "nic_port"))
    if candidate.family == "rail-only":
        return nics
    return ports if ports > 1 or candidate.family == "dual-plane" else nics


def leaf_cut(endpoints: int, leaves: int, ports: int, uplinks: float, speed: float) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that leaves carry in all-to-all traffic among the endpoints of a plane; a leaf has at most
    `ports` endpoints, and `uplinks`, each `speed` times as fast as an endpoint's link."""
    ends = (-(-endpoints // leaves), min(endpoints - leaves + 1, ports))
    held = min(ends, key=lambda n: n * (endpoints - n))
    out = held * (endpoints - held) / (endpoints - 1)
    upper = min(1.0, uplinks * speed / out) if out else 1.0
    return upper, {
        "kind": "leaf-cut", "endpoints": endpoints, "leaves": leaves, "on_leaf": held, "uplinks": uplinks,
        "speed": speed,
    }  # fmt: skip


def distance_cut(endpoints: int, held: int, degree: int, links: int, speed: float) -> tuple[float, Mapping[str, Any]]:
    """The most of line rate that `links` links carry in all-to-all traffic where every switch has at most `held`
    endpoints and `degree` links."""
    far = mean_distance(endpoints, held, degree)
    upper = min(1.0, 2 * links * speed / (endpoints * far)) if far else 1.0
    return upper, {
        "kind": "distance", "endpoints": endpoints, "on_switch": held, "degree": degree, "links": links, "speed": speed,
        "mean_distance": far,
    }  # fmt: skip


def mean_distance(endpoints: int, held: int, degree: int) -> float:
    """A lower bound on the mean distance between two endpoints, in links between switches, where every switch has at
    most `held` endpoints and `degree` links. In a walk of j links from v to w the product of their endpoints is at most
    the mean of the squares, so at most sum p^2 r (r - 1)^(j - 1) ordered pairs lie j apart."""
    if endpoints < 2:
        return 0.0
    near, shell, far = held - 1, held * degree, 0.0
    while near < endpoints - 1:
        far += 1 - near / (endpoints - 1)
        if shell <= 0:
            return math.inf
        near, shell = near + shell, shell * max(degree - 1, 0)
    return far
