"""The checker's own reading of GPUs and their hosts: who hangs on what, and who sends whom nothing.

A host may use any of its NICs for any of its GPUs where a scale-up domain joins them. Without one nothing is forwarded:
GPUs that share their NICs (all of them, or none) count as a host of their own. Hosts are alike if they hang on the same
switches at the same speeds, have the same line rate, and are in a scale-up domain whose hosts all hang alike (of the
same total rate) or else in one of hosts that hang on the same switches as theirs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from topo.certificates.reading.flow_graph import SwitchGraph
from topo.fabric import Fabric
from topo.fabric.joined import least_joined
from topo.fabric.speed import exact

Host = tuple[str, int]
"""A host's name and 0, or the first of the GPUs that are a host of their own."""
Rates = dict[Host, tuple[Fraction, ...]]
"""Line rate of each GPU; one tuple for all hosts that are given alike."""
Links = tuple[tuple[int, float], ...]
"""((switch, Gb/s), ...)."""


@dataclass(frozen=True)
class GpuClasses:
    """Classes of hosts, numbered by their first host in the intact fabric: the links of one, how many there are, and
    their line rate together. Class a sends class b `scale` * (weight[a] * weight[b] - unsent[a, b]) Gb/s at t = 1
    where both are of one `group`;
    `part` numbers the components of the switches. `forwarding_limit` is the largest t for which the scale-up bandwidth
    surely forwards enough (None: nothing to forward)."""

    links: tuple[Links, ...]
    size: tuple[int, ...]
    weight: tuple[Fraction, ...]
    unsent: dict[tuple[int, int], Fraction]
    scale: Fraction
    part: tuple[int, ...]
    forwarding_limit: Fraction | None
    group: tuple[int, ...]


def gpu_classes(
    fabric: Fabric, graph: SwitchGraph, intact: Fabric, intact_graph: SwitchGraph, within: bool = False
) -> GpuClasses:
    """The classes of a network; weights and scale are those of the intact fabric. `within`: the pairs that are asked
    about are those of one scale-up domain."""
    alone = _alone(intact, intact_graph, within)
    rates = _rates(intact, intact_graph, alone)
    links = _links(fabric, graph, alone)
    row = {str(name): i for i, name in enumerate(intact.devices.name.tolist())}
    hosts = sorted((host for host in rates if host in links), key=lambda host: (row[host[0]], host[1]))
    total = {id(own): sum(own, Fraction(0)) for own in rates.values()}
    rate = {host: total[id(rates[host])] for host in hosts}
    members: dict[object, list[Host]] = defaultdict(list)
    for host in hosts:
        domain = int(intact.devices.domain[row[host[0]]])
        members[domain if domain >= 0 else host[0]].append(host)
    number: dict[object, int] = {}
    own: dict[Host, object] = {}
    for inside in members.values():
        alike = len({links[host] for host in inside}) == 1
        whole = sum((rate[host] for host in inside), Fraction(0))
        shape: object = whole if alike else tuple(sorted((links[host], rate[host]) for host in inside))
        own |= dict.fromkeys(inside, shape)
    if within:
        own = {host: domain for domain, inside in members.items() for host in inside}
    of = {host: number.setdefault((links[host], rate[host], own[host]), len(number)) for host in hosts}
    first = {i: host for host, i in reversed(of.items())}
    size = tuple(np.bincount([of[host] for host in hosts], minlength=len(number)).tolist())
    weight = tuple(rate[first[i]] * size[i] for i in range(len(number)))
    unsent: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for inside in [[host] for host in hosts] if within else members.values():
        of_class: dict[int, Fraction] = defaultdict(Fraction)
        for host in inside:
            of_class[of[host]] += rate[host]
        for a in of_class:
            for b in of_class:
                unsent[a, b] += of_class[a] * of_class[b]
    part = least_joined(len(graph.device), graph.tail, graph.head).tolist()
    joint = {of[host]: number for number, inside in enumerate(members.values()) for host in inside}
    group = tuple(joint[i] if within else 0 for i in range(len(number)))
    planes = [frozenset(part[switch] for switch, _ in links[first[i]]) for i in range(len(number))]
    kinds = set(planes)
    apart = {(p, q) for p in kinds for q in kinds if not p & q}
    if apart:
        for a, p in enumerate(planes):
            for b, q in enumerate(planes):
                if (p, q) in apart and group[a] == group[b]:
                    unsent[a, b] = weight[a] * weight[b]
    others = _rate_of_others(intact, rates, row, within)
    return GpuClasses(
        tuple(links[first[i]] for i in range(len(number))),
        size,
        weight,
        dict(unsent),
        1 / others if others else Fraction(0),
        tuple(part),
        _forwarding(intact, {host: r for host, r in rates.items() if host[0] not in alone}, row),
        group,
    )


