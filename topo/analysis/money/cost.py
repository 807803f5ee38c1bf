"""What a network costs by a price book: its switches and its links. Hosts and their NICs are not part of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from topo.analysis.money.link_parts import link_parts
from topo.catalog import Catalog, PriceBook
from topo.catalog.models import CablePrice, RackLayout
from topo.fabric import HOST, SWITCH, Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement import Cabling, Line
from topo.placement.cables.bom import LEFT_OUT


@dataclass(frozen=True)
class Item:
    """One line of a price: so many of one kind. `usd` is for all of them, None where the book has no price."""

    kind: str
    name: str
    count: int
    usd: float | None


@dataclass(frozen=True)
class Cost:
    """The price of one network. `unpriced` names the parts and classes of links that the book has no price for,
    `leaves_out` what is no part of the sum though it is of the design, `basis` what prices rest on that are none of the
    market. `by_network` holds the totals of all networks of the design, this one among them."""

    price_book: str
    items: tuple[Item, ...]
    gpus: int
    endpoints: int
    leaves_out: tuple[str, ...] = ()
    basis: str = ""
    by_network: Mapping[str, float] = field(default_factory=dict)
    not_fitted: tuple[str, ...] = ()
    """Priced by a class that was fitted to other parts."""

    @property
    def by_class(self) -> dict[str, float]:
        """Money by what it is spent on: switches, cables, transceivers, panels, or links by their class."""
        kinds = dict.fromkeys(item.kind for item in self.items if item.usd is not None)
        return {kind: math.fsum(item.usd or 0.0 for item in self.items if item.kind == kind) for kind in kinds}

    @property
    def switches_usd(self) -> float:
        """Switches alone."""
        return self.by_class.get(SWITCHES, 0.0)

    @property
    def links_usd(self) -> float:
        """All but switches."""
        return math.fsum(usd for kind, usd in self.by_class.items() if kind != SWITCHES)

    @property
    def total_usd(self) -> float:
        """Switches and links: what is priced of them."""
        return math.fsum(item.usd or 0.0 for item in self.items)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What the book does not price, as it is met."""
        return tuple(dict.fromkeys(item.name for item in self.items if item.usd is None))

    @property
    def complete(self) -> bool:
        """Everything has a price and nothing is left out."""
        return not self.unpriced and not self.leaves_out

    def per_bisection_gbps_usd(self, lower_gbps: float, upper_gbps: float) -> tuple[float, float] | None:
        """Money per Gb/s of a bisection that lies between the two, least and most; None where nothing is proved of it,
        or not everything has a price."""
        if lower_gbps <= 0 or self.unpriced:
            return None
        return self.total_usd / upper_gbps, self.total_usd / lower_gbps

    def to_json(self, bisection_gbps: tuple[float, float] | None = None) -> dict[str, object]:
        """The report's keys, with the money per Gb/s of a bisection between these two, where it is known."""
        result: dict[str, object] = {"total": self.total_usd, "price_book": self.price_book}
        if self.basis:
            result["basis"] = self.basis
        if self.not_fitted:
            result["not_fitted"] = list(self.not_fitted)
        if self.gpus:
            result["per_gpu"] = self.total_usd / self.gpus
        if self.endpoints:
            result["per_endpoint"] = self.total_usd / self.endpoints
        each = self.per_bisection_gbps_usd(*bisection_gbps) if bisection_gbps else None
        if each is not None:
            result["per_bisection_gbps"] = {"lower": each[0], "upper": each[1]}
        return {
            **result,
            "complete": self.complete,
            "unpriced": list(self.unpriced),
            "leaves_out": list(self.leaves_out),
            "by_class": self.by_class,
            "by_network": dict(self.by_network),
        }


SWITCHES = "switches"


@dataclass(frozen=True)
class LinkClasses:
    """How many links of each class a network has, for price books that price links by class."""

    electric: int
    optical: int


def class_usd(book: PriceBook, classes: LinkClasses) -> tuple[float, tuple[str, ...]]:
    """The price of links by class, and the classes without a price."""
    priced = {
        "electric links": (classes.electric, book.electric_link_usd),
        "optical links": (classes.optical, book.optical_link_usd),
    }
    total = sum(n * usd for n, usd in priced.values() if usd is not None)
    return total, tuple(name for name, (n, usd) in priced.items() if n and usd is None)


def link_classes(fabric: Fabric, network: int, book: PriceBook) -> LinkClasses:
    """The classes of a network's links, as the book tells them apart."""
    counted = _counted(fabric, network, book)
    electric = counted & _electric(fabric, book)
    return LinkClasses(int(electric.sum()), int((counted & ~electric).sum()))


