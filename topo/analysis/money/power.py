"""What a network draws and how much rack it takes, from the figures of its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from topo.analysis.money.link_parts import link_parts
from topo.catalog import Cable, Catalog, Switch, Transceiver
from topo.fabric import HOST, Fabric

if TYPE_CHECKING:
    from topo.placement import Cabling


@dataclass(frozen=True)
class PartSum:
    """A sum over parts. `unknown` names those whose figure the catalog lacks: where there are any, the whole is not
    known, and `known` is the sum of the rest."""

    known: float
    unknown: tuple[str, ...]

    @property
    def value(self) -> float | None:
        """The sum, None where a part's figure is not known."""
        return None if self.unknown else self.known


def network_power_w(fabric: Fabric, network: int, catalog: Catalog, cabling: Cabling) -> PartSum:
    """Typical power of a network's switches without modules, of the modules at both ends of its links, and of active
    cables, in watts. Hosts and their NICs are not part of it."""
    switches = _over_switches(fabric, network, catalog, lambda switch: switch.power_typical_w)
    total, unknown = switches.known, list(switches.unknown)
    for part, n in link_parts(np.asarray((fabric.links.network == network) & ~fabric.is_inside), cabling).items():
        watts = _link_part_w(catalog, part)
        if watts is None:
            unknown.append(part or "links that no part joins")
        total += n * (watts or 0.0)
    return PartSum(total, tuple(unknown))


def network_rack_units(fabric: Fabric, network: int, catalog: Catalog) -> PartSum:
    """Rack units of a network's switches."""
    return _over_switches(fabric, network, catalog, lambda switch: switch.rack_units)


def _over_switches(fabric: Fabric, network: int, catalog: Catalog, figure: Callable[[Switch], float | None]) -> PartSum:
    mask = (fabric.devices.network == network) & (fabric.devices.tier != HOST) & ~fabric.is_router
    total, unknown = 0.0, []
    for part, n in zip(*(x.tolist() for x in np.unique(fabric.devices.part[mask], return_counts=True)), strict=True):
        name = fabric.parts[part] if part >= 0 else ""
        value = figure(catalog.switch(name)) if name and catalog.path("switch", name) else None
        if value is None:
            unknown.append(name or "switches without a part")
        total += n * (value or 0.0)
    return PartSum(total, tuple(unknown))


QUIET = ("multimode", "single-mode", "passive-copper")
"""Media that draw nothing of their own: what drives passive copper is part of the switch and the NIC."""


def _link_part_w(catalog: Catalog, part: str) -> float | None:
    if part and catalog.path("transceiver", part):
        return cast(Transceiver, catalog.get("transceiver", part)).power_w
    if part and catalog.path("cable", part):
        cable = cast(Cable, catalog.get("cable", part))
        return cable.power_w or (0.0 if cable.medium in QUIET else None)
    if part and catalog.path("panel", part):
        return 0.0
    return None
