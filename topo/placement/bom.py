"""The bill of materials: how many of each part, at what price where one is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from topo.catalog import Catalog
from topo.catalog.models import PriceBook
from topo.fabric import HOST, Fabric
from topo.placement.cabling import Cabling


@dataclass(frozen=True)
class Line:
    """One line: `length_m` for cables only. `usd_each` is None where the price book does not know the part. `spares`
    are ordered beside `count`."""

    kind: str
    part: str
    title: str
    length_m: float | None
    count: int
    usd_each: float | None
    spares: int = 0

    @property
    def usd(self) -> float | None:
        """The line's price, spares included."""
        return None if self.usd_each is None else self.usd_each * (self.count + self.spares)


@dataclass(frozen=True)
class Bom:
    """All lines, ordered by kind, part and length; `missing` counts the links that no part of the catalog joins."""

    lines: tuple[Line, ...]
    price_book: str
    missing: int

    @property
    def usd(self) -> float:
        """The sum over the priced lines."""
        return sum(line.usd or 0.0 for line in self.lines)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The parts without a price, sorted."""
        return tuple(sorted({line.part for line in self.lines if line.usd_each is None}))

    @property
    def complete(self) -> bool:
        """Every part has a price and every link a part."""
        return not self.unpriced and not self.missing

    def spares(self, kind: str) -> int:
        """How many spare pieces of a kind."""
        return sum(line.spares for line in self.lines if line.kind == kind)

    def count(self, kind: str) -> int:
        """How many pieces of a kind: switch, host, nic, transceiver, panel, cable."""
        return sum(line.count for line in self.lines if line.kind == kind)


def bill_of_materials(
    fabric: Fabric, catalog: Catalog, cabling: Cabling, price_book: PriceBook | None = None, spares_percent: float = 0.0
) -> Bom:
    """Counts switches, hosts with their NICs (which a host's price includes), modules, panels, and cables by ordered
    length: the cords and the trunk of a cable that passes panels are three.
    `spares_percent` of every module and cable type, and at least one, are spares where it is above zero."""
    usd = dict(price_book.parts_usd) if price_book else {}
    lines: list[Line] = []

    def add(kind: str, part: str, number: int, length_m: float | None = None) -> None:
        title = catalog.get(kind, part).title if catalog.path(kind, part) else ""
        price = usd.get(part)
        if price is None and kind == "switch" and price_book is not None:
            price = price_book.switch_price_usd(part, catalog.switch(part).ports if title else 0)
        wants = kind in ("transceiver", "cable") and spares_percent > 0
        spares = max(math.ceil(number * spares_percent / 100 - 1e-9), 1) if wants else 0
        lines.append(Line(kind, part, title, length_m, number, price, spares))

    devices = fabric.devices
    for kind, mask in (("switch", devices.tier != HOST), ("host", devices.tier == HOST)):
        counts = np.bincount(devices.part[mask & (devices.part >= 0)], minlength=len(fabric.parts))
        for row in sorted(np.flatnonzero(counts).tolist(), key=lambda r: fabric.parts[r]):
            add(kind, fabric.parts[row], int(counts[row]))
    modules = np.bincount(cabling.modules.part, minlength=len(cabling.parts))
    for row in np.flatnonzero(modules).tolist():
        add("transceiver", cabling.parts[row], int(modules[row]))
    patching = cabling.patching
    if patching is not None:
        add("panel", patching.part.id, len(patching.panels))
    whole = (cabling.cables.part >= 0) & ~cabling.is_patched
    pairs = np.stack([cabling.cables.part[whole].astype(np.float64), cabling.cables.sold_m[whole]], axis=1)
    if patching is not None:
        cord = cabling.cables.part[patching.cable]
        part = np.stack([cord, patching.trunk, cord], axis=1).astype(np.float64)
        pairs = np.concatenate([pairs, np.stack([part.ravel(), patching.sold_m.ravel()], axis=1)])
    values, numbers = np.unique(pairs, axis=0, return_counts=True)
    for (row, metres), number in zip(values.tolist(), numbers.tolist(), strict=True):
        add("cable", cabling.parts[int(row)], number, metres)
    missing = sum(u.links for u in cabling.unfit)
    return Bom(tuple(lines), price_book.id if price_book else "", missing)
