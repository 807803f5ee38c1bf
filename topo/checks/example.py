"""Examples for findings: which switches are far apart."""

from __future__ import annotations

import numpy as np

from topo.analysis.network import switch_network
from topo.checks.labels import device_label
from topo.fabric import Fabric

MOST_SOURCES = 256
"""How many switches are tried."""


def longest_pair(fabric: Fabric, network: str, longest: int) -> tuple[str, ...]:
    """Names of two switches with endpoints whose shortest path crosses `longest` switches, found by searches from the
    first of them; empty where those find none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    net = switch_network(fabric, network)
    size = net.switches
    graph = coo_array((np.ones(len(net.tail), dtype=np.int8), (net.tail, net.head)), shape=(size, size)).tocsr()
    used = net.endpoints_at > 0
    for source in np.flatnonzero(used)[:MOST_SOURCES]:
        steps = shortest_path(graph, unweighted=True, indices=int(source))
        steps[~used | ~np.isfinite(steps)] = -1
        if steps.max() + 1 == longest:
            return tuple(device_label(fabric, int(net.device[s])) for s in (source, np.argmax(steps)))
    return ()