def _rate_of_others(intact: Fabric, rates: Rates, row: dict[str, int], within: bool) -> Fraction:
    """Line rate of all but the slowest GPU, of those that are asked about together; the most of any of them."""
    asked: dict[object, Counter[int]] = defaultdict(Counter)
    for host, own_rates in rates.items():
        domain = int(intact.devices.domain[row[host[0]]])
        asked[(domain if domain >= 0 else host[0]) if within else 0][id(own_rates)] += 1
    total = {id(one): sum(one, Fraction(0)) for one in rates.values()}
    least = {id(one): min(one) for one in rates.values()}
    return max(
        (sum((total[i] * n for i, n in rs.items()), Fraction(0)) - min(least[i] for i in rs) for rs in asked.values()),
        default=Fraction(0),
    )


def _alone(fabric: Fabric, graph: SwitchGraph, every: bool) -> frozenset[str]:
    """Names of hosts whose GPUs no scale-up domain joins (or of `every` host), and share all of their NICs or none."""
    ends, devices = fabric.endpoints, fabric.devices
    ranges: dict[int, set[tuple[int, int]]] = defaultdict(set)
    columns = (ends.host, ends.gpu_first, ends.gpu_count)
    joined = np.array([*fabric.scale_up_gbps, 0.0])[devices.group[ends.host[graph.endpoint]]] > 0
    groups = ~joined | every
    for host, f, c in zip(*(column[graph.endpoint[groups]].tolist() for column in columns), strict=True):
        if c > 0:
            ranges[host].add((f, f + c))
    result = set()
    for host, own in ranges.items():
        served = sorted(own)
        several = len(served) > 1 or served[0][1] - served[0][0] > 1
        if several and all(a[1] <= b[0] for a, b in pairwise(served)):
            result.add(str(devices.name[host]))
    return frozenset(result)


def _rates(fabric: Fabric, graph: SwitchGraph, alone: frozenset[str]) -> Rates:
    ends = fabric.endpoints
    given: dict[Host, dict[int, list[tuple[float, int]]]] = {}
    names = fabric.devices.name[ends.host[graph.endpoint]].tolist()
    first, count = ends.gpu_first[graph.endpoint].tolist(), ends.gpu_count[graph.endpoint].tolist()
    for name, f, c, gbps in zip(names, first, count, graph.rate.tolist(), strict=True):
        for gpu in range(f, f + c):
            given.setdefault((name, f if name in alone else 0), {}).setdefault(gpu, []).append((gbps, c))
    known: dict[object, tuple[Fraction, ...]] = {}
    result: Rates = {}
    for host, selected in given.items():
        key = tuple(map(tuple, selected.values()))
        if key not in known:
            known[key] = tuple(sum((exact(g) / c for g, c in own), Fraction(0)) for own in selected.values())
        result[host] = known[key]
    return result


def _links(fabric: Fabric, graph: SwitchGraph, alone: frozenset[str]) -> dict[Host, Links]:
    result: dict[Host, dict[int, float]] = defaultdict(dict)
    ends = fabric.endpoints
    names = fabric.devices.name[ends.host[graph.endpoint]].tolist()
    first, count = ends.gpu_first[graph.endpoint].tolist(), ends.gpu_count[graph.endpoint].tolist()
    for name, f, c, at, gbps in zip(names, first, count, graph.at.tolist(), graph.attach.tolist(), strict=True):
        if c > 0:
            own = result[name, f if name in alone else 0]
            own[at] = own.get(at, 0.0) + gbps
    return {host: tuple(sorted(links.items())) for host, links in result.items()}


def _forwarding(intact: Fabric, rates: Rates, row: dict[str, int]) -> Fraction | None:
    """A GPU may have to pass on all it sends, and its NIC's share of what others send."""
    limits = []
    unlike = {(int(intact.devices.group[row[host[0]]]), id(r)): r for host, r in rates.items() if len(r) > 1}
    for (group, _), own in unlike.items():
        room = exact(intact.scale_up_gbps[group])
        limits.append(min(max(room - r, Fraction(0)) / r for r in own))
    return min(limits, default=None)
