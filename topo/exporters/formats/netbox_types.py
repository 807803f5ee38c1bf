"""NetBox with what a plan is made of: device types, module types and their places, and each splitter as one cable of a
profile (from NetBox 4.5). They are imported in this order: manufacturers, device-types, module-types, devices, modules,
interfaces, cables.

The rules are those of NetBox (dcim/models/cables.py, dcim/cable_profiles.py, dcim/forms/bulk_import.py, 4.6) and of the
schemas of its device type library: an end of a profile's cable has at most as many terminations as connectors, of which
a breakout has one at side A; the k-th termination of a side is on its k-th connector; an interface ends one cable; a
virtual interface ends none and may have a parent. A cage with a splitter is therefore an interface, and the ports that
it is split into are virtual ones below it. A device's interfaces are those of its type and those of `interfaces.csv`.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topo.catalog.models import Host, Switch, Transceiver
from topo.exporters.formats.netbox import device_columns
from topo.exporters.netbox import CABLE_COLOUR, CABLE_TYPE, GENERIC, interface_type, manufacturers
from topo.exporters.netbox_cables import VIRTUAL, Cables, cables_of, form_of
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import csv_bytes, rows_to_columns, written
from topo.exporters.view import quoted
from topo.placement import MEDIA

FOLDER = "netbox-4.5"


def _refuses(plan: Plan) -> str:
    d = plan.fabric.devices
    if (d.part < 0).any():
        return "NetBox wants a device type for every device; some devices have no part"
    comma = next((str(n) for n in (*d.name, *plan.fabric.port_names) if "," in str(n)), "")
    return f"NetBox parts the ends of a cable by commas, and a name has one: {comma!r}" if comma else ""


def interfaces_of(plan: Plan, cables: Cables) -> dict[int, dict[str, tuple[str, str, str]]]:
    """By device row, by name: type, speed in kb/s and parent of every interface, linked or spare."""
    fabric, result = plan.fabric, defaultdict[int, dict[str, tuple[str, str, str]]](dict)
    for device, name, kind in cables.cages:
        result[device][name] = (kind, "", "")
    forms: dict[tuple[int, int], str] = {}
    ports = fabric.ports
    names, parts = fabric.port_names[ports.name].tolist(), fabric.devices.part.tolist()
    columns = zip(ports.device.tolist(), ports.cage.tolist(), ports.gbps.tolist(), names, strict=True)
    for port, (device, cage, gbps, name) in enumerate(columns):
        key = (parts[device], cage)
        if key not in forms:
            forms[key] = form_of(plan, device, cage)
        parent = cables.parent.get(port, "")
        result[device][name] = (VIRTUAL if parent else interface_type(forms[key], gbps), str(int(gbps * 1e6)), parent)
    return result


def _shared(plan: Plan, result: dict[int, dict[str, tuple[str, str, str]]]) -> dict[int, list[tuple[str, str]]]:
    """By part: names and types of the interfaces, other than virtual ones, that all its devices have."""
    parts, kinds = plan.fabric.devices.part.tolist(), dict[int, dict[tuple[str, str], None]]()
    for device, part in enumerate(parts):
        own = {(name, kind): None for name, (kind, _, _) in result.get(device, {}).items() if kind != VIRTUAL}
        kinds[part] = own if part not in kinds else {key: None for key in kinds[part] if key in own}
    return {part: list(keys) for part, keys in kinds.items()}


def slug(text: str) -> str:
    """A name as NetBox's slugs are."""
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in text.lower()).strip("-")


def _device_type(plan: Plan, part: str, maker: str, cages: int, interfaces: list[tuple[str, str]]) -> bytes:
    known = next((kind for kind in ("host", "switch") if plan.catalog.path(kind, part)), "")
    item = plan.catalog.get(known, part) if known else None
    units = item.rack_units if isinstance(item, Switch | Host) else None
    lines = [
        "---",
        f"manufacturer: {quoted(maker)}",
        f"model: {quoted(part)}",
        f"slug: {slug(part if part.startswith(slug(maker)) else f'{maker}-{part}')}",
    ]
    lines += [f"u_height: {units or 1}", "is_full_depth: true"]
    if isinstance(item, Switch) and item.kg:
        lines += [f"weight: {written(item.kg)}", "weight_unit: kg"]
    lines += [f"description: {quoted((item.title if item else part)[:200])}"]
    notes = [
        "" if units else "The height is not known; one unit is assumed.",
        "The depth is not known; full is assumed.",
    ]
    lines += [f"comments: {quoted(' '.join(n for n in notes if n))}"]
    if interfaces:
        lines += ["interfaces:", *(f"  - {{name: {quoted(name)}, type: {kind}}}" for name, kind in interfaces)]
    if cages:
        lines += ["module-bays:", *(f'  - {{name: "cage {n}", position: "{n}"}}' for n in range(1, cages + 1))]
    return ("\n".join(lines) + "\n").encode()


