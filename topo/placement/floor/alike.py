"""Racks that are alike: one kind of rack with as many of each part of each network, as high, and as many panels."""

from __future__ import annotations

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.placement.floor.racks import Places


def alike(fabric: Fabric, places: Places) -> IntArray:
    """Shape (racks,): the same number for racks that are alike, numbered from 0 by what they hold."""
    n, devices = len(places.racks), fabric.devices
    columns = (devices.part, devices.tier, devices.network, devices.gpus, places.units)
    kind = np.unique(np.stack(columns), axis=1, return_inverse=True)[1].reshape(-1)
    kinds = int(kind.max(initial=0)) + 1
    held = np.bincount(places.rack * kinds + kind, minlength=n * kinds).reshape(n, kinds)
    rows = np.concatenate([held, places.panels_per_rack[:, None], places.kind[:, None]], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def kinds_of(fabric: Fabric, places: Places) -> list[tuple[int, int]]:
    """(first rack, how many) of each kind of racks that are alike, the commonest first."""
    _, first, count = np.unique(alike(fabric, places), return_index=True, return_counts=True)
    return sorted(zip(first.tolist(), count.tolist(), strict=True), key=lambda k: (-k[1], k[0]))
