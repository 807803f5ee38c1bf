"""What is written on the two ends of a cable, and how racks, devices and ports are named together."""

from __future__ import annotations

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement.racks import Places


def port_labels(fabric: Fabric, ports: IntArray) -> list[str]:
    """`device:port` of port rows."""
    return _with_port(fabric, ports, fabric.devices.name.tolist())


def end_labels(fabric: Fabric, ports: IntArray, places: Places | None) -> list[str]:
    """`rack-RU:port` of port rows, or `device:port` without placement."""
    if places is None:
        return port_labels(fabric, ports)
    racks = places.racks.name[places.rack].tolist()
    return _with_port(fabric, ports, [f"{r}-{u:02d}" for r, u in zip(racks, places.ru.tolist(), strict=True)])


def _with_port(fabric: Fabric, ports: IntArray, names: list[str]) -> list[str]:
    port = fabric.port_names.tolist()
    device, code = fabric.ports.device[ports].tolist(), fabric.ports.name[ports].tolist()
    return [f"{names[d]}:{port[c]}" for d, c in zip(device, code, strict=True)]
