"""The cheapest way to cable links that share cages: one plugged cable, or modules with fibre between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from topo.catalog import Cable, Catalog, Transceiver
from topo.catalog.forms import Forms, shipped_forms
from topo.catalog.models import PriceBook
from topo.placement.cables.cages import CageClass

PREFERENCE = ("passive-copper", "active-copper", "aoc", "multimode", "single-mode")
"""Media from the one to try first to the one to try last where prices do not decide."""


@dataclass(frozen=True)
class Need:
    """What links of one component ask for. `hub` is the class of the cage in which all of them meet, with `spokes`
    cages of the other classes around it; None where there is no such cage."""

    classes: tuple[CageClass, ...]
    hub: CageClass | None
    spokes: int
    links: int
    length_m: float


@dataclass(frozen=True)
class Choice:
    """A way to meet a need. Plugged: one `cable` for all links, `modules` empty. Otherwise one module a cage (or the
    optics built into it), by cage class, and fibre: `fibres` of them a link; or, where `hub` names a class, one for
    each `ways` links that share a connector of a cage of that class."""

    cable: str
    medium: str
    modules: tuple[tuple[CageClass, str], ...]
    reach_m: float
    fibres: int = 1
    ways: int = 1
    hub: CageClass | None = None

    @property
    def plugged(self) -> bool:
        """The cable goes into the cages themselves."""
        return not self.modules


@dataclass(frozen=True)
class Market:
    """The cables and modules to choose from, and what is known of their prices."""

    cables: tuple[Cable, ...]
    modules: tuple[Transceiver, ...]
    usd: Mapping[str, float]
    forms: Forms = field(default_factory=shipped_forms)


def market(catalog: Catalog, price_book: PriceBook | None = None) -> Market:
    """Every cable and module of the catalog; where it asks for one kind of fibre, none of the other."""
    usd = dict(price_book.parts_usd) if price_book else {}
    usd |= {module.id: 0.0 for module in catalog.every(Transceiver) if module.built_in}
    other = {"multimode", "single-mode"} - {catalog.fibre} if catalog.fibre else set()
    cables = tuple(cable for cable in catalog.every(Cable) if cable.medium not in other)
    modules = tuple(module for module in catalog.every(Transceiver) if module.medium not in other)
    return Market(cables, modules, usd, catalog.forms)


def choose(need: Need, offered: Market) -> Choice | None:
    """The best choice, or None where nothing on offer reaches and fits.

    Where every candidate is priced the cheapest wins; otherwise PREFERENCE decides, then the shorter reach (the
    simpler optics), then the part's id.
    """
    result = [*_plugged(need, offered), *_optical(need, offered)]
    if not result:
        return None
    prices = {choice: _usd(choice, need, offered.usd) for choice in result}
    if all(price is not None for price in prices.values()):
        return min(result, key=lambda c: (prices[c] or 0.0, _rank(c)))
    return min(result, key=_rank)


def why_not(need: Need, offered: Market) -> tuple[str, bool]:
    """In words, what stands in the way of a need that nothing meets, and whether it is the length: the words then go on
    after it, as in "is beyond the 50 m that parts for qsfp112 reach"."""
    if any(c.form == "unknown" for c in need.classes):
        return "the cages are unknown: the catalog lacks the part of a device", False
    told = next((c.form for c in need.classes if " or " in c.form), "")
    if told:
        return f"a switch's part does not tell which of its cages are {told}: give `cages` a number for each", False
    if len({c.gbps for c in need.classes}) > 1:
        return "the ports at the two ends differ in speed", False
    near = choose(Need(need.classes, need.hub, need.spokes, need.links, 0.0), offered)
    forms = " to ".join(sorted({f"{c.form} ({c.ports} x {c.gbps:,g} Gb/s)" for c in need.classes}))
    if near is None:
        return f"no cable and no pair of modules joins {forms}", False
    longest = max(c.reach_m for c in [*_plugged(need, offered, True), *_optical(need, offered, True)])
    return f"is beyond the {longest:g} m that parts for {forms} reach", True


def _rank(choice: Choice) -> tuple[int, float, str, tuple[str, ...]]:
    return PREFERENCE.index(choice.medium), choice.reach_m, choice.cable, tuple(m for _, m in choice.modules)


def _usd(choice: Choice, need: Need, usd: Mapping[str, float]) -> float | None:
    """Dollars a link: a module's price is shared by the links of its cage."""
    if choice.cable not in usd or any(m not in usd for _, m in choice.modules):
        return None
    if choice.plugged:
        return usd[choice.cable] / need.links
    of_class = dict(choice.modules)
    ends = need.classes if len(need.classes) > 1 else need.classes * 2
    return usd[choice.cable] * choice.fibres / choice.ways + sum(usd[of_class[c]] / c.ports for c in ends)


