"""Which hosts a scale-up domain joins."""

from __future__ import annotations

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray


def joined_hosts(fabric: Fabric, hosts: IntArray) -> IntArray:
    """Shape (hosts,): equal numbers for the device rows of hosts that one scale-up domain joins; a host without one has
    a number of its own. Numbers do not depend on which hosts are asked about."""
    devices = fabric.devices
    group = devices.group[hosts]
    fast = np.array([*fabric.scale_up_gbps, 0.0])[group] > 0
    domain = devices.domain[hosts].astype(np.int64)
    alone = int(devices.domain.max(initial=0)) + 1 + hosts.astype(np.int64)
    return np.asarray(np.where(fast & (domain >= 0), domain, alone))
