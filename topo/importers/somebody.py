"""A Fabric from the cables of somebody else's file, by stated rules: who is a host, how fast a cable is, which tier.

Every rule that is used says so, for people to confirm. Nothing sends in a fabric without hosts or marked switches: such
a file is refused, with what to mark.
"""

from __future__ import annotations

import fnmatch
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from topo.errors import InputError, Problem
from topo.fabric import Fabric
from topo.fabric.speed import FASTEST_GBPS, SLOWEST_GBPS, SPEEDS
from topo.importers.as_built import AsBuilt, Seen
from topo.importers.directed import Cable, Cabled, built, joined, some, turned
from topo.importers.networkx_graph import MAX_ENDPOINTS
from topo.importers.roles import hosts_of, levels_of, neighbours_of
from topo.units import amount, verb

DEFAULT_GBPS = 400.0
"""What most NICs of GPU hosts carry today (NDR InfiniBand, 400G Ethernet); told as a guess."""

MOST_GPUS = 100_000
"""GPUs of a host: as many as a part of the catalog may have."""


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


def fabric_of(files: Sequence[AsBuilt], name: str, marks: Marks | None = None) -> Imported:
    """The fabric; raises InputError where nothing sends, or no cable joins two devices."""
    marks = marks or Marks()
    _within(marks)
    path = files[0].path if files else ""
    guesses: list[str] = []
    left: list[str] = [f"{n:,} {what} ({f.path})" for f in files for what, n in f.left_out.items()]
    seen = _once([c for f in files for c in f.cables if not c.doubt], left)
    if not seen:
        raise InputError(
            Problem(
                "holds no cable between two devices",
                hint="--form says how to read it, --columns which column is what",
                file=path,
            )
        )
    neighbours = neighbours_of(seen)
    stated = _stated(files, seen, marks)
    hosts = set[str]() if stated else _hosts(seen, neighbours, marks, guesses)
    between_hosts = [c for c in seen if c.a_device in hosts and c.b_device in hosts]
    if between_hosts:
        left.append(f"{amount(len(between_hosts), 'cable')} between two hosts, such as {_words(between_hosts[0])}")
        gone = set(map(id, between_hosts))
        seen = [c for c in seen if id(c) not in gone]
        neighbours = neighbours_of(seen)
    chosen = [(device, number) for device, (number, _) in stated.items()]
    if stated:
        number = sum(n for _, n in chosen)
        guesses.append(
            f"the {amount(number, 'endpoint')} that {amount(len(chosen), 'switch')} "
            f"{verb(len(chosen), 'state')} {verb(number, 'are')} a host "
            f"each: {some(stated)}"
        )
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
        cables += [Cable(f"{device}-h{i + 1}", "nic0", device, "", speed) for i in range(number)]
        hosts |= {f"{device}-h{i + 1}" for i in range(number)}
    if chosen:
        level = levels_of(joined(cables), hosts)
        cables = [c if level.get(c.low, 99) <= level.get(c.high, 99) else turned(c) for c in cables]
    fabric = built(name, Cabled(cables, hosts, level), marks.gpus, guesses, left)
    return Imported(fabric, tuple(guesses), tuple(left))


def _within(marks: Marks) -> None:
    wrong = []
    if marks.gbps and not SLOWEST_GBPS <= marks.gbps <= FASTEST_GBPS:
        wrong.append(Problem("is not the speed of a cable", "--gbps", f"{marks.gbps:g}", SPEEDS))
    if not 0 <= marks.gpus <= MOST_GPUS:
        wrong.append(Problem("is no number of GPUs of a host", "--gpus", f"{marks.gpus:,}", f"1 to {MOST_GPUS:,}"))
    if wrong:
        raise InputError(wrong)


def _stated(files: Sequence[AsBuilt], seen: Sequence[Seen], marks: Marks) -> dict[str, tuple[int, float]]:
    """By switch, the endpoints that a file states for it, where neither the user nor a file says who is a host."""
    if marks.hosts or marks.endpoints or any(role == "host" for c in seen for role in (c.a_role, c.b_role)):
        return {}
    cabled = {d for c in seen for d in (c.a_device, c.b_device)}
    return {d: ends for f in files for d, ends in sorted(f.carried.items()) if d in cabled}