def sold_length(cable: Cable, length_m: float) -> float | None:
    """The shortest length that is sold and long enough: one of `lengths_m`, else whole metres up to `max_m`."""
    if cable.lengths_m:
        return min((x for x in cable.lengths_m if x >= length_m - 1e-9), default=None)
    if cable.max_m is None or length_m > cable.max_m + 1e-9:
        return None
    return min(max(math.ceil(length_m - 1e-9), 1.0), cable.max_m)


def _longest(cable: Cable) -> float:
    longest = max(cable.lengths_m, default=math.inf)
    return min(longest, cable.max_m or math.inf) if cable.lengths_m or cable.max_m else 0.0


def _plugged(need: Need, offered: Market, any_length: bool = False) -> list[Choice]:
    if need.hub is None or len({c.gbps for c in need.classes}) > 1:
        return []
    hub, takes = need.hub, offered.forms.takes
    others = [c for c in need.classes if c != hub] or [hub]
    result = []
    for cable in offered.cables:
        modes = [cable.links] if cable.gbps == hub.gbps else []
        modes += [m.links for m in cable.also if (m.gbps, m.lanes) == (hub.gbps, hub.lanes)]
        if hub.ports not in modes or not (any_length or sold_length(cable, need.length_m)):
            continue
        for one, many in ((cable.a, cable.b), (cable.b, cable.a)):
            legs = hub.ports // many.count
            fits = takes(hub.form, one.form) and one.count == 1 and many.count >= need.spokes
            if fits and all(takes(c.form, many.form) and (c.ports, c.lanes) == (legs, hub.lanes) for c in others):
                result.append(Choice(cable.id, cable.medium, (), _longest(cable)))
                break
    return result


def _optical(need: Need, offered: Market, any_length: bool = False) -> list[Choice]:
    """One choice for each optical standard that every cage has a module for, and each fibre that joins them."""
    if len({c.gbps for c in need.classes}) > 1:
        return []
    fitting = [[m for m in offered.modules if _fits(m, c, offered.forms)] for c in need.classes]
    standards = sorted({(m.medium, m.optics, m.connector) for ms in fitting for m in ms})
    result = []
    for standard in standards:
        same = [[m for m in ms if (m.medium, m.optics, m.connector) == standard] for ms in fitting]
        reaching = same if any_length else [[m for m in ms if m.reach_m >= need.length_m - 1e-9] for ms in same]
        if all(reaching):
            picked = [min(ms, key=lambda m: _module_rank(m, offered.usd)) for ms in reaching]
            result += _fibred(need, picked, offered.cables, any_length)
    return result


def _fibred(need: Need, picked: Sequence[Transceiver], cables: Sequence[Cable], any_length: bool) -> list[Choice]:
    """The choices of fibre between modules (one for each cage class of the need)."""
    joined = _joined(need, picked)
    if joined is None:
        return []
    fibres, ways, split, hub = joined
    result = []
    for fibre in cables:
        one, many = sorted((fibre.a, fibre.b), key=lambda end: end.count)
        fits = one.form == many.form == picked[0].connector and one.count == 1 and many.count == split
        if fibre.medium == picked[0].medium and fits and (any_length or sold_length(fibre, need.length_m)):
            modules = tuple((c, m.id) for c, m in zip(need.classes, picked, strict=True))
            reach = min(_longest(fibre), *(m.reach_m for m in picked))
            result.append(Choice(fibre.id, fibre.medium, modules, reach, fibres, ways, hub))
    return result


def _joined(need: Need, picked: Sequence[Transceiver]) -> tuple[int, int, int, CageClass | None] | None:
    """Fibres a link, links a fibre, connectors at the fibre's wider end, and the class where fibres start; None where
    no plain or splitter fibre joins these modules."""
    ends = [(c, m.connectors / c.ports) for c, m in zip(need.classes, picked, strict=True)]
    rates = {rate for _, rate in ends}
    if len(rates) == 1 and min(rates) >= 1:
        rate = min(rates)
        return (int(rate), 1, 1, None) if rate.is_integer() else None
    wide = [(c, rate) for c, rate in ends if rate < 1]
    if len(wide) != 1 or not (1 / wide[0][1]).is_integer():
        return None
    hub, ways = wide[0][0], round(1 / wide[0][1])
    if len(ends) == 1:
        return (1, ways, 1, hub) if need.spokes == 1 and need.links == hub.ports else None
    return (1, ways, ways, hub) if rates == {1.0, wide[0][1]} else None


def _module_rank(module: Transceiver, usd: Mapping[str, float]) -> tuple[float, float, str]:
    return usd.get(module.id, math.inf), module.reach_m, module.id


def _fits(module: Transceiver, cage: CageClass, forms: Forms) -> bool:
    wanted = (cage.ports, cage.gbps, cage.lanes)
    return forms.takes(cage.form, module.form) and any((m.links, m.gbps, m.lanes) == wanted for m in module.modes)
