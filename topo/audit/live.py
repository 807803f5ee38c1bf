"""The forwarding tables of a live fabric as the routing of a design: what they load, what they fail to deliver, whether
they can deadlock, and what topo's own routings give beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.deadlock import Deadlock, deadlock
from topo.analysis.demand import all_to_all, endpoint_names
from topo.analysis.given import GivenLoads, channel_of_port, given_loads, tables_of_ports
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing import ForwardingTables, WorstLink, route
from topo.analysis.routing._ends import switch_port
from topo.analysis.throughput import throughput
from topo.audit._live_names import Joined, first_of_each, joined
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.importers.forwarding_tables import LftDump

MORE = 1.01
"""A class of links is overloaded where its busiest carries more than this times what static routing gives it."""
BESIDE = ("static", "spray", "adaptive")


@dataclass(frozen=True)
class Answer:
    """The throughput of all-to-all under one routing, 1.0 = line rate, as an interval."""

    routing: str
    lower: float
    upper: float


@dataclass(frozen=True)
class LinkClass:
    """Links of one kind in one direction (`up`, `down`, or `across` within a tier): how many there are and how many
    carry nothing; the mean load and the busiest link's in Gb/s with all endpoints at line rate, the latter over its
    speed, and the same under static routing."""

    kind: str
    direction: str
    links: int
    idle: int
    mean_gbps: float
    most_gbps: float
    use: float
    static_use: float
    over: int
    """Links that carry more than the busiest does under static routing."""


@dataclass(frozen=True)
class LiveNetwork:
    """What the tables do in one network. `planes` are those of which the files have a table; only they are judged.
    `pairs` counts ordered pairs of endpoints on different switches, `served` those that are delivered."""

    network: str
    planes: tuple[int, ...]
    tables: int
    switches: int
    destinations: int
    endpoints: int
    pairs: int
    served: int
    answers: tuple[Answer, ...]
    hops: tuple[float, int]
    """Mean and largest number of switches on a path."""
    classes: tuple[LinkClass, ...]
    worst: tuple[WorstLink, ...]
    deadlock: Deadlock
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Live:
    """The answer about all files: one entry per network that they show."""

    files: tuple[str, ...]
    entries: int
    networks: tuple[LiveNetwork, ...]
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Something is not delivered, can deadlock, or does not belong to the design."""
        every = [*self.findings, *(f for n in self.networks for f in n.findings)]
        return any(f.severity == "error" for f in every)


def live_routing(fabric: Fabric, dumps: Sequence[LftDump], time_limit_s: float = 60.0) -> Live:
    """Judges the tables of one or several files (one subnet each) on the fabric of a design; raises InputError where
    they are not of this fabric."""
    match = joined(fabric, dumps)
    networks = sorted({int(fabric.devices.network[row]) for row, _, _ in match.tables})
    found = tuple(_network(fabric, match, n, time_limit_s) for n in networks)
    remarks = [
        Finding("more-paths", "note", f"{d.more_paths:,} entries for further addresses (LMC) are not judged: {d.path}")
        for d in dumps
        if d.more_paths
    ]
    remarks += [
        Finding("unresolved", "warning", f"{d.unresolved:,} entries name no destination: {d.path}")
        for d in dumps
        if d.unresolved
    ]
    entries = sum(len(t.port) for _, t, _ in match.tables)
    return Live(tuple(d.path for d in dumps), entries, found, (*match.findings, *remarks))


@dataclass(frozen=True)
class _Tables:
    """The tables of one network: `ports` (endpoints, switches), `known` (endpoints,), `shown` (switches,), `planes`."""

    net: SwitchNetwork
    ports: IntArray
    known: BoolArray
    shown: BoolArray
    planes: IntArray
    number: int


def _filled(fabric: Fabric, match: Joined, network: int) -> _Tables:
    net = switch_network(fabric, network)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[net.device] = np.arange(net.switches)
    position = np.full(len(fabric.endpoints) + 1, -1, dtype=np.int64)
    position[net.endpoint] = np.arange(len(net.endpoint))
    ports = np.zeros((len(net.endpoint), net.switches), dtype=np.uint8)
    shown, known = np.zeros(net.switches, dtype=np.bool_), np.zeros(len(net.endpoint), dtype=np.bool_)
    ends = [position[rows] for rows in match.endpoint]
    for rows in ends:
        known[rows[rows >= 0]] = True
    for row, table, file in match.tables:
        switch = int(local[row])
        if switch < 0:
            continue
        shown[switch] = True
        end = ends[file][table.destination]
        ports[end[end >= 0], switch] = table.port[end >= 0]
    planes = np.unique(net.plane[shown])
    return _Tables(net, ports, known & np.isin(net.endpoint_plane, planes), shown, planes, network)


