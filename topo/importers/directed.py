"""A Fabric from cables that lead away from its hosts: tiers, planes, plain names, ports and links as arrays."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

import numpy as np

from topo.fabric import CORE, HOST, LEAF, SPINE, SWITCH, Devices, Endpoints, Fabric, Links, PortRole, Ports
from topo.fabric.model import FloatArray, IntArray
from topo.units import amount, verb

_NUMBER = re.compile(r"(\d+)")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class Cable(NamedTuple):
    """A cable with its ends in order: `low` is nearer to the hosts. `gbps` is known, or 0 until it is guessed."""

    low: str
    low_port: str
    high: str
    high_port: str
    gbps: float


def some(names: Iterable[str]) -> str:
    """The first three of these names, in words."""
    listed = sorted(names)
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")


def turned(c: Cable) -> Cable:
    """The cable with its ends exchanged."""
    return Cable(c.high, c.high_port, c.low, c.low_port, c.gbps)


def joined(cables: Sequence[Cable]) -> dict[str, Counter[str]]:
    """By device, how many cables lead to each neighbour."""
    result: dict[str, Counter[str]] = defaultdict(Counter)
    for c in cables:
        result[c.low][c.high] += 1
        result[c.high][c.low] += 1
    return result


def _natural(word: str) -> list[tuple[int, str]]:
    return [(int(part[-12:]), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(word) if part]


class Cabled(NamedTuple):
    """Cables, the devices that are hosts, and the distance of each device from the hosts, for those that they reach."""

    cables: Sequence[Cable]
    hosts: Set[str]
    level: Mapping[str, int]


class _Order(NamedTuple):
    """Devices in the fabric's order: hosts, then switches; the row, plane and tier of each."""

    hosts: Sequence[str]
    switches: Sequence[str]
    row: Mapping[str, int]
    plane: IntArray
    tiers: IntArray


def built(name: str, cabled: Cabled, gpus_of_host: int, guesses: list[str], left: list[str]) -> Fabric:
    """The fabric of these cables. A host has `gpus_of_host` GPUs (0: one for each of its links). What is guessed and
    what carries nothing is added in words to `guesses` and `left`."""
    cables, hosts, level = cabled
    near = joined(cables)
    alone = sorted(d for d in near if d not in level)
    if alone:
        left.append(
            f"{amount(len(alone), 'device')} that no host reaches {verb(len(alone), 'stay')}, and "
            f"{verb(len(alone), 'carry')} nothing: {some(alone)}"
        )
    tree = all(level.get(c.high, -1) - level.get(c.low, -9) == 1 for c in cables) and max(level.values()) <= CORE
    if tree:
        words = {LEAF: "leaf", SPINE: "spine", CORE: "core"}
        number = Counter(level[d] for d in near if d not in hosts)
        told = ", ".join(f"{number[t]:,} {words[t]}" for t in sorted(number))
        guesses.append(f"tiers by the number of cables to the nearest host: {told}")
    else:
        guesses.append("one tier of switches: not all cables lead from one tier to the next")
    cables, hosts, level = _plain(cables, hosts, level, guesses)
    near = joined(cables)
    hosts_in_order = sorted((d for d in near if d in hosts), key=_natural)
    switches = sorted((d for d in near if d not in hosts), key=lambda d: (level.get(d, 99) if tree else 0, _natural(d)))
    row = {d: i for i, d in enumerate([*hosts_in_order, *switches])}
    plane = _planes(cables, hosts, switches, row, guesses)
    if plane.max(initial=0) > 0:
        guesses.append(f"{amount(int(plane.max()) + 1, 'plane')}: sets of switches that no cable joins")
    tiers = np.array(
        [HOST] * len(hosts_in_order) + [level.get(d, LEAF) if tree else SWITCH for d in switches], np.int32
    )
    return _assembled(name, cables, _Order(hosts_in_order, switches, row, plane, tiers), gpus_of_host, guesses)


def _plain(
    cables: Sequence[Cable], hosts: Set[str], level: Mapping[str, int], guesses: list[str]
) -> tuple[list[Cable], set[str], dict[str, int]]:
    """Device names of the characters that every export takes; others become `_`."""
    names = sorted({d for c in cables for d in (c.low, c.high)})
    plain: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        word = _NOT_IN_NAMES.sub("_", name).strip("_") or "device"
        while word in taken:
            word += "_"
        plain[name] = word
        taken.add(word)
    changed = [n for n in names if plain[n] != n]
    if changed:
        guesses.append(
            f"{amount(len(changed), 'name')} {verb(len(changed), 'are')} written with other characters: "
            f"{changed[0]} is {plain[changed[0]]}"
        )
    renamed = [c._replace(low=plain[c.low], high=plain[c.high]) for c in cables]
    return renamed, {plain.get(h, h) for h in hosts}, {plain.get(d, d): n for d, n in level.items()}


