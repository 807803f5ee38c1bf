"""What a network costs by a price book: its switches and its links. Hosts and their NICs are not part of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from topo.analysis._link_parts import link_parts
from topo.catalog import Catalog, PriceBook
from topo.catalog.models import CablePrice, RackLayout
from topo.fabric import HOST, SWITCH, Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement import Cabling


@dataclass(frozen=True)
class Cost:
    """The price of one network. `unpriced` names the parts and classes of links that the book has no price for: where
    there are any, the totals are those of the rest."""

    price_book: str
    switches_usd: float
    links_usd: float
    gpus: int
    endpoints: int
    unpriced: tuple[str, ...] = ()

    @property
    def total_usd(self) -> float:
        """Switches and links."""
        return self.switches_usd + self.links_usd

    @property
    def complete(self) -> bool:
        """Everything has a price."""
        return not self.unpriced

    def per_bisection_gbps_usd(self, lower_gbps: float, upper_gbps: float) -> tuple[float, float] | None:
        """Money per Gb/s of a bisection that lies between the two, least and most; None where nothing is proved of it,
        or not everything has a price."""
        if lower_gbps <= 0 or not self.complete:
            return None
        return self.total_usd / upper_gbps, self.total_usd / lower_gbps

    def to_json(self, bisection_gbps: tuple[float, float] | None = None) -> dict[str, object]:
        """The report's keys, with the money per Gb/s of a bisection between these two, where it is known."""
        found: dict[str, object] = {"total": self.total_usd, "price_book": self.price_book}
        if self.gpus:
            found["per_gpu"] = self.total_usd / self.gpus
        if self.endpoints:
            found["per_endpoint"] = self.total_usd / self.endpoints
        each = self.per_bisection_gbps_usd(*bisection_gbps) if bisection_gbps else None
        if each is not None:
            found["per_bisection_gbps"] = {"lower": each[0], "upper": each[1]}
        return {**found, "complete": self.complete, "unpriced": list(self.unpriced)}


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
    fabric: Fabric, network: int, catalog: Catalog, book: PriceBook, cabling: Cabling | None = None
) -> Cost:
    """The price of one network (a row of `fabric.networks`). Without `cabling`, links that are priced by length or by
    part count as unpriced."""
    switches, no_switch = _switches(fabric, network, catalog, book)
    if book.optical_link_usd is not None or book.electric_link_usd is not None:
        links, no_link = class_usd(book, link_classes(fabric, network, book))
    elif book.rack_layout is not None and book.prices_links:
        links, no_link = _by_layout(fabric, network, book, book.rack_layout), ()
    elif cabling is None:
        links, no_link = 0.0, (("links",) if bool(_counted(fabric, network, book).any()) else ())
    elif book.prices_links:
        links, no_link = _by_length(fabric, network, book, cabling), ()
    else:
        links, no_link = _by_part(fabric, network, book, cabling)
    ends = fabric.endpoints.network == network
    hosts = np.unique(fabric.endpoints.host[ends])
    return Cost(
        book.id, switches, links, int(fabric.devices.gpus[hosts].sum()), int(ends.sum()), (*no_switch, *no_link)
    )


def _switches(fabric: Fabric, network: int, catalog: Catalog, book: PriceBook) -> tuple[float, tuple[str, ...]]:
    mine = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier != HOST))
    ports = np.diff(fabric.port_start)[mine]
    kinds, counts = np.unique(
        np.stack([fabric.devices.part[mine], np.where(fabric.devices.part[mine] < 0, ports, 0)]),
        axis=1,
        return_counts=True,
    )
    total, unpriced = 0.0, []
    for (part, width), n in zip(kinds.T.tolist(), counts.tolist(), strict=True):
        name = fabric.parts[part] if part >= 0 else ""
        if name and catalog.path("switch", name):
            width = catalog.switch(name).ports
        usd = book.switch_price_usd(name, width)
        if usd is None:
            unpriced.append(name or "switches without a part")
        total += n * (usd or 0.0)
    return total, tuple(unpriced)


