"""The devices as a table."""

from __future__ import annotations

import numpy as np

from topo.exporters.links import place_columns
from topo.exporters.table import Column, numbers, picked, texts
from topo.fabric import TIER_NAMES, Fabric, PortRole
from topo.fabric.model import IntArray
from topo.placement import Cabling, Places


def device_columns(fabric: Fabric, places: Places | None = None) -> list[Column]:
    """A row a device: where it stands, what it is, how many of its ports are used and spare."""
    d, n = fabric.devices, len(fabric.devices)
    used = np.bincount(np.concatenate([fabric.link_a, fabric.link_b]), minlength=n)
    ports = np.bincount(fabric.ports.device, minlength=n)
    out = np.bincount(fabric.ports.device[fabric.ports.role == PortRole.OUTSIDE], minlength=n)
    held = np.bincount(fabric.ports.device[fabric.ports.role == PortRole.RESERVED], minlength=n)
    return [
        texts("device", d.name.tolist()),
        Column("role", TIER_NAMES, d.tier),
        picked("part", fabric.parts, d.part),
        *place_columns(places, np.arange(n)),
        picked("network", fabric.networks, d.network),
        *(_whole(title, column) for title, column in (("plane", d.plane), ("rail", d.rail), ("pod", d.pod))),
        _whole("gpus", d.gpus),
        _whole("ports", ports),
        _whole("ports_used", used),
        _whole("ports_reserved", held),
        *([_whole("ports_outside", out)] if out.any() else []),
        _whole("ports_spare", ports - used - held - out),
    ]


def _whole(title: str, values: IntArray) -> Column:
    """Whole numbers; the empty text for -1."""
    distinct, codes = np.unique(values, return_inverse=True)
    return Column(title, ["" if v == -1 else str(v) for v in distinct.tolist()], codes, True)


def _kinds(places: Places) -> list[Column]:
    """The part of each rack and what it holds beside devices, where a floor has several parts or such contents."""
    kinds = places.kinds
    if len(kinds) == 1 and not kinds[0].contents:
        return []
    parts = picked("part", [kind.part.id for kind in kinds], places.kind)
    return [parts, picked("contents", [kind.words() for kind in kinds], places.kind)]


def rack_columns(places: Places, fabric: Fabric, cabling: Cabling) -> list[Column]:
    """A row a rack: what stands in it, units and known power against what it takes, and the cables that enter it."""
    racks = places.racks
    n = len(racks)
    first = cabling.cables.first_link
    a, b = places.rack[fabric.link_a[first]], places.rack[fabric.link_b[first]]
    inside, leaving = (
        np.bincount(a[a == b], minlength=n),
        np.bincount(np.concatenate([a, b])[np.tile(a != b, 2)], minlength=n),
    )
    hosts = np.bincount(places.rack[fabric.is_host], minlength=n)
    unknown = np.bincount(places.rack[~places.power_known], minlength=n)
    return [
        texts("rack", racks.name.tolist()),
        numbers("hall", racks.hall),
        numbers("row", racks.row),
        numbers("position", racks.position),
        numbers("x_m", racks.x_m),
        numbers("y_m", racks.y_m),
        numbers("hosts", hosts),
        numbers("switches", np.bincount(places.rack, minlength=n) - hosts),
        numbers("units_used", places.used_units),
        numbers("units", places.units_of),
        numbers("power_w", places.used_power_w),
        numbers("power_limit_w", places.limit_w),
        numbers("devices_of_unknown_power", unknown),
        numbers("cables_inside", inside),
        numbers("cables_leaving", leaving),
        *([numbers("panels", places.panels_per_rack)] if places.panels is not None else []),
        *_kinds(places),
    ]
