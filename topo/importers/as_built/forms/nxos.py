"""LLDP neighbours of Cisco NX-OS as JSON: `show lldp neighbors | json` and `... detail | json`, also through NX-API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source

_TABLES = (("TABLE_nbor_detail", "ROW_nbor_detail"), ("TABLE_nbor", "ROW_nbor"))


def _table(value: Any) -> list[dict[str, Any]] | None:
    """The rows of an output, wherever NX-API wraps it."""
    if not isinstance(value, dict):
        return None
    for table, row in _TABLES:
        if isinstance(value.get(table), dict):
            return [r for r in many(value[table].get(row)) if isinstance(r, dict)]
    for key in ("ins_api", "outputs", "output", "result", "body"):
        for inner in many(value.get(key)):
            result = _table(inner)
            if result is not None:
                return result
    return None


def _own(value: Any) -> bool:
    return _table(value) is not None


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for row in _table(output) or []:
        port = text(row.get("l_port_id"))
        name = text(row.get("sys_name")) or text(row.get("chassis_id"))
        words = port_words(text(row.get("port_id")), "", text(row.get("port_desc")))
        yield Report(host, port, name, words, text(row.get("chassis_id")), lines.of(port))


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "nxos")


readers.add("nxos", Reader("LLDP neighbours of Cisco NX-OS as JSON", _fits, _read))
