"""Devices to racks; racks to cable lengths; lengths to cables and optics that fit."""

from typing import TYPE_CHECKING

from topo.first_use import at_first_use

if TYPE_CHECKING:
    from topo.placement.cables.bom import Bom, Line, bill_of_materials
    from topo.placement.cables.cabling import MEDIA, CableLinks, Cables, Cabling, Modules, Unfit, cabling
    from topo.placement.cables.patch import patched
    from topo.placement.cables.patching import Patching
    from topo.placement.floor.floor import Floor
    from topo.placement.floor.lengths import ASSUMED_M, BASES, Lengths, assumed
    from topo.placement.floor.racks import Improvement, Panels, Places, Racks
    from topo.placement.floor.routes import routed
    from topo.placement.improving.seats import torn_domains
    from topo.placement.keep import keeping
    from topo.placement.placing import place

__all__ = [
    "ASSUMED_M",
    "BASES",
    "MEDIA",
    "Bom",
    "CableLinks",
    "Cables",
    "Cabling",
    "Floor",
    "Improvement",
    "Lengths",
    "Line",
    "Modules",
    "Panels",
    "Patching",
    "Places",
    "Racks",
    "Unfit",
    "assumed",
    "bill_of_materials",
    "cabling",
    "keeping",
    "patched",
    "place",
    "routed",
    "torn_domains",
]

__getattr__ = at_first_use(
    __name__,
    {
        "cables.bom": "Bom, Line, bill_of_materials",
        "cables.cabling": "MEDIA, CableLinks, Cables, Cabling, Modules, Unfit, cabling",
        "cables.patch": "patched",
        "cables.patching": "Patching",
        "floor.floor": "Floor",
        "floor.lengths": "ASSUMED_M, BASES, Lengths, assumed",
        "floor.racks": "Improvement, Panels, Places, Racks",
        "floor.routes": "routed",
        "improving.seats": "torn_domains",
        "keep": "keeping",
        "placing": "place",
    },
)
