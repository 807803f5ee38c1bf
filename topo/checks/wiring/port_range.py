"""Ports that the device's part does not have: beyond its radix, in a cage it lacks, at a speed it does not offer, in a
cage that a split of its neighbour takes away."""

from __future__ import annotations

import numpy as np

from topo.catalog import Catalog, Host, Switch
from topo.catalog.models import CageGroup
from topo.checks.labels import port_label
from topo.checks.model import Context, Finding, WiringCheck
from topo.checks.registries import wiring_checks
from topo.checks.worst import capped, host_part, switch_part
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.fabric.ranks import ranks
from topo.units import amount

CODE = "port-range"


def _host_ports(catalog: Catalog, host: Host) -> int:
    return sum(nics.count * catalog.nic(nics.nic).ports for nics in host.nics)


def _switch_ports(fabric: Fabric, part: Switch, rows: IntArray) -> BoolArray:
    """Which of these port rows a switch of this part cannot have."""
    ports = fabric.ports
    number, cage = ports.number[rows], ports.cage[rows]
    most = sum(g.cages * max(b.ports for b in g.breakouts) for g in part.groups)
    beyond = (number < 1) | (number > most) | (cage < 1) | (cage > part.cages)
    for group in part.groups:
        selected = np.flatnonzero((cage >= group.first) & (cage < group.first + group.cages))
        beyond[selected] |= _group_ports(fabric, group, rows[selected])
    return np.asarray(beyond)


def _group_ports(fabric: Fabric, group: CageGroup, rows: IntArray) -> BoolArray:
    """Which of these port rows, all in cages of a group, that group cannot have."""
    ports = fabric.ports
    sub = ports.sub[rows]
    match = np.stack([(ports.gbps[rows] == b.gbps) & (ports.lanes[rows] == b.lanes) for b in group.breakouts])
    of = np.argmax(match, axis=0)
    width = np.array([b.ports for b in group.breakouts])
    beyond = ~match.any(axis=0) | (sub < 1) | (sub > width[of])
    if len(of) and (of == of[0]).all():
        return np.asarray(beyond)
    key = ports.device[rows].astype(np.int64) * (group.first + group.cages) + ports.cage[rows]
    row = ranks(key)
    cages = int(row.max(initial=-1)) + 1
    lowest, highest = np.full(cages, len(width)), np.full(cages, -1)
    np.minimum.at(lowest, row, of)
    np.maximum.at(highest, row, of)
    return np.asarray(beyond | (lowest[row] != highest[row]))


def _beyond(fabric: Fabric, catalog: Catalog) -> BoolArray:
    ports = fabric.ports
    wrong = np.zeros(len(ports), dtype=np.bool_)
    part_of = fabric.devices.part[ports.device]
    for code, part in enumerate(fabric.parts):
        rows = np.flatnonzero(part_of == code)
        if (switch := switch_part(catalog, part)) is not None:
            wrong[rows] = _switch_ports(fabric, switch, rows)
        elif (host := host_part(catalog, part)) is not None:
            wrong[rows] = (ports.number[rows] < 1) | (ports.number[rows] > _host_ports(catalog, host))
    key = ports.device.astype(np.int64) * (int(ports.number.max(initial=0)) + 2) + ports.number
    if (key[1:] > key[:-1]).all():
        return wrong
    order = np.argsort(key, kind="stable")
    wrong[order[1:][key[order][1:] == key[order][:-1]]] = True
    return wrong


def _taken(fabric: Fabric, catalog: Catalog) -> dict[int, str]:
    """Ports with a link, by row, that a breakout which disables the next cage leaves nothing of, and why."""
    ports, result = fabric.ports, dict[int, str]()
    part_of, linked = fabric.devices.part[ports.device], fabric.link_of_port >= 0
    for code, name in enumerate(fabric.parts):
        part = switch_part(catalog, name)
        for group in part.groups if part is not None else ():
            splits = [b for b in group.breakouts if b.disables_next]
            inside = (ports.cage >= group.first) & (ports.cage < group.first + group.cages)
            rows = np.flatnonzero(linked & inside & (part_of == code)) if splits else np.zeros(0, dtype=np.int64)
            key = ports.device[rows].astype(np.int64) * (group.first + group.cages + 1) + ports.cage[rows]
            is_second = (ports.cage[rows] - group.first) % 2 == 1
            for split in splits:
                mask = (ports.gbps[rows] == split.gbps) & (ports.lanes[rows] == split.lanes)
                way = f"{split.ports} x {split.gbps:,g} Gb/s"
                for row in rows[mask & is_second].tolist():
                    result[row] = (
                        f"cage {ports.cage[row]} of a {name} cannot be split into {way}, only the one before it"
                    )
                for row in rows[np.isin(key, key[mask & ~is_second] + 1)].tolist():
                    result.setdefault(
                        row, f"cage {ports.cage[row] - 1} is split into {way}, which takes this cage away"
                    )
    return result


def _run(context: Context) -> list[Finding]:
    fabric, ports = context.fabric, context.fabric.ports
    wrong = _beyond(fabric, context.catalog)

    def describe(row: int) -> Finding:
        here = port_label(fabric, row)
        part = fabric.parts[fabric.devices.part[ports.device[row]]]
        message = (
            f"{here} is no port of a {part}: number {ports.number[row]}, cage {ports.cage[row]}, "
            f"position {ports.sub[row]}, {ports.gbps[row]:,g} Gb/s on {amount(ports.lanes[row], 'lane')}"
        )
        return Finding(CODE, "error", message, (here,), "see the part's cages and breakouts in the catalog")

    rows = np.flatnonzero(wrong)
    used = np.concatenate([rows[fabric.link_of_port[rows] >= 0], rows[fabric.link_of_port[rows] < 0]])
    taken = _taken(fabric, context.catalog)

    def explain(row: int) -> Finding:
        here = port_label(fabric, row)
        return Finding(CODE, "error", f"{here} has no port: {taken[row]}", (here,), "move the cable to another cage")

    gone = np.array(sorted(taken), dtype=np.int64)
    beyond = capped(CODE, used, describe, "ports are none that their part has")
    return beyond + capped(CODE, gone, explain, "ports are in cages that others take away")


wiring_checks.add(CODE, WiringCheck("every port is one that the part has", _run, by_plane=True))
