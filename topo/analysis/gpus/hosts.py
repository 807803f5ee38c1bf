"""All-to-all over GPUs: hosts as sources and sinks that may use any of their NICs.

Every GPU sends to every other, in proportion to both line rates, scaled so that the most demanding GPU sends at its
line rate at t = 1; a GPU's line rate is its share of its host's NIC ports. Pairs in one scale-up domain load no NIC.
Inside a host, traffic is forwarded to any NIC, so only the host's total matters. Without a scale-up domain nothing is
forwarded: GPUs that share their NICs are then a host of their own, but for the pairs inside the real host, which no
network carries. Hosts that hang on the same switches form a class.

Within domains (`within`) it is the other way round: the question of a scale-up network. Every GPU sends to every other
of its own scale-up domain, over its own ports alone; GPUs that share a NIC count as one. The scale is that of the
domain whose GPUs send most.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.demand import Demand, Sparse, Uniform, components
from topo.analysis.network import SwitchNetwork, switch_network
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.speed import exact

Attachments = tuple[tuple[int, float], ...]
"""((switch, Gb/s), ...) of one host."""
Pair = tuple[int, int]


@dataclass(frozen=True)
class HostClasses:
    """Hosts by what they hang on. Class i is `count[i]` hosts with `weight[i]` Gb/s of line rate in all; each of its
    hosts has the links `attached[i]`. Class a sends class b (also itself) `scale` * (weight[a] * weight[b] -
    unsent[a, b]) Gb/s at t = 1, where both are of one `group`: `unsent` counts pairs within scale-up domains (of one
    GPU with itself, where it is asked within them) and without a path.

    `forwarding_limit` is the largest t for which the scale-up bandwidth surely suffices (None: nothing to forward).
    """

    network: SwitchNetwork
    count: tuple[int, ...]
    weight: tuple[Fraction, ...]
    attached: tuple[Attachments, ...]
    unsent: dict[Pair, Fraction]
    scale: Fraction
    forwarding_limit: Fraction | None
    cut_off: tuple[str, ...]
    group: tuple[int, ...]
    relays: bool = False
    """The GPUs of a class pass on what they get."""

    def sent(self, a: int, b: int) -> Fraction:
        """Gb/s from class a to class b at t = 1."""
        if self.group[a] != self.group[b]:
            return Fraction(0)
        return self.scale * (self.weight[a] * self.weight[b] - self.unsent.get((a, b), Fraction(0)))


def host_classes(
    fabric: Fabric, network: str | int = 0, baseline: Fabric | None = None, within: bool = False
) -> HostClasses:
    """The host classes of one network; weights and scale are those of the intact fabric `baseline`. `within`: the
    question is about pairs within scale-up domains."""
    net = switch_network(fabric, network)
    intact = fabric if baseline is None else baseline
    whole = net if baseline is None else switch_network(intact, network)
    split = _split_hosts(intact, whole, within)
    rates = _gpu_rates(intact, whole, split)
    own = _totals(rates)
    together = _together(intact, sorted(rates)) if within else {0: sorted(rates)}
    others = max((_others(own, rates, members) for members in together.values()), default=Fraction(0))
    scale = 1 / others if others else Fraction(0)
    links = _attachments(fabric, net, split)
    rows = {str(intact.devices.name[row // UNITS]): row // UNITS for row in rates}
    part = components(net)
    alive = {intact_row: links[row] for row, intact_row in _same_hosts(fabric, links, rows).items()}
    joint = _together(intact, sorted(alive))
    key = _keys_within(own, alive, joint) if within else _keys(own, alive, joint)
    number: dict[object, int] = {}
    of = {row: number.setdefault(key[row], len(number)) for row in sorted(alive)}
    weight = [Fraction(0)] * len(number)
    attached: list[Attachments] = [()] * len(number)
    counts = Counter(of.values())
    for i, row in {i: row for row, i in of.items()}.items():
        weight[i], attached[i] = own[row] * counts[i], alive[row]
    group = [0] * len(number)
    unsent: dict[Pair, Fraction] = defaultdict(Fraction)
    for domain, members in joint.items() if within else ():
        for row in members:
            group[of[row]] = domain
            unsent[of[row], of[row]] += own[row] ** 2
    inside = Counter(tuple(sorted(of[row] for row in members)) for members in (() if within else joint.values()))
    for classes, domains in inside.items():
        rate = {i: weight[i] * times / counts[i] for i, times in Counter(classes).items()}
        for a, wa in rate.items():
            for b, wb in rate.items():
                unsent[a, b] += wa * wb * domains
    lost: set[int] = set()
    for domain in sorted(set(group)):
        lost |= _without_path(attached, weight, part, unsent, [i for i, one in enumerate(group) if one == domain])
    gone = sorted([row for row in rates if row not in alive] + [row for row, i in of.items() if i in lost])
    names = tuple(
        f"{intact.devices.name[row // UNITS]}:gpu{row % UNITS + g}" for row in gone for g in range(len(rates[row]))
    )
    return HostClasses(
        net,
        tuple(counts[i] for i in range(len(number))),
        tuple(weight),
        tuple(attached),
        dict(unsent),
        scale,
        _forwarding_limit(intact, rates, split),
        names,
        tuple(group),
    )


def _together(fabric: Fabric, rows: list[int]) -> dict[int, list[int]]:
    """The hosts (rows as they are known here) of each scale-up domain; a host without one is a domain of its own."""
    domain_of = fabric.devices.domain
    result: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        domain = int(domain_of[row // UNITS])
        result[domain if domain >= 0 else -1 - row // UNITS].append(row)
    return result


def _others(own: dict[int, Fraction], rates: dict[int, list[Fraction]], members: list[int]) -> Fraction:
    """The line rate of all other GPUs of these hosts, for the GPU with the least."""
    times = Counter(id(own[row]) for row in members)
    each = {id(own[row]): own[row] for row in members}
    total = sum((each[one] * n for one, n in times.items()), Fraction(0))
    return total - min((min(r) for r in _distinct(rates[row] for row in members)), default=Fraction(0))


UNITS = 1 << 16
"""A host is known by its row times this; GPUs that are a host of their own by the first of them on top."""


def _split_hosts(fabric: Fabric, net: SwitchNetwork, every: bool = False) -> frozenset[str]:
    """Hosts without a scale-up domain (or all: `every`) whose GPUs share NICs with all or none of each other's:
    names."""
    ends, devices = fabric.endpoints, fabric.devices
    scale_up = np.array([*fabric.scale_up_gbps, 0.0])
    apart = ((scale_up[devices.group[net.host]] <= 0) | every) & (ends.gpu_count[net.endpoint] > 0)
    rows = net.endpoint[apart]
    served = np.unique(np.stack([ends.host[rows], ends.gpu_first[rows], ends.gpu_count[rows]]), axis=1)
    host, first, count = served
    overlap = (host[1:] == host[:-1]) & (first[1:] < first[:-1] + count[:-1])
    many = host[(host[1:] == host[:-1]).nonzero()[0]] if len(host) else host
    # One range of several GPUs: each NIC serves them all.
    several = np.union1d(many, host[count > 1])
    return frozenset(devices.name[np.setdiff1d(several, host[1:][overlap])].tolist())


def _units(fabric: Fabric, net: SwitchNetwork, split: frozenset[str]) -> IntArray:
    """Shape (endpoints,): the host of each endpoint as it is known here."""
    result = net.host.astype(np.int64) * UNITS
    if split:
        own = np.isin(fabric.devices.name[net.host], sorted(split))
        result[own] += fabric.endpoints.gpu_first[net.endpoint[own]]
    return result


def _gpu_rates(fabric: Fabric, net: SwitchNetwork, split: frozenset[str]) -> dict[int, list[Fraction]]:
    """Host -> line rate of each GPU that has one."""
    ends = fabric.endpoints
    serves = np.flatnonzero(ends.gpu_count[net.endpoint] > 0)
    rows = net.endpoint[serves]
    served = np.stack([ends.gpu_first[rows], ends.gpu_count[rows], net.endpoint_gbps[serves]], axis=1)
    known: dict[bytes, list[Fraction]] = {}
    result = {}
    for host, own in _by_unit(_units(fabric, net, split)[serves], served):
        same = own.tobytes()
        if same not in known:
            rate: dict[int, Fraction] = defaultdict(Fraction)
            for f, c, gbps in own.tolist():
                for gpu in range(int(f), int(f + c)):
                    rate[gpu] += exact(gbps) / int(c)
            known[same] = [rate[gpu] for gpu in sorted(rate)]
        result[host] = known[same]
    return result


def _by_unit(unit: IntArray, rows: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """The rows (n, keys) of each unit (n,), in their order; units ascend."""
    order = np.argsort(unit, kind="stable")
    unit, rows = unit[order], np.ascontiguousarray(rows[order], dtype=np.float64)
    start = np.flatnonzero(np.diff(unit, prepend=-1))
    stop = np.append(start[1:], len(unit))[: len(start)]
    for i, j in zip(start.tolist(), stop.tolist(), strict=True):
        yield int(unit[i]), rows[i:j]


def _distinct(rates: Iterable[list[Fraction]]) -> list[list[Fraction]]:
    """The lists that `_gpu_rates` made: alike hosts share one."""
    return list({id(rate): rate for rate in rates}.values())


def _totals(rates: dict[int, list[Fraction]]) -> dict[int, Fraction]:
    """Host -> line rate of all its GPUs."""
    total = {id(rate): sum(rate, Fraction(0)) for rate in _distinct(rates.values())}
    return {host: total[id(rate)] for host, rate in rates.items()}


def _attachments(fabric: Fabric, net: SwitchNetwork, split: frozenset[str]) -> dict[int, Attachments]:
    """Host -> its links, summed by switch; equal ones are one object."""
    serves = np.flatnonzero(fabric.endpoints.gpu_count[net.endpoint] > 0)
    unit, at = _units(fabric, net, split)[serves], net.at[serves]
    width = max(net.switches, 1)
    order = np.argsort(unit * width + at, kind="stable")
    unit, at = unit[order], at[order]
    first = (np.diff(unit, prepend=-1) != 0) | (np.diff(at, prepend=-1) != 0)
    gbps = np.bincount(np.cumsum(first) - 1, net.attach_gbps[serves[order]], int(first.sum()))
    known: dict[bytes, Attachments] = {}
    result = {}
    for host, own in _by_unit(unit[first], np.stack([at[first], gbps], axis=1)):
        same = own.tobytes()
        if same not in known:
            known[same] = tuple((int(switch), speed) for switch, speed in own.tolist())
        result[host] = known[same]
    return result


def _same_hosts(fabric: Fabric, links: dict[int, Attachments], rows: dict[str, int]) -> dict[int, int]:
    """Host of the fabric -> the host of the same name in the intact fabric."""
    names = {row: str(fabric.devices.name[row // UNITS]) for row in links}
    return {row: rows[name] * UNITS + row % UNITS for row, name in names.items() if name in rows}


def _keys_within(
    own: dict[int, Fraction], alive: dict[int, Attachments], domains: dict[int, list[int]]
) -> dict[int, object]:
    """What makes GPUs alike: their domain, what they hang on and their line rate."""
    return {row: (domain, alive[row], own[row]) for domain, members in domains.items() for row in members}


def _keys(own: dict[int, Fraction], alive: dict[int, Attachments], domains: dict[int, list[int]]) -> dict[int, object]:
    """What makes hosts alike. Where all hosts of a domain hang on the same switches only the domain's weight counts,
    else all that its hosts hang on does."""
    links, rates = _named(alive), _named(own)
    key: dict[int, object] = {}
    for members in domains.values():
        together = len({links[row] for row in members}) == 1
        shared: object = tuple(sorted((links[row], rates[row]) for row in members))
        if together:
            shared = own[members[0]] if len(members) == 1 else sum((own[row] for row in members), Fraction(0))
        for row in members:
            key[row] = (links[row], rates[row], shared)
    return key


def _named(values: Mapping[int, object]) -> dict[int, int]:
    """Equal numbers for equal values, of which those that are one object are compared once."""
    number: dict[object, int] = {}
    of_object = {id(value): value for value in values.values()}
    named = {one: number.setdefault(value, len(number)) for one, value in of_object.items()}
    return {row: named[id(value)] for row, value in values.items()}


def _without_path(
    attached: list[Attachments], weight: list[Fraction], part: IntArray, unsent: dict[Pair, Fraction], own: list[int]
) -> set[int]:
    """Marks pairs of the classes `own` without a common component as unsent; those that are cut off: the others reach
    each other, the heaviest set first."""
    reach = [frozenset(int(part[switch]) for switch, _ in links) for links in attached]
    kinds: dict[frozenset[int], list[int]] = defaultdict(list)
    for i in own:
        kinds[reach[i]].append(i)
    for one, members in kinds.items():
        for other, others in kinds.items():
            if not one & other:
                for a in members:
                    for b in others:
                        unsent[a, b] = weight[a] * weight[b]
    if not kinds:
        return set()
    order = sorted(kinds, key=lambda k: (-sum(weight[i] for i in kinds[k]), kinds[k][0]))
    kept: list[frozenset[int]] = []
    for parts in order:
        if all(parts & other for other in kept):
            kept.append(parts)
    return {i for parts, members in kinds.items() if parts not in kept for i in members}


def _forwarding_limit(fabric: Fabric, rates: dict[int, list[Fraction]], split: frozenset[str]) -> Fraction | None:
    """The least t at which a GPU that forwards all it sends, on top of its NIC's load of others' traffic, fills its
    scale-up bandwidth."""
    limits = []
    names, groups = fabric.devices.name, fabric.devices.group
    whole = [(row // UNITS, r) for row, r in rates.items() if len(r) > 1]
    kept = [(int(groups[row]), r) for row, r in whole if not split or str(names[row]) not in split]
    for group, own in {(group, id(r)): (group, r) for group, r in kept}.values():
        scale_up = exact(fabric.scale_up_gbps[group])
        limits.append(min(max(scale_up - r, Fraction(0)) / r for r in own))
    return min(limits, default=None)


def gpu_all_to_all(
    fabric: Fabric, network: str | int = 0, baseline: Fabric | None = None, within: bool = False
) -> Demand:
    """The demand between switches where every host spreads what it sends evenly over the planes (components) that both
    ends reach, and in a plane over its links by their speed: what routings without a choice load."""
    classes = host_classes(fabric, network, baseline, within)
    part = components(classes.network)
    lanes = [_lanes(links, part) for links in classes.attached]
    alike = len({frozenset(own) for own in lanes}) == 1 and len(set(classes.group)) == 1
    local = all(a == b and all(len(served) == 1 for served in lanes[a].values()) for a, b in classes.unsent)
    form, used, rounded = _product(classes, lanes, part) if alike and local else _pairs(classes, lanes)
    room = {(a, u): exact(g) * n for a, n in enumerate(classes.count) for u, g in classes.attached[a]}
    limits = [room[key] / load for key, load in used.items() if load]
    limits += [classes.forwarding_limit] if limits and classes.forwarding_limit is not None else []
    limit = min(limits, default=None)
    name = "gpu-all-to-all:within=domain" if within else "gpu-all-to-all"
    return Demand(classes.network, name, form, limit, classes.cut_off, rounded=rounded)


Lanes = list[dict[int, list[tuple[int, Fraction]]]]
"""By class: component -> switches with their share of the class's speed there."""


