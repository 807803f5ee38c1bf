"""Whether a fabric's tables are as generators write them, so that what is read off one row holds without the others."""

from __future__ import annotations

import numpy as np

from topo.fabric.fabric import Fabric
from topo.fabric.once import once


def is_plain(fabric: Fabric) -> bool:
    """Whether a port has at most one link, an endpoint is a port of its host, and ports lie device by device."""
    return once(fabric, "is plain", lambda: _is_plain(fabric))


def _is_plain(fabric: Fabric) -> bool:
    ports, links, ends = fabric.ports, fabric.links, fabric.endpoints
    if (ports.device[1:] < ports.device[:-1]).any() or not (fabric.is_host[ends.host].all() if len(ends) else True):
        return False
    if (ports.device[ends.port] != ends.host).any():
        return False
    row = np.arange(len(links))
    return np.array_equal(fabric.link_of_port[links.a], row) and np.array_equal(fabric.link_of_port[links.b], row)
