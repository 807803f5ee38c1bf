"""Racks and floor: how many racks each network's switches fill, and the floor that racks take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from topo.analysis.money.terms import SHARED
from topo.catalog import Catalog
from topo.fabric import HOST, Fabric
from topo.placement.floor.routes import rack_part

if TYPE_CHECKING:
    from topo.placement import Floor, Places


def racks_by_network(fabric: Fabric, places: Places, with_hosts: bool) -> dict[str, float]:
    """Racks by network: each rack is divided by the units that its devices take. Hosts' share counts only where
    `with_hosts`; panels and free units are divided as the devices are."""
    share = places.units / np.maximum(np.bincount(places.rack, places.units, len(places.racks))[places.rack], 1)
    host = fabric.devices.tier == HOST
    result = {
        name: float(share[~host & (fabric.devices.network == row)].sum()) for row, name in enumerate(fabric.networks)
    }
    return {**result, SHARED: float(share[host].sum())} if with_hosts else result


def rack_m2(floor: Floor, catalog: Catalog) -> float:
    """The floor of one rack, its part of the aisle included."""
    part = rack_part(catalog, floor)
    return (floor.rack_pitch_m or part.width_mm / 1000) * floor.row_pitch_m


def total(racks: Iterable[float]) -> float:
    """Racks of all networks."""
    return float(sum(racks))