def _network(fabric: Fabric, match: Joined, network: int, time_limit_s: float) -> LiveNetwork:
    filled = _filled(fabric, match, network)
    net = filled.net
    judged = np.isin(net.plane, filled.planes)
    tables = tables_of_ports(fabric, net, filled.ports, filled.known, "the given tables")
    found = given_loads(tables, network)
    lock = deadlock(fabric, network, "static", tables)
    static = route(fabric, all_to_all(fabric, network), "static")
    classes = _classes(fabric, net, found.loads.gbps, static.loads.gbps, judged)
    answers = (_answer(fabric, network, found), *(_beside(fabric, network, r, time_limit_s) for r in BESIDE))
    findings = [
        *_absent(fabric, filled, judged),
        *_ports(fabric, filled),
        *_undelivered(fabric, tables, found),
        *_credit_loop(lock),
        *_overloaded(fabric, tables, found, classes, static.loads.gbps),
    ]
    lengths = found.length_gbps
    total = float(lengths.sum())
    mean = float((lengths * (np.arange(len(lengths)) + 1)).sum() / total) if total else 0.0
    longest = int(np.flatnonzero(lengths)[-1]) + 1 if total else 0
    return LiveNetwork(
        fabric.networks[network],
        tuple(filled.planes.tolist()),
        int(filled.shown.sum()),
        int(judged.sum()),
        int(filled.known.sum()),
        int(np.isin(net.endpoint_plane, filled.planes).sum()),
        found.pairs,
        found.served,
        answers,
        (mean, longest),
        classes,
        found.loads.worst(fabric, 10),
        lock,
        tuple(first_of_each(findings)),
    )


def _answer(fabric: Fabric, network: int, found: GivenLoads) -> Answer:
    limit = all_to_all(fabric, network).endpoint_limit
    low, high = found.loads.bounds or (None, None)

    def least(value: Fraction | None) -> float:
        return min((float(v) for v in (value, limit) if v is not None), default=math.inf)

    return Answer("these tables", least(low), least(high))


def _beside(fabric: Fabric, network: int, routing: str, time_limit_s: float) -> Answer:
    found = throughput(fabric, "all-to-all", routing, network, time_limit_s=time_limit_s)
    return Answer(routing, found.lower, found.upper)


def _direction(fabric: Fabric, tables_net: SwitchNetwork, tail: IntArray, head: IntArray) -> IntArray:
    """Shape (channels,): 0 up, 1 down, 2 across."""
    tier = fabric.devices.tier[tables_net.device]
    return np.where(tier[tail] < tier[head], 0, np.where(tier[tail] > tier[head], 1, 2))


def _classes(
    fabric: Fabric, net: SwitchNetwork, mine: FloatArray, static: FloatArray, judged: BoolArray
) -> tuple[LinkClass, ...]:
    from topo.analysis.routing import channels_of

    channels = channels_of(fabric, net)
    kind, way = fabric.links.kind[channels.link], _direction(fabric, net, channels.tail, channels.head)
    found = []
    for k in range(len(fabric.link_kinds)):
        for d, word in enumerate(("up", "down", "across")):
            rows = np.flatnonzero((kind == k) & (way == d) & judged[channels.tail])
            if not len(rows):
                continue
            use, by_static = mine[rows] / channels.gbps[rows], static[rows] / channels.gbps[rows]
            found.append(
                LinkClass(
                    fabric.link_kinds[k],
                    word,
                    len(rows),
                    int((mine[rows] == 0).sum()),
                    float(mine[rows].mean()),
                    float(mine[rows].max()),
                    float(use.max()),
                    float(by_static.max()),
                    int((use > MORE * by_static.max()).sum()),
                )
            )
    return tuple(found)


def _absent(fabric: Fabric, filled: _Tables, judged: BoolArray) -> list[Finding]:
    """Switches without a table, and endpoints that no table leads to."""
    net = filled.net
    names = net.name[judged & ~filled.shown].tolist()
    found = [Finding("no-table", "error", f"the files have no table of {name}", (str(name),)) for name in names]
    lost = np.flatnonzero(~filled.known & np.isin(net.endpoint_plane, filled.planes))
    ends = endpoint_names(fabric, net.endpoint[lost])
    return found + [Finding("no-destination", "error", f"no table leads to {end}", (end,)) for end in ends]


