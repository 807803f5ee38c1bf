"""All-to-all over GPUs where hosts divide what they send: what routings without a choice of NICs carry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from topo.certificates.reading.flow_graph import FlowGraph, SwitchGraph
from topo.certificates.reading.gpu_classes import GpuClasses, Links, gpu_classes
from topo.certificates.reading.gpu_graph import unit_of
from topo.certificates.reading.whole import whole, whole_array
from topo.fabric import Fabric
from topo.fabric.speed import exact

Lanes = dict[int, list[tuple[int, Fraction]]]
"""Component -> switches, each with its share of a host's speed there."""
Loads = dict[tuple[int, int], Fraction]


@dataclass(frozen=True)
class DividedGpus:
    """Demand between switches: switch u sends v scale * (weight[u] * weight[v] + extra[u, v]) Gb/s at t = 1 where they
    are of one component, the product only where `weight` is not None; `limit` is the largest t that endpoint links and
    forwarding allow."""

    weight: tuple[Fraction, ...] | None
    extra: Loads
    part: tuple[int, ...]
    scale: Fraction
    limit: Fraction | None


def divided_gpus(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph, within: bool = False
) -> DividedGpus:
    """A host divides what it sends another evenly over the components that both reach, and in each over its links by
    their speed; so does the receiver. Where all hosts reach the same components that is a product of weights of
    switches, less what is unsent."""
    classes = gpu_classes(fabric, graph, intact, intact_graph, within)
    lanes = [_lanes(links, classes.part) for links in classes.links]
    hosts = range(len(lanes))
    alike = len({frozenset(own) for own in lanes}) == 1 and len(set(classes.group)) == 1
    used: Loads = defaultdict(Fraction)
    extra: Loads = defaultdict(Fraction)
    weight = None
    scale = classes.scale
    if alike:
        planes = len(lanes[0])
        scale = scale / planes
        total, carried = sum(classes.weight, Fraction(0)), [Fraction(0)] * len(graph.device)
        for a in hosts:
            for served in lanes[a].values():
                for u, share in served:
                    carried[u] += classes.weight[a] * share
                    used[a, u] += classes.weight[a] * total * share
        weight = tuple(carried)
        sent = {pair: -value * planes for pair, value in classes.unsent.items()}
    else:
        nothing = Fraction(0)
        sent = {
            (a, b): classes.weight[a] * classes.weight[b] - classes.unsent.get((a, b), nothing)
            for a in hosts
            for b in hosts
            if classes.group[a] == classes.group[b]
        }
    for (a, b), amount in sent.items():
        common = set(lanes[a]) & set(lanes[b]) if amount else ()
        for plane in common:
            for u, p in lanes[a][plane]:
                used[a, u] += amount * p / len(common)
                for v, q in lanes[b][plane]:
                    if u != v:
                        extra[u, v] += amount * p * q / len(common)
    limit = _limit(classes, used, scale)
    return DividedGpus(weight, {pair: value for pair, value in extra.items() if value}, classes.part, scale, limit)


def divided_graph(graph: SwitchGraph, demand: DividedGpus) -> FlowGraph:
    """The demand as flows between switches, in whole numbers."""
    n = len(graph.device)
    capacity, capacity_unit = whole(graph.gbps)
    pairs = sorted(demand.extra)
    if demand.weight is None:
        square = unit_of([demand.extra[pair] for pair in pairs])
        sends, group = whole_array([0] * n), np.full(n, -1, dtype=np.int64)
    else:
        unit = unit_of([w for w in demand.weight if w])
        unit /= lcm(*((demand.extra[pair] / unit**2).denominator for pair in pairs))
        square = unit**2
        sends = whole_array([int(w / unit) for w in demand.weight])
        group = np.where(sends != 0, np.array(demand.part, dtype=np.int64), -1)
    columns = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    extra = np.array([int(demand.extra[pair] / square) for pair in pairs], dtype=object)
    return FlowGraph(
        n,
        graph.tail,
        graph.head,
        capacity,
        capacity_unit,
        sends,
        sends,
        group,
        columns[:, 0],
        columns[:, 1],
        extra,
        demand.scale * square,
    )


def _lanes(links: Links, part: tuple[int, ...]) -> Lanes:
    speed: dict[int, Fraction] = defaultdict(Fraction)
    for switch, gbps in links:
        speed[part[switch]] += exact(gbps)
    result: Lanes = defaultdict(list)
    for switch, gbps in links:
        result[part[switch]].append((switch, exact(gbps) / speed[part[switch]]))
    return result


def _limit(classes: GpuClasses, used: Loads, scale: Fraction) -> Fraction | None:
    limits = [
        exact(gbps) * classes.size[a] / (scale * used[a, switch])
        for a, links in enumerate(classes.links)
        for switch, gbps in links
        if used.get((a, switch))
    ]
    forwarding = classes.forwarding_limit
    return min(limits + ([forwarding] if limits and forwarding is not None else []), default=None)
