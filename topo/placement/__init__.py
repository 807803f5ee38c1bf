"""Devices to racks; racks to cable lengths; lengths to cables and optics that fit."""

from topo.placement._seats import torn_domains
from topo.placement.bom import Bom, Line, bill_of_materials
from topo.placement.cabling import MEDIA, CableLinks, Cables, Cabling, Modules, Unfit, cabling
from topo.placement.floor import Floor
from topo.placement.keep import keeping
from topo.placement.lengths import ASSUMED_M, BASES, Lengths, assumed
from topo.placement.patch import patched
from topo.placement.patching import Patching
from topo.placement.place import place
from topo.placement.racks import Improvement, Panels, Places, Racks
from topo.placement.routes import routed

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
