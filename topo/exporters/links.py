"""The one table of link ends: a row for each link of each cable, with every column a cabling plan needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.catalog import Catalog, Transceiver
from topo.exporters.table import Column, constant, numbers, picked, texts
from topo.fabric import TIER_NAMES, Fabric
from topo.fabric.model import IntArray
from topo.placement import BASES, MEDIA, Cabling, Places
from topo.placement.cables.labels import end_labels, port_labels
from topo.placement.cables.numbers import cable_names

JACKET = {
    "passive-copper": "black",
    "active-copper": "black",
    "aoc": "orange",
    "multimode": "aqua",
    "single-mode": "yellow",
}
"""Jacket colour by medium, as TIA-598 gives it for laser-optimised multimode and single-mode fibre."""


@dataclass(frozen=True)
class LinkRows:
    """Rows in cable order (shape (rows,) each): `cable`, `link`, and the link's ports `a` and `b`; `leg` counts a
    cable's links from 1. `names_a`, `names_b`: device and port as `device:port`, by link row of the fabric."""

    fabric: Fabric
    catalog: Catalog
    cabling: Cabling
    cable: IntArray
    link: IntArray
    leg: IntArray
    names_a: list[str]
    names_b: list[str]
    places: Places | None = None

    @cached_property
    def cable_ids(self) -> list[str]:
        """The name of every cable."""
        return cable_names(self.cabling, self.names_a)

    @cached_property
    def printed(self) -> list[str]:
        """What the second line of a label says of every cable: its number and its name."""
        number = self.cabling.cables.number.tolist()
        return [f"{n} {name}" for n, name in zip(number, self.cable_ids, strict=True)]

    @cached_property
    def columns(self) -> list[Column]:
        """Every column of the cable schedule; those that placement fills are empty without it."""
        links = self.fabric.links
        label_a, label_b = self.labels
        return [
            texts("label_a", label_a),
            texts("label_b", label_b),
            *self.plain_columns,
            numbers("bundle", links.bundle[self.link]),
            numbers("link_id", links.id[self.link]),
            Column("status", ["planned", "backup"], np.where(links.active[self.link], 0, 1)),
        ]

    @cached_property
    def plain_columns(self) -> list[Column]:
        """The columns of the cable schedule without labels, ids of links and bundles, and the state of links."""
        fabric, cabling = self.fabric, self.cabling
        links, cables = fabric.links, cabling.cables
        link, cable = self.link, self.cable
        return [
            numbers("cable_number", cables.number[cable]),
            Column("cable", self.cable_ids, cable),
            self._legs(),
            *self._end("a", links.a[link], cabling.form_a[link], cabling.module_at_a[link]),
            *self._end("b", links.b[link], cabling.form_b[link], cabling.module_at_b[link]),
            self.cable_parts.rows(cable),
            picked("media", MEDIA, cables.medium[cable]),
            picked("colour", [JACKET[m] for m in MEDIA], cables.medium[cable]),
            numbers("speed_gbps", links.gbps[link]),
            numbers("length_m", cables.sold_m[cable]),
            numbers("route_m", cabling.lengths.length_m[link]),
            picked("length_basis", BASES, cabling.lengths.basis[link]),
            numbers("slack_m", cabling.lengths.slack_m[link]),
            self.pull_groups.rows(cable),
            picked("network", fabric.networks, links.network[link]),
            picked("kind", fabric.link_kinds, links.kind[link]),
            picked("plane", *_codes(links.plane[link]), is_number=True),
            picked("rail", *_codes(links.rail[link]), is_number=True),
        ]

    @cached_property
    def cable_columns(self) -> list[Column]:
        """A row a cable: its part, length and how many links it carries."""
        cables, cabling = self.cabling.cables, self.cabling
        first = cables.first_link
        return [
            numbers("cable_number", cables.number),
            texts("cable", self.cable_ids),
            self.cable_parts,
            picked("media", MEDIA, cables.medium),
            picked("colour", [JACKET[m] for m in MEDIA], cables.medium),
            numbers("length_m", cables.sold_m),
            numbers("route_m", cables.length_m),
            picked("length_basis", BASES, cabling.lengths.basis[first]),
            numbers("links", cables.links),
            picked("kind", self.fabric.link_kinds, self.fabric.links.kind[first]),
            self.pull_groups,
        ]

    @cached_property
    def cable_parts(self) -> Column:
        """Per cable: its part; of one that passes panels those of its segments, as cord+trunk+cord."""
        cabling = self.cabling
        parts, codes = list(cabling.parts), cabling.cables.part.copy()
        patching = cabling.patching
        if patching is not None:
            cord = codes[patching.cable]
            pairs, which = np.unique(np.stack([cord, patching.trunk]), axis=1, return_inverse=True)
            codes[patching.cable] = len(parts) + which.reshape(-1)
            parts += [f"{parts[c]}+{parts[t]}+{parts[c]}" for c, t in pairs.T.tolist()]
        return picked("cable_part", parts, codes)

    @cached_property
    def pull_groups(self) -> Column:
        """Per cable: the two racks it joins, as 1A01>1B07, or the one it stays in; empty without placement. A splitter
        goes by its first link."""
        if self.places is None:
            return constant("pull_group", "", len(self.cabling.cables))
        first = self.cabling.cables.first_link
        a, b = self.places.rack[self.fabric.link_a[first]], self.places.rack[self.fabric.link_b[first]]
        return pull_groups(self.places, a, b)

    @cached_property
    def labels(self) -> tuple[list[str], list[str]]:
        """The label at each end, row by row, near end first: rack-RU:port, or device:port without placement."""
        ends = self.fabric.links
        names_a = end_labels(self.fabric, ends.a, self.places) if self.places else self.names_a
        names_b = end_labels(self.fabric, ends.b, self.places) if self.places else self.names_b
        near = list(map(names_a.__getitem__, self.link.tolist()))
        far = list(map(names_b.__getitem__, self.link.tolist()))
        pairs = list(zip(near, far, strict=True))
        return [f"{x}/{y}" for x, y in pairs], [f"{y}/{x}" for x, y in pairs]

    def _legs(self) -> Column:
        most = int(self.cabling.cables.links.max(initial=1))
        names = [f"{leg}/{of}" for of in range(1, most + 1) for leg in range(1, most + 1)]
        return Column("leg", names, (self.cabling.cables.links[self.cable] - 1) * most + self.leg - 1)

    def _end(self, end: str, port: IntArray, form: IntArray, module: IntArray) -> list[Column]:
        fabric, cabling = self.fabric, self.cabling
        device = fabric.ports.device[port]
        optics = np.where(module >= 0, at(cabling.modules.part, module), cabling.built_in[form])
        return [
            *place_columns(self.places, device, f"{end}_"),
            Column(f"{end}_device", fabric.devices.name.tolist(), device),
            Column(f"{end}_role", TIER_NAMES, fabric.devices.tier[device]),
            Column(f"{end}_port", fabric.port_names.tolist(), fabric.ports.name[port]),
            self._connector(f"{end}_connector", form, optics),
            picked(f"{end}_module", cabling.parts, optics),
        ]

    def _connector(self, title: str, form: IntArray, optics: IntArray) -> Column:
        """What the cable ends in: the fibre connector at a module or at built-in optics, else the plug that fits the
        cage."""
        cabling = self.cabling
        parts = [
            self.catalog.get("transceiver", p) if self.catalog.path("transceiver", p) else None for p in cabling.parts
        ]
        names = [*cabling.forms, *(p.connector if isinstance(p, Transceiver) else "" for p in parts)]
        fitted = cabling.cables.part[self.cable] >= 0
        return picked(
            title,
            names,
            np.where(fitted, np.where(optics >= 0, len(cabling.forms) + optics, form), -1),
        )


