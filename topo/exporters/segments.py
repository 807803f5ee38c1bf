"""The cables that pass patch panels, segment by segment: cord, trunk, cord."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from topo.exporters.links import LinkRows, pull_groups
from topo.exporters.table import Column, constant, numbers, picked, texts
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement import MEDIA, Patching, Places
from topo.placement.cables.labels import end_labels

KINDS = ("cord", "trunk", "cord")


@dataclass(frozen=True)
class SegmentRows:
    """Three rows a cable, in cable order. A segment runs from one stop of its cable to the next: device a, panel a,
    panel b, device b."""

    links: LinkRows
    patching: Patching
    places: Places

    @property
    def cable(self) -> IntArray:
        """Shape (rows,): the cable's row."""
        return np.repeat(self.patching.cable, 3)

    @property
    def part(self) -> IntArray:
        """Shape (rows,): a row of the cabling's parts."""
        cord = self.links.cabling.cables.part[self.patching.cable]
        return np.stack([cord, self.patching.trunk, cord], axis=1).ravel()

    @property
    def sold_m(self) -> FloatArray:
        """Shape (rows,): the ordered length."""
        return self.patching.sold_m.ravel()

    @cached_property
    def ids(self) -> list[str]:
        """The cable and which of its segments: `host0001:mlx5_0 2/3`."""
        return self._each(self.links.cable_ids)

    @cached_property
    def printed(self) -> list[str]:
        """The same behind the cable's number, as a label says it: `12345 host0001:mlx5_0 2/3`."""
        return self._each(self.links.printed)

    def _each(self, names: list[str]) -> list[str]:
        legs = self.patching.part.trunk_legs
        if legs == 1:
            return [f"{names[c]} {s}/3" for c in self.patching.cable.tolist() for s in (1, 2, 3)]
        trunk = zip(
            self.patching.cable.tolist(), self.patching.trunk_number.tolist(), self.patching.leg.tolist(), strict=True
        )
        return [
            f"{names[c]} {s}/3" + (f" trunk {t} leg {leg}/{legs}" if s == 2 else "")
            for c, t, leg in trunk
            for s in (1, 2, 3)
        ]

    @property
    def is_piece(self) -> BoolArray:
        """Shape (rows,): the rows that count pieces: each cord, and a trunk at its first leg."""
        cord = np.ones(len(self.patching.cable), dtype=np.bool_)
        return np.stack([cord, self.patching.first, cord], axis=1).ravel()

    @cached_property
    def labels(self) -> tuple[list[str], list[str]]:
        """The label at each end of each segment, near end first, as on whole cables."""
        near, far = self._pairs(self._stop_labels)
        pairs = list(zip(near, far, strict=True))
        return [f"{x}/{y}" for x, y in pairs], [f"{y}/{x}" for x, y in pairs]

    @cached_property
    def groups(self) -> Column:
        """The pull group of each segment: two racks for a trunk, one for a cord."""
        rack = self._stop_racks
        return pull_groups(self.places, rack[:, :3].ravel(), rack[:, 1:].ravel())

    @cached_property
    def columns(self) -> list[Column]:
        """The table `segments.csv`."""
        n = len(self.patching.cable)
        near, far = self.labels
        device_a, device_b = self._pairs(self._stop_names)
        port_a, port_b = self._pairs(self._stop_ports)
        rack, ru = self._stop_racks, self._stop_units
        names = self.places.racks.name.tolist()
        return [
            texts("label_from", near),
            texts("label_to", far),
            numbers("cable_number", self.links.cabling.cables.number[self.cable]),
            Column("cable", self.links.cable_ids, self.cable),
            Column("segment", ["1", "2", "3"], np.tile(np.arange(3), n), True),
            Column("kind", KINDS, np.tile(np.arange(3), n)),
            texts("from", device_a),
            texts("from_port", port_a),
            Column("from_rack", names, rack[:, :3].ravel()),
            numbers("from_ru", ru[:, :3].ravel()),
            texts("to", device_b),
            texts("to_port", port_b),
            Column("to_rack", names, rack[:, 1:].ravel()),
            numbers("to_ru", ru[:, 1:].ravel()),
            picked("part", self.links.cabling.parts, self.part),
            picked("media", MEDIA, self.links.cabling.cables.medium[self.cable]),
            numbers("length_m", self.sold_m),
            numbers("route_m", self.patching.length_m.ravel()),
            self.groups,
            *self._trunk_columns(),
        ]

    def _trunk_columns(self) -> list[Column]:
        """Which trunk a segment is part of, and which leg of it, where trunks have several."""
        if self.patching.part.trunk_legs == 1:
            return []
        both = ("trunk", self.patching.trunk_number), ("leg", self.patching.leg)
        blank = np.array(["", "x", ""])
        return [
            texts(title, [str(n) if mark else "" for n in values.tolist() for mark in blank.tolist()])
            for title, values in both
        ]

    @cached_property
    def _ports(self) -> IntArray:
        """Shape (cables, 2): the ports at ends a and b."""
        links = self.links.fabric.links
        first = self.links.cabling.cables.first_link[self.patching.cable]
        return np.stack([links.a[first], links.b[first]], axis=1)

    @cached_property
    def _stop_racks(self) -> IntArray:
        rack = self.patching.panels.rack[self.patching.panel]
        return rack[:, [0, 0, 1, 1]]

    @cached_property
    def _stop_units(self) -> IntArray:
        device = self.places.ru[self.links.fabric.ports.device[self._ports]]
        return np.concatenate([device, self.patching.panels.ru[self.patching.panel]], axis=1)[:, [0, 2, 3, 1]]

    @cached_property
    def _stop_names(self) -> list[list[str]]:
        fabric, panels = self.links.fabric, self.patching.panels.names(self.places.racks)
        device = fabric.devices.name[fabric.ports.device[self._ports]].T.tolist()
        panel = [[panels[p] for p in column] for column in self.patching.panel.T.tolist()]
        return [device[0], *panel, device[1]]

    @cached_property
    def _stop_ports(self) -> list[list[str]]:
        fabric = self.links.fabric
        port = fabric.port_names[fabric.ports.name[self._ports]].T.tolist()
        position = [[str(p) for p in column] for column in self.patching.position.T.tolist()]
        return [port[0], *position, port[1]]

    @cached_property
    def ways(self) -> list[str]:
        """By cable row of `patching`: the two panel positions that it passes, as labels name them."""
        _, near, far, _ = self._stop_labels
        return [f"{a} {b}" for a, b in zip(near, far, strict=True)]

    @cached_property
    def _stop_labels(self) -> list[list[str]]:
        ends = [end_labels(self.links.fabric, column, self.places) for column in self._ports.T]
        panels = self.patching.panels
        racks = self.places.racks.name[panels.rack].tolist()
        names = [f"{rack}-{ru:02d}" for rack, ru in zip(racks, panels.ru.tolist(), strict=True)]
        panel = [
            [f"{names[p]}:{n}" for p, n in zip(*both, strict=True)]
            for both in zip(self.patching.panel.T.tolist(), self.patching.position.T.tolist(), strict=True)
        ]
        return [ends[0], *panel, ends[1]]

    @staticmethod
    def _pairs(stops: list[list[str]]) -> tuple[list[str], list[str]]:
        """What stands at the near and at the far end of every segment."""
        rows = list(zip(*stops, strict=True))
        return [x for row in rows for x in row[:3]], [x for row in rows for x in row[1:]]


def segment_rows(links: LinkRows) -> SegmentRows | None:
    """The segments of a cabling; None where no cable passes panels."""
    if links.cabling.patching is None or links.places is None:
        return None
    return SegmentRows(links, links.cabling.patching, links.places)


def panel_columns(patching: Patching, places: Places) -> list[Column]:
    """A row a panel: where it is mounted, and how many of its positions are taken."""
    panels, part, n = patching.panels, patching.part, len(patching.panels)
    return [
        texts("panel", panels.names(places.racks)),
        constant("part", part.id, n),
        Column("rack", places.racks.name.tolist(), panels.rack),
        numbers("ru", panels.ru),
        numbers("units", np.full(n, part.rack_units)),
        numbers("positions", np.full(n, part.positions)),
        numbers("positions_used", patching.used),
        *([numbers("spare_legs", _spare_legs(patching))] if part.trunk_legs > 1 else []),
    ]


def _spare_legs(patching: Patching) -> IntArray:
    """Shape (panels,): positions behind which a leg ends that no cable passes."""
    trunks = np.bincount(patching.panel[patching.first].ravel(), minlength=len(patching.panels))
    return np.asarray(trunks * patching.part.trunk_legs - patching.used)
