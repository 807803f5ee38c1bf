"""How findings name devices, ports and links: `leaf-003` and `leaf-003:17/2`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray


def device_label(fabric: Fabric, row: int) -> str:
    """The name of a device row."""
    return str(fabric.devices.name[row])


def port_label(fabric: Fabric, row: int) -> str:
    """A port row as device:port."""
    name = fabric.port_names[fabric.ports.name[row]]
    return f"{device_label(fabric, int(fabric.ports.device[row]))}:{name}"


def link_label(fabric: Fabric, row: int) -> tuple[str, str]:
    """Both ends of a link row, the lower first."""
    return port_label(fabric, int(fabric.links.a[row])), port_label(fabric, int(fabric.links.b[row]))


def port_labels(fabric: Fabric, rows: IntArray | Iterable[int], most: int = 8) -> tuple[str, ...]:
    """At most `most` port rows as device:port."""
    return tuple(port_label(fabric, int(row)) for row in list(rows)[:most])


def listed(words: Iterable[str], total: int | None = None, most: int = 8) -> str:
    """'a, b, c and 5 more' of `total` words (by default all that are given)."""
    known = list(words)
    total = len(known) if total is None else total
    shown = known[:most]
    rest = total - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def dark_ports(fabric: Fabric, device: int) -> IntArray:
    """Port rows of a device that are meant to carry a switch-to-switch link and carry none."""
    from topo.fabric import PortRole

    rows = np.arange(fabric.port_start[device], fabric.port_start[device + 1])
    meant = fabric.ports.role[rows] == PortRole.FABRIC
    return np.asarray(rows[meant & (fabric.link_of_port[rows] < 0)])
