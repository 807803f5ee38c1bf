"""The devices as a table."""

from __future__ import annotations

import numpy as np

from topo.exporters._table import Column, constant, picked, texts
from topo.fabric import TIER_NAMES, Fabric, PortRole
from topo.fabric.model import IntArray


def device_columns(fabric: Fabric) -> list[Column]:
    """A row a device: where it stands, what it is, how many of its ports are used and spare."""
    d, n = fabric.devices, len(fabric.devices)
    used = np.bincount(np.concatenate([fabric.link_a, fabric.link_b]), minlength=n)
    ports = np.bincount(fabric.ports.device, minlength=n)
    held = np.bincount(fabric.ports.device[fabric.ports.role == PortRole.RESERVED], minlength=n)
    return [
        texts("device", d.name.tolist()),
        Column("role", TIER_NAMES, d.tier),
        picked("part", fabric.parts, d.part),
        *(constant(place, "", n) for place in ("site", "hall", "row", "rack", "ru")),
        picked("network", fabric.networks, d.network),
        *(_whole(title, column) for title, column in (("plane", d.plane), ("rail", d.rail), ("pod", d.pod))),
        _whole("gpus", d.gpus),
        _whole("ports", ports),
        _whole("ports_used", used),
        _whole("ports_reserved", held),
        _whole("ports_spare", ports - used - held),
    ]


def _whole(title: str, values: IntArray) -> Column:
    """Whole numbers; the empty text for -1."""
    distinct, codes = np.unique(values, return_inverse=True)
    return Column(title, ["" if v == -1 else str(v) for v in distinct.tolist()], codes, True)
