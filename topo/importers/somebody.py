"""A Fabric from the cables of somebody else's file, by stated rules: who is a host, how fast a cable is, which tier.

Every rule that is used says so, for people to confirm. Nothing sends in a fabric without hosts or marked switches: such
a file is refused, with what to mark.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from topo.errors import InputError, Problem
from topo.fabric import CORE, HOST, LEAF, SPINE, SWITCH, Devices, Endpoints, Fabric, Links, PortRole, Ports
from topo.fabric.model import IntArray
from topo.importers.as_built import AsBuilt, Seen
from topo.importers.networkx_graph import MAX_ENDPOINTS
from topo.importers.roles import hosts_of, levels_of, neighbours_of

DEFAULT_GBPS = 400.0
_NUMBER = re.compile(r"(\d+)")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


class Marks(NamedTuple):
    """What the user says of devices where the file does not. `hosts`, `switches`: patterns of names. `endpoints`: hosts
    that every switch with the fewest switch links carries, where the file has none (0: refuse). `gbps`: speed of cables
    that tell none (0.0: guess). `gpus`: GPUs of a host (0: one for each of its links)."""

    hosts: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    endpoints: int = 0
    gbps: float = 0.0
    gpus: int = 0


@dataclass(frozen=True)
class Imported:
    """The fabric, and in words what was guessed and what was left out."""

    fabric: Fabric
    guesses: tuple[str, ...]
    left_out: tuple[str, ...]


class _Cable(NamedTuple):
    low: str
    low_port: str
    high: str
    high_port: str
    gbps: float


def fabric_of(files: Sequence[AsBuilt], name: str, marks: Marks | None = None) -> Imported:
    """The fabric; raises InputError where nothing sends, or no cable joins two devices."""
    marks = marks or Marks()
    path = files[0].path if files else ""
    guesses: list[str] = []
    left: list[str] = [f"{n:,} {what} ({f.path})" for f in files for what, n in f.left_out.items()]
    seen = _once([c for f in files for c in f.cables if not c.doubt], left)
    if not seen:
        raise InputError(Problem("holds no cable between two devices", file=path))
    neighbours = neighbours_of(seen)
    stated = _stated(files, seen, marks)
    hosts = set[str]() if stated else _hosts(seen, neighbours, marks, guesses)
    between_hosts = [c for c in seen if c.a_device in hosts and c.b_device in hosts]
    if between_hosts:
        left.append(f"{len(between_hosts):,} cables between two hosts, such as {_words(between_hosts[0])}")
        gone = set(map(id, between_hosts))
        seen = [c for c in seen if id(c) not in gone]
        neighbours = neighbours_of(seen)
    chosen = [(device, number) for device, (number, _) in stated.items()]
    if stated:
        number = sum(n for _, n in chosen)
        guesses.append(f"the {number:,} endpoints that {len(chosen):,} switches state are a host each: {_some(stated)}")
    elif not hosts:
        if not marks.endpoints:
            hint = "mark who sends: --hosts 'PATTERN' for devices that are hosts, or --endpoints N hosts on each switch"
            raise InputError(Problem("nothing sends: no device of the file is a host", "--hosts", file=path, hint=hint))
        chosen = _carriers(neighbours, marks.endpoints, guesses)
    if (total := sum(number for _, number in chosen)) > MAX_ENDPOINTS:
        message = "endpoints are more than a fabric takes"
        raise InputError(Problem(message, "endpoints", f"{total:,}", f"at most {MAX_ENDPOINTS:,}", file=path))
    level = levels_of(neighbours, hosts) if hosts else {d: 1 for d, _ in chosen}
    cables = _directed(seen, hosts, level, marks, guesses)
    for device, number in chosen:
        speed = marks.gbps or (stated[device][1] if stated else _usual(c.gbps for c in cables))
        cables += [_Cable(f"{device}-h{i + 1}", "nic0", device, "", speed) for i in range(number)]
        hosts |= {f"{device}-h{i + 1}" for i in range(number)}
    if chosen:
        level = levels_of(_joined(cables), hosts)
        cables = [c if level.get(c.low, 99) <= level.get(c.high, 99) else _turned(c) for c in cables]
    fabric = _built(name, cables, hosts, level, marks, guesses, left)
    return Imported(fabric, tuple(guesses), tuple(left))


def _stated(files: Sequence[AsBuilt], seen: Sequence[Seen], marks: Marks) -> dict[str, tuple[int, float]]:
    """By switch, the endpoints that a file states for it, where neither the user nor a file says who is a host."""
    if marks.hosts or marks.endpoints or any(role == "host" for c in seen for role in (c.a_role, c.b_role)):
        return {}
    cabled = {d for c in seen for d in (c.a_device, c.b_device)}
    return {d: ends for f in files for d, ends in sorted(f.carried.items()) if d in cabled}


def _once(cables: Sequence[Seen], left: list[str]) -> list[Seen]:
    """Each cable once over all files; what ends nowhere or at itself is left out. One of which a file tells a single
    port is the one that another file has at that port, to the same device."""
    found: dict[object, Seen] = {}
    whole: set[tuple[tuple[str, str], str]] = set()
    half: list[tuple[tuple[str, str], str, Seen]] = []
    loops = 0
    for c in cables:
        if c.a_device == c.b_device and (c.a_id or c.a_port) == (c.b_id or c.b_port):
            loops += 1
            continue
        near, far = (c.a_device, c.a_id or c.a_port), (c.b_device, c.b_id or c.b_port)
        if near[1] and far[1]:
            found.setdefault(frozenset((near, far)), c)
            whole |= {(near, far[0]), (far, near[0])}
        else:
            half.append((near if near[1] else far, far[0] if near[1] else near[0], c))
    for i, (end, device, c) in enumerate(half):
        if not end[1]:
            found[i] = c
        elif (end, device) not in whole:
            found.setdefault((end, device), c)
    if loops:
        left.append(f"{loops:,} cables from a port to itself")
    return list(found.values())


def _words(c: Seen) -> str:
    return f"{c.a_device}:{c.a_port} to {c.b_device}:{c.b_port}"


def _hosts(seen: Sequence[Seen], neighbours: Mapping[str, Counter[str]], marks: Marks, guesses: list[str]) -> set[str]:
    def matches(device: str, patterns: Sequence[str]) -> bool:
        return any(fnmatch.fnmatchcase(device, p) for p in patterns)

    nobody = [
        Problem("no device has such a name", option, pattern, _some(neighbours))
        for option, patterns in (("--hosts", marks.hosts), ("--switches", marks.switches))
        for pattern in patterns
        if not any(fnmatch.fnmatchcase(device, pattern) for device in neighbours)
    ]
    if nobody:
        raise InputError(nobody)
    if marks.hosts:
        return {d for d in neighbours if matches(d, marks.hosts)}
    told = any(role == "host" for c in seen for role in (c.a_role, c.b_role))
    found = {d for d in hosts_of(seen, neighbours) if not matches(d, marks.switches)}
    if found and not told:
        usual = _some(sorted(found))
        rule = "with fewer cables than all their neighbours, or with names of hosts where that says nothing"
        guesses.append(f"hosts are the {len(found):,} devices {rule}: {usual}")
    return found


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:3]) + (", ..." if len(listed) > 3 else "")


def _carriers(neighbours: Mapping[str, Counter[str]], each: int, guesses: list[str]) -> list[tuple[str, int]]:
    """The switches that carry hosts where none are in the file: all, where all are alike; else those with the fewest
    links, as leaves have."""
    degree = {d: n.total() for d, n in neighbours.items()}
    least = min(degree.values())
    chosen = sorted(d for d in degree if degree[d] <= 1.5 * least)
    guesses.append(
        f"{each} hosts stand on each of {len(chosen):,} of {len(degree):,} switches (fewest links): {_some(chosen)}"
    )
    return [(d, each) for d in chosen]


def _usual(speeds: Iterable[float]) -> float:
    counted = Counter(s for s in speeds if s)
    return float(counted.most_common(1)[0][0]) if counted else DEFAULT_GBPS


def _directed(
    seen: Sequence[Seen], hosts: Set[str], level: Mapping[str, int], marks: Marks, guesses: list[str]
) -> list[_Cable]:
    """Cables with the end nearer to the hosts first, each with a speed."""
    turned = []
    for c in seen:
        a, b = (c.a_device, c.a_port), (c.b_device, c.b_port)
        far = (level.get(b[0], 99), b) < (level.get(a[0], 99), a)
        (low, low_port), (high, high_port) = (b, a) if far else (a, b)
        turned.append(_Cable(low, low_port, high, high_port, c.gbps))
    by_pair: dict[tuple[int, int], Counter[float]] = defaultdict(Counter)
    for t in turned:
        if t.gbps:
            by_pair[level.get(t.low, -1), level.get(t.high, -1)][t.gbps] += 1
    all_speeds = Counter(x.gbps for x in turned if x.gbps)
    guessed: Counter[tuple[float, str]] = Counter()
    found = []
    for t in turned:
        speed = t.gbps
        if not speed:
            usual = by_pair.get((level.get(t.low, -1), level.get(t.high, -1))) or all_speeds
            speed = marks.gbps or (usual.most_common(1)[0][0] if usual else DEFAULT_GBPS)
            if not marks.gbps:
                guessed[speed, "as most of their tier" if usual else "topo's default"] += 1
        found.append(t._replace(gbps=speed))
    for (speed, known), number in guessed.items():
        guesses.append(f"{number:,} cables tell no speed and get {speed:g} Gb/s ({known}); --gbps says another")
    return found


def _turned(c: _Cable) -> _Cable:
    return _Cable(c.high, c.high_port, c.low, c.low_port, c.gbps)


def _joined(cables: Sequence[_Cable]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for c in cables:
        found[c.low][c.high] += 1
        found[c.high][c.low] += 1
    return found


def _natural(word: str) -> list[tuple[int, str]]:
    return [(int(part[-12:]), "") if part.isdigit() else (-1, part) for part in _NUMBER.split(word) if part]


def _built(
    name: str, cables: Sequence[_Cable], hosts: Set[str], level: Mapping[str, int], marks: Marks, guesses: list[str],
    left: list[str],
) -> Fabric:  # fmt: skip
    near = _joined(cables)
    alone = sorted(d for d in near if d not in level)
    if alone:
        left.append(f"{len(alone):,} devices that no host reaches stay, and carry nothing: {_some(alone)}")
    tree = all(level.get(c.high, -1) - level.get(c.low, -9) == 1 for c in cables) and max(level.values()) <= CORE
    if tree:
        words = {LEAF: "leaf", SPINE: "spine", CORE: "core"}
        number = Counter(level[d] for d in near if d not in hosts)
        told = ", ".join(f"{number[t]:,} {words[t]}" for t in sorted(number))
        guesses.append(f"tiers by the number of cables to the nearest host: {told}")
    else:
        guesses.append("one tier of switches: not all cables lead from one tier to the next")
    cables, hosts, level = _plain(cables, hosts, level, guesses)
    near = _joined(cables)
    hosts_in_order = sorted((d for d in near if d in hosts), key=_natural)
    switches = sorted((d for d in near if d not in hosts), key=lambda d: (level.get(d, 99) if tree else 0, _natural(d)))
    row = {d: i for i, d in enumerate([*hosts_in_order, *switches])}
    plane = _planes(cables, hosts, switches, row, guesses)
    if plane.max(initial=0) > 0:
        guesses.append(f"{int(plane.max()) + 1} planes: sets of switches that no cable joins")
    tiers = np.array(
        [HOST] * len(hosts_in_order) + [level.get(d, LEAF) if tree else SWITCH for d in switches], np.int32
    )
    return _assembled(name, cables, hosts_in_order, switches, row, plane, tiers, marks, guesses)


def _plain(
    cables: Sequence[_Cable], hosts: Set[str], level: Mapping[str, int], guesses: list[str]
) -> tuple[list[_Cable], set[str], dict[str, int]]:
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
        guesses.append(f"{len(changed):,} names are written with other characters: {changed[0]} is {plain[changed[0]]}")
    renamed = [c._replace(low=plain[c.low], high=plain[c.high]) for c in cables]
    return renamed, {plain.get(h, h) for h in hosts}, {plain.get(d, d): n for d, n in level.items()}


def _planes(
    cables: Sequence[_Cable], hosts: Set[str], switches: Sequence[str], row: Mapping[str, int], guesses: list[str]
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
            f"{len(start)} sets of switches with hosts of their own are islands of one plane: no path joins them"
        )
        inverse = np.zeros_like(inverse)
        order = np.zeros(1, dtype=np.int64)
    return np.concatenate([np.full(first, -1), order[inverse]]).astype(np.int32)


def _assembled(
    name: str, cables: Sequence[_Cable], hosts: Sequence[str], switches: Sequence[str], row: Mapping[str, int],
    plane: IntArray, tiers: IntArray, marks: Marks, guesses: list[str],
) -> Fabric:  # fmt: skip
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
    gbps = np.array([c.gbps for c in cables])
    is_host_link = np.array([row[c.low] for c in cables]) < len(hosts)
    order = np.lexsort((port_of[:, 0], ~is_host_link))
    low, high = device[port_of[:, 0]], device[port_of[:, 1]]
    pair_tiers = np.stack([tiers[low], tiers[high]], axis=1)[order]
    kinds, kind = _kinds(pair_tiers)
    a, b, speed = port_of[order, 0], port_of[order, 1], gbps[order]
    low, high, hosted = low[order], high[order], is_host_link[order]
    n_hosts, n_links = len(hosts), int(hosted.sum())
    nic = np.full(len(order), -1, np.int32)
    nic[:n_links] = np.arange(n_links) - np.searchsorted(low[:n_links], low[:n_links])
    links_of_host = np.bincount(low[:n_links], minlength=n_hosts)
    gpus = np.full(n_hosts, marks.gpus) if marks.gpus else links_of_host
    if not marks.gpus:
        guesses.append("a host has a GPU for each of its links; --gpus says another number")
    port_gbps = np.zeros(len(ends))
    port_gbps[a], port_gbps[b] = speed, speed
    role = np.full(len(ends), PortRole.FABRIC)
    role[a[:n_links]] = role[b[:n_links]] = PortRole.HOST
    one, minus = np.ones(len(ends), np.int32), np.full(len(row), -1, np.int32)
    bundle = np.cumsum(np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[: len(low)]) - 1
    index = _index(plane, tiers)
    link_plane = plane[high].astype(np.int32)
    host, at = low[:n_links], nic[:n_links]
    first = at * gpus[host] // np.maximum(links_of_host[host], 1)
    last = (at + 1) * gpus[host] // np.maximum(links_of_host[host], 1)
    zero = np.zeros(n_links, np.int32)
    fabric_hosts = np.arange(len(row)) < n_hosts
    return Fabric(
        name=name,
        networks=("compute",),
        parts=(),
        groups=("imported",) if n_hosts else (),
        scale_up_gbps=(0.0,) if n_hosts else (),
        link_kinds=kinds,
        port_names=np.array(words, dtype=np.str_),
        devices=Devices(
            np.array([*hosts, *switches], dtype=np.str_),
            tiers,
            np.where(fabric_hosts, -1, 0).astype(np.int32),
            plane,
            minus,
            minus.copy(),
            index,
            minus.copy(),
            np.where(fabric_hosts, 0, -1).astype(np.int32),
            np.where(fabric_hosts, np.arange(len(row)), -1).astype(np.int32),
            np.concatenate([gpus, np.zeros(len(switches))]).astype(np.int32),
        ),
        ports=Ports(
            device,
            (number + 1).astype(np.int32),
            (number + 1).astype(np.int32),
            one,
            one.copy(),
            port_gbps,
            role.astype(np.int32),
            np.array([code[w] for w in names], np.int32),
        ),
        links=Links(
            np.arange(len(order)),
            a,
            b,
            speed,
            kind,
            np.zeros(len(order), np.int32),
            link_plane,
            nic,
            bundle,
            np.zeros(len(order), np.bool_),
            np.ones(len(order), np.bool_),
        ),
        endpoints=Endpoints(
            a[:n_links],
            host.astype(np.int32),
            at,
            zero,
            first.astype(np.int32),
            np.maximum(last - first, np.minimum(gpus[host], 1)).astype(np.int32),
            zero.copy(),
            link_plane[:n_links],
            at.copy(),
            speed[:n_links].copy(),
        ),
        origins=(),
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
    found = np.zeros(len(plane), np.int32)
    seen: Counter[tuple[int, int]] = Counter()
    for i, key in enumerate(zip(plane.tolist(), tiers.tolist(), strict=True)):
        found[i] = seen[key]
        seen[key] += 1
    return found
