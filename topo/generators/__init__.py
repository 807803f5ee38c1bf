"""One file per topology family: the index arithmetic that wires it, its closed-form counts beside it.

A family is a `Family` value registered in `family.families`; `assemble` joins the wired networks and the hosts to a
Fabric.
"""

from topo.generators.assemble import NetworkPiece, assemble
from topo.generators.family import Counts, Family, LinkEnds, NetworkParams, Switches, Wiring
from topo.generators.hosts import Attached, HostGroup, attached

__all__ = [
    "Attached",
    "Counts",
    "Family",
    "HostGroup",
    "LinkEnds",
    "NetworkParams",
    "NetworkPiece",
    "Switches",
    "Wiring",
    "assemble",
    "attached",
]
