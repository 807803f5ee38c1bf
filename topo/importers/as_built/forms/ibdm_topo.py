"""ibutils' `.topo` file: systems by type and name, below each its cables as `P1 -4x-10G-> TYPE NAME P2`.

A system's line begins in the first column, and may end in `CFG: ...`; width and speed of an arrow may be left away
(ibdm's manual, "Topology File"). Ports are `P3`, of an adapter `C1/P1`, of a board `L2/P3`.
"""

from __future__ import annotations

import re

from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_SYSTEM = re.compile(r"(\S+)\s+(\S+)(?:\s+CFG:.*)?\s*$")
_CABLE = re.compile(r"\s+(\S+)\s+-(?:(\d{1,3})[xX])?-?(?:(\d{1,3}(?:\.\d+)?)G)?-?>\s+(\S+)\s+(\S+)\s+(\S+)\s*$")
_ARROW = re.compile(r"^\s+\S+\s+-[\w.-]*>\s+\S+\s+\S+\s+\S+\s*$", re.M)
_ADAPTER = re.compile(r"(?i)C(\d{1,4})/P(\d{1,4})$")
_PLAIN = re.compile(r"(?i)P?(\d{1,5})$")
_HOST = re.compile(r"(?i)(hca|host|ca\d|server)")
_EVERY = 40.0
"""Four lanes of QDR: what files say of faster fabrics, as the format knows no more."""


def _fits(source: Source) -> bool:
    return bool(_ARROW.search(source.head)) and not source.head.lstrip().startswith(("graph", "strict", "digraph"))


def _read(source: Source) -> AsBuilt:
    rows: list[Row] = []
    system: tuple[str, str] | None = None
    for number, line in source.lines():
        text = line.split("#", 1)[0].rstrip()
        if not text.strip():
            continue
        if not text[0].isspace():
            head = _SYSTEM.match(text)
            if not head:
                raise source.wrong("is no system of a .topo file", number, line, allowed="TYPE NAME")
            system = head[1], checked(head[2], "device", source.name, number)
            continue
        result = _CABLE.match(text)
        if not result or system is None:
            raise source.wrong(
                "is no cable of a .topo file, or is cut off", number, line, allowed="PORT -> TYPE NAME PORT"
            )
        near, width, lane, kind, far, far_port = result.groups()
        a_port, a_role = _port(near, system[0])
        b_port, b_role = _port(far_port, kind)
        ends = checked(a_port, "port", source.name, number), checked(b_port, "port", source.name, number)
        gbps = int(width or 4) * float(lane) if lane else 0.0
        name = checked(far, "device", source.name, number)
        rows.append(Row(system[1], ends[0], name, ends[1], number, "", "", gbps, a_role, b_role))
    if not rows:
        raise source.wrong("holds no cables", 1)
    built = cables_of(rows, source.name, "ibdm-topo")
    simulated = {c.gbps for c in built.cables} == {_EVERY}
    return AsBuilt(built.path, built.form, built.cables, built.devices, simulated, remarks=built.remarks)


def _port(word: str, kind: str) -> tuple[str, str]:
    """A port's name as other InfiniBand tools have it, and the role that word and system type tell."""
    adapter = _ADAPTER.match(word)
    plain = _PLAIN.match(word)
    if adapter:
        return f"HCA-{adapter[1]}/{adapter[2]}", "host"
    if _HOST.match(kind):
        return f"HCA-1/{plain[1]}" if plain else word, "host"
    return plain[1] if plain else word, "switch"


readers.add("ibdm-topo", Reader("ibutils' .topo file", _fits, _read))
