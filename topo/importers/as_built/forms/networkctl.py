"""LLDP neighbours of systemd-networkd as JSON: `networkctl lldp --json=short`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source


def _own(value: Any) -> bool:
    rows = value.get("Neighbors") if isinstance(value, dict) else None
    return isinstance(rows, list) and all(isinstance(r, dict) and "InterfaceName" in r for r in rows)


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for interface in output["Neighbors"]:
        port = text(interface["InterfaceName"])
        for row in many(interface.get("Neighbors")):
            words = port_words(text(row.get("PortID")), "", text(row.get("PortDescription")))
            yield Report(host, port, text(row.get("SystemName")), words, text(row.get("ChassisID")), lines.of(port))


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "networkctl")


readers.add("networkctl", Reader("LLDP neighbours of systemd-networkd as JSON", _fits, _read))
