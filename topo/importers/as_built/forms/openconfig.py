"""LLDP neighbours by OpenConfig's model (`openconfig-lldp`), as SONiC's management framework and gNMI give them in
JSON, of one switch or by host name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source

_MODEL = "openconfig-lldp:"


def _own(output: Any) -> bool:
    return isinstance(output, dict) and any(str(key).startswith(_MODEL) for key in output)


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _interfaces(output: dict[str, Any]) -> list[Any]:
    result: Any = next(value for key, value in output.items() if str(key).startswith(_MODEL))
    while isinstance(result, dict) and ("interfaces" in result or "interface" in result):
        result = result.get("interfaces", result.get("interface"))
    return many(result)


def _host(output: Any) -> str:
    result = next(value for key, value in output.items() if str(key).startswith(_MODEL))
    about = result.get("state", result.get("config")) if isinstance(result, dict) else None
    return text(about.get("system-name")) if isinstance(about, dict) else ""


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for interface in _interfaces(output):
        near = interface.get("neighbors") or {}
        port = text(interface.get("name"))
        line = lines.of(port)
        for neighbour in many(near.get("neighbor")):
            told = neighbour.get("state") or {}
            kind = text(told.get("port-id-type"))
            words = port_words(text(told.get("port-id")), kind, text(told.get("port-description")))
            yield Report(host, port, text(told.get("system-name")), words, text(told.get("chassis-id")), line)


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "openconfig", _host)


readers.add("openconfig", Reader("LLDP neighbours by OpenConfig's model", _fits, _read))