def _once(cables: Sequence[Seen], left: list[str]) -> list[Seen]:
    """Each cable once over all files; what ends nowhere or at itself is left out. One of which a file tells a single
    port is the one that another file has at that port, to the same device."""
    result: dict[object, Seen] = {}
    whole: set[tuple[tuple[str, str], str]] = set()
    half: list[tuple[tuple[str, str], str, Seen]] = []
    loops = 0
    for c in cables:
        if c.a_device == c.b_device and (c.a_id or c.a_port) == (c.b_id or c.b_port):
            loops += 1
            continue
        near, far = (c.a_device, c.a_id or c.a_port), (c.b_device, c.b_id or c.b_port)
        if near[1] and far[1]:
            result.setdefault(frozenset((near, far)), c)
            whole |= {(near, far[0]), (far, near[0])}
        else:
            half.append((near if near[1] else far, far[0] if near[1] else near[0], c))
    for i, (end, device, c) in enumerate(half):
        if not end[1]:
            result[i] = c
        elif (end, device) not in whole:
            result.setdefault((end, device), c)
    if loops:
        left.append(f"{amount(loops, 'cable')} from a port to itself")
    return list(result.values())


def _words(c: Seen) -> str:
    return f"{c.a_device}:{c.a_port} to {c.b_device}:{c.b_port}"


def _hosts(seen: Sequence[Seen], neighbours: Mapping[str, Counter[str]], marks: Marks, guesses: list[str]) -> set[str]:
    def matches(device: str, patterns: Sequence[str]) -> bool:
        return any(fnmatch.fnmatchcase(device, p) for p in patterns)

    nobody = [
        Problem("no device has such a name", option, pattern, some(neighbours))
        for option, patterns in (("--hosts", marks.hosts), ("--switches", marks.switches))
        for pattern in patterns
        if not any(fnmatch.fnmatchcase(device, pattern) for device in neighbours)
    ]
    if nobody:
        raise InputError(nobody)
    if marks.hosts:
        return {d for d in neighbours if matches(d, marks.hosts)}
    told = any(role == "host" for c in seen for role in (c.a_role, c.b_role))
    result = {d for d in hosts_of(seen, neighbours) if not matches(d, marks.switches)}
    if result and not told:
        usual = some(sorted(result))
        rule = "with fewer cables than all their neighbours, or with names of hosts where that says nothing"
        guesses.append(f"hosts are the {amount(len(result), 'device')} {rule}: {usual}")
    return result


def _carriers(neighbours: Mapping[str, Counter[str]], each: int, guesses: list[str]) -> list[tuple[str, int]]:
    """The switches that carry hosts where none are in the file: all, where all are alike; else those with the fewest
    links, as leaves have."""
    degree = {d: n.total() for d, n in neighbours.items()}
    least = min(degree.values())
    chosen = sorted(d for d in degree if degree[d] <= 1.5 * least)
    guesses.append(
        f"{amount(each, 'host')} {verb(each, 'stand')} on each of {len(chosen):,} of {amount(len(degree), 'switch')} "
        f"(fewest links): {some(chosen)}"
    )
    return [(d, each) for d in chosen]


def _usual(speeds: Iterable[float]) -> float:
    counted = Counter(s for s in speeds if s)
    return float(counted.most_common(1)[0][0]) if counted else DEFAULT_GBPS


def _directed(
    seen: Sequence[Seen], hosts: Set[str], level: Mapping[str, int], marks: Marks, guesses: list[str]
) -> list[Cable]:
    """Cables with the end nearer to the hosts first, each with a speed."""
    facing = []
    for c in seen:
        a, b = (c.a_device, c.a_port), (c.b_device, c.b_port)
        far = (level.get(b[0], 99), b) < (level.get(a[0], 99), a)
        (low, low_port), (high, high_port) = (b, a) if far else (a, b)
        facing.append(Cable(low, low_port, high, high_port, c.gbps))
    by_pair: dict[tuple[int, int], Counter[float]] = defaultdict(Counter)
    for t in facing:
        if t.gbps:
            by_pair[level.get(t.low, -1), level.get(t.high, -1)][t.gbps] += 1
    all_speeds = Counter(x.gbps for x in facing if x.gbps)
    guessed: Counter[tuple[float, str]] = Counter()
    result = []
    for t in facing:
        speed = t.gbps
        if not speed:
            usual = by_pair.get((level.get(t.low, -1), level.get(t.high, -1))) or all_speeds
            speed = marks.gbps or (usual.most_common(1)[0][0] if usual else DEFAULT_GBPS)
            if not marks.gbps:
                guessed[speed, "as most of their tier" if usual else "topo's default"] += 1
        result.append(t._replace(gbps=speed))
    for (speed, known), number in guessed.items():
        guesses.append(
            f"{amount(number, 'cable')} {verb(number, 'tell')} no speed and get {speed:,g} Gb/s ({known}); "
            "--gbps says another"
        )
    return result