def network_cost(
    fabric: Fabric,
    network: int,
    catalog: Catalog,
    book: PriceBook,
    cabling: Cabling | None = None,
    spares: bool = False,
) -> Cost:
    """The price of one network (a row of `fabric.networks`). Without `cabling`, links that are priced by length or by
    part count as unpriced. `spares`: the design orders spare parts, which no network's price holds."""
    items = [_items(fabric, row, catalog, book, cabling) for row in range(len(fabric.networks))]
    totals = {
        name: math.fsum(item.usd or 0.0 for item in own) for name, own in zip(fabric.networks, items, strict=True)
    }
    ends = fabric.endpoints.network == network
    hosts = np.unique(fabric.endpoints.host[ends])
    gpus = int(fabric.devices.gpus[hosts].sum())
    out = _left_out(fabric, network, book, spares)
    odd = not_fitted(fabric, book, network)
    return Cost(book.id, items[network], gpus, int(ends.sum()), out, book.basis, totals, odd)


def not_fitted(fabric: Fabric, book: PriceBook, network: int | None = None) -> tuple[str, ...]:
    """Switches and speeds of links of a network (of all, by default) that the book prices as others."""
    devices, rows = fabric.devices, range(len(fabric.networks)) if network is None else (network,)
    mask = np.isin(devices.network, list(rows)) & (devices.tier != HOST) & ~fabric.is_router
    parts = [fabric.parts[p] for p in np.unique(devices.part[mask]).tolist() if p >= 0]
    counted = np.zeros(len(fabric.links), dtype=np.bool_)
    for row in rows:
        counted |= _counted(fabric, row, book)
    return book.not_fitted(parts, np.unique(fabric.links.gbps[counted]).tolist())


def _items(
    fabric: Fabric, network: int, catalog: Catalog, book: PriceBook, cabling: Cabling | None
) -> tuple[Item, ...]:
    return (*_switches(fabric, network, catalog, book), *link_items(fabric, network, catalog, book, cabling))


def link_items(
    fabric: Fabric, network: int, catalog: Catalog, book: PriceBook, cabling: Cabling | None
) -> tuple[Item, ...]:
    """What the links of a network cost: by class, by length, or by their parts, as the book prices them."""
    if book.optical_link_usd is not None or book.electric_link_usd is not None:
        classes = link_classes(fabric, network, book)
        priced = (
            ("electric", classes.electric, book.electric_link_usd),
            ("optical", classes.optical, book.optical_link_usd),
        )
        return tuple(
            Item(f"{name}_links", f"{name} links", n, None if usd is None else n * usd) for name, n, usd in priced if n
        )
    links = int(_counted(fabric, network, book).sum())
    if not links:
        return ()
    if book.rack_layout is not None and book.prices_links:
        return (Item("links", "links", links, _by_layout(fabric, network, book, book.rack_layout)),)
    if cabling is None:
        return (Item("links", "links", links, None),)
    if book.prices_links:
        return (Item("links", "links", links, _by_length(fabric, network, book, cabling)),)
    return _by_part(fabric, network, catalog, book, cabling)


def _left_out(fabric: Fabric, network: int, book: PriceBook, spares: bool) -> tuple[str, ...]:
    """What belongs to the design and is no part of the network's price."""
    mask = fabric.links.network == network
    out = bool((mask & fabric.is_endpoint_link & ~fabric.is_inside & ~_counted(fabric, network, book)).any())
    parts = {fabric.parts[p] for p in np.unique(fabric.devices.part[fabric.is_host]).tolist() if p >= 0}
    return (
        *(("endpoint links",) if out else ()),
        *(f"network {name}" for row, name in enumerate(fabric.networks) if row != network),
        *(("hosts",) if parts & book.parts_usd.keys() else ()),
        *(("spare parts",) if spares else ()),
    )


def _switches(fabric: Fabric, network: int, catalog: Catalog, book: PriceBook) -> tuple[Item, ...]:
    rows = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier != HOST) & ~fabric.is_router)
    ports = np.diff(fabric.port_start)[rows]
    kinds, counts = np.unique(
        np.stack([fabric.devices.part[rows], np.where(fabric.devices.part[rows] < 0, ports, 0)]),
        axis=1,
        return_counts=True,
    )
    result = []
    for (part, width), n in zip(kinds.T.tolist(), counts.tolist(), strict=True):
        name = fabric.parts[part] if part >= 0 else ""
        if name and catalog.path("switch", name):
            width = catalog.switch(name).ports
        usd = book.switch_price_usd(name, width)
        result.append(Item(SWITCHES, name or "switches without a part", n, None if usd is None else n * usd))
    return tuple(result)


def _counted(fabric: Fabric, network: int, book: PriceBook) -> BoolArray:
    """Shape (links,): links of the network that the book counts; the rack layout has no places for hosts."""
    mask = (fabric.links.network == network) & ~fabric.is_inside
    by_class = book.optical_link_usd is not None or book.electric_link_usd is not None
    laid_out = book.rack_layout is not None and book.prices_links and not by_class
    return np.asarray(mask) if book.counts_endpoint_links and not laid_out else mask & ~fabric.is_endpoint_link


