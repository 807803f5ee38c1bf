"""Recognises a tree of leaves, pods and cores in a component, and lays copies of one tree into it."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np

from topo.certificates.reading.cut import CutGraph
from topo.certificates.reading.hosttree import HostTree
from topo.fabric import CORE, HOST, SWITCH, Fabric
from topo.fabric.joined import components
from topo.fabric.model import IntArray

SCALE_AT_MOST = 720_720
"""The least number that 1 to 16 divide: parts of that many shares are whole ones."""
FEW = 2
"""Two strengths, such as of leaves that hold a host more and a host less, are kept apart; of more the tree would have
too many kinds to go through."""


@dataclass(frozen=True)
class Fold:
    """Nodes of a component: `leaves`, their `pod` (-1 where a leaf hangs on the hub), per copy its hub and the node of
    each pod (-1 where the pod has none there)."""

    leaves: IntArray
    pod: IntArray
    hubs: IntArray
    images: IntArray

    @property
    def pods(self) -> int:
        """How many pods."""
        return int(self.images.shape[1])


def depths(fabric: Fabric, part: CutGraph) -> IntArray:
    """Shape (nodes,): tiers above the leaves, from the fabric's tiers or else by distance to the nearest host."""
    tier = fabric.devices.tier[part.device].astype(np.int64)
    if not (tier == SWITCH).any():
        return np.where(tier == HOST, -1, tier - 1)
    depth = np.full(part.nodes, CORE + 1, dtype=np.int64)
    depth[: part.hosts] = -1
    for d in range(CORE):
        for a, b in ((part.u, part.v), (part.v, part.u)):
            at = b[depth[a] == d - 1]
            depth[at] = np.minimum(depth[at], d)
    return depth


def fold(fabric: Fabric, part: CutGraph) -> Fold | None:
    """The tree of a component, or None where it has another shape."""
    inner = part.u >= part.hosts
    u, v = part.u[inner], part.v[inner]
    none = np.zeros(0, dtype=np.int64)
    if part.nodes - part.hosts == 1:
        return Fold(none, none, np.array([part.hosts]), np.zeros((1, 0), dtype=np.int64))
    depth = depths(fabric, part)
    if depth.max() > 2 or (np.abs(depth[u] - depth[v]) != 1).any():
        return None
    hosted = np.zeros(part.nodes, dtype=np.bool_)
    hosted[part.v[~inner]] = True
    if (hosted & (depth != 0)).any():
        return None
    leaves = np.flatnonzero(hosted)
    if depth.max() == 1:
        hubs = np.flatnonzero(depth == 1)
        return Fold(leaves, np.full(len(leaves), -1), hubs, np.zeros((len(hubs), 0), dtype=np.int64))
    below = np.minimum(depth[u], depth[v]) == 0
    pod_of = components(part.nodes, u[below], v[below])
    group_of = components(part.nodes, u[~below], v[~below])
    pod_ids, pod = np.unique(pod_of[leaves], return_inverse=True)
    copies = _copies(depth, pod_of, group_of, pod_ids)
    if not copies:
        return None
    return Fold(leaves, pod, np.array([hub for hub, _ in copies]), np.array([image for _, image in copies]))


def _copies(depth: IntArray, pod_of: IntArray, group_of: IntArray, pod_ids: IntArray) -> list[tuple[int, list[int]]]:
    """(core, spine of each pod) for every core of every group of cores, and every spine of a pod in that group."""
    copies = []
    spines, cores = np.flatnonzero(depth == 1), np.flatnonzero(depth == 2)
    for group in np.unique(group_of[cores]).tolist():
        own = spines[group_of[spines] == group]
        by_pod = [own[pod_of[own] == p].tolist() for p in pod_ids.tolist()]
        for i in range(max((len(s) for s in by_pod), default=0)):
            image = [s[i] if i < len(s) else -1 for s in by_pod]
            copies += [(core, image) for core in cores[group_of[cores] == group].tolist()]
    return copies


