"""Every single failure of a kind, and which of them are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.certificates.reading.hosted import Alike, Hosted
from topo.certificates.reading.plain import taken_away
from topo.errors import CertificateError
from topo.fabric import CORE, HOST, LEAF, SPINE, SWITCH, Fabric, carried
from topo.fabric.model import BoolArray, IntArray

TIERS = {"leaf": LEAF, "spine": SPINE, "core": CORE, "switch": SWITCH}
KINDS = ("cable", "nic", "host", *TIERS, "plane")
Tied = tuple[tuple[int, int], ...]
"""(edge, kind) of links, sorted."""
Set = tuple[tuple[Tied, ...], ...]
"""The links of a failure: those of each host, hosts gathered by their domain, both sorted; last those of no host."""


def switches_of_kind(tier: IntArray, what: str) -> BoolArray:
    """Which devices of these tiers are switches of a kind; `switch` is any."""
    return np.asarray(tier != HOST if what == "switch" else tier == TIERS[what])


@dataclass(frozen=True)
class Failing:
    """`names` has one failure of each class of alike ones, `of` the class of each failure by what it takes away:
    (links, devices), both sorted."""

    names: Mapping[str, str]
    of: Mapping[tuple[tuple[int, ...], tuple[str, ...]], str]

    def class_of(self, without: Mapping[str, Any]) -> str:
        """The class of a failure; raises CertificateError where it is none of the kind."""
        try:
            return self.of[taken_away(without)]
        except KeyError:
            raise CertificateError("a representative is no failure of this kind") from None


def classes_of(fabric: Fabric, hosts: Hosted, alike: Alike, what: str) -> Failing:
    """The classes of all failures of a kind."""
    device, name = hosts.graph.device, fabric.devices.name
    if what in TIERS:
        selected = np.flatnonzero(switches_of_kind(fabric.devices.tier[device], what))
        return _of_devices([(str(name[device[s]]),) for s in selected.tolist()], alike.node[selected].tolist())
    if what == "host":
        selected = np.flatnonzero(hosts.class_of_host >= 0)
        return _of_devices(
            [(str(name[h]),) for h in selected.tolist()], alike.node[hosts.class_of_host[selected]].tolist()
        )
    if what == "plane":
        plane = hosts.graph.plane
        planes = np.unique(plane).tolist()
        if len(planes) < 2:
            return Failing({}, {})
        root = {p: p for p in planes}
        for image in alike.plane_images:
            for p, q in image.items():
                _join(root, p, q)
        members = [tuple(sorted(str(x) for x in name[device[plane == p]])) for p in planes]
        return _of_devices(members, [_root(root, p) for p in planes])
    links = np.flatnonzero(hosts.edge_of_link >= 0)
    if what == "cable":
        rows, cable = carried(fabric, links)
        return _of_links(fabric, hosts, alike, np.split(rows, np.flatnonzero(np.diff(cable)) + 1) if len(rows) else [])
    ends = hosts.graph.endpoint
    width = int(fabric.endpoints.nic.max(initial=0)) + 1
    of = fabric.endpoints.host[ends].astype(np.int64) * width + fabric.endpoints.nic[ends]
    order = np.argsort(of, kind="stable")
    cuts = np.flatnonzero(np.diff(of[order])) + 1
    sets = np.split(fabric.endpoint_link[ends[order]], cuts) if len(order) else []
    return _of_links(fabric, hosts, alike, sets)


def _of_devices(devices: list[tuple[str, ...]], orbit: list[int]) -> Failing:
    first: dict[int, str] = {}
    keys = [first.setdefault(o, names[0]) for names, o in zip(devices, orbit, strict=True)]
    of: dict[tuple[tuple[int, ...], tuple[str, ...]], str] = {}
    of |= {((), names): key for names, key in zip(devices, keys, strict=True)}
    return Failing({key: key for key in keys}, of)


def _of_links(fabric: Fabric, hosts: Hosted, alike: Alike, sets: list[IntArray]) -> Failing:
    """Sets of links by their class, told by the first of it."""
    ids = fabric.links.id
    names: dict[int, str] = {}
    of: dict[tuple[tuple[int, ...], tuple[str, ...]], str] = {}
    for rows, own in zip(sets, links_alike(fabric, hosts, alike, sets), strict=True):
        taken = tuple(sorted(ids[rows].tolist()))
        of[taken, ()] = names.setdefault(own, f"link {taken[0]}")
    return Failing({name: name for name in names.values()}, of)


def links_alike(fabric: Fabric, hosts: Hosted, alike: Alike, sets: list[IntArray]) -> list[int]:
    """A number for each set of links (rows), equal where generators carry the edges of one onto those of the other,
    kind by kind, links of one host onto links of one host, hosts of one scale-up domain onto such. All else inside a
    class may be exchanged."""
    edge, kind = hosts.edge_of_link, hosts.kind_of_link
    least = alike.edge
    root: dict[Set, Set] = {}
    items: list[Set] = []
    for rows in sets:
        if len(rows) == 1:
            items.append(((((int(least[edge[rows[0]]]), int(kind[rows[0]])),),),))
        else:
            items.append(_gathered(fabric, rows, edge, kind))
        root.setdefault(items[-1], items[-1])
    many = list({item: None for item, rows in zip(items, sets, strict=True) if len(rows) > 1})
    for i, image in enumerate(alike.images if many else ()):
        to = hosts.edge_image(image, i).tolist()
        for item in many:
            moved = _sorted([[[(to[e], k) for e, k in tied] for tied in domain] for domain in item[:-1]], item[-1], to)
            if moved in root:
                _join(root, item, moved)
    numbers: dict[Set, int] = {}
    return [numbers.setdefault(_root(root, item), len(numbers)) for item in items]


def _gathered(fabric: Fabric, rows: IntArray, edge: IntArray, kind: IntArray) -> Set:
    """A failure's links by host and domain."""
    devices = fabric.devices
    domains: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = {}
    inner = []
    for row in rows.tolist():
        here = int(edge[row]), int(kind[row])
        ends = [int(d) for d in (fabric.link_a[row], fabric.link_b[row]) if devices.tier[d] == HOST]
        if not ends:
            inner.append(here)
            continue
        domain = int(devices.domain[ends[0]])
        own = (0, domain) if domain >= 0 else (1, ends[0])
        domains.setdefault(own, {}).setdefault(ends[0], []).append(here)
    return _sorted([list(hosts.values()) for hosts in domains.values()], (tuple(inner),), None)


def _sorted(domains: list[list[list[tuple[int, int]]]], inner: tuple[Tied, ...], to: list[int] | None) -> Set:
    """A failure's links in the one order that it has; those of no host are carried `to` their images."""
    last = [tuple(sorted((e if to is None else to[e], k) for e, k in tied)) for tied in inner]
    result = [tuple(sorted(tuple(sorted(tied)) for tied in domain)) for domain in domains]
    return (*sorted(result), tuple(last))


def _root(root: dict[Any, Any], key: Any) -> Any:
    while root[key] != key:
        root[key] = root[root[key]]
        key = root[key]
    return key


def _join(root: dict[Any, Any], a: Any, b: Any) -> None:
    x, y = _root(root, a), _root(root, b)
    root[max(x, y)] = min(x, y)
