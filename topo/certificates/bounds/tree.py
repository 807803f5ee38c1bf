"""Lower bound by packing: copies of one tree, laid into the switches within their capacities.

Each copy maps the tree's pods and its hub to switches; leaves stay where they are. If the copies together use no more
than the capacity of every edge, then for any sides of the switches the cut is at least the sum of the copies' cuts, and
each of those is at least the tree's own minimum for the sides of hosts and leaves. Where the copies use more than an
edge has (a failed link), the excess is subtracted once: no cut can lose more than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph, node_rows, whole_list, whole_number
from topo.certificates.reading.hosttree import Attachments, HostTree, least_split
from topo.errors import CertificateError
from topo.fabric.model import IntArray

MOST_PLACED = 1 << 25
"""Numbers of all copies together, a quarter of a gigabyte: a few characters could ask for any amount."""


def tree_bound(part: CutGraph, bound: dict[str, Any]) -> int:
    """The capacity, in units, that every balanced split of the hosts cuts in this component; 0 where nothing is proved.

    Keys: `scale` (capacities below are in 1/scale units), `leaves` (device rows), `pod` and `leg` per leaf, `up` per
    pod, `hubs` (device row per copy), `images` (per copy the device row of each pod, -1 where the pod is missing).
    """
    scale = whole_number(bound, "scale", 1)
    leaf_rows = whole_list(bound.get("leaves"))
    if len(set(leaf_rows)) != len(leaf_rows):
        raise CertificateError("a leaf is listed twice")
    up = whole_list(bound.get("up"))
    leg = whole_list(bound.get("leg"), length=len(leaf_rows))
    pod = whole_list(bound.get("pod"), -1, len(leaf_rows))
    if any(p >= len(up) for p in pod):
        raise CertificateError("a leaf names a pod that is not listed")
    hub_rows = whole_list(bound.get("hubs"))
    images = bound.get("images")
    if not hub_rows or not isinstance(images, list) or len(images) != len(hub_rows):
        raise CertificateError("every copy needs a hub and its pods")
    image_rows = [whole_list(one, -1, len(up)) for one in images]
    if len(hub_rows) * (sum(leg) + sum(up)) + scale * int(part.capacity.sum()) >= 2**61:
        raise CertificateError("the tree's capacities are too large to be counted")
    if len(hub_rows) * (len(leaf_rows) + len(up)) > MOST_PLACED:
        raise CertificateError(f"the copies place more than {MOST_PLACED:,} leaves and pods")
    leaves = node_rows(part, leaf_rows)
    hubs = node_rows(part, hub_rows)
    image = node_rows(part, (r for one in image_rows for r in one), missing=True).reshape(len(hubs), len(up))
    pod_of, leg_of, up_of = (np.array(column, dtype=np.int64) for column in (pod, leg, up))
    excess = _excess(part, scale, _Copies(pod_of, leg_of, up_of, leaves, hubs, image))
    copies = len(hubs)
    hub = int(hubs[0]) if len(set(hub_rows)) == 1 else -1
    classes = _classes(part, leaves, hub, scale)
    tree = HostTree(tuple(x * copies for x in leg), tuple(pod), tuple(x * copies for x in up), classes)
    return max(-((excess - least_split(tree, part.hosts)) // scale), 0)


@dataclass(frozen=True)
class _Copies:
    """Pod and leg per leaf, up per pod; nodes of the leaves, of each copy's hub, and of each copy's pods."""

    pod: IntArray
    leg: IntArray
    up: IntArray
    leaves: IntArray
    hubs: IntArray
    image: IntArray


def _excess(part: CutGraph, scale: int, of: _Copies) -> int:
    """How much the copies use beyond the capacities, in 1/scale units, summed over edges."""
    pod, leg, up, leaves, hubs, image = of.pod, of.leg, of.up, of.leaves, of.hubs, of.image
    copies = len(hubs)
    parent = np.where(pod[None, :] >= 0, image[:, np.maximum(pod, 0)] if len(up) else -1, hubs[:, None])
    a = np.concatenate([np.tile(leaves, copies), image.ravel()])
    b = np.concatenate([parent.ravel(), np.repeat(hubs, len(up))])
    load = np.concatenate([np.tile(leg, copies), np.tile(up, copies)]).astype(np.int64)
    placed = (a >= 0) & (b >= 0) & (a != b) & (load > 0)
    rows = part.edge_rows(a[placed], b[placed])
    total = np.zeros(len(part.u), dtype=np.int64)
    np.add.at(total, rows[rows >= 0], load[placed][rows >= 0])
    beyond = int(np.maximum(total - part.capacity * scale, 0).sum()) + int(load[placed][rows < 0].sum())
    legs_below = np.zeros(len(up) + 1, dtype=np.int64)
    np.add.at(legs_below, pod, leg)
    lost = np.minimum(legs_below[:-1], (legs_below[:-1] + up + 1) // 2)
    return beyond + int((lost[None, :] * (image < 0)).sum())


def _classes(part: CutGraph, leaves: IntArray, hub: int, scale: int) -> tuple[tuple[Attachments, int], ...]:
    """Hosts by what they hang on; links to any other switch are left out, which only lowers the bound."""
    row = np.full(part.nodes, -2, dtype=np.int64)
    row[leaves] = np.arange(len(leaves))
    if hub >= 0 and row[hub] == -2:
        row[hub] = -1
    held = (part.u < part.hosts) & (row[part.v] >= -1)
    host, leaf, capacity = part.u[held], row[part.v[held]], part.capacity[held] * scale
    order = np.lexsort((leaf, host))
    host, pairs = host[order], np.stack([leaf[order], capacity[order]], axis=1)
    start = np.flatnonzero(np.diff(host, prepend=-1))
    stop = np.append(start[1:], len(host))[: len(start)]
    counts: dict[bytes, int] = {}
    for i, j in zip(start.tolist(), stop.tolist(), strict=True):
        key = pairs[i:j].tobytes()
        counts[key] = counts.get(key, 0) + 1
    return tuple(
        (tuple((int(at), int(c)) for at, c in np.frombuffer(key, dtype=np.int64).reshape(-1, 2)), n)
        for key, n in counts.items()
    )
