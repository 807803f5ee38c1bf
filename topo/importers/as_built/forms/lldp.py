"""LLDP neighbours as lldpd's JSON (`lldpctl -f json`, `json0`), of one host or of several by host name; or a list of
`{"local_device", "local_port", "remote_device", "remote_port"}`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from topo.errors import InputError, Problem, shown
from topo.importers.as_built.json_reports import Lines, many, text
from topo.importers.as_built.model import AsBuilt
from topo.importers.as_built.reader import Reader, readers
from topo.importers.as_built.reports import Report, joined, port_words
from topo.importers.as_built.source import Source

KEYS = ("local_device", "local_port", "remote_device", "remote_port")


def _fits(source: Source) -> bool:
    result = source.json
    if isinstance(result, list):
        return not result or all(isinstance(e, dict) and ("local_device" in e or "lldp" in e) for e in result)
    return isinstance(result, dict) and ("lldp" in result or any(_is_output(v) for v in result.values()))


def _is_output(value: Any) -> bool:
    return isinstance(value, dict) and ("lldp" in value or isinstance(value.get("interface"), list))


def _read(source: Source) -> AsBuilt:
    result = source.json
    if isinstance(result, list):
        items = Lines(source.text)
        rows = [_entry(e, i, source)._replace(line=items.of("local_device")) for i, e in enumerate(result)]
        return joined(source.name, "lldp", rows, sorted({r.device for r in rows}))
    if not isinstance(result, dict):
        raise source.wrong("holds no LLDP neighbours", 1, allowed="lldpctl -f json, by host name")
    by_host = {str(result.get("hostname") or source.host): result} if "lldp" in result else result
    lines = Lines(source.text)
    rows = []
    for host, output in by_host.items():
        start = lines.of(str(host)) if "lldp" not in result else 1
        place = [start]
        try:
            for port, about in _interfaces(output, str(host)):
                place[0] = lines.of(port)
                rows += _reports(str(host), port, about, place[0])
        except InputError as error:
            raise error.at(source.name, place[0]) from None
    return joined(source.name, "lldp", rows, [str(h) for h in by_host])


def _entry(entry: Any, i: int, source: Source) -> Report:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(k, ""), str) for k in KEYS):
        line = _line_of_item(source.text, i)
        raise InputError(Problem("is no neighbour", f"[{i}]", allowed=", ".join(KEYS), file=source.name, line=line))
    near, port, far, far_port = (entry.get(k, "") for k in KEYS)
    return Report(near, port, far, (far_port,) if far_port else ())


def _line_of_item(text_: str, item: int) -> int:
    """The line where an item of the list that the text is starts."""
    decoder, at = json.JSONDecoder(), text_.index("[") + 1
    for i in range(item + 1):
        while text_[at] in " \t\r\n,":
            at += 1
        if i < item:
            at = decoder.raw_decode(text_, at)[1]
    return text_.count("\n", 0, at) + 1


def _interfaces(output: Any, host: str) -> Iterator[tuple[str, dict[str, Any]]]:
    lldp = output.get("lldp", output) if isinstance(output, dict) else None
    for part in many(lldp) if lldp != {} else []:
        interfaces = part.get("interface", []) if isinstance(part, dict) else None
        if isinstance(interfaces, dict):
            interfaces = [{name: value} for name, value in interfaces.items()]
        if not isinstance(interfaces, list) or not all(isinstance(i, dict) for i in interfaces):
            raise InputError(Problem("is no output of lldpctl -f json", host))
        for entry in interfaces:
            if isinstance(entry.get("name"), str):
                yield entry["name"], entry
                continue
            for port, about in entry.items():
                for one in many(about):
                    if not isinstance(one, dict):
                        raise InputError(Problem("is no interface of lldpctl -f json", f"{host}.{shown(port)}"))
                    yield port, one


def _reports(host: str, port: str, about: dict[str, Any], line: int) -> Iterator[Report]:
    ports = _ports(about.get("port"))
    for chassis in many(about.get("chassis")):
        if not isinstance(chassis, dict):
            continue
        for name, described in _chassis(chassis):
            yield Report(host, port, name, ports, _id(described.get("id"))[0], line)


def _chassis(chassis: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Name and description of the neighbours: under the name itself, or beside it; without one, an empty name."""
    named = [(str(k), v) for k, v in chassis.items() if isinstance(v, dict) and ("id" in v or "mgmt-ip" in v or not v)]
    if "id" not in chassis and "name" not in chassis:
        return named or [(k, v if isinstance(v, dict) else {}) for k, v in chassis.items()]
    return [(text(chassis.get("name")), chassis)]


def _id(value: Any) -> tuple[str, str]:
    one = many(value)[0] if many(value) else {}
    return (text(one.get("value")), text(one.get("type"))) if isinstance(one, dict) else ("", "")


def _ports(port: Any) -> tuple[str, ...]:
    """What may name the neighbour's port, best first."""
    one = many(port)[0] if many(port) else None
    if not isinstance(one, dict):
        return ()
    result, kind = _id(one.get("id"))
    return port_words(result, kind, text(one.get("descr")), text(one.get("alias")))


readers.add("lldp", Reader("LLDP neighbours of lldpd as JSON", _fits, _read))
