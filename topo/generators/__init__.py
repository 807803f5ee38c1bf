"""One file per topology family: the index arithmetic that wires it, its closed-form counts beside it.

A family is a `Family` value registered in `families`; `assemble` joins the wired networks and the hosts to a Fabric.
"""

from topo.generators._assemble import HostGroup, NetworkPiece, assemble, attached
from topo.generators._family import Attached, Counts, Family, LinkEnds, NetworkParams, Switches, Wiring, families

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
    "families",
]
