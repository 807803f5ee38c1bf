"""LLDP neighbours as napalm gives them: `get_lldp_neighbors` and `get_lldp_neighbors_detail`, by host name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source

_WRAPS = ("get_lldp_neighbors", "get_lldp_neighbors_detail", "lldp_neighbors", "lldp_neighbors_detail")


def _ports(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    for key in _WRAPS:
        if isinstance(value.get(key), dict):
            return dict(value[key])
    rows = [r for rows in value.values() if isinstance(rows, list) for r in rows]
    lists = all(isinstance(rows, list) for rows in value.values())
    named = all(isinstance(r, dict) and ({"hostname", "port"} <= set(r) or "remote_system_name" in r) for r in rows)
    return value if lists and rows and named else None


def _own(value: Any) -> bool:
    return _ports(value) is not None


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for port, rows in (_ports(output) or {}).items():
        for row in rows:
            line = lines.of(port)
            if "remote_system_name" in row:
                words = port_words(text(row.get("remote_port")), "", text(row.get("remote_port_description")))
                yield Report(
                    host, port, text(row["remote_system_name"]), words, text(row.get("remote_chassis_id")), line
                )
            else:
                yield Report(host, port, text(row["hostname"]), port_words(text(row["port"]), ""), "", line)


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "napalm")


readers.add("napalm", Reader("LLDP neighbours as napalm gives them", _fits, _read))
