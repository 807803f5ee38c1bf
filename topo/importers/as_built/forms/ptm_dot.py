"""Cumulus' PTM and NVIDIA's cable validation as DOT: `"leaf1":"swp1" -- "spine1":"swp1"`."""

from __future__ import annotations

import re
from collections import Counter

from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source

_END = r'"?([^"\s:;\[\]]+)"?\s*:\s*"?([^"\s;\[\]]+)"?'
_EDGE = re.compile(rf"\s*{_END}\s*--\s*{_END}\s*(?:\[[^\]]*\])?\s*;?\s*(?://.*)?$")
_ROLE = re.compile(r'\s*"?([^"\s:;\[\]]+)"?\s*\[.*?\brole\s*=\s*"?(\w+)"?')


def _fits(source: Source) -> bool:
    head = source.head.lstrip()
    return bool(re.match(r"(strict\s+)?graph\b", head)) and any(_EDGE.match(x) for x in head.splitlines()[:400])


def _read(source: Source) -> AsBuilt:
    rows: list[Row] = []
    roles: dict[str, str] = {}
    for number, line in source.lines():
        role = _ROLE.match(line)
        if role and "--" not in line:
            roles[role[1]] = "host" if role[2].lower() in ("host", "server", "node") else "switch"
        elif "--" in line and not line.lstrip().startswith(("#", "//")):
            result = _EDGE.match(line)
            if not result:
                raise source.wrong("is no edge between two ports, or is cut off", number, line)
            a, p, b, q = (checked(w, "port", source.name, number) for w in result.groups())
            rows.append(Row(a, p, b, q, number))
    rows = [r._replace(a_role=roles.get(r.a_device, ""), b_role=roles.get(r.b_device, "")) for r in rows]
    return cables_of(rows, source.name, "ptm-dot", left=Counter())


readers.add("ptm-dot", Reader("PTM topology as DOT", _fits, _read))
