"""The checker's own reading of all-to-all over GPUs: hosts as sources and sinks that use any of their NICs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

import numpy as np

from topo.certificates._flow_graph import UNLIMITED, FlowGraph, SwitchGraph, components
from topo.certificates._whole import whole, whole_array
from topo.fabric import Fabric


@dataclass(frozen=True)
class GpuGraph:
    """The question without (`network`) and with (`endpoints`) the endpoint links, and the largest t for which the
    scale-up bandwidth surely forwards enough (None: nothing to forward)."""

    network: FlowGraph
    endpoints: FlowGraph
    forwarding_limit: Fraction | None


Rates = dict[str, tuple[Fraction, ...]]
"""Host name -> line rate of each of its GPUs."""


def gpu_graph(fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph) -> GpuGraph:
    """Host classes as nodes after the switches: first all as sources, then all as sinks, numbered by their first host
    in the intact fabric. Hosts are alike if they hang on the same switches at the same speeds, have the same line
    rate, and are in a scale-up domain of hosts that all hang alike (of the same total rate) or else in the same one."""
    rates = _rates(intact, intact_graph)
    links = _links(fabric, graph)
    hosts = [name for name in rates if name in links]
    row = {str(name): i for i, name in enumerate(intact.devices.name.tolist())}
    domain = {name: int(intact.devices.domain[row[name]]) for name in hosts}
    members: dict[object, list[str]] = defaultdict(list)
    for name in hosts:
        members[domain[name] if domain[name] >= 0 else name].append(name)
    rate = {name: sum(rates[name], Fraction(0)) for name in hosts}
    number: dict[object, int] = {}
    own: dict[str, object] = {}
    for key, inside in members.items():
        alike = len({links[name] for name in inside}) == 1
        for name in inside:
            own[name] = sum((rate[x] for x in inside), Fraction(0)) if alike else ("domain", key)
    of = {name: number.setdefault((links[name], rate[name], own[name]), len(number)) for name in hosts}
    first = {i: name for name, i in reversed(of.items())}
    size = np.bincount([of[name] for name in hosts], minlength=len(number)).tolist()
    unsent: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for inside in members.values():
        of_class: dict[int, Fraction] = defaultdict(Fraction)
        for name in inside:
            of_class[of[name]] += rate[name]
        for a in of_class:
            for b in of_class:
                unsent[a, b] += of_class[a] * of_class[b]
    part = components(len(graph.device), graph.tail, graph.head)
    planes = [frozenset(int(part[switch]) for switch, _ in links[first[i]]) for i in range(len(number))]
    weight = [rate[first[i]] * size[i] for i in range(len(number))]
    kinds = set(planes)
    apart = {(p, q) for p in kinds for q in kinds if not p & q}
    if apart:
        for a, p in enumerate(planes):
            for b, q in enumerate(planes):
                if (p, q) in apart:
                    unsent[a, b] = weight[a] * weight[b]
    total = sum((sum(r) for r in rates.values()), Fraction(0))
    others = total - min((min(r) for r in rates.values()), default=Fraction(0))
    scale = 1 / others if others else Fraction(0)
    whole_graph = _graph(graph, [links[first[i]] for i in range(len(number))], size, weight, unsent, scale)
    free = whole_graph.capacity.copy()
    switches = len(graph.device)
    free[(whole_graph.tail >= switches) | (whole_graph.head >= switches)] = UNLIMITED
    return GpuGraph(replace(whole_graph, capacity=free), whole_graph, _forwarding(intact, rates, row))


def _rates(fabric: Fabric, graph: SwitchGraph) -> Rates:
    ends = fabric.endpoints
    found: dict[str, dict[int, Fraction]] = {}
    names = fabric.devices.name[ends.host[graph.endpoint]].tolist()
    first, count = ends.gpu_first[graph.endpoint].tolist(), ends.gpu_count[graph.endpoint].tolist()
    for name, f, c, gbps in zip(names, first, count, graph.rate.tolist(), strict=True):
        for gpu in range(f, f + c):
            mine = found.setdefault(name, {})
            mine[gpu] = mine.get(gpu, Fraction(0)) + Fraction(gbps) / c
    return {name: tuple(mine.values()) for name, mine in found.items()}


def _links(fabric: Fabric, graph: SwitchGraph) -> dict[str, tuple[tuple[int, float], ...]]:
    found: dict[str, dict[int, float]] = defaultdict(dict)
    names = fabric.devices.name[fabric.endpoints.host[graph.endpoint]].tolist()
    serves = (fabric.endpoints.gpu_count[graph.endpoint] > 0).tolist()
    for name, at, gbps, used in zip(names, graph.at.tolist(), graph.attach.tolist(), serves, strict=True):
        if used:
            found[name][at] = found[name].get(at, 0.0) + gbps
    return {name: tuple(sorted(links.items())) for name, links in found.items()}


def _graph(
    graph: SwitchGraph,
    links: list[tuple[tuple[int, float], ...]],
    size: list[int],
    weight: list[Fraction],
    unsent: dict[tuple[int, int], Fraction],
    scale: Fraction,
) -> FlowGraph:
    n, m = len(graph.device), len(links)
    rows = [(i, switch, gbps * size[i]) for i in range(m) for switch, gbps in links[i]]
    own, at = (np.array([r[k] for r in rows], dtype=np.int64) for k in (0, 1))
    speed = np.array([r[2] for r in rows], dtype=np.float64)
    tail, head = np.concatenate([graph.tail, n + own, at]), np.concatenate([graph.head, at, n + m + own])
    order = np.lexsort((head, tail))
    capacity, capacity_unit = whole(np.concatenate([graph.gbps, speed, speed]))
    per_host = [w / s for w, s in zip(weight, size, strict=True)]
    denominator = lcm(*(w.denominator for w in per_host)) if per_host else 1
    unit = Fraction(reduce(gcd, (int(w * denominator) for w in per_host), 0) or 1, denominator)
    units = [int(w / unit) for w in weight]
    pairs = sorted(unsent)
    return FlowGraph(
        n + 2 * m,
        tail[order],
        head[order],
        capacity[order],
        capacity_unit,
        whole_array([0] * n + units + [0] * m),
        whole_array([0] * (n + m) + units),
        np.concatenate([np.full(n, -1), np.zeros(2 * m)]).astype(np.int64),
        np.array([n + a for a, _ in pairs], dtype=np.int64),
        np.array([n + m + b for _, b in pairs], dtype=np.int64),
        np.array([-int(unsent[pair] / (unit * unit)) for pair in pairs], dtype=object),
        scale * unit * unit,
    )


def _forwarding(intact: Fabric, rates: Rates, row: dict[str, int]) -> Fraction | None:
    """A GPU may have to pass on all it sends, and its NIC's share of what others send."""
    limits = []
    for group, own in {(int(intact.devices.group[row[name]]), r) for name, r in rates.items() if len(r) > 1}:
        room = Fraction(intact.scale_up_gbps[group])
        limits.append(min(max(room - r, Fraction(0)) / r for r in own))
    return min(limits, default=None)
