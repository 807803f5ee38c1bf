"""Tables of cables: which column holds what, told by its title, and the rows beneath.

A title names a side (`A`, `Side A`, `Source`, `Local`, ... and `B`, `Z`, `Destination`, `Peer`, ...) and what of it
(`Device`, `Host`, ..., `Port`, `Interface`, ...); spaces, capitals and underscores mean nothing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from topo.errors import InputError, Problem, shown
from topo.importers.as_built.infiniband import ADAPTER, SWITCH, described
from topo.importers.as_built.model import UNFITTED, AsBuilt, Fitted, Loose
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import checked
from topo.importers.as_built.source import Source

A_WORDS = (
    "a", "source", "src", "from", "start", "local", "near", "origin", "1", "left", "first", "end1", "node1", "device1",
)  # fmt: skip
B_WORDS = (
    "b", "z", "destination", "dest", "dst", "target", "to", "end", "remote", "peer", "neighbor", "neighbour", "far",
    "2", "right", "second", "end2", "node2", "device2",
)  # fmt: skip
DEVICE_WORDS = (
    "device", "node", "host", "hostname", "system", "switch", "server", "equipment", "machine", "name", "sysname",
)  # fmt: skip
PORT_WORDS = ("port", "interface", "intf", "if", "ifname", "iface", "termination", "nic", "socket", "portname")
SPEED_WORDS = ("speed", "gbps", "bandwidth", "rate", "linkspeed")
_HOST_WORDS = ("host", "server", "node", "compute", "gpu", "ca", "hca", "nic", "storage", "login")
MOST = 20
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
    """The words of a title: `StartDevice`, `start_device` and `Start Device` alike."""
    title = re.sub(r"#\s*fields\s*:", "", title, flags=re.I)
    title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title.strip().strip("#"))
    return [w for w in re.split(r"[^A-Za-z0-9]+", title.lower()) if w and w != "side"]


def columns_of(titles: Sequence[str], told: Sequence[tuple[str, str]] = ()) -> dict[str, int] | None:
    """What each column holds by its title, or None where four columns of a cable are not among them (a port's column
    may be missing where the device's holds both)."""
    found: dict[str, int] = {}
    low = [t.strip().lower() for t in titles]
    for key, title in told:
        if title.strip().lower() not in low:
            return None
        found[key] = low.index(title.strip().lower())
    sides = [_sides(words_of(t)) for t in titles]
    labelled = {side for side, _ in sides if side}
    for i, (side, what) in enumerate(sides):
        if what == "speed":
            found.setdefault("gbps", i)
        if not side and what and "b" in labelled and "a" not in labelled:
            side = "a"
        if side and what:
            found.setdefault(f"{side}_{what}", i)
        if not side and what in ("state", "status", "cable_part", "length_m"):
            found.setdefault(what, i)
    for i, words in enumerate(map(words_of, titles)):
        joined = "_".join(words)
        if joined in _PARTS:
            found.setdefault(_PARTS[joined], i)
    return found if "a_device" in found and "b_device" in found and found["a_device"] != found["b_device"] else None


_PARTS = {
    "cable_part": "cable_part", "a_module": "a_module", "b_module": "b_module", "a_module_pn": "a_module",
    "z_module_pn": "b_module", "a_connector": "a_connector", "b_connector": "b_connector", "z_connector": "b_connector",
    "length_m": "length_m",
}  # fmt: skip


def _sides(words: list[str]) -> tuple[str, str]:
    """The side and what of it a title names; empty where it names none."""
    if not words or len(words) > 4:
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
    side = ""
    rest = list(words)
    for candidate in (words[0], words[-1]):
        if candidate in A_WORDS or candidate in B_WORDS:
            if candidate == "end" and len(words) > 1 and words[-1] in ("a", "b", "z", "1", "2"):
                continue
            side = "a" if candidate in A_WORDS else "b"
            rest.remove(candidate)
            break
    if not rest:
        return (side, "device") if words[0] not in ("a", "b", "z", "1", "2") else ("", "")
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
    """The first row that names columns of cables."""
    for i, line in enumerate(lines[:LOOK]):
        found = columns_of(line.cells, told)
        if found is None:
            found = _by_name(line.cells)
        if found is None:
            continue
        for side in "ab":
            if f"{side}_port" not in found and f"{side}_name" in found:
                found[f"{side}_port"] = found[f"{side}_name"]
        netbox = any("side_a" in t.lower() for t in line.cells)
        return Columns(found, i, netbox)
    return None


def _by_name(titles: Sequence[str]) -> dict[str, int] | None:
    """Sides that have a name for a device's (`A-Name`, `A-Port`)."""
    sides = [_sides(words_of(t)) for t in titles]
    at = {f"{s}_{w}": i for i, (s, w) in enumerate(sides) if s and w}
    if {"a_name", "b_name", "a_port", "b_port"} <= set(at):
        return {**at, "a_device": at["a_name"], "b_device": at["b_name"]}
    return None


def delimited(text: str) -> tuple[list[Line], str]:
    """The first rows of a text by the delimiter under which one of them names columns, and that delimiter; no rows
    where none does."""
    head = text[:60000].splitlines()[: LOOK * 2]
    for delimiter in (",", ";", "\t", "|"):
        if not any(delimiter in line for line in head):
            continue
        try:
            rows = [Line(i, row) for i, row in enumerate(csv.reader(head, delimiter=delimiter), 1)]
        except csv.Error:
            continue
        if find_columns(rows) is not None:
            return rows, delimiter
    return [], ""


def csv_lines(source: Source, delimiter: str) -> Iterator[Line]:
    """The rows of a text; raises InputError for what is no CSV."""
    reader = csv.reader(io.StringIO(source.text), delimiter=delimiter)
    try:
        for row in reader:
            yield Line(reader.line_num, row)
    except csv.Error as error:
        raise source.wrong(f"is no CSV: {error}", reader.line_num) from None


def read_table(source: Source, lines: Iterable[Line], form: str, columns: Columns) -> AsBuilt:
    """The cables of rows whose columns are known; raises InputError with the line of every row that is none."""
    rows: list[Row] = []
    loose: list[Loose] = []
    problems: list[Problem] = []
    left: Counter[str] = Counter()
    last: list[str] = []
    needed = max(columns.at[k] for k in NEEDED if k in columns.at)
    for i, (number, cells) in enumerate(lines):
        if i <= columns.head or cells == last or not any(c.strip() for c in cells):
            continue
        last = cells
        if cells[0].lstrip().startswith("#") and len(cells) <= needed:
            continue
        try:
            if len(cells) <= needed:
                raise source.wrong("the line is cut off", number, ",".join(cells))
            _row(cells, columns, source, number, rows, loose, left)
        except InputError as error:
            problems += error.problems
        if len(problems) >= MOST:
            break
    if problems:
        raise InputError(problems)
    return cables_of(rows, source.name, form, loose, left)


_OTHER_KINDS = ("console", "power", "circuit", "feed")


def _row(
    cells: list[str], columns: Columns, source: Source, number: int, rows: list[Row], loose: list[Loose],
    left: Counter[str],
) -> None:  # fmt: skip
    at = columns.at

    def cell(key: str) -> str:
        i = at.get(key, -1)
        return cells[i].strip().removeprefix("'") if 0 <= i < len(cells) else ""

    kinds = [cell(f"{s}_kind") for s in "ab"]
    if any(word in kind.lower() for kind in kinds for word in _OTHER_KINDS):
        left["cables for consoles and power"] += 1
        return
    ends = []
    for side in "ab":
        device, port = cell(f"{side}_device"), cell(f"{side}_port")
        if f"{side}_port" not in at:
            device, port = parted(device)
        if device.startswith("MF0;") or (" " in device and port.split(" ")[-1].isdigit()):
            device, port = infiniband_end(device, port.split(" ")[-1])
        ends.append((device, re.sub(r"(?i)^port\s+(?=\S)", "", port)))
    (a, a_port), (b, b_port) = ends
    state = (cell("state") or cell("status")).lower()
    if a and not b and not b_port and (state or "state" in at):
        loose.append(Loose(a, a_port, "down", state, number, source.name))
        return
    if state in ("decommissioning", "decommissioned", "removed"):
        left["cables that are taken out"] += 1
        return
    a, b = (checked(d, "device", source.name, number) for d in (a, b))
    a_port, b_port = (
        checked(p, "port", source.name, number) if p or f"{s}_port" in at else ""
        for s, p in (("a", a_port), ("b", b_port))
    )
    a_role, b_role = (_role(cell(f"{s}_role") or _role_kind(k)) for s, k in zip("ab", kinds, strict=True))
    speed = speed_of(cell("gbps"), source, number) if cell("gbps") else 0.0
    fitted = _fitted(cell, source, number)
    a_kind, b_kind = (k if "dcim" in k or "port" in k.lower() else "" for k in kinds)
    rows.append(Row(a, a_port, b, b_port, number, a_kind, b_kind, speed, a_role, b_role, fitted))


def infiniband_end(device: str, port: str) -> tuple[str, str]:
    """Device and port where a table names InfiniBand nodes by their descriptions: `gpu7 mlx5_0`, port 1."""
    name, adapter = described(SWITCH if device.startswith("MF0;") else ADAPTER, device)
    return (name, f"{adapter}/{port}") if adapter else (name, port)


def parted(word: str) -> tuple[str, str]:
    """Device and port of a cell that holds both: `leaf1:swp1`, `leaf1 swp1`, `leaf1/E1/1`."""
    for mark in (":", " ", "/"):
        device, found, port = word.partition(mark)
        if found and device.strip() and port.strip():
            return device.strip(), port.strip()
    return word, ""


def _role_kind(kind: str) -> str:
    return "" if "dcim" in kind or "port" in kind.lower() or "interface" in kind.lower() else kind


def _role(word: str) -> str:
    """`host` or `switch`, empty where the table does not say."""
    low = word.strip().lower()
    return (
        ""
        if not low
        else "host"
        if low in _HOST_WORDS or low.startswith(("host", "server", "gpu", "compute"))
        else "switch"
    )


_SPEED = re.compile(r"(?i)([\d.]+)\s*(g|gb|gbe|gbps|gb/s|gbit|gbit/s|t|tb|tbps|m|mbps|mb/s|mbit|mbit/s)?$")


def speed_of(word: str, source: Source, line: int) -> float:
    """A speed in Gb/s: `400`, `400G`, `400 Gb/s`, `1.6T`, `400000` (Mb/s). Raises InputError."""
    found = _SPEED.match(word.strip())
    value = float(found[1]) if found and found[1].count(".") <= 1 and found[1].strip(".") else -1.0
    unit = (found[2] or "").lower() if found else ""
    if unit.startswith("t"):
        value *= 1000
    elif unit.startswith("m") or (not unit and value >= 10_000 and value % 1000 == 0):
        value /= 1000
    if not 0 < value < 1e6:
        raise source.wrong("is no speed in Gb/s", line, word)
    return value


def _fitted(get: Callable[[str], str], source: Source, line: int) -> Fitted:
    """The parts that a row names."""
    words = [get(k) for k in ("cable_part", "a_module", "b_module", "a_connector", "b_connector", "length_m")]
    if not any(words):
        return UNFITTED
    for word in words[:5]:
        if word:
            checked(word, "part", source.name, line)
    length = 0.0
    if words[5]:
        try:
            length = float(words[5])
        except ValueError:
            length = -1.0
        if not 0 < length < 1e6:
            raise InputError(Problem("is no length in metres", value=shown(words[5]), file=source.name, line=line))
    return Fitted(words[0], words[1], words[2], words[3], words[4], length)
