"""NetBox's CSV import: devices, interfaces, cables, in that order."""

from __future__ import annotations

import numpy as np

from topo.exporters.netbox import CABLE_COLOUR, CABLE_TYPE, interface_type, manufacturers
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import Column, constant, csv_bytes, numbers, picked, texts
from topo.fabric import TIER_NAMES
from topo.placement import MEDIA


def device_columns(plan: Plan) -> list[Column]:
    """The devices: a device type goes by its maker and model, which is the part's id."""
    d, n = plan.fabric.devices, len(plan.fabric.devices)
    result = [
        texts("name", d.name.tolist()),
        Column("role", TIER_NAMES, d.tier),
        picked("manufacturer", manufacturers(plan), d.part),
        picked("device_type", plan.fabric.parts, d.part),
        constant("status", "planned", n),
        constant("site", plan.places.site if plan.places else "", n),
    ]
    if plan.places is not None:
        in_tray = plan.places.units == 0
        beside = ["" if inside else str(ru) for inside, ru in zip(in_tray, plan.places.ru, strict=True)]
        result += [
            Column("rack", plan.places.racks.name.tolist(), plan.places.rack),
            texts("position", beside) if in_tray.any() else numbers("position", plan.places.ru),
            constant("face", "front", n),
        ]
    return result


def _interfaces(plan: Plan) -> list[Column]:
    """Every port that has a link."""
    fabric, cabling = plan.fabric, plan.cabling
    rows = np.flatnonzero(fabric.links.active)
    port = np.concatenate([fabric.links.a[rows], fabric.links.b[rows]])
    form = np.concatenate([cabling.form_a[rows], cabling.form_b[rows]])
    order = np.argsort(port, kind="stable")
    port, form = port[order], form[order]
    speed, speed_code = np.unique(fabric.ports.gbps[port], return_inverse=True)
    types = [interface_type(f, s) for f in cabling.forms for s in speed.tolist()]
    return [
        Column("device", fabric.devices.name.tolist(), fabric.ports.device[port]),
        Column("name", fabric.port_names.tolist(), fabric.ports.name[port]),
        Column("type", types, form * len(speed) + speed_code),
        constant("enabled", "true", len(port)),
        numbers("speed", (fabric.ports.gbps[port] * 1_000_000).astype(np.int64)),
    ]


def _cables(plan: Plan) -> list[Column]:
    fabric, cabling = plan.fabric, plan.cabling
    rows = np.flatnonzero(fabric.links.active)
    n, cable = len(rows), cabling.cable_of_link[rows]
    labels = [""] * len(fabric.links)
    for row, link in enumerate(plan.links.link.tolist()):
        labels[link] = plan.links.labels[0][row]
    result: list[Column] = []
    for side, port in (("a", fabric.links.a[rows]), ("b", fabric.links.b[rows])):
        result += [
            Column(f"side_{side}_device", fabric.devices.name.tolist(), fabric.ports.device[port]),
            constant(f"side_{side}_type", "dcim.interface", n),
            Column(f"side_{side}_name", fabric.port_names.tolist(), fabric.ports.name[port]),
        ]
    return [
        *result,
        picked("type", [CABLE_TYPE[m] for m in MEDIA], cabling.cables.medium[cable]),
        constant("status", "planned", n),
        texts("label", [labels[r][:100] for r in rows.tolist()]),
        picked("color", [CABLE_COLOUR[m] for m in MEDIA], cabling.cables.medium[cable]),
        numbers("length", cabling.cables.sold_m[cable]),
        Column("length_unit", ["m", ""], np.isnan(cabling.cables.sold_m[cable]).astype(np.int64)),
        picked(
            "description",
            [f"plane {p}" for p in range(int(fabric.links.plane.max(initial=0)) + 1)],
            fabric.links.plane[rows],
        ),
    ]


def _write(plan: Plan) -> dict[str, bytes]:
    tables = {"devices": device_columns(plan), "interfaces": _interfaces(plan), "cables": _cables(plan)}
    return {f"netbox/{name}.csv": csv_bytes(columns) for name, columns in tables.items()}


exporters.add(
    "netbox",
    Exporter(
        "NetBox import, CSV",
        _write,
        "cables of several links as one; GPUs, rails; the unit of what stands in a tray of its rack",
    ),
)
