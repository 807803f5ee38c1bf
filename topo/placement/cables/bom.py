"""The bill of materials: how many of each part, at what price where one is known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.fabric import HOST, Fabric
from topo.fabric.model import BoolArray
from topo.placement.cables.cabling import Cabling
from topo.placement.cables.patching import Patching
from topo.placement.floor.racks import Places
from topo.units import amount, verb


@dataclass(frozen=True)
class Line:
    """One line: `length_m` for cables only. `usd_each` is None where the price book does not know the part, or prices
    it otherwise, as `remark` says. `spares` are ordered beside `count`. `usd_all` is for all where pieces differ;
    `note` says more of the pieces."""

    kind: str
    part: str
    title: str
    length_m: float | None
    count: int
    usd_each: float | None
    spares: int = 0
    usd_all: float | None = None
    remark: str = ""
    note: str = ""

    @property
    def usd(self) -> float | None:
        """The line's price, spares included."""
        return self.usd_all if self.usd_each is None else self.usd_each * (self.count + self.spares)

    @property
    def network_usd(self) -> float:
        """What of the price is part of a network's cost: spares, hosts and racks are not."""
        if self.kind in NO_NETWORK:
            return 0.0
        return (self.usd_all or 0.0) if self.usd_each is None else self.usd_each * self.count


@dataclass(frozen=True)
class Bom:
    """All lines, ordered by kind, part and length; `missing` counts the links that no part of the catalog joins. Where
    a price book prices whole links, `links` hold what they cost, by class."""

    lines: tuple[Line, ...]
    price_book: str
    missing: int
    links: tuple[Line, ...] = ()
    basis: str = ""

    @property
    def usd(self) -> float:
        """The sum over the priced lines."""
        return math.fsum(line.usd or 0.0 for line in (*self.lines, *self.links))

    @property
    def networks_usd(self) -> float:
        """What the networks cost: the sum without hosts, racks and spares."""
        return math.fsum(line.network_usd for line in (*self.lines, *self.links))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The parts without a price, sorted."""
        return tuple(sorted({line.part for line in (*self.lines, *self.links) if line.usd is None and not line.remark}))

    @property
    def complete(self) -> bool:
        """Every part has a price and every link a part."""
        return not self.unpriced and not self.missing

    def spares(self, kind: str) -> int:
        """How many spare pieces of a kind."""
        return sum(line.spares for line in self.lines if line.kind == kind)

    def count(self, kind: str) -> int:
        """How many pieces of a kind: switch, host, transceiver, panel, cable, rack, rack-content."""
        return sum(line.count for line in self.lines if line.kind == kind)


NO_NETWORK = ("host", "rack", "rack-content")
"""Kinds of lines that are part of no network's cost."""
IN_LINKS = "in the price of its link"
LEFT_OUT = "left out by the price book"
INSIDE = "part of the endpoints' own devices, not bought"


def bill_of_materials(
    fabric: Fabric,
    catalog: Catalog,
    cabling: Cabling,
    price_book: PriceBook | None = None,
    spares_percent: float = 0.0,
    links: tuple[Line, ...] = (),
    places: Places | None = None,
) -> Bom:
    """Counts switches, hosts with their NICs (which a host's price includes), modules, panels, and cables by ordered
    length: the cords and the trunk of a cable that passes panels are three. With `places` racks too, and what they hold
    beside devices: what a rack part comes with has no price of its own.
    `spares_percent` of every module and cable type, and at least one, are spares where it is above zero. `links`: what
    a book that prices whole links asks for them; the parts of links have no price of their own then."""
    usd = dict(price_book.parts_usd) if price_book else {}
    whole_links = price_book is not None and price_book.prices_links
    lines: list[Line] = []

    def add(kind: str, part: str, number: int, length_m: float | None = None, note: str = "") -> None:
        title = catalog.get(kind, part).title if catalog.path(kind, part) else ""
        price = usd.get(part)
        if price is None and kind == "switch" and price_book is not None:
            price = price_book.switch_price_usd(part, catalog.switch(part).ports if title else 0)
        inside = whole_links and kind in ("transceiver", "panel", "cable")
        wants = kind in ("transceiver", "cable") and spares_percent > 0
        spares = max(math.ceil(number * spares_percent / 100 - 1e-9), 1) if wants else 0
        remark = IN_LINKS if inside else ""
        lines.append(Line(kind, part, title, length_m, number, None if inside else price, spares, None, remark, note))

    devices = fabric.devices
    router = fabric.is_router
    for kind, mask in (("switch", (devices.tier != HOST) & ~router), ("host", devices.tier == HOST)):
        counts = np.bincount(devices.part[mask & (devices.part >= 0)], minlength=len(fabric.parts))
        for row in sorted(np.flatnonzero(counts).tolist(), key=lambda r: fabric.parts[r]):
            add(kind, fabric.parts[row], int(counts[row]))
    inside = np.bincount(devices.part[router & (devices.part >= 0)], minlength=len(fabric.parts))
    for row in np.flatnonzero(inside).tolist():
        title = catalog.switch(fabric.parts[row]).title if catalog.path("switch", fabric.parts[row]) else ""
        lines.append(Line("router", fabric.parts[row], title, None, int(inside[row]), None, 0, None, INSIDE))
    used, laid = bought(fabric, cabling)
    modules = np.bincount(cabling.modules.part[used], minlength=len(cabling.parts))
    for row in np.flatnonzero(modules).tolist():
        add("transceiver", cabling.parts[row], int(modules[row]))
    patching = cabling.patching
    if patching is not None:
        add("panel", patching.part.id, len(patching.panels))
    for row, metres, number in _ordered(cabling, laid):
        add("cable", cabling.parts[row], number, metres, _legs(patching, row, metres))
    lines += _racks(places, usd) if places is not None else ()
    missing = sum(u.links for u in cabling.unfit)
    named, basis = (price_book.id, price_book.basis) if price_book else ("", "")
    if price_book is not None:
        parts = [line.part for line in lines if line.kind == "switch"]
        odd = price_book.not_fitted(parts, np.unique(fabric.links.gbps).tolist())
        basis = "; ".join(filter(None, (basis, f"not fitted to {', '.join(odd)}" if odd else "")))
    return Bom(tuple(lines), named, missing, links, basis)