def _ports(fabric: Fabric, filled: _Tables) -> list[Finding]:
    """Entries that leave by a port without a link to a switch, or hand over to another host than the design's."""
    net = filled.net
    lookup = channel_of_port(fabric, net)
    local = fabric.ports.number[switch_port(fabric, net)]
    names = endpoint_names(fabric, net.endpoint)
    found = []

    def port_of(switch: int, number: int) -> str:
        start, stop = fabric.port_start[net.device[switch] : net.device[switch] + 2].tolist()
        known = 0 < number <= stop - start
        return str(fabric.port_name(np.array([start + number - 1]))[0]) if known else str(number)

    for switch in np.flatnonzero(filled.shown).tolist():
        column = filled.ports[:, switch]
        own = net.at == switch
        dead = np.flatnonzero(~own & (column > 0) & (lookup[switch][column] < 0))
        if len(dead):
            port, first = port_of(switch, int(column[dead[0]])), names[dead[0]]
            text = (
                f"{net.name[switch]} sends packets for {len(dead):,} endpoints out of ports where the design has no "
                f"link to a switch: port {port} towards {first}"
            )
            found.append(Finding("dead-port", "error", text, (f"{net.name[switch]}:{port}", first), "topo audit"))
        for end in np.flatnonzero(own & (column > 0) & (column != local)).tolist():
            port = port_of(switch, int(column[end]))
            text = (
                f"{net.name[switch]} hands packets for {names[end]} over at port {port}; the design has it at port "
                f"{port_of(switch, int(local[end]))}"
            )
            where = (f"{net.name[switch]}:{port}", names[end])
            found.append(Finding("other-port", "warning", text, where, "swapped cables? topo audit tells"))
    return found


def _undelivered(fabric: Fabric, tables: ForwardingTables, found: GivenLoads) -> list[Finding]:
    net, findings = tables.network, []
    for lost in found.undelivered:
        (end,) = endpoint_names(fabric, net.endpoint[lost.example : lost.example + 1])
        share = f"{lost.pairs:,} pairs of endpoints ({lost.pairs / found.pairs:.2%})"
        if lost.circle:
            names = [str(net.name[s]) for s in lost.circle]
            text = f"{share} run in the circle {' -> '.join([*names, names[0]])}, for example towards {end}"
            findings.append(Finding("loop", "error", text, (*names, end)))
        else:
            text = f"{share} end at {net.name[lost.switch]}, which has no entry for them, for example for {end}"
            findings.append(Finding("unreachable", "error", text, (str(net.name[lost.switch]), end)))
    return findings


def _credit_loop(lock: Deadlock) -> list[Finding]:
    if lock.acyclic:
        return []
    shown = "; ".join(lock.cycle[:12]) + (f"; and {len(lock.cycle) - 12} more" if len(lock.cycle) > 12 else "")
    text = f"{len(lock.cycle)} channels wait for each other in a circle, which can deadlock: {shown}"
    return [Finding("credit-loop", "error", text, lock.cycle, f"{lock.lanes} virtual lanes suffice ({lock.method})")]


def _overloaded(
    fabric: Fabric, tables: ForwardingTables, found: GivenLoads, classes: Sequence[LinkClass], static: FloatArray
) -> list[Finding]:
    """Classes of links of which some carry more than any does under static routing, the worst link of each named."""
    from topo.analysis.routing._channels import channel_names

    channels = tables.channels
    way = _direction(fabric, tables.network, channels.tail, channels.head)
    findings = []
    for c in sorted(classes, key=lambda c: -c.use):
        if not c.over:
            continue
        kind = fabric.link_kinds.index(c.kind)
        mine = (fabric.links.kind[channels.link] == kind) & (way == ("up", "down", "across").index(c.direction))
        use = np.where(mine, found.loads.gbps / channels.gbps, -1.0)
        order = np.argsort(-use, kind="stable")[:3]
        names = [f"{a}:{b} -> {x}:{y}" for a, b, x, y in channel_names(fabric, channels, order)]
        idle = f", {c.idle:,} carry nothing" if c.idle else ""
        text = (
            f"{c.over:,} of {c.links:,} {c.kind} links {c.direction} carry up to {c.use / c.static_use:.3g} times what "
            f"static routing puts on any of them{idle}: {names[0]} would need {c.use:.4g} times its speed"
        )
        findings.append(Finding("overloaded", "warning", text, tuple(names), "opensm -R ftree balances a fat-tree"))
    return findings
