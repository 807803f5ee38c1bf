"""infragraph's YAML or JSON as a graph: instances of device types, and edges between their components.

An edge joins `{instance: leaf[3], component: port[0:8]}` to another: an index or a range `first:stop` counts from 0,
none means all; `one2one` joins in order, `many2many` each with each (infragraph's model, edge schemes). A device of an
instance of several is called `leaf.3`; ports are counted from 1 here. Devices joined at a `nic` are hosts.
"""

from __future__ import annotations

import re
from itertools import product
from typing import Any

from topo import yamlfile
from topo.importers.as_built.json_reports import many
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import Reader, checked, readers
from topo.importers.as_built.source import Source
from topo.units import amount

_INDEX = re.compile(r"([^\[\]]+)(?:\[(\d{0,7})(:?)(\d{0,7})\])?$")
_UNITS = {"gigabits_per_second": 1.0, "gigabytes_per_second": 8.0, "terabits_per_second": 1000.0}
"""Gb/s."""
MOST_ROWS = 1_000_000
"""At most so many cables of a file."""


def _fits(source: Source) -> bool:
    named = (re.search(rf'(?:^|[{{,])\s*"?{word}"?\s*:', source.head, re.M) for word in ("devices", "instances"))
    return all(named) and "ep1" in source.text


def _read(source: Source) -> AsBuilt:
    document = yamlfile.parse(source.text, source.name)
    result = document.value
    counts = {
        str(i.get("name")): _whole(i.get("count", 1)) for i in many(result.get("instances")) if isinstance(i, dict)
    }
    kinds = {str(i.get("name")): str(i.get("device")) for i in many(result.get("instances")) if isinstance(i, dict)}
    parts = {
        (str(d.get("name")), str(c.get("name"))): _whole(c.get("count", 1))
        for d in many(result.get("devices")) if isinstance(d, dict)
        for c in many(d.get("components")) if isinstance(c, dict)
    }  # fmt: skip
    speeds = {str(x.get("name")): _gbps(x.get("physical")) for x in many(result.get("links")) if isinstance(x, dict)}
    rows: list[Row] = []
    for i, edge in enumerate(many(result.get("edges"))):
        line = document.line(("edges", i))
        if not isinstance(edge, dict):
            raise source.wrong("is no edge", line, str(edge))
        near, far = (_ends(edge.get(k), counts, kinds, parts, source, line) for k in ("ep1", "ep2"))
        one = str(edge.get("scheme", "one2one")) == "one2one"
        if one and len(near) != len(far):
            raise source.wrong(f"joins {amount(len(near), 'port')} to {len(far):,} one by one", line)
        if len(rows) + (len(near) if one else len(near) * len(far)) > MOST_ROWS:
            raise source.wrong(
                f"joins {amount(len(near), 'port')} to {len(far):,}",
                line,
                allowed=f"at most {MOST_ROWS:,} cables",
            )
        gbps = speeds.get(str(edge.get("link")), 0.0)
        for (a, p, a_role), (b, q, b_role) in zip(near, far, strict=True) if one else product(near, far):
            rows.append(Row(a, p, b, q, line, "", "", gbps, a_role, b_role))
    if not rows:
        raise source.wrong("holds no edges between instances", 1)
    return cables_of(rows, source.name, "infragraph")


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000 else 1


def _gbps(physical: Any) -> float:
    width = physical.get("bandwidth") if isinstance(physical, dict) else None
    for unit, factor in _UNITS.items():
        value = width.get(unit) if isinstance(width, dict) else None
        if isinstance(value, int | float) and 0 < value < 1e6:
            return float(value) * factor
    return 0.0


def _chosen(word: Any, counts: dict[Any, int], key: Any, source: Source, line: int) -> tuple[str, list[int]]:
    """The name and the numbers that `leaf[3]`, `leaf[0:8]` or `leaf` mean."""
    result = _INDEX.match(str(word))
    if not result:
        raise source.wrong("is no name with an index", line, str(word), allowed="leaf, leaf[3] or leaf[0:8]")
    name, low, colon, high = result.groups()
    total = counts.get(key(name), 0)
    if not total:
        raise source.wrong("names nothing of the file", line, name)
    first = int(low or 0)
    stop = (int(high) if high else total) if colon or low is None else first + 1
    if not first < stop <= total:
        raise source.wrong(f"is outside of {name}, of which there are {total:,}", line, str(word))
    return name, list(range(first, stop))


def _ends(
    end: Any,
    counts: dict[str, int],
    kinds: dict[str, str],
    parts: dict[tuple[str, str], int],
    source: Source,
    line: int,
) -> list[tuple[str, str, str]]:
    """Device, port and role of each port that an end of an edge means."""
    if not isinstance(end, dict):
        raise source.wrong("is an edge without ep1 and ep2", line)
    name, devices = _chosen(end.get("instance"), counts, lambda n: n, source, line)
    component, ports = _chosen(end.get("component"), parts, lambda n: (kinds[name], n), source, line)
    role = "host" if component.lower().startswith(("nic", "hca", "mlx")) else "switch"
    called = {d: name if counts[name] == 1 else f"{name}.{d}" for d in devices}
    if len(devices) * len(ports) > MOST_ROWS:
        raise source.wrong("means too many ports", line, allowed=f"at most {MOST_ROWS:,}")
    return [(checked(called[d], "device", source.name, line), str(p + 1), role) for d in devices for p in ports]


readers.add("infragraph", Reader("infragraph, YAML or JSON", _fits, _read))
