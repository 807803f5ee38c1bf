"""What can fail, and which failures are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from topo.analysis.failures._classes import served
from topo.analysis.failures._graph import HostedGraph
from topo.fabric import CORE, HOST, LEAF, SPINE, SWITCH, Fabric, carried
from topo.fabric.model import BoolArray, FloatArray, IntArray

LinkSet = tuple[tuple[int, int], ...]
"""(edge, kind) of links, sorted."""
Set = tuple[LinkSet, tuple[tuple[LinkSet, ...], ...]]
"""Links between switches, and those of hosts: domains of hosts of links, all sorted."""
DeviceSet = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]
"""Switches, and the classes of hosts by scale-up domain: nodes, all sorted."""
K = TypeVar("K", int, Set, DeviceSet)


@dataclass(frozen=True)
class Thing:
    """One failure: the links (ids) and devices (names) that it takes away."""

    name: str
    links: tuple[int, ...] = ()
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alike:
    """The first of `stands_for` failures that verified permutations carry into each other; `every` names them all."""

    first: Thing
    stands_for: int
    every: Callable[[], list[Thing]]


def _orbits(orbit: IntArray, thing: Callable[[int], Thing]) -> Iterator[Alike]:
    """Things of equal numbers as one, in order of their first; `thing` makes one of a position."""
    order = np.argsort(orbit, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(orbit[order])) + 1) if len(orbit) else []
    for own in sorted((group.tolist() for group in groups), key=lambda group: group[0]):
        yield Alike(thing(own[0]), len(own), partial(_things, thing, own))


def _things(thing: Callable[[int], Thing], own: list[int]) -> list[Thing]:
    return [thing(i) for i in own]


def alike_devices(fabric: Fabric, hosted: HostedGraph, kind: str) -> Iterator[Alike]:
    """Switches of one tier, or of any (`switch`), by orbit."""
    rows = np.flatnonzero(of_kind(fabric.devices.tier[hosted.net.device], kind))
    yield from _orbits(hosted.symmetry.node_orbit[rows], lambda i: _device(hosted.net.name[rows[i]]))


def alike_hosts(fabric: Fabric, hosted: HostedGraph) -> Iterator[Alike]:
    """Hosts by the orbit of their class."""
    rows = np.flatnonzero(hosted.class_of_host >= 0)
    orbit = hosted.symmetry.node_orbit[hosted.class_of_host[rows]]
    yield from _orbits(orbit, lambda i: _device(fabric.devices.name[rows[i]]))


def _device(name: object) -> Thing:
    return Thing(str(name), devices=(str(name),))


def alike_nics(fabric: Fabric, hosted: HostedGraph) -> Iterator[Alike]:
    """NICs with all their links in this network."""
    rows = hosted.net.endpoint
    ends = fabric.endpoints
    width = int(ends.nic.max(initial=0)) + 1
    of = ends.host[rows].astype(np.int64) * width + ends.nic[rows]
    label = np.stack([hosted.net.attach_gbps, *_served(fabric, hosted)], axis=1)

    def name(i: int) -> str:
        return f"{fabric.devices.name[ends.host[rows[i]]]} NIC {int(ends.nic[rows[i]])}"

    sets = _Sets(of, fabric.endpoint_link[rows], hosted.edge_of_endpoint, label)
    yield from _alike_sets(fabric, hosted, sets, name)


def alike_cables(fabric: Fabric, hosted: HostedGraph) -> Iterator[Alike]:
    """Cables, endpoint cables included, each with all its links in this network."""
    rows, of = carried(fabric, np.flatnonzero(hosted.edge_of_link >= 0))

    def name(i: int) -> str:
        a, b = int(fabric.links.a[rows[i]]), int(fabric.links.b[rows[i]])
        sides = (f"{fabric.devices.name[fabric.ports.device[p]]}:{fabric.port_name(np.array([p]))[0]}" for p in (a, b))
        more = int((of == of[i]).sum()) - 1
        return " - ".join(sides) + (f" and {more:,} more link{'s' * (more > 1)} of its cable" if more else "")

    yield from alike_link_sets(fabric, hosted, of, rows, name)


def alike_link_sets(
    fabric: Fabric, hosted: HostedGraph, of: IntArray, rows: IntArray, name: Callable[[int], str]
) -> Iterator[Alike]:
    """Sets of links of the network by orbit: `of` numbers the set of each of the link `rows`, `name` names the set of
    a position in them."""
    label = np.zeros((len(rows), 4))
    label[:, 0] = fabric.links.gbps[rows]
    at = np.full(len(fabric.links), -1, dtype=np.int64)
    at[fabric.endpoint_link[hosted.net.endpoint]] = np.arange(len(hosted.net.endpoint))
    end = at[rows]
    label[end >= 0, 1:] = np.stack(_served(fabric, hosted), axis=1)[end[end >= 0]]
    host = np.where(end >= 0, hosted.net.host[end], -1) if len(hosted.net.host) else end
    yield from _alike_sets(fabric, hosted, _Sets(of, rows, hosted.edge_of_link[rows], label, host), name)


def alike_device_sets(fabric: Fabric, hosted: HostedGraph, sets: list[IntArray]) -> list[tuple[int, int]]:
    """(first, how many) of sets of devices (rows) that verified permutations carry into each other: the same switches,
    and as many hosts of the same classes in as many scale-up domains."""
    node = np.full(len(fabric.devices), -1, dtype=np.int64)
    node[hosted.net.device] = np.arange(hosted.net.switches)
    here = hosted.class_of_host >= 0
    node[here] = hosted.class_of_host[here]
    counts: dict[DeviceSet, list[int]] = {}
    for i, rows in enumerate(sets):
        switches = tuple(sorted(node[rows[~here[rows]]].tolist()))
        domains: dict[int, list[int]] = {}
        for row in rows[here[rows]].tolist():
            domain = int(fabric.devices.domain[row])
            domains.setdefault(domain if domain >= 0 else -1 - row, []).append(int(node[row]))
        counts.setdefault((switches, tuple(sorted(tuple(sorted(d)) for d in domains.values()))), []).append(i)
    joined = {item: item for item in counts}
    for generator in hosted.symmetry.generators:
        to = [*generator.tolist(), -1]
        for item in counts:
            moved = (
                tuple(sorted(to[s] for s in item[0])),
                tuple(sorted(tuple(sorted(to[c] for c in domain)) for domain in item[1])),
            )
            if moved in counts:
                a, b = _root(joined, item), _root(joined, moved)
                joined[max(a, b)] = min(a, b)
    groups: dict[DeviceSet, list[int]] = {}
    for item, members in counts.items():
        groups.setdefault(_root(joined, item), []).extend(members)
    return [(min(members), len(members)) for members in groups.values()]


def unlike_cables(fabric: Fabric, hosted: HostedGraph) -> int:
    """How many cables, examined one by one, stand for all cables of a network, endpoint cables included."""
    return sum(1 for _ in alike_cables(fabric, hosted))


def _served(fabric: Fabric, hosted: HostedGraph) -> list[FloatArray]:
    """Line rate, first GPU and GPUs of each endpoint, shape (n,) each."""
    net = hosted.net
    columns = (net.endpoint_gbps, served(fabric, net), fabric.endpoints.gpu_count[net.endpoint])
    return [column.astype(np.float64) for column in columns]


def alike_planes(fabric: Fabric, hosted: HostedGraph) -> Iterator[Alike]:
    """Planes, where there are several, that a verified permutation carries into each other as a whole."""
    plane = hosted.net.plane
    planes = np.unique(plane)
    if len(planes) < 2:
        return
    joined = {int(p): int(p) for p in planes}
    switches = hosted.net.switches
    for generator in hosted.symmetry.generators:
        image = plane[generator[:switches]]
        targets = {int(p): np.unique(image[plane == p]) for p in planes}
        for p, target in targets.items():
            if len(target) == 1 and (plane == p).sum() == (plane == target[0]).sum():
                a, b = _root(joined, p), _root(joined, int(target[0]))
                joined[max(a, b)] = min(a, b)
    roots = np.array([_root(joined, int(p)) for p in planes])

    def thing(i: int) -> Thing:
        return Thing(f"plane {int(planes[i])}", devices=tuple(hosted.net.name[plane == planes[i]].tolist()))

    yield from _orbits(roots, thing)


@dataclass(frozen=True)
class _Sets:
    """Sets of links: the number of each link's set, its row, its edge and what tells it apart (shape (links, labels));
    the device row of its host, -1 for none; None where all of a set are of one."""

    of: IntArray
    links: IntArray
    edge: IntArray
    label: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    host: IntArray | None = None


def _alike_sets(fabric: Fabric, hosted: HostedGraph, sets: _Sets, name: Callable[[int], str]) -> Iterator[Alike]:
    """Sets of links by orbit. A set of one link is as its edge and speeds are; larger sets are joined where a generator
    carries one onto another, the links of one host onto those of one, and so the hosts of one scale-up domain."""
    of, links, edge, label, host = sets.of, sets.links, sets.edge, sets.label, sets.host
    kind = np.unique(label, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    host = np.zeros(len(of), dtype=np.int64) if host is None else host
    domain = np.where(fabric.devices.domain[host] >= 0, fabric.devices.domain[host], -2 - host)
    domain = np.where(host < 0, -1, domain)
    order = np.lexsort((kind, edge, of))
    start = np.flatnonzero(np.diff(of[order], prepend=-1))
    size = np.diff(np.append(start, len(order)))
    single = size == 1
    rows = order[start[single]]
    orbit = hosted.edge_orbit()[edge[rows]] * (int(kind.max(initial=0)) + 1) + kind[rows]
    yield from _orbits(orbit, lambda i: Thing(name(int(rows[i])), (int(fabric.links.id[links[rows[i]]]),)))
    many = [order[s : s + n] for s, n in zip(start[~single].tolist(), size[~single].tolist(), strict=True)]
    counts: dict[Set, list[int]] = {}
    for i, own in enumerate(many):
        columns = (domain[own], host[own], edge[own], kind[own])
        counts.setdefault(_nested(list(zip(*(column.tolist() for column in columns), strict=True))), []).append(i)
    joined = {item: item for item in counts}
    for image in hosted.edge_images() if counts else ():
        to = image.tolist()
        for item in counts:
            moved = _moved(item, to)
            if moved in counts:
                a, b = _root(joined, item), _root(joined, moved)
                joined[max(a, b)] = min(a, b)
    groups: dict[Set, list[int]] = {}
    for item, members in counts.items():
        groups.setdefault(_root(joined, item), []).extend(members)

    def thing(i: int) -> Thing:
        return Thing(name(int(many[i][0])), tuple(sorted(fabric.links.id[links[many[i]]].tolist())))

    for members in groups.values():
        yield Alike(thing(min(members)), len(members), partial(_things, thing, sorted(members)))


def _nested(rows: list[tuple[int, ...]]) -> Set:
    """What tells a set of links (domain, host, edge, kind) from others: sorted domains of sorted hosts of sorted links;
    those of no host apart."""
    domains: dict[int, dict[int, list[tuple[int, int]]]] = {}
    for domain, host, edge, kind in rows:
        domains.setdefault(domain, {}).setdefault(host, []).append((edge, kind))
    inner = tuple(sorted(domains.pop(-1, {}).get(-1, [])))
    return inner, tuple(sorted(tuple(sorted(tuple(sorted(x)) for x in hosts.values())) for hosts in domains.values()))


def _moved(item: Set, to: list[int]) -> Set:
    """The set of links that another is carried to, by the images of edges."""
    inner = tuple(sorted((to[e], k) for e, k in item[0]))
    return inner, tuple(
        sorted(tuple(sorted(tuple(sorted((to[e], k) for e, k in host)) for host in domain)) for domain in item[1])
    )


def _root(joined: dict[K, K], key: K) -> K:
    while joined[key] != key:
        joined[key] = joined[joined[key]]
        key = joined[key]
    return key


TIERS = {"leaf": LEAF, "spine": SPINE, "core": CORE, "switch": SWITCH}
"""Kinds of switches; `switch` is any of them, whatever the tier."""


def of_kind(tier: IntArray, kind: str) -> BoolArray:
    """Which devices of these tiers are of a kind of switches."""
    return np.asarray(tier != HOST if kind == "switch" else tier == TIERS[kind])
