"""Joins the forwarding tables of a live fabric with the fabric of a design: whose table, and whose address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.audit._names import PortNames
from topo.checks.model import Finding
from topo.errors import InputError, Problem, nearest
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.importers.forwarding_tables import KINDS, LftDump, SwitchTable

HINTED = 20
"""At most so many findings of one code name what they are about; one more counts the others."""


@dataclass(frozen=True)
class Joined:
    """`tables`: (device row of the switch, its table, number of the file); `endpoint[f]`: shape (destinations of file
    f,), endpoint rows, -1 for what the design does not have."""

    tables: tuple[tuple[int, SwitchTable, int], ...]
    endpoint: tuple[IntArray, ...]
    findings: tuple[Finding, ...]


def joined(fabric: Fabric, dumps: Sequence[LftDump]) -> Joined:
    """Whose tables these are; raises InputError where two files have a table of the same switch, and where no switch of
    the files is one of the design."""
    names = PortNames(fabric)
    result: list[tuple[int, SwitchTable, int]] = []
    where: dict[int, str] = {}
    unknown: list[Finding] = []
    known_names = [str(n) for n in fabric.devices.name[~fabric.is_host][:5000]]
    for number, dump in enumerate(dumps):
        for table in dump.switches:
            row = names.device(table.device)
            place = f"{dump.path}:{table.line}"
            if row < 0 or fabric.is_host[row]:
                hint = nearest(table.device, known_names) if len(unknown) < HINTED else ""
                text = f"the design has no switch {table.device}, whose table is in {place}"
                unknown.append(Finding("unknown-device", "error", text, (table.device,), hint))
                continue
            if row in where:
                message = f"the tables have the switch {table.device} twice, first in {where[row]}"
                raise InputError(
                    Problem(
                        message,
                        hint="dump each switch once, or give --lft one file of both",
                        file=dump.path,
                        line=table.line,
                    )
                )
            where[row] = place
            result.append((row, table, number))
    if not result:
        raise InputError(
            Problem(
                "no switch of the file is one of the design",
                value=", ".join(f.where[0] for f in unknown[:3]),
                allowed=f"{', '.join(known_names[:3])}, ...",
                file=dumps[0].path,
            )
        )
    ends = [_endpoints(fabric, names, dump, [t for t in result if t[2] == n]) for n, dump in enumerate(dumps)]
    for dump, (_, strange) in zip(dumps, ends, strict=True):
        for i in strange:
            d = dump.destinations[i]
            text = f"the tables lead to {d.device} {d.adapter}, which the design does not have ({dump.path}:{d.line})"
            unknown.append(Finding("unknown-destination", "warning", text, (f"{d.device} {d.adapter}".strip(),)))
    return Joined(tuple(result), tuple(rows for rows, _ in ends), tuple(first_of_each(unknown)))


def first_of_each(findings: Sequence[Finding]) -> list[Finding]:
    """The first findings of each code, and one that counts the others."""
    by_code: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    kept = []
    for code, group in by_code.items():
        kept += group[:HINTED]
        if len(group) > HINTED:
            kept.append(Finding(code, group[0].severity, f"and {len(group) - HINTED:,} more of the same kind"))
    return kept


def _endpoints(
    fabric: Fabric, names: PortNames, dump: LftDump, tables: Sequence[tuple[int, SwitchTable, int]]
) -> tuple[IntArray, list[int]]:
    """Endpoint rows of a file's destinations, and the adapters' ports that the design does not have.

    The ports of one adapter are told apart by the order of their GUIDs where the file has all of them, else by the
    switch port that delivers to them.
    """
    endpoint_of_port = np.full(len(fabric.ports), -1, dtype=np.int64)
    endpoint_of_port[fabric.endpoints.port] = np.arange(len(fabric.endpoints))
    result = np.full(len(dump.destinations), -1, dtype=np.int64)
    adapters: dict[tuple[int, str], list[int]] = defaultdict(list)
    strange = []
    for i, d in enumerate(dump.destinations):
        if d.kind != KINDS[0]:
            continue
        row = names.device(d.device)
        if row < 0 or not fabric.is_host[row]:
            strange.append(i)
        else:
            adapters[row, d.adapter].append(i)
    unsure: dict[int, int] = {}
    for (row, adapter), group in adapters.items():
        group.sort(key=lambda i: dump.destinations[i].guid)
        ports = [names.port(row, f"{adapter}/{k + 1}") for k in range(len(group) + 1)]
        if adapter and min(ports[:-1]) >= 0 > ports[-1]:
            result[group] = endpoint_of_port[ports[:-1]]
        else:
            unsure |= dict.fromkeys(group, row)
    if unsure:
        _by_delivery(fabric, tables, unsure, endpoint_of_port, result)
    strange += [i for i in unsure if result[i] < 0]
    return result, strange


def _by_delivery(
    fabric: Fabric,
    tables: Sequence[tuple[int, SwitchTable, int]],
    unsure: dict[int, int],
    endpoint_of_port: IntArray,
    result: IntArray,
) -> None:
    """Fills in the endpoint of the host to which some switch hands the packets over, by the design's links."""
    host = np.full(len(result), -2, dtype=np.int64)
    host[list(unsure)] = list(unsure.values())
    partner = np.full(len(fabric.ports), -1, dtype=np.int64)
    partner[fabric.links.a], partner[fabric.links.b] = fabric.links.b, fabric.links.a
    for switch, table, _ in tables:
        start, stop = int(fabric.port_start[switch]), int(fabric.port_start[switch + 1])
        mask = (host[table.destination] >= 0) & (table.port > 0) & (table.port <= stop - start)
        rows, port = table.destination[mask], partner[start + table.port[mask].astype(np.int64) - 1]
        hit = (port >= 0) & (fabric.ports.device[port] == host[rows])
        result[rows[hit]] = endpoint_of_port[port[hit]]
