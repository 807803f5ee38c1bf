"""Titles of a table of cables: which column holds what.

A title names a side (`A`, `Side A`, `Source`, `Local`, ... and `B`, `Z`, `Destination`, `Peer`, ...) and what of it
(`Device`, `Host`, ..., `Port`, `Interface`, ...); spaces, capitals and underscores mean nothing. Titles may stand in
two rows (`Side A` above `Device`), or name no side (`Server, NIC, Switch, Port`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

A_WORDS = (
    "a", "source", "src", "from", "start", "local", "near", "origin", "1", "left", "first", "end1", "node1", "device1",
)  # fmt: skip
B_WORDS = (
    "b", "z", "destination", "dest", "dst", "target", "to", "end", "remote", "peer", "neighbor", "neighbour", "far",
    "2", "right", "second", "end2", "node2", "device2",
)  # fmt: skip
DEVICE_WORDS = (
    "device", "node", "host", "hostname", "system", "switch", "server", "equipment", "machine", "name", "sysname",
    "leaf", "spine", "core", "tor",
)  # fmt: skip
PORT_WORDS = ("port", "interface", "intf", "if", "ifname", "iface", "termination", "nic", "socket", "portname")
SPEED_WORDS = ("speed", "gbps", "bandwidth", "rate", "linkspeed")
NETWORK_WORDS = ("network", "net", "fabric")
"""Titles of the column that says which of several networks a cable is of; `network_name` and the like too."""
_OF_A_NETWORK = ("name", "id", "cable", "link", "type", "role", "logical", "cluster")
_LETTERS = ("a", "b", "z", "1", "2")
_ENDS = (*_LETTERS, "near", "far", "local", "remote")
LOOK = 30
"""So many rows are looked at for one that names columns."""
NEEDED = ("a_device", "a_port", "b_device", "b_port")


class Line(NamedTuple):
    """A row of cells and the line or row number it stands on."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Columns:
    """Which cell holds what (-1: none). `head`: the row that names them (an index into the rows looked at)."""

    at: dict[str, int]
    head: int
    netbox: bool = False


def words_of(title: str) -> list[str]:
    """The words of a title: `StartDevice`, `start_device` and `Start Device` alike; none of what is a line of YAML."""
    if any(mark in title for mark in ("{", "}", "=", ": ")):
        return []
    title = re.sub(r"#\s*fields\s*:", "", title, flags=re.I)
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title.strip().strip("#"))
    return [w for w in re.split(r"[^A-Za-z0-9]+", title.lower()) if w and w != "side"]


def columns_of(titles: Sequence[str], told: Sequence[tuple[str, str]] = ()) -> dict[str, int] | None:
    """What each column holds by its title, or None where four columns of a cable are not among them (a port's column
    may be missing where the device's holds both)."""
    result: dict[str, int] = {}
    low = [t.strip().lower() for t in titles]
    for key, title in told:
        if title.strip().lower() not in low:
            return None
        result[key] = low.index(title.strip().lower())
    sides = _sided([_sides(words_of(t)) for t in titles])
    for i, (side, what) in enumerate(sides):
        if what == "speed":
            result.setdefault("gbps", i)
        elif what == "network":
            result.setdefault("network", i)
        if side and what:
            result.setdefault(f"{side}_{what}", i)
        if not side and what in ("state", "status", "cable_part", "length_m"):
            result.setdefault(what, i)
    for i, words in enumerate(map(words_of, titles)):
        joined = "_".join(words)
        if joined in _PARTS:
            result.setdefault(_PARTS[joined], i)
    return (
        result if "a_device" in result and "b_device" in result and result["a_device"] != result["b_device"] else None
    )


