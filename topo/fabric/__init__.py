"""What is built: devices, ports, links and endpoints as numpy columns of one frozen `Fabric`."""

from topo.fabric.model import (
    CORE,
    HOST,
    LEAF,
    SPINE,
    SWITCH,
    TIER_NAMES,
    Devices,
    Endpoints,
    Fabric,
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
    "Links",
    "Origin",
    "PortRole",
    "Ports",
]
