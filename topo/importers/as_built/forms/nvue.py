"""LLDP neighbours of Cumulus NVUE as JSON: `nv show interface --view lldp-detail -o json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source


def _neighbours(interface: Any) -> dict[str, Any]:
    lldp = interface.get("lldp") if isinstance(interface, dict) else None
    result = lldp.get("neighbor", lldp.get("neighbors")) if isinstance(lldp, dict) else None
    return result if isinstance(result, dict) else {}


def _own(value: Any) -> bool:
    if not isinstance(value, dict) or "lldp" in value:
        return False
    return any(_neighbours(v) for v in value.values())


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for port, interface in output.items():
        for name, about in _neighbours(interface).items():
            line = lines.of(port)
            chassis, far = about.get("chassis") or {}, about.get("port") or {}
            id_, kind = text(far.get("name")) or text(far.get("id")), text(far.get("type"))
            words = port_words(id_, kind, text(far.get("description")))
            who = text(chassis.get("chassis-id")) or text(chassis.get("id"))
            yield Report(host, port, text(chassis.get("system-name")) or name, words, who, line)


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "nvue")


readers.add("nvue", Reader("LLDP neighbours of Cumulus NVUE as JSON", _fits, _read))