def _planes(
    cables: Sequence[Cable], hosts: Set[str], switches: Sequence[str], row: Mapping[str, int], guesses: list[str]
) -> IntArray:
    """By device: the number of the set of switches that cables between switches join, from 0; -1 for hosts. Sets are
    planes where most hosts stand on all of them; else they are islands of one plane, without a path between them."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n, first = len(row), len(row) - len(switches)
    pairs = np.array([(row[c.low], row[c.high]) for c in cables if c.low not in hosts], dtype=np.int64).reshape(-1, 2)
    part = connected_components(coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n)), False)[1]
    _, start, inverse = np.unique(part[first:], return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(start))
    on: dict[str, set[int]] = defaultdict(set)
    for c in cables:
        if c.low in hosts:
            on[c.low].add(int(part[row[c.high]]))
    if len(start) > 1 and sum(len(parts) == len(start) for parts in on.values()) * 2 <= len(on):
        guesses.append(
            f"{amount(len(start), 'set')} of switches with hosts of their own are islands of one plane: no "
            "path joins them"
        )
        inverse = np.zeros_like(inverse)
        order = np.zeros(1, dtype=np.int64)
    return np.concatenate([np.full(first, -1), order[inverse]]).astype(np.int32)


class _Plugs(NamedTuple):
    """Ports in the order of devices and their names: the device row and number of each, the code of its name in
    `words`, and which port each cable's low and high end is (shape (cables, 2))."""

    device: IntArray
    number: IntArray
    code: IntArray
    words: list[str]
    of_cable: IntArray


def _plugs(cables: Sequence[Cable], row: Mapping[str, int]) -> _Plugs:
    ends = [(row[c.low], c.low_port, i, 0) for i, c in enumerate(cables)]
    ends += [(row[c.high], c.high_port, i, 1) for i, c in enumerate(cables)]
    ends.sort(key=lambda e: (e[0], _natural(e[1]), e[2]))
    device = np.array([e[0] for e in ends], np.int32)
    number = np.arange(len(ends)) - np.searchsorted(device, device)
    names = [e[1] or str(n + 1) for e, n in zip(ends, number.tolist(), strict=True)]
    words = sorted(set(names), key=_natural)
    code = {w: i for i, w in enumerate(words)}
    port_of = np.zeros((len(cables), 2), np.int64)
    for i, (_, _, cable, side) in enumerate(ends):
        port_of[cable, side] = i
    return _Plugs(device, number, np.array([code[w] for w in names], np.int32), words, port_of)


class _Ordered(NamedTuple):
    """Links in the fabric's order, those of hosts first: their end ports, speeds and kinds (a row of `kinds`), and the
    device rows at both ends; the first `hosted` lead to hosts, as link `nic` (0, 1, ...) of theirs."""

    a: IntArray
    b: IntArray
    gbps: FloatArray
    kinds: tuple[str, ...]
    kind: IntArray
    low: IntArray
    high: IntArray
    hosted: int
    nic: IntArray


def _ordered(cables: Sequence[Cable], order_of: _Order, plugs: _Plugs) -> _Ordered:
    is_host_link = np.array([order_of.row[c.low] for c in cables]) < len(order_of.hosts)
    order = np.lexsort((plugs.of_cable[:, 0], ~is_host_link))
    a, b = plugs.of_cable[order, 0], plugs.of_cable[order, 1]
    low, high = plugs.device[a], plugs.device[b]
    kinds, kind = _kinds(np.stack([order_of.tiers[low], order_of.tiers[high]], axis=1))
    n = int(is_host_link.sum())
    nic = np.full(len(order), -1, np.int32)
    nic[:n] = np.arange(n) - np.searchsorted(low[:n], low[:n])
    return _Ordered(a, b, np.array([c.gbps for c in cables])[order], kinds, kind, low, high, n, nic)