def _module_type(plan: Plan, part: str) -> tuple[str, bytes]:
    """The maker of a transceiver and its module type, which has no interface: the device has them."""
    item = plan.catalog.get("transceiver", part)
    word = item.title.split(" ")[0]
    maker = word if part.startswith(f"{word.lower()}-") else GENERIC
    lines = [
        "---",
        f"manufacturer: {quoted(maker)}",
        f"model: {quoted(part)}",
        f"description: {quoted(item.title[:200])}",
    ]
    if isinstance(item, Transceiver):
        lines += [f"comments: {quoted(f'{item.optics}, {item.connectors} x {item.connector}')}"]
    return maker, ("\n".join(lines) + "\n").encode()


def _cable_rows(plan: Plan, cables: Cables) -> list[tuple[str, ...]]:
    names, table = plan.fabric.devices.name.tolist(), plan.cabling.cables
    rows: list[tuple[str, ...]] = []
    for rows_of, profile, *sides in cables.ends:
        cable = rows_of[0]
        medium, sold = int(table.medium[cable]), written(float(table.sold_m[cable]))
        cells: list[str] = []
        for side in sides:
            devices = [names[device] for device, _ in side]
            cells += [",".join(devices if len(set(devices)) > 1 else devices[:1]), "dcim.interface"]
            cells.append(",".join(name for _, name in side))
        kind, colour = (CABLE_TYPE[MEDIA[medium]], CABLE_COLOUR[MEDIA[medium]]) if medium >= 0 else ("", "")
        cells += [
            profile,
            kind,
            "planned",
            " ".join(f"#{table.number[c]}" for c in rows_of),
            colour,
            sold,
            "m" if sold else "",
        ]
        rows.append(tuple(cells))
    return rows


CABLE_COLUMNS = (
    "side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name", "profile", "type",
    "status", "label", "color", "length", "length_unit",
)  # fmt: skip


def _write(plan: Plan) -> dict[str, bytes]:
    fabric, cables = plan.fabric, cables_of(plan)
    result = interfaces_of(plan, cables)
    shared, makers, names = _shared(plan, result), manufacturers(plan), fabric.devices.name.tolist()
    cage = np.zeros(len(fabric.parts), dtype=np.int64)
    bay = np.ones(len(fabric.ports), dtype=np.bool_)
    for ports, form in ((fabric.links.a, plan.cabling.form_a), (fabric.links.b, plan.cabling.form_b)):
        bay[ports] = plan.cabling.built_in[form] < 0
    np.maximum.at(cage, fabric.devices.part[fabric.ports.device[bay]], fabric.ports.cage[bay])
    files: dict[str, bytes] = {}
    for part in sorted(shared):
        name = fabric.parts[part]
        files[f"device-types/{name}.yaml"] = _device_type(plan, name, makers[part], int(cage[part]), shared[part])
    modules, parts = plan.cabling.modules, plan.cabling.parts
    used = {parts[p]: _module_type(plan, parts[p]) for p in np.unique(modules.part).tolist()}
    files |= {f"module-types/{name}.yaml": text for name, (_, text) in used.items()}
    every = dict.fromkeys([*(makers[part] for part in sorted(shared)), *(maker for maker, _ in used.values())])
    rest: list[tuple[str, ...]] = [
        (names[device], name, kind, "true", speed, parent)
        for device in sorted(result)
        for given in [set(shared[int(fabric.devices.part[device])])]
        for name, (kind, speed, parent) in sorted(result[device].items(), key=lambda item: bool(item[1][2]))
        if (name, kind) not in given
    ]
    places = zip(modules.device.tolist(), modules.cage.tolist(), modules.part.tolist(), strict=True)
    tables: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
        "manufacturers": (("name", "slug"), [(maker, slug(maker)) for maker in every]),
        "modules": (
            ("device", "module_bay", "manufacturer", "module_type", "status"),
            [(names[d], f"cage {c}", used[parts[p]][0], parts[p], "planned") for d, c, p in places],
        ),
        "interfaces": (("device", "name", "type", "enabled", "speed", "parent"), rest),
        "cables": (CABLE_COLUMNS, _cable_rows(plan, cables)),
    }
    for name, (titles, rows) in tables.items():
        if rows:
            files[f"{name}.csv"] = csv_bytes(rows_to_columns(titles, rows))
    files["devices.csv"] = csv_bytes(device_columns(plan))
    return {f"{FOLDER}/{path}": data for path, data in files.items()}


exporters.add(
    "netbox-types",
    Exporter(
        "NetBox 4.5: device and module types, cable profiles",
        _write,
        "GPUs, rails; which fibre or pair a link takes; heights and depths that no part tells",
        _refuses,
    ),
)
