"""NVIDIA cable validation: the point-to-point sheet up to 1.6, and the Links and Nodes sheets from 1.7.1."""

from __future__ import annotations

import numpy as np

from topo.exporters.infiniband import speaks_infiniband, spoken
from topo.exporters.links import at
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import Column, constant, csv_bytes, picked, texts
from topo.exporters.xlsx import Sheet, workbook
from topo.fabric.model import IntArray


def _rows(plan: Plan) -> IntArray:
    """Active links, without those of networks that speak neither InfiniBand nor Ethernet (NVLink, UALink): the tool
    knows no other protocol."""
    links = plan.fabric.links
    foreign = [row for row in range(len(plan.fabric.networks)) if _is_foreign(plan, row)]
    return np.flatnonzero(links.active & ~np.isin(links.network, foreign))


def point_to_point(plan: Plan) -> list[Column]:
    """A-Rack to Z-Port; racks and units are empty without placement."""
    fabric, rows = plan.fabric, _rows(plan)
    result: list[Column] = []
    for end, unit, port in (("A", "A-U", fabric.links.a[rows]), ("Z", "Z-RU", fabric.links.b[rows])):
        device = fabric.ports.device[port]
        if plan.places is None:
            result += [constant(f"{end}-Rack", "", len(rows)), constant(unit, "", len(rows), True)]
        else:
            units = [str(u) for u in range(plan.places.rack_units + 1)]
            result += [
                Column(f"{end}-Rack", plan.places.racks.name.tolist(), plan.places.rack[device]),
                Column(unit, units, plan.places.ru[device], True),
            ]
        result += [
            Column(f"{end}-Node Name", fabric.devices.name.tolist(), device),
            Column(f"{end}-Type", ["Switch", "Host"], fabric.is_host[device].astype(np.int64)),
            Column(f"{end}-Port", fabric.port_names.tolist(), fabric.ports.name[port]),
        ]
    return result


def links_sheet(plan: Plan) -> list[Column]:
    """A-Node, A-Port, Z-Node, Z-Port, Protocol, and the modules' part numbers."""
    fabric, rows, cabling = plan.fabric, _rows(plan), plan.cabling
    result: list[Column] = []
    for end, port in (("A", fabric.links.a[rows]), ("Z", fabric.links.b[rows])):
        result += [
            Column(f"{end}-Node", fabric.devices.name.tolist(), fabric.ports.device[port]),
            Column(f"{end}-Port", fabric.port_names.tolist(), fabric.ports.name[port]),
        ]
    protocols = ["ib" if speaks_infiniband(plan, n) else "ethernet" for n in range(len(fabric.networks))]
    result.append(Column("Protocol", protocols, fabric.links.network[rows]))
    for end, module in (("A", cabling.module_at_a), ("Z", cabling.module_at_b)):
        result.append(picked(f"{end}-Module-PN", cabling.parts, at(cabling.modules.part, module[rows])))
    return result


def _is_foreign(plan: Plan, network: int) -> bool:
    """No switch of the network that is known speaks InfiniBand or Ethernet."""
    words = spoken(plan, network)
    return bool(words) and not any({"infiniband", "ethernet"} & set(each) for each in words)


def _write(plan: Plan) -> dict[str, bytes]:
    nodes = texts("Node", plan.fabric.devices.name.tolist())
    kind = Column("Type", ["Switch", "Host"], plan.fabric.is_host.astype(np.int64))
    return {
        "cable-validation/point-to-point.csv": csv_bytes(point_to_point(plan)),
        "cable-validation/links-and-nodes.xlsx": workbook(
            [Sheet("Links", links_sheet(plan)), Sheet("Nodes", [nodes, kind])]
        ),
    }


exporters.add(
    "cable-validation", Exporter("NVIDIA cable validation sheets", _write, "speeds, lengths, parts of cables, planes")
)
