"""Hosts on a leaf of other hosts, where a network has leaves of several kinds."""

from __future__ import annotations

import numpy as np

from topo.checks.labels import link_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped
from topo.fabric import LEAF, Fabric
from topo.fabric.model import IntArray
from topo.fabric.shape_keys import HOSTS_ON

CODE = "leaf-kinds"


def misplaced(fabric: Fabric) -> IntArray:
    """The links, by row, that join a host to a leaf of another kind than the sizes of its network say."""
    devices, result = fabric.devices, [np.zeros(0, dtype=np.int64)]
    for origin in fabric.origins:
        shape = dict(origin.shape)
        sizes = [n for key, n in shape.items() if key.startswith("leaves-")]
        kind_of = {int(key.removeprefix(HOSTS_ON)): kind for key, kind in shape.items() if key.startswith(HOSTS_ON)}
        if origin.network not in fabric.networks or not sizes or not kind_of:
            continue
        row = fabric.network_row(origin.network)
        own = np.full(max(len(fabric.groups), *kind_of) + 2, -1, dtype=np.int64)
        own[list(kind_of)] = list(kind_of.values())
        is_leaf = (devices.network == row) & (devices.tier == LEAF)
        kind = np.where(is_leaf, np.searchsorted(np.cumsum(sizes), devices.index, side="right"), -1)
        rows = np.flatnonzero((fabric.links.network == row) & fabric.is_endpoint_link & fabric.links.active)
        a, b = fabric.link_a[rows], fabric.link_b[rows]
        host, leaf = np.where(fabric.is_host[a], a, b), np.where(fabric.is_host[a], b, a)
        wanted = own[np.minimum(devices.group[host], len(own) - 1)]
        result.append(rows[(wanted >= 0) & (kind[leaf] >= 0) & (wanted != kind[leaf])])
    return np.concatenate(result)


def _run(context: Context) -> list[Finding]:
    fabric = context.fabric

    def describe(row: int) -> Finding:
        low, high = link_label(fabric, row)
        message = f"{low} is cabled to {high}, a leaf of other hosts"
        return Finding(CODE, "error", message, (low, high), "`leaves` says which hosts each kind of leaves joins")

    return capped(CODE, misplaced(fabric), describe, "links join hosts to leaves of others")


wiring_checks.add(CODE, WiringCheck("hosts are on the leaves of their kind, where leaves are unlike", _run))
