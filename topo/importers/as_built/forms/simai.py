"""SimAI's topology file: GPUs by number, one NVSwitch a server, switches, and a line for each pair that is joined.

The first line counts nodes, GPUs a server, NVSwitches, switches and lines, and names the GPU; the second lists the
NVSwitches, then the switches. A server of GPUs is called `server-3` here, its ports after its GPUs, a switch after its
number. Lines to NVSwitches are inside the servers. Parallel cables are one line of their summed speed.
"""

from __future__ import annotations

import re
from collections import Counter

from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.source import Source
from topo.units import amount, verb

_COUNTS = re.compile(r"\s*(\d{1,8})\s+(\d{1,8})\s+(\d{1,8})\s+(\d{1,8})\s+(\d{1,9})(?:\s+[A-Za-z]\S*)?\s*$")
_LINE = re.compile(r"\s*(\d{1,8})\s+(\d{1,8})\s+(\d{1,9}(?:\.\d+)?)([GMT])bps\s+\S+s\s+\S+\s*$")
_GBPS = {"M": 0.001, "G": 1.0, "T": 1000.0}
"""Gb/s."""


def _fits(source: Source) -> bool:
    lines = source.head.splitlines()[:3]
    return len(lines) == 3 and bool(_COUNTS.match(lines[0])) and bool(_LINE.match(lines[2]))


def _read(source: Source) -> AsBuilt:
    lines = [(n, text) for n, text in source.lines() if text.strip()]
    head = _COUNTS.match(lines[0][1]) if lines else None
    if not head or len(lines) < 2:
        raise source.wrong(
            "does not begin with SimAI's counts", 1, allowed="NODES GPUS-A-SERVER NVSWITCHES SWITCHES LINES"
        )
    nodes, per, inner, switches, count = (int(n) for n in head.groups())
    gpus = nodes - inner - switches
    if not per or gpus < 1 or len(lines) - 2 != count:
        message = (
            f"counts {amount(nodes, 'node')}, {amount(per, 'GPU')} a server and {amount(count, 'line')}; "
            f"{amount(len(lines) - 2, 'line')} {verb(len(lines) - 2, 'follow')}"
        )
        raise source.wrong(message, lines[0][0], hint="the file may be cut off")
    rows: list[Row] = []
    left: Counter[str] = Counter()
    used: Counter[tuple[str, str]] = Counter()
    for number, text in lines[2:]:
        result = _LINE.match(text)
        if not result or max(int(result[1]), int(result[2])) >= nodes:
            raise source.wrong("is no line of a SimAI topology between two of its nodes", number, text)
        ends = [int(result[1]), int(result[2])]
        if any(gpus <= e < gpus + inner for e in ends):
            left["lines to NVSwitches, inside the servers"] += 1
            continue
        (a, p, a_role), (b, q, b_role) = (_end(e, per, gpus, used) for e in ends)
        rows.append(Row(a, p, b, q, number, "", "", float(result[3]) * _GBPS[result[4]], a_role, b_role))
    if not rows:
        raise source.wrong("holds no lines between GPUs and switches", lines[0][0])
    return cables_of(rows, source.name, "simai", left=left)


def _end(node: int, per: int, gpus: int, used: Counter[tuple[str, str]]) -> tuple[str, str, str]:
    """Device, port and role; ports are counted in the order of the lines."""
    if node >= gpus:
        name = f"switch-{node}"
        used[name, ""] += 1
        return name, str(used[name, ""]), "switch"
    name, gpu = f"server-{node // per}", f"gpu{node % per}"
    used[name, gpu] += 1
    return name, gpu if used[name, gpu] == 1 else f"{gpu}/{used[name, gpu]}", "host"


readers.add("simai", Reader("a SimAI topology", _fits, _read))
