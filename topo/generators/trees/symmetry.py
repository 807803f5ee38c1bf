"""Permutations that carry an intact fat-tree onto itself: proposals, to be verified before they are believed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from topo.fabric import LEAF, Fabric
from topo.fabric.model import IntArray


def tree_symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Rotations of alike leaves in every pod, alike pods, spines, cores and planes, as permutations of device rows; and
    of all leaves together with the spines that their links begin at, which links dealt by one allow. Leaves that hold
    the same hosts (one for each rail, say) rotate among each other, and such groups of leaves as a whole: so no host is
    torn from the others on its leaves.

    Shape (devices,) each: row d goes to the place of row p[d]. Only switches move; hosts stay where they are, since a
    switch carries its endpoints along as a weight. Together they act transitively on the links of every tier between
    alike pods. Empty where switches are missing, unless they are those of whole planes.
    """
    shape = dict(fabric.origins[network].shape)
    planes, leaves, pods, spines, cores = (shape[k] for k in ("planes", "leaves", "pods", "spines", "cores"))
    share = shape.get("share", 1)
    groups = spines // share if cores else 0
    per_plane = leaves + pods * spines + groups * cores
    rows = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier >= LEAF))
    planes = min(planes, len(rows) // max(per_plane, 1))
    if not planes or len(rows) != planes * per_plane or _mixed(fabric.devices.plane[rows], per_plane):
        return []
    ends = fabric.endpoint_switch >= 0
    weight = np.bincount(
        fabric.endpoint_switch[ends], weights=fabric.endpoints.gbps[ends], minlength=len(fabric.devices)
    )[rows[:leaves]]
    pod = fabric.devices.pod[rows[:leaves]].astype(np.int64)
    spine = leaves + np.arange(pods * spines).reshape(pods, spines)
    core = leaves + pods * spines + np.arange(groups * cores).reshape(groups, cores)
    answer = [
        *_leaves_rotated(per_plane, pod, weight, _hosts_alike(fabric, rows[:leaves])),
        _pods_rotated(per_plane, pod, weight, spine),
        _moved(per_plane, (spine, np.roll(spine, -share, axis=1)), (core, np.roll(core, -1, axis=0))),
        _moved(per_plane, (core, np.roll(core, -1, axis=1))),
    ]
    turn = int((fabric.link_a == rows[0]).sum()) % spines if spines else 0
    if turn and pods == 1 and not cores:
        leaf = np.arange(leaves)
        answer = [_moved(per_plane, (leaf, np.roll(leaf, -1)), (spine, np.roll(spine, -turn, axis=1)))]
    shift = np.arange(planes)[:, None] * per_plane
    everywhere = [(shift + one).ravel() for one in answer]
    everywhere.append(np.roll(np.arange(planes * per_plane), -per_plane))
    identity = np.arange(len(fabric.devices))
    result: list[IntArray] = []
    for local in everywhere:
        if (local != np.arange(len(local))).any():
            moved = identity.copy()
            moved[rows] = rows[local]
            result.append(moved)
    return result


def _mixed(plane: IntArray, per_plane: int) -> bool:
    """Whether some run of `per_plane` switches has those of several planes, or a plane has several runs."""
    runs = plane.reshape(-1, per_plane)
    return bool((runs != runs[:, :1]).any()) or len(np.unique(runs[:, 0])) < len(runs)


def _alike(keys: IntArray) -> list[IntArray]:
    """The columns of `keys` (shape (keys, n)) grouped by equality."""
    inverse = np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1)
    order = np.argsort(inverse, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(inverse[order])) + 1)


def _hosts_alike(fabric: Fabric, leaf: IntArray) -> IntArray:
    """Shape (leaves,): equal numbers for leaves (device rows) that hold the same hosts; a leaf without any is alone."""
    at = np.full(len(fabric.devices), -1, dtype=np.int64)
    at[leaf] = np.arange(len(leaf))
    ends = np.flatnonzero(fabric.endpoint_switch >= 0)
    own = at[fabric.endpoint_switch[ends]]
    held = np.unique(own[own >= 0] * len(fabric.devices) + fabric.endpoints.host[ends[own >= 0]])
    start = np.searchsorted(held, np.arange(len(leaf) + 1) * len(fabric.devices))
    host = held % len(fabric.devices)
    number: dict[bytes | int, int] = {}
    keys = [host[i:j].tobytes() or n for n, (i, j) in enumerate(pairwise(start.tolist()))]
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)


def _leaves_rotated(size: int, pod: IntArray, weight: IntArray, group: IntArray) -> list[IntArray]:
    """Alike leaves of each pod rotated: in their groups, and the groups whose leaves have the same weights; all of them
    at once where no groups have several leaves, or where rotations of groups would not make the same leaves equal."""
    alike = np.stack([pod, weight])
    profile: dict[tuple[float, ...], int] = {}
    shape = np.empty_like(group)
    members = _alike(group[None])
    for rows in members:
        shape[rows] = profile.setdefault((*pod[rows].tolist(), *weight[rows].tolist()), len(profile))
    distinct = (len(_alike(keys)) for keys in (alike, np.stack([pod, weight, shape])))
    if len(members) == len(group) or len(set(distinct)) > 1:
        return [_rotated(size, _alike(alike))]
    moves = []
    for rows in _alike(shape[None]):
        place = np.stack(_alike(group[rows][None]))
        moves.append((rows[place], np.roll(rows[place], -1, axis=0)))
    return [_rotated(size, _alike(np.stack([pod, group, weight]))), _moved(size, *moves)]


def _rotated(size: int, groups: list[IntArray]) -> IntArray:
    return _moved(size, *((group, np.roll(group, -1)) for group in groups))


def _moved(size: int, *moves: tuple[IntArray, IntArray]) -> IntArray:
    image = np.arange(size)
    for source, target in moves:
        image[source.ravel()] = target.ravel()
    return image


def _pods_rotated(size: int, pod: IntArray, weight: IntArray, spine: IntArray) -> IntArray:
    """Pods whose leaves carry the same weights follow each other, leaf by leaf in order of weight."""
    order = np.lexsort((weight, pod))
    members = np.split(order, np.flatnonzero(np.diff(pod[order])) + 1)
    profile: dict[tuple[float, ...], list[int]] = {}
    for p, rows in enumerate(members):
        profile.setdefault(tuple(weight[rows].tolist()), []).append(p)
    moves = []
    for alike in profile.values():
        for p, q in zip(alike, alike[1:] + alike[:1], strict=True):
            moves += [(members[p], members[q]), (spine[p], spine[q])]
    return _moved(size, *moves)
