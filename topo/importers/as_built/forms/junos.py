"""LLDP neighbours of Juniper Junos as JSON: `show lldp neighbors | display json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source


def _own(value: Any) -> bool:
    return isinstance(value, dict) and "lldp-neighbors-information" in value


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for part in many(output["lldp-neighbors-information"]):
        for row in many(part.get("lldp-neighbor-information")):
            port = text(row.get("lldp-local-interface")) or text(row.get("lldp-local-port-id"))
            kind = text(row.get("lldp-remote-port-id-subtype"))
            id_ = text(row.get("lldp-remote-port-id"))
            words = port_words("" if id_.isdigit() else id_, kind, text(row.get("lldp-remote-port-description")))
            who = text(row.get("lldp-remote-chassis-id"))
            yield Report(host, port, text(row.get("lldp-remote-system-name")), words, who, lines.of(port))


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "junos")


readers.add("junos", Reader("LLDP neighbours of Junos as JSON", _fits, _read))
