"""Who has no path to the rest."""

from __future__ import annotations

import numpy as np

from topo.analysis.network import switch_network
from topo.fabric import Fabric
from topo.fabric.model import IntArray


def cut_off_endpoints(fabric: Fabric, network: str) -> IntArray:
    """Endpoint rows of a network that have no link, or no path to the largest connected part of their plane."""
    net = switch_network(fabric, network)
    label = net.component
    parts = int(label.max(initial=-1)) + 1
    planes = int(net.endpoint_plane.max(initial=0)) + 1
    group = net.endpoint_plane * parts + label[net.at]
    share = np.bincount(group, weights=net.endpoint_gbps, minlength=planes * parts).reshape(planes, parts)
    main = np.argmax(share, axis=1) if parts else np.zeros(planes, dtype=np.int64)
    joined = net.endpoint[label[net.at] == main[net.endpoint_plane]] if parts else net.endpoint
    rows = np.flatnonzero(fabric.endpoints.network == fabric.network_row(network))
    return np.asarray(np.setdiff1d(rows, joined))
