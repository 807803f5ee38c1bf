"""What closed forms say of a candidate: its parts, the least it can cost and draw, the most it can carry.

Nothing is wired. Most of it depends on a part only by its cages and protocols, which many parts of a catalog have in
common: so much is found once for all candidates that differ in such parts alone, and prices, power and rack units for
each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from topo.analysis.money import CostTerms
from topo.analysis.reliability.rates import HOURS_A_YEAR
from topo.catalog import Catalog, PriceBook
from topo.design.fit import check_fit
from topo.design.model import Network
from topo.errors import InputError, ParameterError
from topo.generators import Attached, Counts, HostGroup, attached
from topo.generators.family import NetworkParams, families
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.placement.floor.lengths import ASSUMED_M, ASSUMED_OTHER_M
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.cuts import carried
from topo.units import amount, verb

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Refusal:
    """A candidate that cannot be: which key stands in the way, and why. `needed` is what would be enough, where a limit
    is passed."""

    key: str
    message: str
    needed: float | None = None


@dataclass(frozen=True)
class Alike:
    """What candidates share that differ in parts with the same cages and protocols: counts, the most of endpoint
    all-to-all under any routing by what `cut` names, the least and the most that links cost, and of each tier that
    is bought the key that names its part, and how many."""

    counts: Counts
    throughput_upper: float
    cut: Mapping[str, Any]
    links_usd: tuple[float, float]
    tiers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A candidate's closed forms. `cost_lower` is the least price that its parts can have and `cost_upper` the most
    (infinite where cables have to be laid first), `lifetime_lower` the least that it can cost over its life, where the
    request states terms."""

    alike: Alike
    parts: Mapping[str, int]
    cost_lower: float
    cost_upper: float
    power_lower: float
    rack_units: float | None
    lifetime_lower: float = 0.0

    @property
    def counts(self) -> Counts:
        """Switches by tier, links by kind, and hops."""
        return self.alike.counts

    @property
    def throughput_upper(self) -> float:
        """The most of line rate that endpoint all-to-all reaches."""
        return self.alike.throughput_upper

    @property
    def cut(self) -> Mapping[str, Any]:
        """What says so."""
        return self.alike.cut

    @property
    def total(self) -> int:
        """Switches of all tiers."""
        return sum(self.counts.switches.values())

    def to_json(self) -> dict[str, Any]:
        """What the list of candidates says of it."""
        result: dict[str, Any] = {"switches": dict(self.counts.switches), "links": dict(self.counts.links)}
        if self.cost_lower > 0:
            result["cost_usd_at_least"] = self.cost_lower
        if self.throughput_upper < 1:
            result["throughput_at_most"] = self.throughput_upper
        return result


@dataclass(frozen=True)
class Figures:
    """A switch part as closed forms see it."""

    kind: int
    """The same number for parts with the same cages and protocols."""
    usd: float | None
    power_w: float
    rack_units: int | None


