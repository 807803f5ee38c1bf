"""Groups that fail as a whole, as certificates list them, and which of them are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from topo.certificates.reading.cut_off import CutOff, cut_off
from topo.certificates.reading.failing import links_alike
from topo.certificates.reading.flow_graph import switch_graph
from topo.certificates.reading.hosted import Alike, Hosted, alike, hosted
from topo.certificates.reading.plain import Taken, taken_away
from topo.certificates.reading.whole import number_list, parts
from topo.errors import CertificateError
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray

MOST_GROUPS = 2_000_000
"""More than a cluster has cables; runs of a few characters could ask for any number."""
NOTHING: Taken = ((), ())
Class = tuple[int, Taken, int]
"""A family, the listed pattern of a class of its groups, and how many there are of that class."""
DeviceSet = tuple[tuple[object, ...], tuple[tuple[int, ...], ...]]
"""The devices of a group: switches by node, then the classes of its hosts, gathered by domain."""


@dataclass(frozen=True)
class Groups:
    """What the groups of one family take away; `share` of time that each is broken (0 where nobody asks)."""

    taken: tuple[Taken, ...]
    share: float = 0.0


def groups_of(family: Mapping[str, Any], share: float = 0.0) -> Groups:
    """The groups of a family: `spans` (runs of first link id and number, each group one link) or `sets`, several of
    which may take away the same (the modules at both ends of a link)."""
    if ("spans" in family) == ("sets" in family):
        raise CertificateError("a family lists its groups as spans or as sets")
    if "sets" in family:
        taken = tuple(taken_away(one) for one in parts(family, "sets"))
    else:
        runs = number_list(family["spans"], "spans", 2, 0)
        if sum(runs[1::2]) > MOST_GROUPS or min(runs, default=0) < 0:
            raise CertificateError(f"a family has at most {MOST_GROUPS:,} groups")
        ids = [i for first, count in zip(runs[::2], runs[1::2], strict=True) for i in range(first, first + count)]
        taken = tuple(((i,), ()) for i in ids)
    if not taken:
        raise CertificateError("a family has groups")
    return Groups(taken, share)


def union(taken: list[Taken]) -> Taken:
    """What several take away."""
    return tuple(sorted({i for one in taken for i in one[0]})), tuple(sorted({n for one in taken for n in one[1]}))


def apart(fabric: Fabric, taken: Taken) -> Taken:
    """What is taken away, without links that go with a device."""
    rows = np.flatnonzero(np.isin(fabric.links.id, np.array(taken[0], dtype=np.int64)))
    gone = np.isin(fabric.devices.name, np.array(taken[1], dtype=np.str_))
    kept = rows[~gone[fabric.link_a[rows]] & ~gone[fabric.link_b[rows]]]
    return tuple(sorted(fabric.links.id[kept].tolist())), taken[1]


class Broken(NamedTuple):
    """A group that is taken away already, and of which family; of none where nothing is."""

    taken: Taken = NOTHING
    family: int = -1


WHOLE = Broken()


def classes(
    intact: Fabric,
    network: str,
    families: list[Groups],
    stated: Mapping[str, Any],
    listed: set[Taken],
    first: Broken = WHOLE,
) -> Iterator[Class]:
    """Groups by what they take away of a fabric that lacks the `first`; alike ones as one, by the `generators` of
    `stated`, which are verified. Raises CertificateError where of alike groups none is listed."""
    before, of = first
    less = intact if before == NOTHING else intact.without(links=list(before[0]), devices=list(before[1]))
    hosts = hosted(less, switch_graph(less, network))
    orbits = alike(hosts, stated)
    row = {int(i): r for r, i in enumerate(less.links.id.tolist())}
    device = {str(n): r for r, n in enumerate(less.devices.name.tolist())}
    here = {(t[0], t[1]) for t in listed}
    for f, family in enumerate(families):
        of_class: dict[object, list[Taken]] = {}
        sets: list[IntArray] = []
        still: list[Taken] = []
        devices: list[tuple[str, ...]] = []
        idle = -1 if f == of else 0
        for taken in family.taken:
            if before == NOTHING and not (row.keys() >= set(taken[0]) and device.keys() >= set(taken[1])):
                raise CertificateError("a group takes away what the fabric does not have")
            rows = [row[i] for i in taken[0] if i in row and hosts.edge_of_link[row[i]] >= 0]
            names = [n for n in taken[1] if n in device]
            if taken[1] and taken[0] and (rows or names):
                of_class.setdefault(("as it is", taken), []).append(taken)
            elif rows:
                sets.append(np.array(sorted(rows), dtype=np.int64))
                still.append((tuple(sorted(less.links.id[rows].tolist())), ()))
            elif names:
                devices.append(tuple(sorted(names)))
            else:
                idle += 1
        for taken, name in zip(still, links_alike(less, hosts, orbits, sets), strict=True):
            of_class.setdefault(("links", name), []).append(taken)
        for names_of, name in zip(devices, devices_alike(less, hosts, orbits, devices, device), strict=True):
            of_class.setdefault(("devices", name), []).append(((), names_of))
        for members in of_class.values():
            both = [union([before, one]) for one in members]
            shown = next((one for one in both if one in here), None)
            if shown is None:
                raise CertificateError(f"of {len(members)} alike groups none is listed")
            if len(members) > 1 and lost_by(intact, network, shown).tied:
                raise CertificateError("equal parts are left, so that one group does not stand for those like it")
            yield f, shown, len(members)
        if idle > 0:
            yield f, before, idle


def lost_by(fabric: Fabric, network: str, taken: Taken) -> CutOff:
    """Who is cut off where these links and devices are missing."""
    links = ~np.isin(fabric.links.id, np.array(taken[0], dtype=np.int64))
    devices = ~np.isin(fabric.devices.name, np.array(taken[1], dtype=np.str_))
    return cut_off(fabric, fabric.networks.index(network), links, devices)


def devices_alike(
    fabric: Fabric, hosts: Hosted, orbits: Alike, sets: list[tuple[str, ...]], row: Mapping[str, int]
) -> list[int]:
    """A number for each set of devices (names), equal where generators carry the switches and the classes of hosts of
    one onto those of the other, hosts of one scale-up domain onto hosts of one. Hosts of a class may be exchanged, and
    those without a link left (of no class) take nothing away."""
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[hosts.graph.device] = np.arange(len(hosts.graph.device))
    is_host, domain = fabric.devices.tier == HOST, fabric.devices.domain
    items: list[DeviceSet] = []
    root: dict[DeviceSet, DeviceSet] = {}
    for names in sets:
        switches: list[object] = []
        domains: dict[int, list[int]] = {}
        for name in names:
            at = row[name]
            node = int(hosts.class_of_host[at] if is_host[at] else local[at])
            if is_host[at] and node >= 0:
                domains.setdefault(int(domain[at]) if domain[at] >= 0 else -1 - at, []).append(node)
            elif not is_host[at]:
                switches.append(node if node >= 0 else name)
        items.append(_sorted(switches, list(domains.values())))
        root.setdefault(items[-1], items[-1])
    every = list(root)
    for image in orbits.images:
        to = image.tolist()
        for item in every:
            switches = [to[s] if isinstance(s, int) else s for s in item[0]]
            moved = _sorted(switches, [[to[c] for c in one] for one in item[1]])
            if moved in root:
                a, b = _root(root, item), _root(root, moved)
                if a != b:
                    root[b] = a
    numbers: dict[DeviceSet, int] = {}
    return [numbers.setdefault(_root(root, item), len(numbers)) for item in items]


def _sorted(switches: list[object], domains: list[list[int]]) -> DeviceSet:
    return tuple(sorted(switches, key=str)), tuple(sorted(tuple(sorted(one)) for one in domains))


def _root(root: dict[DeviceSet, DeviceSet], item: DeviceSet) -> DeviceSet:
    while root[item] != item:
        root[item] = root[root[item]]
        item = root[item]
    return item
