"""The forwarding tables of a live fabric as the routing of a design: what they load, what they fail to deliver, whether
they can deadlock, and what topo's own routings give beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topo.analysis.deadlock.deadlock import deadlock
from topo.analysis.demand import all_to_all
from topo.analysis.loads.given import GivenLoads, given_loads, tables_of_ports
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing import route
from topo.analysis.throughput import throughput
from topo.audit._live_findings import (
    MORE,
    absent,
    credit_loop,
    direction,
    overloaded,
    ports,
    undelivered,
    with_shortfalls,
)
from topo.audit._live_model import Answer, Asked, Filled, LinkClass, Live, LiveNetwork
from topo.audit._live_names import Joined, first_of_each, joined
from topo.checks.model import Finding
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray
from topo.importers.forwarding_tables import LftDump
from topo.units import amount, verb

BESIDE = ("static", "spray", "adaptive")


def live_routing(
    fabric: Fabric, dumps: Sequence[LftDump], time_limit_s: float = 60.0, asked: Sequence[Asked] = ()
) -> Live:
    """Judges the tables of one or several files (one subnet each) on the fabric of a design, and by what it asks of
    all-to-all: of static routing they must keep it, of other routings it is said where they fall short.

    Raises InputError where the tables are not of this fabric.
    """
    match = joined(fabric, dumps)
    networks = sorted({int(fabric.devices.network[row]) for row, _, _ in match.tables})
    result = tuple(with_shortfalls(_network(fabric, match, n, time_limit_s), asked) for n in networks)
    remarks = [
        Finding(
            "more-paths",
            "note",
            f"{amount(d.more_paths, 'entry')} for further addresses (LMC) {verb(d.more_paths, 'are')} not "
            f"judged: {d.path}",
        )
        for d in dumps
        if d.more_paths
    ]
    remarks += [
        Finding(
            "unresolved",
            "warning",
            f"{amount(d.unresolved, 'entry')} {verb(d.unresolved, 'name')} no destination: {d.path}",
        )
        for d in dumps
        if d.unresolved
    ]
    entries = sum(len(t.port) for _, t, _ in match.tables)
    return Live(tuple(d.path for d in dumps), entries, result, (*match.findings, *remarks))


def _filled(fabric: Fabric, match: Joined, network: int) -> Filled:
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
    return Filled(net, ports, known & np.isin(net.endpoint_plane, planes), shown, planes, network)


def _network(fabric: Fabric, match: Joined, network: int, time_limit_s: float) -> LiveNetwork:
    filled = _filled(fabric, match, network)
    net = filled.net
    judged = np.isin(net.plane, filled.planes)
    tables = tables_of_ports(fabric, net, filled.ports, filled.known, "the given tables")
    result = given_loads(tables, network)
    lock = deadlock(fabric, network, "static", tables)
    static = route(fabric, all_to_all(fabric, network), "static")
    classes = _classes(fabric, net, result.loads.gbps, static.loads.gbps, judged)
    beside = [_beside(fabric, network, routing, time_limit_s) for routing in BESIDE]
    answers = (_answer(fabric, network, result), *(a for a in beside if a is not None))
    findings = [
        *absent(fabric, filled, judged),
        *ports(fabric, filled),
        *undelivered(fabric, tables, result),
        *credit_loop(lock),
        *overloaded(fabric, tables, result, classes, static.loads.gbps),
    ]
    lengths = result.length_gbps
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
        result.pairs,
        result.served,
        answers,
        (mean, longest),
        classes,
        result.loads.worst(fabric, 10),
        lock,
        tuple(first_of_each(findings)),
    )


def _answer(fabric: Fabric, network: int, result: GivenLoads) -> Answer:
    limit = all_to_all(fabric, network).endpoint_limit
    return Answer("these tables", *result.loads.carried.least(limit).floats())


def _beside(fabric: Fabric, network: int, routing: str, time_limit_s: float) -> Answer | None:
    """What a routing of ours gives; None where nothing is proved within the time limit."""
    try:
        result = throughput(fabric, "all-to-all", routing, network, time_limit_s=time_limit_s)
    except LimitReachedError:
        return None
    return Answer(routing, result.lower, result.upper)


def _classes(
    fabric: Fabric, net: SwitchNetwork, own: FloatArray, static: FloatArray, judged: BoolArray
) -> tuple[LinkClass, ...]:
    from topo.analysis.routing import channels_of

    channels = channels_of(fabric, net)
    kind, way = fabric.links.kind[channels.link], direction(fabric, net, channels.tail, channels.head)
    result = []
    for k in range(len(fabric.link_kinds)):
        for d, word in enumerate(("up", "down", "across")):
            rows = np.flatnonzero((kind == k) & (way == d) & judged[channels.tail])
            if not len(rows):
                continue
            use, by_static = own[rows] / channels.gbps[rows], static[rows] / channels.gbps[rows]
            result.append(
                LinkClass(
                    fabric.link_kinds[k],
                    word,
                    len(rows),
                    int((own[rows] == 0).sum()),
                    float(own[rows].mean()),
                    float(own[rows].max()),
                    float(use.max()),
                    float(by_static.max()),
                    int((use > MORE * by_static.max()).sum()),
                )
            )
    return tuple(result)


__all__ = ["Answer", "Asked", "LinkClass", "Live", "LiveNetwork", "live_routing"]
