"""One plane or network of a fabric, as an engine that knows neither is given it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from topo.fabric import Fabric
from topo.fabric.fabric import keep
from topo.fabric.model import BoolArray


def only_plane(fabric: Fabric, network: int, plane: int) -> Fabric:
    """One plane of one network with the hosts that reach it."""
    mine = (fabric.links.network == network) & (fabric.links.plane == plane)
    return _around(fabric, mine)


def only_network(fabric: Fabric, network: int) -> Fabric:
    """One network with the hosts that reach it. Network and origin tables keep their rows."""
    return _around(fabric, fabric.links.network == network)


def _around(fabric: Fabric, links: BoolArray) -> Fabric:
    devices = np.zeros(len(fabric.devices), dtype=np.bool_)
    devices[fabric.link_a[links]] = True
    devices[fabric.link_b[links]] = True
    cut = keep(fabric, devices, links)
    joined = cut.link_of_port[cut.endpoints.port] >= 0
    return replace(cut, endpoints=cut.endpoints.rows(joined))
