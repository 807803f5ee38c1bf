"""All-to-all over GPUs as a problem: host classes are sources and sinks beside the switches."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from topo.analysis.gpus.hosts import HostClasses
from topo.analysis.throughput.problem import UNLIMITED, Problem
from topo.certificates.reading.whole import whole
from topo.fabric.model import IntArray
from topo.fabric.speed import speeds


def gpu_problem(classes: HostClasses, proposals: list[IntArray], limited: bool, minimal: bool = False) -> Problem:
    """Nodes are the switches, then the classes as sources, then the classes as sinks, which pass traffic on to the
    sources only where the classes say so.

    `limited` says whether the endpoint links bind. `proposals` permute the switches.
    """
    net, m = classes.network, len(classes.count)
    n = net.switches
    attached = [(i, switch, gbps * classes.count[i]) for i in range(m) for switch, gbps in classes.attached[i]]
    own = np.array([i for i, _, _ in attached], dtype=np.int64)
    at = np.array([switch for _, switch, _ in attached], dtype=np.int64)
    speed = speeds(np.array([gbps for _, _, gbps in attached], dtype=np.float64))
    capacity, capacity_unit = whole(np.concatenate([net.capacity, speed, speed]))
    if not limited:
        capacity[2 * net.edges :] = UNLIMITED
    on = n + np.arange(m if classes.relays else 0, dtype=np.int64)
    capacity = np.concatenate([capacity, np.full(len(on), UNLIMITED, dtype=capacity.dtype)])
    unit = _unit([w / count for w, count in zip(classes.weight, classes.count, strict=True)])
    weight = np.array([int(w / unit) for w in classes.weight], dtype=object)
    weight = weight.astype(np.int64) if max(weight.tolist(), default=0) < 2**31 else weight
    unsent = sorted(classes.unsent.items())
    products = np.array([-value / (unit * unit) for _, value in unsent], dtype=object)
    sends, receives = np.zeros(n + 2 * m, dtype=weight.dtype), np.zeros(n + 2 * m, dtype=weight.dtype)
    group = np.unique(np.array(classes.group, dtype=np.int64), return_inverse=True)[1].reshape(-1)
    sends[n : n + m] = weight
    receives[n + m :] = weight
    return Problem(
        n + 2 * m,
        np.concatenate([net.tail, n + own, at, on + m]).astype(np.int64),
        np.concatenate([net.head, at, n + m + own, on]).astype(np.int64),
        capacity,
        capacity_unit,
        sends,
        receives,
        np.concatenate([np.full(n, -1), group, group]).astype(np.int64),
        np.array([n + a for (a, _), _ in unsent], dtype=np.int64),
        np.array([n + m + b for (_, b), _ in unsent], dtype=np.int64),
        np.array([int(v) for v in products], dtype=object),
        classes.scale * unit * unit,
        tuple(_carried_along(classes, proposals)),
        minimal,
    )


def _unit(values: list[Fraction]) -> Fraction:
    """The largest fraction that divides all of these."""
    denominator = lcm(*(v.denominator for v in values)) if values else 1
    return Fraction(gcd(*(int(v * denominator) for v in values)) or 1, denominator)


def _carried_along(classes: HostClasses, proposals: list[IntArray]) -> list[IntArray]:
    """Permutations of all nodes from those of the switches: a class goes where the switches it hangs on go. None
    where that is no place of a class: then the symmetry has to be searched."""
    n, m = classes.network.switches, len(classes.count)
    place = {links: i for i, links in enumerate(classes.attached)}
    if len(place) != m:
        return []
    result = []
    for image in proposals:
        moved = [
            place.get(tuple(sorted((int(image[switch]), gbps) for switch, gbps in links)), -1)
            for links in classes.attached
        ]
        to = np.array(moved, dtype=np.int64)
        if (to < 0).any():
            return []
        result.append(np.concatenate([image, n + to, n + m + to]))
    return result