def _counted(fabric: Fabric, network: int, book: PriceBook) -> BoolArray:
    """Shape (links,): links of the network that the book counts."""
    mine = fabric.links.network == network
    return mine & ~fabric.is_endpoint_link if book.endpoint_links == "not-counted" else np.asarray(mine)


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
    mine = _counted(fabric, network, book)
    metres, gbps = cabling.lengths.length_m[mine], fabric.links.gbps[mine]
    offers = [c for c in (book.electric_cable, book.optical_cable) if c is not None]
    return float(sum(np.min([_cable_usd(c, metres, gbps) for c in offers], axis=0))) if len(metres) else 0.0


def _by_layout(fabric: Fabric, network: int, book: PriceBook, layout: RackLayout) -> float:
    """Links between switches by the rack layout of the book: electric inside a rack, optical between racks."""
    mine = _counted(fabric, network, book) & ~fabric.is_endpoint_link
    rack, column, row = _racks(fabric, network, layout)
    a, b = fabric.link_a[mine], fabric.link_b[mine]
    far = np.abs(column[a] - column[b]) + np.abs(row[a] - row[b])
    metres = np.where(rack[a] == rack[b], layout.inside_m, far * layout.pitch_m + layout.overhead_m)
    gbps = fabric.links.gbps[mine]
    usd = np.zeros(len(gbps))
    for price, those in ((book.electric_cable, rack[a] == rack[b]), (book.optical_cable, rack[a] != rack[b])):
        offer = price or book.electric_cable or book.optical_cable
        usd[those] = _cable_usd(offer, metres[those], gbps[those]) if offer else 0.0
    return float(usd.sum())


def _racks(fabric: Fabric, network: int, layout: RackLayout) -> tuple[IntArray, IntArray, IntArray]:
    """Shape (devices,) each: the rack of every switch of a network, counted from 0, and its column and row; -1 for all
    other devices."""
    devices = fabric.devices
    mine = np.flatnonzero((devices.network == network) & (devices.tier != HOST))
    loose = (devices.pod[mine] < 0) | (devices.tier[mine] != SWITCH)
    tier = np.where(loose, devices.tier[mine], -1)
    order = np.lexsort((np.arange(len(mine)), tier, devices.plane[mine]))
    group = np.stack([devices.plane[mine], tier, devices.pod[mine]])
    _, kind = np.unique(group, axis=1, return_inverse=True)
    kind = kind.reshape(-1)
    place = np.empty(len(mine), np.int64)
    by_kind = order[np.argsort(kind[order], kind="stable")]
    place[by_kind] = np.arange(len(mine)) - np.searchsorted(kind[by_kind], kind[by_kind])
    part = np.where(loose, place // layout.rack_switches, 0)
    _, number = np.unique(np.stack([kind, part]), axis=1, return_inverse=True)
    rack, column, row = (np.full(len(devices), -1, np.int64) for _ in range(3))
    rack[mine] = number.reshape(-1)
    across = max(math.ceil(math.sqrt(int(rack.max(initial=0)) + 1)), 1)
    column[mine], row[mine] = rack[mine] % across, rack[mine] // across
    return rack, column, row


def _cable_usd(price: CablePrice, metres: FloatArray, gbps: FloatArray) -> FloatArray:
    return np.asarray(gbps * (metres * price.usd_per_gbps_m + price.usd_per_gbps))


def _by_part(fabric: Fabric, network: int, book: PriceBook, cabling: Cabling) -> tuple[float, tuple[str, ...]]:
    total, unpriced = 0.0, []
    counts = link_parts(_counted(fabric, network, book), cabling)
    for part, n in counts.items():
        usd = book.parts_usd.get(part)
        if usd is None:
            unpriced.append(part or "links that no part joins")
        total += n * (usd or 0.0)
    return total, tuple(unpriced)
