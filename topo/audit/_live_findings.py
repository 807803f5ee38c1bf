"""What is wrong with the forwarding tables of a live fabric, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from topo.analysis.deadlock.deadlock import Deadlock
from topo.analysis.demand import endpoint_names
from topo.analysis.loads.given import GivenLoads, channel_of_port
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing import ForwardingTables
from topo.analysis.routing.ends import switch_port
from topo.audit._live_model import Asked, Filled, LinkClass, LiveNetwork
from topo.checks.model import Finding
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.units import MET_WITHIN, amount, verb

MORE = 1.01
"""A class of links is overloaded where its busiest carries more than this times what static routing gives it."""


def direction(fabric: Fabric, tables_net: SwitchNetwork, tail: IntArray, head: IntArray) -> IntArray:
    """Shape (channels,): 0 up, 1 down, 2 across."""
    tier = fabric.devices.tier[tables_net.device]
    return np.where(tier[tail] < tier[head], 0, np.where(tier[tail] > tier[head], 1, 2))


def absent(fabric: Fabric, filled: Filled, judged: BoolArray) -> list[Finding]:
    """Switches without a table, and endpoints that no table leads to."""
    net = filled.net
    names = net.name[judged & ~filled.shown].tolist()
    result = [Finding("no-table", "error", f"the files have no table of {name}", (str(name),)) for name in names]
    lost = np.flatnonzero(~filled.known & np.isin(net.endpoint_plane, filled.planes))
    ends = endpoint_names(fabric, net.endpoint[lost])
    return result + [Finding("no-destination", "error", f"no table leads to {end}", (end,)) for end in ends]


def ports(fabric: Fabric, filled: Filled) -> list[Finding]:
    """Entries that leave by a port without a link to a switch, or hand over to another host than the design's."""
    net = filled.net
    lookup = channel_of_port(fabric, net)
    local = fabric.ports.number[switch_port(fabric, net)]
    names = endpoint_names(fabric, net.endpoint)
    result = []

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
                f"{net.name[switch]} sends packets for {amount(len(dead), 'endpoint')} out of ports where "
                "the design has no "
                f"link to a switch: port {port} towards {first}"
            )
            result.append(Finding("dead-port", "error", text, (f"{net.name[switch]}:{port}", first), "topo audit"))
        for end in np.flatnonzero(own & (column > 0) & (column != local)).tolist():
            port = port_of(switch, int(column[end]))
            text = (
                f"{net.name[switch]} hands packets for {names[end]} over at port {port}; the design has it at port "
                f"{port_of(switch, int(local[end]))}"
            )
            where = (f"{net.name[switch]}:{port}", names[end])
            result.append(Finding("other-port", "warning", text, where, "swapped cables? topo audit tells"))
    return result


def undelivered(fabric: Fabric, tables: ForwardingTables, result: GivenLoads) -> list[Finding]:
    net, findings = tables.network, []
    for lost in result.undelivered:
        (end,) = endpoint_names(fabric, net.endpoint[lost.example : lost.example + 1])
        share = f"{amount(lost.pairs, 'pair')} of endpoints ({lost.pairs / result.pairs:.2%})"
        if lost.circle:
            names = [str(net.name[s]) for s in lost.circle]
            text = f"{share} run in the circle {' -> '.join([*names, names[0]])}, for example towards {end}"
            findings.append(Finding("loop", "error", text, (*names, end)))
        else:
            text = f"{share} end at {net.name[lost.switch]}, which has no entry for them, for example for {end}"
            findings.append(Finding("unreachable", "error", text, (str(net.name[lost.switch]), end)))
    return findings


def credit_loop(lock: Deadlock) -> list[Finding]:
    if lock.acyclic:
        return []
    shown = "; ".join(lock.cycle[:12]) + (f"; and {len(lock.cycle) - 12:,} more" if len(lock.cycle) > 12 else "")
    text = (
        f"{amount(len(lock.cycle), 'channel')} {verb(len(lock.cycle), 'wait')} for each other in a circle, "
        f"which can deadlock: {shown}"
    )
    return [
        Finding(
            "credit-loop",
            "error",
            text,
            lock.cycle,
            f"{amount(lock.lanes, 'virtual lane')} {verb(lock.lanes, 'suffice')} ({lock.method})",
        )
    ]


def overloaded(
    fabric: Fabric, tables: ForwardingTables, result: GivenLoads, classes: Sequence[LinkClass], static: FloatArray
) -> list[Finding]:
    """Classes of links of which some carry more than any does under static routing, the worst link of each named."""
    from topo.analysis.routing.channels import channel_names

    channels = tables.channels
    way = direction(fabric, tables.network, channels.tail, channels.head)
    findings = []
    for c in sorted(classes, key=lambda c: -c.use):
        if not c.over:
            continue
        kind = fabric.link_kinds.index(c.kind)
        mask = (fabric.links.kind[channels.link] == kind) & (way == ("up", "down", "across").index(c.direction))
        use = np.where(mask, result.loads.gbps / channels.gbps, -1.0)
        order = np.argsort(-use, kind="stable")[:3]
        names = [f"{a}:{b} -> {x}:{y}" for a, b, x, y in channel_names(fabric, channels, order)]
        idle = f", {c.idle:,} carry nothing" if c.idle else ""
        text = (
            f"{c.over:,} of {c.links:,} {c.kind} links {c.direction} carry up to {c.use / c.static_use:.3g} times what "
            f"static routing puts on any of them{idle}: {names[0]} would need {c.use:.4g} times its speed"
        )
        findings.append(Finding("overloaded", "warning", text, tuple(names), "opensm -R ftree balances a fat-tree"))
    return findings


def with_shortfalls(network: LiveNetwork, asked: Sequence[Asked]) -> LiveNetwork:
    """With a finding for each requirement that the tables do not keep."""
    reached, findings = network.answers[0].upper, []
    for one in asked:
        if one.network == network.network and reached < one.at_least * (1 - MET_WITHIN):
            severity = "error" if one.routing.partition(":")[0] == "static" else "warning"
            text = (
                f"requirement {one.id} asks for {one.at_least:g} of line rate under {one.routing} routing; these "
                f"tables reach {reached:.6g}"
            )
            findings.append(Finding("requirement", severity, text, (network.network,)))
    return replace(network, findings=(*network.findings, *findings))