def _ordered(cabling: Cabling, laid: BoolArray) -> list[tuple[int, float, int]]:
    """Part, ordered length in metres and number of what is `laid` (shape (cables,)): of a cable that passes panels its
    cords, and its trunk once."""
    whole = (cabling.cables.part >= 0) & ~cabling.is_patched & laid
    pairs = np.stack([cabling.cables.part[whole].astype(np.float64), cabling.cables.sold_m[whole]], axis=1)
    patching = cabling.patching
    if patching is not None:
        cord = cabling.cables.part[patching.cable]
        part = np.stack([cord, patching.trunk, cord], axis=1).astype(np.float64)
        always = np.ones(len(cord), dtype=np.bool_)
        once = np.stack([always, patching.first, always], axis=1)
        pairs = np.concatenate([pairs, np.stack([part[once], patching.sold_m[once]], axis=1)])
    values, numbers = np.unique(pairs, axis=0, return_counts=True)
    return [(int(row), metres, n) for (row, metres), n in zip(values.tolist(), numbers.tolist(), strict=True)]


def _legs(patching: Patching | None, part: int, metres: float) -> str:
    """What a line of trunks of several plugs says of its legs; nothing of other cables."""
    if patching is None or patching.part.trunk_legs == 1:
        return ""
    mask = (patching.trunk == part) & (patching.sold_m[:, 1] == metres)
    legs = int((mask & patching.first).sum()) * patching.part.trunk_legs
    return (
        f"{legs - int(mask.sum()):,} of {amount(legs, 'leg')} {verb(legs - int(mask.sum()), 'are')} spare"
        if legs
        else ""
    )


def _racks(places: Places, usd: Mapping[str, float]) -> Iterator[Line]:
    """A line a rack part, then one for each kind of content: those of the parts, and those that the floor adds."""
    number = np.bincount(places.kind, minlength=len(places.kinds)).tolist()
    used = sorted(((kind, n) for kind, n in zip(places.kinds, number, strict=True) if n), key=lambda k: k[0].part.id)
    for kind, n in used:
        yield Line("rack", kind.part.id, kind.part.title, None, n, usd.get(kind.part.id))
    added: Counter[str] = Counter()
    for kind, n in used:
        own = len(kind.part.contents)
        inside: Counter[str] = Counter()
        for i, content in enumerate(kind.contents):
            (inside if i < own else added)[content.name] += n * content.count
        for name, count in sorted(inside.items()):
            yield Line("rack-content", name, "", None, count, None, remark=f"comes with {kind.part.id}")
    for name, count in sorted(added.items()):
        yield Line("rack-content", name, "", None, count, usd.get(name))


def bought(fabric: Fabric, cabling: Cabling) -> tuple[BoolArray, BoolArray]:
    """Shape (modules,) and (cables,): those that a link uses that does not lie inside a device."""
    outside = ~fabric.is_inside
    modules, cables = np.ones(len(cabling.modules), dtype=np.bool_), np.ones(len(cabling.cables), dtype=np.bool_)
    if outside.all():
        return modules, cables
    modules[:], cables[:] = False, False
    for rows in (cabling.module_at_a[outside], cabling.module_at_b[outside]):
        modules[rows[rows >= 0]] = True
    pairs = cabling.cable_links
    cables[pairs.cable[outside[pairs.link]]] = True
    return modules, cables
