"""Lower bounds on the cost of every placement in the racks at hand, from distances alone.

Two arguments, and the better one counts:

- Nearest seats. The partners of a device sit on as many different seats, so that its links cost at least what the
  nearest seats would; each link is shared by its two ends, half each. Devices in turn sit on different seats. (The
  bound of Gilmore (1962) and Lawler (1963) for quadratic assignment, without the assignment of its last step.)
- Ways to the top. Where switches stand in tiers, every host's links are split evenly upwards to the switches of the
  top tier. No link carries more than `most` of that, and by the triangle inequality every piece is at least as long as
  the straight way from the host to the top switch; so the trays hold at least the sum of those ways divided by `most`.
  A top switch, wherever it stands, is no nearer to the hosts than to the nearest seats that hosts can have. Slack, and
  drops where a rack cannot hold both ends, come on top.

Both hold for real-valued distances and are rounded down.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.placement.improving.objective import Metric, Objective
from topo.placement.improving.seats import Hall


def lower_bound(fabric: Fabric, hall: Hall, metric: Metric, objective: Objective) -> int:
    """A number that no placement of these devices on these seats undercuts."""
    result = nearest_seats(hall, metric, objective)
    if not objective.optical:
        result = max(result, ways_to_the_top(fabric, hall, metric, objective))
    return result


def nearest_seats(hall: Hall, metric: Metric, objective: Objective) -> int:
    """The first bound. Of links that share cages only the cheapest way to share a group's cost out is counted: evenly
    over its entries, each costing no more than the dearest."""
    entries = objective.entries
    size = np.bincount(entries.group, minlength=len(objective.weight))
    share = objective.weight[entries.group] / size[entries.group] / 2
    doubled = np.concatenate([share, share])
    device, partner = np.concatenate([entries.a, entries.b]), np.concatenate([entries.b, entries.a])
    reach = np.concatenate([entries.reach_mm, entries.reach_mm])
    profiles: dict[tuple[int, int, bytes], list[int]] = {}
    order = np.lexsort((-doubled, reach, hall.kind[partner], device))
    start = np.searchsorted(device[order], np.arange(len(hall.kind) + 1))
    rows = np.stack([hall.kind[partner], reach, doubled], axis=1)[order]
    for d in range(len(hall.kind)):
        own = rows[start[d] : start[d + 1]]
        if len(own):
            profiles.setdefault((int(hall.kind[d]), d if d in hall.pinned else -1, own.tobytes()), []).append(d)
    total = 0.0
    for (kind, _, content), devices in profiles.items():
        profile = np.frombuffer(content, dtype=np.float64).reshape(-1, 3)
        fixed = devices[0] in hall.pinned
        seats = np.array(devices) if fixed else np.flatnonzero(hall.seats.kind == kind)
        costs = _profile_cost(hall, metric, objective, seats, profile)
        total += float(np.sort(costs)[: len(devices)].sum())
    return math.floor(total - 1e-6 * abs(total) - 1e-6) if total else 0


def _profile_cost(hall: Hall, metric: Metric, objective: Objective, seats: IntArray, profile: FloatArray) -> FloatArray:
    """Per seat: the least cost of partners (kind, reach, weight) on different seats of their kinds. Kinds and reaches
    are taken one by one; heavier partners sit nearer."""
    result = np.zeros(len(seats))
    for kind, reach in np.unique(profile[:, :2], axis=0).tolist():
        weight = np.sort(profile[(profile[:, 0] == kind) & (profile[:, 1] == reach), 2])[::-1]
        there = np.flatnonzero(hall.seats.kind == int(kind))
        for at in range(0, len(seats), 256):
            own = seats[at : at + 256]
            length = metric.length_mm(own[:, None], there[None, :])
            value = objective.value(length, np.array(reach)).astype(np.float64)
            value[own[:, None] == there[None, :]] = np.inf
            count = min(len(weight), len(there))
            least = np.sort(np.partition(value, count - 1, axis=1)[:, :count], axis=1)
            result[at : at + 256] += np.where(np.isfinite(least), least, 0.0) @ weight[:count]
    return result


def ways_to_the_top(fabric: Fabric, hall: Hall, metric: Metric, objective: Objective) -> int:
    """The second bound; 0 where the switches have no tiers."""
    from scipy.sparse.csgraph import floyd_warshall

    flow, most = _upward(fabric)
    if not most:
        return 0
    base, _, _ = metric.between
    every = int(objective.weight.sum())
    least = min(float(base.min()), 0.0)
    tray = base if _is_metric(metric) else floyd_warshall(base - least + 1e-6)  # an edge of 0 would be none
    host_kinds = sorted({int(k) for k in hall.kind[fabric.is_host]})
    top = np.flatnonzero(flow.sum(axis=0) > 0)
    seats_of_hosts = np.flatnonzero(np.isin(hall.seats.kind, host_kinds))
    host_racks = hall.seats.rack[seats_of_hosts]
    amounts = -np.sort(-flow[:, top], axis=0)
    profiles, count = np.unique(np.round(amounts, 9), axis=1, return_counts=True)
    total = 0.0
    nearest = np.sort(tray[:, host_racks], axis=1)
    for column, number in zip(profiles.T, count.tolist(), strict=True):
        some = int((column > 0).sum())
        to_rack = nearest[:, :some] @ column[:some]
        kinds = np.unique(hall.kind[top])
        here = np.sort(to_rack[hall.seats.rack[np.isin(hall.seats.kind, kinds)]])
        total += float(here[:number].sum())
    metres = total / most + every * (least + metric.routes.floor.slack_m) + _drops(fabric, hall, metric)
    return math.floor(metres * 1000 - every * 0.51 - 1e-6 * metres * 1000)


def _is_metric(metric: Metric) -> bool:
    """No way through a third rack is shorter. Measured lengths and halls without trays at both ends can break that."""
    floor, racks = metric.routes.floor, metric.routes.racks
    ends = {0.0, 1.0} <= set(floor.cross_trays)
    return not len(metric.routes.measured[0]) and (ends or len(np.unique(racks.hall)) == 1)


def _upward(fabric: Fabric) -> tuple[FloatArray, float]:
    """Shape (devices, devices), hosts by top switches: how much of each host's links ends there when every device
    splits what it gets evenly over its links upwards; and the most that any link carries, 0.0 without tiers."""
    from scipy.sparse import coo_array

    d, n = fabric.devices, len(fabric.devices)
    tier_a, tier_b = d.tier[fabric.link_a], d.tier[fabric.link_b]
    if not len(tier_a) or (tier_a >= tier_b).any() or (d.tier == 4).any():
        return np.zeros((0, 0)), 0.0
    upward = np.bincount(fabric.link_a, minlength=n)
    amount = np.where(fabric.is_host, upward, 0).astype(np.float64)
    split = coo_array((1 / upward[fabric.link_a], (fabric.link_a, fabric.link_b)), shape=(n, n)).tocsr()
    most = 0.0
    hosts = np.flatnonzero(fabric.is_host)
    moving: Any = coo_array((amount[hosts], (np.arange(len(hosts)), hosts)), shape=(len(hosts), n)).tocsr()
    ended: Any = coo_array(moving.shape).tocsr()
    top = upward == 0
    while moving.nnz:
        inflow = np.asarray(moving.sum(axis=0)).reshape(-1)
        carrying = upward > 0
        most = max(most, float((inflow[carrying] / upward[carrying]).max(initial=0.0)))
        moving = (moving @ split).tocsr()
        stays = moving.multiply(top[None, :]).tocsr()
        ended = ended + stays
        moving = (moving - stays).tocsr()
        moving.eliminate_zeros()
    return np.asarray(ended.todense()), most


def _drops(fabric: Fabric, hall: Hall, metric: Metric) -> float:
    """Metres that drops need at least: of a device's links to devices of a kind, those to more devices than a rack has
    seats for leave the rack, and go up and down at both ends. Where racks have measured lengths nothing is added."""
    if len(metric.routes.measured[0]):
        return 0.0
    kinds = hall.kind
    seats = np.bincount(
        hall.seats.kind * len(metric.routes.racks) + hall.seats.rack,
        minlength=len(hall.units_of) * len(metric.routes.racks),
    )
    room = seats.reshape(len(hall.units_of), -1).max(axis=1)
    power = np.array([int(hall.power_w[kinds == k].min()) for k in range(len(hall.units_of))])
    room = np.minimum(room, hall.most_units // hall.units_of)
    room = np.where(power > 0, np.minimum(room, hall.most_power_w // np.maximum(power, 1)), room)
    low, high = np.minimum(fabric.link_a, fabric.link_b), np.maximum(fabric.link_a, fabric.link_b)
    pairs, count = np.unique(np.stack([low, high]), axis=1, return_counts=True)
    total = 0.0
    code = kinds[pairs[0]] * len(hall.units_of) + kinds[pairs[1]]
    for value in np.unique(code).tolist():
        mask = code == value
        x, y = divmod(value, len(hall.units_of))
        leaving = 0
        for end, other in ((pairs[0], y), (pairs[1], x)) if x != y else ():
            leaving = max(leaving, _leaving(end[mask], count[mask], int(room[other])))
        if x == y:
            both = np.concatenate([pairs[0][mask], pairs[1][mask]])
            leaving = _leaving(both, np.tile(count[mask], 2), int(room[x])) // 2
        for kind in (x, y):
            drop = metric.drop_m[hall.seats.kind == kind]
            degree = np.bincount(pairs[0][mask], weights=count[mask], minlength=len(kinds))
            degree += np.bincount(pairs[1][mask], weights=count[mask], minlength=len(kinds))
            each = int(degree[kinds == kind].max())
            used = leaving if x != y else 2 * leaving
            least = np.sort(drop)
            full, rest = divmod(used, max(each, 1))
            total += each * float(least[:full].sum()) + (rest * float(least[full]) if full < len(least) else 0.0)
            if x == y:
                break
    return total


def _leaving(end: IntArray, count: IntArray, room: int) -> int:
    """Links of devices `end` (one entry a partner, `count` links to it) that at least go to partners outside a rack
    with `room` for partners."""
    order = np.lexsort((-count, end))
    device, links = end[order], count[order]
    rank = np.arange(len(device)) - np.searchsorted(device, device)
    return int(links[rank >= room].sum())
