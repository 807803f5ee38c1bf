"""What is built: devices, ports, links and endpoints as numpy columns of one frozen `Fabric`."""

from topo.fabric.cables import cables_digest, carried, with_cables
from topo.fabric.fabric import Fabric
from topo.fabric.model import (
    CORE,
    HOST,
    LEAF,
    SPINE,
    SWITCH,
    TIER_NAMES,
    Devices,
    Endpoints,
    LaidLinks,
    Links,
    Origin,
    PortRole,
    Ports,
)

__all__ = [
    "CORE",
    "HOST",
    "LEAF",
    "SPINE",
    "SWITCH",
    "TIER_NAMES",
    "Devices",
    "Endpoints",
    "Fabric",
    "LaidLinks",
    "Links",
    "Origin",
    "PortRole",
    "Ports",
    "cables_digest",
    "carried",
    "with_cables",
]