def pull_groups(places: Places, a: IntArray, b: IntArray) -> Column:
    """The pairs of racks (rows of `places.racks`) by name, as 1A01>1B07; one name where both are the same."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    pair, codes = np.unique(low * len(places.racks) + high, return_inverse=True)
    names = places.racks.name.tolist()
    ends = [divmod(p, len(names)) for p in pair.tolist()]
    return Column("pull_group", [f"{names[x]}>{names[y]}" if x != y else names[x] for x, y in ends], codes)


def at(values: IntArray, rows: IntArray) -> IntArray:
    """`values[rows]`, and -1 where the row is -1."""
    return np.asarray(np.append(values, -1)[rows])


def _codes(values: IntArray) -> tuple[list[str], IntArray]:
    """Small whole numbers as texts and codes; -1 stays -1."""
    return [str(i) for i in range(int(values.max(initial=-1)) + 1)], values


def place_columns(places: Places | None, device: IntArray, head: str = "") -> list[Column]:
    """Site, hall, row, rack and rack unit of devices; empty without placement."""
    titles = [head + title for title in ("site", "hall", "row", "rack", "ru")]
    if places is None:
        return [constant(title, "", len(device), title.endswith("ru")) for title in titles]
    racks, rack = places.racks, places.rack[device]
    return [
        constant(titles[0], places.site, len(device)),
        Column(titles[1], [str(h) for h in racks.hall.tolist()], rack),
        Column(titles[2], [str(n).lstrip("0123456789").rstrip("0123456789") for n in racks.name.tolist()], rack),
        Column(titles[3], racks.name.tolist(), rack),
        numbers(titles[4], places.ru[device]),
    ]


def link_rows(fabric: Fabric, catalog: Catalog, cabling: Cabling, places: Places | None = None) -> LinkRows:
    """The table of a cabled fabric."""
    pairs = cabling.cable_links
    start = np.searchsorted(pairs.cable, np.arange(len(cabling.cables)))
    leg = np.arange(len(pairs)) - start[pairs.cable] + 1
    names_a, names_b = port_labels(fabric, fabric.links.a), port_labels(fabric, fabric.links.b)
    return LinkRows(fabric, catalog, cabling, pairs.cable, pairs.link, leg, names_a, names_b, places)
