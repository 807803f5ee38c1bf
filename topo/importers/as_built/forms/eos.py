"""LLDP neighbours of Arista EOS as JSON: `show lldp neighbors | json` and `... detail | json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from topo.importers.as_built.json_reports import Lines, many, outputs, read, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, port_words
from topo.importers.as_built.source import Source


def _own(value: Any) -> bool:
    if isinstance(value, dict) and isinstance(value.get("result"), list | dict):
        return any(_own(v) for v in many(value["result"]))
    return isinstance(value, dict) and isinstance(value.get("lldpNeighbors"), dict | list)


def _reports(host: str, output: Any, lines: Lines) -> Iterator[Report]:
    for one in many(output["result"]) if "result" in output else [output]:
        result = one.get("lldpNeighbors", []) if isinstance(one, dict) else []
        if isinstance(result, dict):
            for port, about in result.items():
                for entry in many(about.get("lldpNeighborInfo")):
                    yield _detailed(host, port, entry, lines.of(port))
        else:
            for entry in result:
                words = port_words(text(entry.get("neighborPort")), "")
                port = text(entry["port"])
                yield Report(host, port, text(entry.get("neighborDevice")), words, "", lines.of(port))


def _detailed(host: str, port: str, entry: dict[str, Any], line: int) -> Report:
    about = entry.get("neighborInterfaceInfo") or {}
    id_ = text(about.get("interfaceId_v2")) or text(about.get("interfaceId"))
    words = port_words(id_, text(about.get("interfaceIdType")), text(about.get("interfaceDescription")))
    return Report(host, port, text(entry.get("systemName")), words, text(entry.get("chassisId")), line)


def _fits(source: Source) -> bool:
    return outputs(source.json, _own, source) is not None


def _read(source: Source) -> AsBuilt:
    return read(source, _own, _reports, "eos")


readers.add("eos", Reader("LLDP neighbours of Arista EOS as JSON", _fits, _read))