def _assembled(name: str, cables: Sequence[Cable], order_of: _Order, gpus_of_host: int, guesses: list[str]) -> Fabric:
    plugs = _plugs(cables, order_of.row)
    links = _ordered(cables, order_of, plugs)
    links_of_host = np.bincount(links.low[: links.hosted], minlength=len(order_of.hosts))
    gpus = np.full(len(links_of_host), gpus_of_host) if gpus_of_host else links_of_host
    if not gpus_of_host:
        guesses.append("a host has a GPU for each of its links; --gpus says another number")
    plane = order_of.plane[links.high].astype(np.int32)
    return Fabric(
        name=name,
        networks=("compute",),
        parts=(),
        groups=("imported",) if order_of.hosts else (),
        scale_up_gbps=(0.0,) if order_of.hosts else (),
        link_kinds=links.kinds,
        port_names=np.array(plugs.words, dtype=np.str_),
        devices=_devices(order_of, gpus),
        ports=_ports(plugs, links),
        links=_links(links, plane),
        endpoints=_endpoints(links, plane, links_of_host, gpus),
        origins=(),
    )


def _ports(plugs: _Plugs, links: _Ordered) -> Ports:
    """Every port has a cage of its own and the speed of its link."""
    gbps, role = np.zeros(len(plugs.device)), np.full(len(plugs.device), PortRole.FABRIC)
    gbps[links.a], gbps[links.b] = links.gbps, links.gbps
    role[links.a[: links.hosted]] = role[links.b[: links.hosted]] = PortRole.HOST
    number, one = (plugs.number + 1).astype(np.int32), np.ones(len(gbps), np.int32)
    return Ports(plugs.device, number, number.copy(), one, one.copy(), gbps, role.astype(np.int32), plugs.code)


def _links(links: _Ordered, plane: IntArray) -> Links:
    """One link a cable; neighbours between the same devices are a bundle."""
    n, low, high = len(links.a), links.low, links.high
    bundle = np.cumsum(np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[:n]) - 1
    tail = (plane, links.nic, bundle, np.zeros(n, np.bool_), np.ones(n, np.bool_))
    return Links(np.arange(n), links.a, links.b, links.gbps, links.kind, np.zeros(n, np.int32), *tail)


def _endpoints(links: _Ordered, plane: IntArray, links_of_host: IntArray, gpus: IntArray) -> Endpoints:
    """One endpoint for each link of a host, which share its GPUs in order. `gpus` has shape (hosts,)."""
    n = links.hosted
    host, at, zero = links.low[:n], links.nic[:n], np.zeros(n, np.int32)
    first = at * gpus[host] // np.maximum(links_of_host[host], 1)
    last = (at + 1) * gpus[host] // np.maximum(links_of_host[host], 1)
    return Endpoints(
        links.a[:n],
        host.astype(np.int32),
        at,
        zero,
        first.astype(np.int32),
        np.maximum(last - first, np.minimum(gpus[host], 1)).astype(np.int32),
        zero.copy(),
        plane[:n],
        at.copy(),
        links.gbps[:n].copy(),
    )


def _devices(order: _Order, gpus: IntArray) -> Devices:
    """Hosts with so many GPUs each (shape (hosts,)), each a domain of its own, then switches."""
    rows = np.arange(len(order.row))
    is_host, none = rows < len(order.hosts), np.full(len(rows), -1, np.int32)
    return Devices(
        np.array([*order.hosts, *order.switches], dtype=np.str_),
        order.tiers,
        np.where(is_host, -1, 0).astype(np.int32),
        order.plane,
        none,
        none.copy(),
        _index(order.plane, order.tiers),
        none.copy(),
        np.where(is_host, 0, -1).astype(np.int32),
        np.where(is_host, rows, -1).astype(np.int32),
        np.concatenate([gpus, np.zeros(len(order.switches))]).astype(np.int32),
    )


def _kinds(pairs: IntArray) -> tuple[tuple[str, ...], IntArray]:
    """Names of link kinds by the tiers they join, and the kind of each link."""
    known = {(LEAF, SPINE): "leaf_spine", (SPINE, CORE): "spine_core", (SWITCH, SWITCH): "switch"}
    names: dict[str, int] = {"endpoint": 0}
    codes = []
    for low, high in pairs.tolist():
        word = "endpoint" if low == HOST else known.get((low, high), "switch")
        codes.append(names.setdefault(word, len(names)))
    return tuple(names), np.array(codes, np.int32)


def _index(plane: IntArray, tiers: IntArray) -> IntArray:
    """The position of each device among those of its plane and tier."""
    result = np.zeros(len(plane), np.int32)
    seen: Counter[tuple[int, int]] = Counter()
    for i, key in enumerate(zip(plane.tolist(), tiers.tolist(), strict=True)):
        result[i] = seen[key]
        seen[key] += 1
    return result
