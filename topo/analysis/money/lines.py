"""What is bought, by network and class, at list price; and what it draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from topo.analysis.money.amount import Amount
from topo.analysis.money.cost import KINDS, SWITCHES, Item, network_cost
from topo.analysis.money.link_parts import link_parts
from topo.analysis.money.terms import SHARED
from topo.catalog import Cable, Catalog, Host, PriceBook, Switch, Transceiver
from topo.fabric import HOST, Fabric

if TYPE_CHECKING:
    from topo.placement import Cabling
    from topo.placement import Line as BomLine

Key = tuple[str, str]
"""(network, class)."""
MEDIA = {
    "passive-copper": "copper", "active-copper": "copper", "aoc": "optics", "multimode": "fibre",
    "single-mode": "fibre",
}  # fmt: skip
WHOLE = {"electric_links": "copper", "optical_links": "optics", "transceivers": "optics"}


@dataclass(frozen=True)
class Bought:
    """So many of one thing, for a network; `price` is for all of them, None where nobody says."""

    network: str
    kind: str
    name: str
    count: float
    price: Amount | None


def class_of(catalog: Catalog, item: Item) -> str:
    """The class of an item of a network's price."""
    if item.kind != KINDS["cable"]:
        return WHOLE.get(item.kind, item.kind)
    if not catalog.path("cable", item.name):
        return "links"
    return MEDIA[cast(Cable, catalog.get("cable", item.name)).medium]


def bought(fabric: Fabric, catalog: Catalog, book: PriceBook, cabling: Cabling) -> Iterator[Bought]:
    """The items of every network. Parts that networks share count for the first of them."""
    ends = (book.at("low"), book, book.at("high")) if book.has_ranges else (book,)
    for row, network in enumerate(fabric.networks):
        columns = [network_cost(fabric, row, catalog, one, cabling).items for one in ends]
        for same in zip(*columns, strict=True):
            prices = [item.usd for item in same if item.usd is not None]
            whole = len(prices) == len(same)
            price = Amount(min(prices), prices[len(same) // 2], max(prices)) if whole else None
            item = same[0]
            yield Bought(network, class_of(catalog, item), item.name, item.count, price)


def spares(lines: Iterable[BomLine], book: PriceBook) -> Iterator[Bought]:
    """Spare parts, of which a book that prices whole links knows no price."""
    for line in lines:
        if line.spares:
            each = None if book.prices_links else book.parts_usd.get(line.part)
            price = None if each is None else Amount.of(each).times(line.spares)
            yield Bought(SHARED, "spares", f"spare {line.part}", line.spares, price)


def hosts(fabric: Fabric, book: PriceBook) -> Iterator[Bought]:
    """Hosts, whose price holds their NICs."""
    parts, counts = np.unique(fabric.devices.part[fabric.devices.tier == HOST], return_counts=True)
    for part, n in zip(parts.tolist(), counts.tolist(), strict=True):
        name = fabric.parts[part] if part >= 0 else "hosts without a part"
        each = book.parts_usd.get(name)
        yield Bought(SHARED, "hosts", name, n, None if each is None else Amount.of(each).times(n))


@dataclass(frozen=True)
class Drawn:
    """Typical power in watts; `unknown` names the parts whose power nobody says."""

    watts: dict[Key, float]
    unknown: dict[Key, tuple[str, ...]]


def drawn(fabric: Fabric, catalog: Catalog, cabling: Cabling, with_hosts: bool) -> Drawn:
    """What switches, modules and active cables draw by network and class, and hosts at their maximum where asked."""
    watts: dict[Key, float] = {}
    unknown: dict[Key, tuple[str, ...]] = {}

    def add(network: str, kind: str, name: str, n: int, each: float | None) -> None:
        key = network, kind
        if each is None:
            unknown[key] = (*unknown.get(key, ()), name or "links that no part joins")
        watts[key] = watts.get(key, 0.0) + n * (each or 0.0)

    devices = fabric.devices
    for row, network in enumerate(fabric.networks):
        mask = (devices.network == row) & (devices.tier != HOST) & ~fabric.is_router
        for name, n in _parts(fabric, mask):
            add(network, SWITCHES, name, n, _figure(catalog, "switch", name, lambda p: cast(Switch, p).power_typical_w))
        links = np.asarray((fabric.links.network == row) & ~fabric.is_inside)
        for name, n in link_parts(links, cabling, np.asarray(fabric.links.network < row)).items():
            kind, each = _link_part(catalog, name)
            add(network, kind, name, n, each)
    for name, n in _parts(fabric, devices.tier == HOST) if with_hosts else ():
        add(SHARED, "hosts", name, n, _figure(catalog, "host", name, lambda p: cast(Host, p).power_max_w))
    return Drawn({key: value for key, value in watts.items() if value}, unknown)


def _parts(fabric: Fabric, own: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Iterator[tuple[str, int]]:
    parts, counts = np.unique(fabric.devices.part[own], return_counts=True)
    for part, n in zip(parts.tolist(), counts.tolist(), strict=True):
        yield fabric.parts[part] if part >= 0 else "", n


def _figure(catalog: Catalog, kind: str, name: str, of: Callable[[object], float | None]) -> float | None:
    return of(catalog.get(kind, name)) if name and catalog.path(kind, name) else None


def _link_part(catalog: Catalog, name: str) -> tuple[str, float | None]:
    """The class of a part of links, and its power; fibre and panels draw nothing."""
    if name and catalog.path("transceiver", name):
        return "optics", cast(Transceiver, catalog.get("transceiver", name)).power_w
    if name and catalog.path("panel", name):
        return "panels", 0.0
    if not name or not catalog.path("cable", name):
        return "links", None
    cable = cast(Cable, catalog.get("cable", name))
    kind = MEDIA[cable.medium]
    quiet = kind == "fibre" or cable.medium == "passive-copper"
    return kind, cable.power_w or (0.0 if quiet else None)
