"""Ports of an old fabric found again on the switches of a new one."""

from __future__ import annotations

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.generators.family import Wiring

Look = tuple[str, int, int, float]


def port_numbers(wiring: Wiring) -> list[dict[Look, int]]:
    """By layout: the number of each port, by name, cage, place in the cage and speed."""
    return [
        {look: i + 1 for i, look in enumerate(
            zip(one.names, one.cage.tolist(), one.sub.tolist(), one.gbps.tolist(), strict=True)
        )}
        for one in wiring.layouts
    ]  # fmt: skip


def looks_of(fabric: Fabric, rows: IntArray) -> list[Look]:
    """Name, cage, place in the cage and speed of port rows."""
    ports = fabric.ports
    columns = (fabric.port_name(rows), ports.cage[rows], ports.sub[rows], ports.gbps[rows])
    return list(zip(*(c.tolist() for c in columns), strict=True))