def _sided(sides: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Titles with the side that those without one are of: the other than the only side that is named; of ports, that
    of the device before them; where no title names a side (`Server, NIC, Switch, Port`), two devices are the two."""
    result = list(sides)
    labelled = {side for side, what in result if side and what}
    if labelled == {"b"}:
        return [(side or ("a" if what else ""), what) for side, what in result]
    devices = [i for i, (_, what) in enumerate(result) if what == "device"]
    ports = [i for i, (_, what) in enumerate(result) if what == "port"]
    if not labelled and len(devices) == len(ports) == 2:
        in_pairs = devices[0] < ports[0] < devices[1] < ports[1]
        for pair in (devices, ports if in_pairs or devices[1] < ports[0] else ports[:0]):
            for i, side in zip(pair, "ab", strict=False):
                result[i] = side, result[i][1]
    elif len(ports) == 2 and not any(result[i][0] for i in ports):
        near = ""
        for i, (side, what) in enumerate(result):
            near = side or near if what == "device" else near
            result[i] = (side or near, what) if what == "port" else (side, what)
    return result


_PARTS = {
    "cable_part": "cable_part", "a_module": "a_module", "b_module": "b_module", "a_module_pn": "a_module",
    "z_module_pn": "b_module", "a_connector": "a_connector", "b_connector": "b_connector", "z_connector": "b_connector",
    "length_m": "length_m",
}  # fmt: skip


def _sides(words: list[str]) -> tuple[str, str]:
    """The side and what of it a title names; empty where it names none."""
    if "end" in words and any(w in _ENDS for w in words):
        words = [w for w in words if w != "end"]
    if not words or len(words) > 5:
        return "", ""
    if words[-1] in (
        "location",
        "rack",
        "u",
        "ru",
        "site",
        "room",
        "row",
        "hall",
        "connector",
        "module",
        "pn",
        "ip",
        "mac",
    ):
        return "", ""
    if any(w in SPEED_WORDS for w in words):
        return "", "speed"
    if [w for w in words if w not in _OF_A_NETWORK] in [[w] for w in NETWORK_WORDS]:
        return "", "network"
    side = ""
    rest = list(words)
    for candidate in (words[0], words[-1], *(w for w in words[1:-1] if w in _LETTERS)):
        if candidate in A_WORDS or candidate in B_WORDS:
            side = "a" if candidate in A_WORDS else "b"
            rest.remove(candidate)
            break
    if not rest:
        return (side, "device") if words[0] not in _LETTERS else ("", "")
    if rest == ["type"] or rest[-1] == "type":
        return side, "kind"
    if "role" in rest:
        return side, "role"
    if any(w in PORT_WORDS for w in rest):
        return side, "port"
    if rest == ["name"]:
        return side, "name"
    if any(w in DEVICE_WORDS for w in rest):
        return side, "device"
    if rest in (["state"], ["status"]):
        return side, rest[0]
    return side, ""


def find_columns(lines: Sequence[Line], told: Sequence[tuple[str, str]] = ()) -> Columns | None:
    """The first row that names columns of cables, or the first two that do together (`Side A` above `Device`)."""
    for i, line in enumerate(lines[:LOOK]):
        result = _columns(line.cells, told)
        rows = 0
        if i + 1 < len(lines) and (result is None or not {"a_port", "b_port"} <= set(result)):
            both = _columns(_together(line.cells, lines[i + 1].cells), told)
            below = [_sides(words_of(t))[1] for t in lines[i + 1].cells]
            if both and {"a_port", "b_port"} <= set(both) and below.count("port") == 2:
                result, rows = both, 1
        if result is not None:
            netbox = any("side_a" in t.lower() for t in line.cells)
            return Columns(result, i + rows, netbox)
    return None


def _columns(titles: Sequence[str], told: Sequence[tuple[str, str]]) -> dict[str, int] | None:
    result = columns_of(titles, told)
    if result is None:
        result = _by_name(titles)
    for side in "ab" if result else "":
        if result is not None and f"{side}_port" not in result and f"{side}_name" in result:
            result[f"{side}_port"] = result[f"{side}_name"]
    return result


def _together(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Titles of two rows as one; a cell of the upper one stands over those to its right that are empty."""
    result, last = [], ""
    for i, title in enumerate(below):
        last = (above[i].strip() if i < len(above) else "") or last
        result.append(f"{last} {title}" if title.strip() else "")
    return result


def _by_name(titles: Sequence[str]) -> dict[str, int] | None:
    """Sides that have a name for a device's (`A-Name`, `A-Port`)."""
    sides = [_sides(words_of(t)) for t in titles]
    at = {f"{s}_{w}": i for i, (s, w) in enumerate(sides) if s and w}
    if {"a_name", "b_name", "a_port", "b_port"} <= set(at):
        return {**at, "a_device": at["a_name"], "b_device": at["b_name"]}
    return None