@dataclass(frozen=True)
class Known:
    """What a counter has found so far."""

    alike: dict[Key, Alike | Refusal] = field(default_factory=dict)
    ends: dict[Key, Attached] = field(default_factory=dict)
    parts: dict[str, Figures] = field(default_factory=dict)
    kinds: dict[Key, int] = field(default_factory=dict)
    pairs: dict[tuple[str, Any], tuple[tuple[str, Any], str]] = field(default_factory=dict)
    """A key and its value -> the same with the kind of a part in place of its name, and the name."""
    fits: set[Key] = field(default_factory=set)
    """Hosts and switch parts that speak to each other."""
    groups: dict[str, list[HostGroup]] = field(default_factory=dict)


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
    known: Known = field(default_factory=Known, compare=False, repr=False)

    def count(self, candidate: Candidate) -> Counted | Refusal:
        """The closed forms of a candidate, or what refuses it."""
        parts: dict[str, str] = {}
        key: list[Any] = [candidate.host, candidate.family]
        seen = self.known.pairs
        for pair in candidate.keys:
            alike, part = seen.get(pair) or self._seen(pair)
            key.append(alike)
            if part:
                parts[pair[0]] = part
        names = [*parts.values()]
        if len({*names}) < len(names):
            key += names
        question = tuple(key)
        result = self.known.alike.get(question)
        if result is None:
            result = self._alike(candidate)
            if isinstance(result, Refusal):
                result = _with_names(result, {name: f"\0{k}\0" for k, name in parts.items()})
            self.known.alike[question] = result
        if isinstance(result, Refusal):
            if "\0" not in result.message + result.key:
                return result
            return _with_names(result, {f"\0{k}\0": name for k, name in parts.items()})
        return self._counted(result, parts)

    def _seen(self, pair: tuple[str, Any]) -> tuple[tuple[str, Any], str]:
        part = str(pair[1]) if pair[0].endswith("switch") else ""
        result = ((pair[0], self.figures(part).kind), part) if part else (pair, "")
        self.known.pairs[pair] = result
        return result

    def figures(self, part: str) -> Figures:
        """What closed forms need of a switch part."""
        result = self.known.parts.get(part)
        if result is None:
            switch, kinds = self.catalog.switch(part), self.known.kinds
            kind = kinds.setdefault((self.cages(part), switch.network), len(kinds))
            usd = self.book.switch_price_usd(part, switch.ports) if self.book else None
            result = Figures(kind, usd, switch.power_typical_w or 0.0, switch.rack_units)
            self.known.parts[part] = result
        return result

    def cages(self, part: str) -> tuple[Any, ...]:
        """The cages of a switch part and what they can be: parts with the same are counted alike."""
        groups = self.catalog.switch(part).groups
        return tuple((g.cages, tuple((b.ports, b.gbps) for b in g.breakouts)) for g in groups)

    def _alike(self, candidate: Candidate) -> Alike | Refusal:
        family = families.get(candidate.family)
        try:
            params = family.params.model_validate(candidate.network())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return Refusal(".".join(map(str, first["loc"])) or "family", first["msg"])
        try:
            ends = self._ends(candidate)
            self._check_fit(candidate, params)
            counts = (family.brief or family.counts)(params, ends, self.catalog)
        except InputError as error:
            problem = error.first
            allowed = f"; {problem.allowed}" if problem.allowed else ""
            return Refusal(problem.key or "family", f"{problem.message}{allowed}")
        endpoint = self.link_gbps(candidate, "endpoint")
        link = self.link_gbps(candidate, "")
        upper, cut = carried(candidate, counts, ends, self.catalog, endpoint, link)
        low = high = 0.0
        for kind, number in counts.links.items():
            if family.own_routers and kind == "endpoint":
                continue
            least, most = self.link_usd(kind, endpoint if kind == "endpoint" else link)
            low, high = low + number * least, high + number * most
        tiers = () if family.own_routers else tuple((candidate.key_of(t), n) for t, n in counts.switches.items())
        return Alike(counts, upper, cut, (low, high), tiers)

    def _check_fit(self, candidate: Candidate, params: NetworkParams) -> None:
        """Raises InputError where hosts and switches do not speak to each other."""
        key = (candidate.host, *(pair for pair in candidate.keys if pair[0].endswith("switch")))
        if key not in self.known.fits or isinstance(params, UnlikeParams):
            check_fit(Network(self.network, params), self._groups(candidate.host), self.catalog)
            self.known.fits.add(key)

    def _groups(self, host: str) -> list[HostGroup]:
        if host in self.known.groups:
            return self.known.groups[host]
        part = self.catalog.host(host)
        if not part.gpus or self.gpus % part.gpus:
            low = self.gpus // max(part.gpus, 1) * part.gpus
            message = f"{amount(self.gpus, 'GPU')} {verb(self.gpus, 'are')} no whole number of hosts of {part.gpus:,}"
            raise ParameterError("gpus", self.gpus, message, f"{low or part.gpus:,}")
        rest = [HostGroup(self.catalog.host(h), n) for h, n in self.others]
        self.known.groups[host] = [HostGroup(part, self.gpus // part.gpus), *rest]
        return self.known.groups[host]

    def _ends(self, candidate: Candidate) -> Attached:
        gbps, ends = candidate.get("endpoint_gbps"), self.known.ends
        question = (candidate.host, gbps)
        if question not in ends:
            ends[question] = attached(self._groups(candidate.host), self.network, self.catalog, gbps)
        return ends[question]

    def _counted(self, alike: Alike, keys: Mapping[str, str]) -> Counted:
        parts: dict[str, int] = {}
        for key, number in alike.tiers:
            part = keys[key]
            parts[part] = parts.get(part, 0) + number
        low = high = power = 0.0
        units: float | None = 0.0
        if self.book is None:
            high = math.inf
        for part, number in parts.items():
            of = self.figures(part)
            if of.usd is not None:
                low, high = low + number * of.usd, high + number * of.usd
            else:
                high = math.inf
            power += number * of.power_w
            units = None if units is None or of.rack_units is None else units + number * of.rack_units
        low, high = low + alike.links_usd[0], high + alike.links_usd[1]
        return Counted(alike, parts, low, high, power, units, self._lifetime(low, power))

    def _lifetime(self, cost: float, power: float) -> float:
        """The least of a life: every class at the largest discount, and the energy of the switches. Expected prices:
        what is measured is the upper end."""
        if self.terms is None:
            return 0.0
        terms = self.terms
        kwh = power * terms.load * (terms.pue or 1.0) * HOURS_A_YEAR / 1000
        once = cost * (1 - max(terms.discount.values(), default=0.0))
        return once + terms.years * kwh * float(terms.usd_per_kwh or 0.0)

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
        return self.figures(part).usd or 0.0

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


def _with_names(refusal: Refusal, instead: Mapping[str, str]) -> Refusal:
    """A refusal with other names of parts; the longest first, as one may be a part of another."""
    message = refusal.message
    for name in sorted(instead, key=len, reverse=True):
        message = message.replace(name, instead[name])
    return Refusal(refusal.key, message, refusal.needed)