def packings(part: CutGraph, shape: Fold) -> list[dict[str, Any]]:
    """Lower bounds of method `tree` to try: capacities of the tree's edges by median and by maximum over the copies."""
    copies = len(shape.hubs)
    under = np.maximum(shape.pod, 0)
    parent = np.where(shape.pod >= 0, shape.images[:, under] if shape.pods else -1, shape.hubs[:, None])
    leg, leg_users = _shares(part, np.broadcast_to(shape.leaves, parent.shape), parent)
    up, up_users = _shares(part, shape.images, np.broadcast_to(shape.hubs[:, None], shape.images.shape))
    users = {int(x) for x in np.unique(np.concatenate([leg_users.ravel(), up_users.ravel()])) if x}
    scale = min(lcm(*users), SCALE_AT_MOST)
    result = []
    for pick in (np.median, np.max):
        values = [
            np.asarray(pick(capacity * scale // np.maximum(used, 1), axis=0)).astype(np.int64).tolist()
            if capacity.shape[1]
            else []
            for capacity, used in ((leg, leg_users), (up, up_users))
        ]
        bound = {
            "method": "tree",
            "scale": scale,
            "leaves": part.device[shape.leaves].tolist(),
            "pod": shape.pod.tolist(),
            "leg": values[0],
            "up": values[1],
            "hubs": part.device[shape.hubs].tolist(),
            "images": np.where(shape.images >= 0, part.device[shape.images], -1).tolist() if copies else [],
        }
        if bound not in result:
            result.append(bound)
    return result


def _shares(part: CutGraph, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
    """Capacity of the edge that each copy uses (0 where there is none), and how many copies use that edge."""
    rows = part.edge_rows(a.ravel(), b.ravel())
    rows = np.where((a.ravel() >= 0) & (b.ravel() >= 0), rows, -1)
    users = np.bincount(rows[rows >= 0], minlength=len(part.u))
    known = rows >= 0
    capacity = np.where(known, part.capacity[rows], 0) if len(part.u) else np.zeros(len(rows), dtype=np.int64)
    used = np.where(known, users[rows], 0) if len(part.u) else np.zeros(len(rows), dtype=np.int64)
    return capacity.reshape(a.shape), used.reshape(a.shape)


def whole_tree(part: CutGraph, shape: Fold) -> tuple[HostTree, list[IntArray]]:
    """The tree with all uplinks of a leaf or pod as one link, and the hosts of each of its classes.

    Where hosts hang on several leaves, many unlike strengths would make too many cases: then the median stands for all.
    """
    node_leaf = np.full(part.nodes, -2, dtype=np.int64)
    node_leaf[shape.leaves] = np.arange(len(shape.leaves))
    if len(np.unique(shape.hubs)) == 1:
        node_leaf[shape.hubs] = -1
    ties = (part.u < part.hosts) & (node_leaf[part.v] >= -1)
    held: dict[int, list[tuple[int, int]]] = {}
    for h, leaf, c in zip(
        part.u[ties].tolist(), node_leaf[part.v[ties]].tolist(), part.capacity[ties].tolist(), strict=True
    ):
        held.setdefault(h, []).append((leaf, c))
    members: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for h, pairs in held.items():
        members.setdefault(tuple(sorted(pairs)), []).append(h)
    inner = part.u >= part.hosts
    strength = np.zeros(part.nodes, dtype=np.int64)
    pod_node = np.full(part.nodes, -1, dtype=np.int64)
    for p in range(shape.pods):
        pod_node[shape.images[shape.images[:, p] >= 0, p]] = p
    up = np.zeros(shape.pods, dtype=np.int64)
    u, v, capacity = part.u[inner], part.v[inner], part.capacity[inner]
    for a, b in ((u, v), (v, u)):
        np.add.at(strength, a, capacity)
        above = (pod_node[a] >= 0) & (pod_node[b] < 0) & (node_leaf[b] < 0)
        np.add.at(up, pod_node[a[above]], capacity[above])
    classes = tuple((key, len(hosts)) for key, hosts in members.items())
    several = any(len(key) > 1 for key, _ in classes)
    leg, top = (_evened(x) if several else x for x in (strength[shape.leaves], up))
    tree = HostTree(tuple(leg.tolist()), tuple(shape.pod.tolist()), tuple(top.tolist()), classes)
    return tree, [np.array(hosts) for hosts in members.values()]


def _evened(strength: IntArray) -> IntArray:
    """The same numbers where few differ, else their median for each."""
    if len(np.unique(strength)) <= FEW:
        return strength
    return np.full(len(strength), int(np.median(strength)), dtype=np.int64)
