"""Devices to racks; racks to cable lengths; lengths to cables and optics that fit."""

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
from topo.placement.place import place

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