def _product(classes: HostClasses, lanes: Lanes, part: IntArray) -> tuple[Uniform, dict[Pair, Fraction], bool]:
    """Where all classes reach the same planes, and what is unsent would stay on a switch: weights of switches."""
    net = classes.network
    planes = len(lanes[0])
    weight = [Fraction(0)] * net.switches
    used: dict[Pair, Fraction] = {}
    total = sum(classes.weight, Fraction(0))
    for a, own in enumerate(lanes):
        sent = classes.scale * (classes.weight[a] * total - classes.unsent.get((a, a), Fraction(0)))
        for served in own.values():
            for u, share in served:
                weight[u] += classes.weight[a] * share
                used[a, u] = sent * share / planes
    amount = np.array([float(w) for w in weight])
    group = np.where(amount > 0, part, -1)
    rounded = any(exact(x) != w for x, w in zip(amount.tolist(), weight, strict=True))
    return Uniform(amount, group, classes.scale / planes), used, rounded


def _pairs(classes: HostClasses, lanes: Lanes) -> tuple[Sparse, dict[Pair, Fraction], bool]:
    """Pair by pair."""
    pairs: dict[Pair, Fraction] = defaultdict(Fraction)
    used: dict[Pair, Fraction] = defaultdict(Fraction)
    for a, own in enumerate(lanes):
        for b, theirs in enumerate(lanes):
            sent = classes.sent(a, b)
            common = sorted(set(own) & set(theirs))
            for plane in common if sent else ():
                for u, p in own[plane]:
                    used[a, u] += sent * p / len(common)
                    for v, q in theirs[plane]:
                        if u != v:
                            pairs[v, u] += sent * p * q / len(common)
    order = sorted(pairs)
    form = Sparse(
        np.array([u for _, u in order], dtype=np.int64),
        np.array([v for v, _ in order], dtype=np.int64),
        np.array([float(pairs[key]) for key in order]),
    )
    return form, used, any(exact(x) != pairs[key] for x, key in zip(form.gbps.tolist(), order, strict=True))


def _lanes(links: Attachments, part: IntArray) -> dict[int, list[tuple[int, Fraction]]]:
    """Component -> switches with their share of the links' speed there."""
    result: dict[int, list[tuple[int, Fraction]]] = defaultdict(list)
    for switch, gbps in links:
        result[int(part[switch])].append((switch, exact(gbps)))
    return {
        plane: [(switch, gbps / sum(g for _, g in served)) for switch, gbps in served]
        for plane, served in result.items()
    }
