"""What is written on the two ends of a cable, and how racks, devices and ports are named together."""

from __future__ import annotations

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement.floor.racks import Places


def port_labels(fabric: Fabric, ports: IntArray) -> list[str]:
    """`device:port` of port rows."""
    return _with_port(fabric, ports, fabric.devices.name.tolist())


def end_labels(fabric: Fabric, ports: IntArray, places: Places | None) -> list[str]:
    """`rack-RU:port` of port rows, or `device:port` without placement."""
    if places is None:
        return port_labels(fabric, ports)
    racks = places.racks.name[places.rack].tolist()
    return _with_port(fabric, ports, [f"{r}-{u:02d}" for r, u in zip(racks, places.ru.tolist(), strict=True)])


def cable_labels(fabric: Fabric, links: IntArray, places: Places | None, numbers: IntArray | None = None) -> list[str]:
    """The label at end a of the cables of link rows, the near end first, behind the cable's number where `numbers` (by
    link row) has one."""
    near, far = (end_labels(fabric, ends[links], places) for ends in (fabric.links.a, fabric.links.b))
    number = [""] * len(near) if numbers is None else [f"{n} " if n else "" for n in numbers[links].tolist()]
    return [f"{n}{x}/{y}" for n, x, y in zip(number, near, far, strict=True)]


def _with_port(fabric: Fabric, ports: IntArray, names: list[str]) -> list[str]:
    port = fabric.port_names.tolist()
    device, code = fabric.ports.device[ports].tolist(), fabric.ports.name[ports].tolist()
    return [f"{names[d]}:{port[c]}" for d, c in zip(device, code, strict=True)]
