"""What full bisection is, for all who show it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from topo.fabric import Fabric
from topo.fabric.speed import exact


def full_bisection_gbps(fabric: Fabric, network: int) -> float:
    """Half the endpoints of a network (row) at line rate, with an odd number of hosts the smaller half's share."""
    mask = fabric.endpoints.network == network
    hosts = len(np.unique(fabric.endpoints.host[mask]))
    speeds, counts = np.unique(fabric.endpoints.gbps[mask], return_counts=True)
    total = sum((exact(s) * n for s, n in zip(speeds.tolist(), counts.tolist(), strict=True)), Fraction(0))
    return float(total * (hosts // 2) / max(hosts, 1))