def _electric(fabric: Fabric, book: PriceBook) -> BoolArray:
    """Shape (links,): links that the book calls electric."""
    kinds = [i for i, kind in enumerate(fabric.link_kinds) if kind in book.electric_links]
    electric = np.isin(fabric.links.kind, kinds)
    if book.electric_rack_switches:
        devices, a, b = fabric.devices, fabric.link_a, fabric.link_b
        rack = devices.index // book.electric_rack_switches
        electric &= (devices.pod[a] == devices.pod[b]) & (rack[a] == rack[b])
    ends = fabric.is_endpoint_link
    return np.asarray(np.where(ends, book.endpoint_links == "electric", electric))


def _by_length(fabric: Fabric, network: int, book: PriceBook, cabling: Cabling) -> float:
    own = _counted(fabric, network, book)
    metres, gbps = cabling.lengths.length_m[own], fabric.links.gbps[own]
    offers = [c for c in (book.electric_cable, book.optical_cable) if c is not None]
    return float(sum(np.min([_cable_usd(c, metres, gbps) for c in offers], axis=0))) if len(metres) else 0.0


def _by_layout(fabric: Fabric, network: int, book: PriceBook, layout: RackLayout) -> float:
    """Links between switches by the rack layout of the book: electric inside a rack, optical between racks."""
    own = _counted(fabric, network, book)
    rack, column, row = _racks(fabric, network, layout)
    a, b = fabric.link_a[own], fabric.link_b[own]
    far = np.abs(column[a] - column[b]) + np.abs(row[a] - row[b])
    metres = np.where(rack[a] == rack[b], layout.inside_m, far * layout.pitch_m + layout.overhead_m)
    gbps = fabric.links.gbps[own]
    usd = np.zeros(len(gbps))
    for price, those in ((book.electric_cable, rack[a] == rack[b]), (book.optical_cable, rack[a] != rack[b])):
        offer = price or book.electric_cable or book.optical_cable
        usd[those] = _cable_usd(offer, metres[those], gbps[those]) if offer else 0.0
    return float(usd.sum())


def _racks(fabric: Fabric, network: int, layout: RackLayout) -> tuple[IntArray, IntArray, IntArray]:
    """Shape (devices,) each: the rack of every switch of a network, counted from 0, and its column and row; -1 for all
    other devices."""
    devices = fabric.devices
    rows = np.flatnonzero((devices.network == network) & (devices.tier != HOST))
    loose = (devices.pod[rows] < 0) | (devices.tier[rows] != SWITCH)
    tier = np.where(loose, devices.tier[rows], -1)
    order = np.lexsort((np.arange(len(rows)), tier, devices.plane[rows]))
    group = np.stack([devices.plane[rows], tier, devices.pod[rows]])
    _, kind = np.unique(group, axis=1, return_inverse=True)
    kind = kind.reshape(-1)
    place = np.empty(len(rows), np.int64)
    by_kind = order[np.argsort(kind[order], kind="stable")]
    place[by_kind] = np.arange(len(rows)) - np.searchsorted(kind[by_kind], kind[by_kind])
    part = np.where(loose, place // layout.rack_switches, 0)
    _, number = np.unique(np.stack([kind, part]), axis=1, return_inverse=True)
    rack, column, row = (np.full(len(devices), -1, np.int64) for _ in range(3))
    rack[rows] = number.reshape(-1)
    across = max(math.ceil(math.sqrt(int(rack.max(initial=0)) + 1)), 1)
    column[rows], row[rows] = rack[rows] % across, rack[rows] // across
    return rack, column, row


def _cable_usd(price: CablePrice, metres: FloatArray, gbps: FloatArray) -> FloatArray:
    return np.asarray(gbps * (metres * price.usd_per_gbps_m + price.usd_per_gbps))


KINDS = {"transceiver": "transceivers", "panel": "panels", "cable": "cables"}
"""Classes of money by kind of part."""


def _by_part(fabric: Fabric, network: int, catalog: Catalog, book: PriceBook, cabling: Cabling) -> tuple[Item, ...]:
    """Parts that several networks share count for the first of them."""
    counts = link_parts(_counted(fabric, network, book), cabling, np.asarray(fabric.links.network < network))
    result = []
    for part, n in counts.items():
        kind = next((word for kind, word in KINDS.items() if part and catalog.path(kind, part)), "cables")
        usd = book.parts_usd.get(part)
        result.append(Item(kind, part or "links that no part joins", n, None if usd is None else n * usd))
    return tuple(result)


def link_lines(fabric: Fabric, catalog: Catalog, book: PriceBook, cabling: Cabling) -> tuple[Line, ...]:
    """The links of all networks as lines of a bill of materials, for a book that prices whole links: what each network
    pays for them, and the links that the book leaves out."""
    result = []
    for row, name in enumerate(fabric.networks):
        for item in link_items(fabric, row, catalog, book, cabling):
            result.append(Line("link", item.name, f"network {name}", None, item.count, None, 0, item.usd))
        mask = (fabric.links.network == row) & fabric.is_endpoint_link & ~fabric.is_inside
        out = int((mask & ~_counted(fabric, row, book)).sum())
        if out:
            result.append(Line("link", "endpoint links", f"network {name}", None, out, None, 0, None, LEFT_OUT))
    return tuple(result)
