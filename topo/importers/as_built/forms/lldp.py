"""LLDP neighbours as JSON: `{"leaf1": <lldpctl -f json>, ...}`, one such output with its own host name, or a list of
`{"local_device", "local_port", "remote_device", "remote_port"}`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from topo.errors import InputError, Problem, shown
from topo.importers.as_built.reader import AsBuilt, Reader, Seen, checked, readers

KEYS = ("local_device", "local_port", "remote_device", "remote_port")


def _fits(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _read(text: str, path: str) -> AsBuilt:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        raise InputError(Problem(f"is not valid JSON: {shown(error)}", file=path, line=max(line, 1))) from None
    rows = list(_rows(found, text, path))
    if not rows and not isinstance(found, list):
        raise InputError(
            Problem("holds no LLDP neighbours", allowed="lldpctl -f json, by host name", file=path, line=1)
        )
    devices = {r[0] for r in rows} | {r[2] for r in rows}
    if isinstance(found, dict) and "lldp" not in found:
        devices |= {str(k) for k in found}
    return AsBuilt(path, "lldp", _merged(rows), frozenset(devices))


def _merged(rows: list[Seen]) -> tuple[Seen, ...]:
    """Each cable once, though both ends report it; a report without a port is filled in from the other end's."""
    full: dict[tuple[str, str, str, str], Seen] = {}
    for row in rows:
        if row.a_port and row.b_port and (row.b_device, row.b_port, row.a_device, row.a_port) not in full:
            full.setdefault(row[:4], row)
    known = {end for row in full.values() for end in (row[:2], row[2:4])}
    partial = {row[:4]: row for row in rows if not row.b_port and row[:2] not in known}
    return (*full.values(), *partial.values())


def _rows(found: Any, text: str, path: str) -> Iterator[Seen]:
    """Every report; an InputError says at which line of the text."""
    if isinstance(found, list):
        for i, entry in enumerate(found):
            try:
                yield _entry(entry, i, path)
            except InputError as error:
                raise error.at(path, _line_of_item(text, i)) from None
        return
    if not isinstance(found, dict):
        raise InputError(Problem("holds no LLDP neighbours", allowed="an object or a list", file=path, line=1))
    by_host = {str(found.get("hostname", "")): found} if "lldp" in found else found
    for host, output in by_host.items():
        place = [str(host)]
        try:
            for port, neighbour in _interfaces(output, str(host), path):
                place[1:] = [port]
                yield from _neighbours(str(host), port, neighbour, path)
        except InputError as error:
            raise error.at(path, _line_of_keys(text, place)) from None


def _entry(entry: Any, i: int, path: str) -> Seen:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(k, ""), str) for k in KEYS):
        raise InputError(Problem("is no neighbour", f"[{i}]", allowed=", ".join(KEYS), file=path))
    near, port, far, far_port = (entry.get(k, "") for k in KEYS)
    return _seen(near, port, far, far_port, path)


def _line_of_item(text: str, item: int) -> int:
    """The line where an item of the list that the text is starts."""
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    for i in range(item + 1):
        while text[at] in " \t\r\n,":
            at += 1
        if i < item:
            at = decoder.raw_decode(text, at)[1]
    return text.count("\n", 0, at) + 1


def _line_of_keys(text: str, keys: Sequence[str]) -> int:
    """The line of the last of some keys, each looked for behind the one before; of the last that is found."""
    at = 0
    for key in keys:
        found = [place for k in (True, False) if (place := text.find(json.dumps(key, ensure_ascii=k), at)) >= 0]
        at = min(found, default=at)
    return text.count("\n", 0, at) + 1


def _interfaces(output: Any, host: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    lldp = output.get("lldp", output) if isinstance(output, dict) else None
    interfaces = lldp.get("interface", []) if isinstance(lldp, dict) else None
    if isinstance(interfaces, dict):
        interfaces = [{name: value} for name, value in interfaces.items()]
    if not isinstance(interfaces, list) or not all(isinstance(i, dict) for i in interfaces):
        raise InputError(Problem("is no output of lldpctl -f json", host, file=path))
    for entry in interfaces:
        for port, neighbour in entry.items():
            if not isinstance(neighbour, dict):
                raise InputError(Problem("is no interface of lldpctl -f json", f"{host}.{shown(port)}", file=path))
            yield port, neighbour


def _neighbours(host: str, port: str, neighbour: dict[str, Any], path: str) -> Iterator[Seen]:
    chassis = neighbour.get("chassis", {})
    names = [str(n) for n in chassis] if isinstance(chassis, dict) and "id" not in chassis else []
    if isinstance(chassis, dict) and isinstance(chassis.get("name"), str):
        names = [chassis["name"]]
    for name in names:
        yield _seen(host, port, name, _port_id(neighbour.get("port")), path)


def _port_id(port: Any) -> str:
    """The neighbour's port: its id where that is an interface name, else its description."""
    if not isinstance(port, dict):
        return ""
    found = port.get("id")
    if (
        isinstance(found, dict)
        and found.get("type") in ("ifname", "local", None)
        and isinstance(found.get("value"), str)
    ):
        return str(found["value"])
    described = port.get("descr")
    return described if isinstance(described, str) else ""


def _seen(near: str, port: str, far: str, far_port: str, path: str) -> Seen:
    return Seen(
        checked(near, "device", path, 0),
        checked(port, "port", path, 0) if port else "",
        checked(far, "device", path, 0),
        checked(far_port, "port", path, 0) if far_port else "",
    )


readers.add("lldp", Reader("LLDP neighbours as JSON", _fits, _read))
