"""Tables of cables: the rows beneath titles that say which column holds what."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from topo.errors import InputError, Problem, not_further, shown
from topo.importers.as_built.infiniband import ADAPTER, SWITCH, described, lane_gbps
from topo.importers.as_built.model import UNFITTED, AsBuilt, Fitted, Loose
from topo.importers.as_built.panels import Row, cables_of
from topo.importers.as_built.reader import MAX_NAME, checked
from topo.importers.as_built.source import Source
from topo.importers.as_built.titles import LOOK, NEEDED, Columns, Line, find_columns

_HOST_WORDS = ("host", "server", "node", "compute", "gpu", "ca", "hca", "nic", "storage", "login")
_NOTHING = frozenset({"", "-", "--", "n/a", "na", "none", "tbd", "tba", "spare", "reserved", "unused", "free", "empty",
                      "open", "not connected", "nc"})  # fmt: skip
"""What people write into a cell that holds nothing."""
MOST_PROBLEMS = 20
"""Of a table that is wrong throughout, a page of mistakes is enough."""


def delimited(text: str) -> tuple[list[Line], str]:
    """The first rows of a text by the delimiter under which one of them names columns, and that delimiter; no rows
    where none does."""
    head = text[:60000]
    for delimiter in (",", ";", "\t", "|"):
        if delimiter not in head:
            continue
        try:
            # As `csv_lines` counts rows, so that a row has one number: not all that ends a line ends a row.
            rows = [Line(i, row) for i, row in enumerate(islice(_rows(head, delimiter), LOOK * 2), 1)]
        except csv.Error:
            continue
        if find_columns(rows) is not None:
            return rows, delimiter
    return [], ""


def _rows(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text), delimiter=delimiter)


def csv_lines(source: Source, delimiter: str) -> Iterator[Line]:
    """The rows of a text; raises InputError for what is no CSV."""
    reader = _rows(source.text, delimiter)
    try:
        for row in reader:
            yield Line(reader.line_num, row)
    except csv.Error as error:
        raise source.wrong(f"is no CSV: {error}", reader.line_num) from None


def read_table(source: Source, lines: Iterable[Line], form: str, columns: Columns) -> AsBuilt:
    """The cables of rows whose columns are known; raises InputError with the line of every row that is none."""
    read = _Read()
    problems: list[Problem] = []
    last: list[str] = []
    titles: list[str] = []
    needed = max(columns.at[k] for k in NEEDED if k in columns.at)
    short: list[InputError] = []
    for i, (number, cells) in enumerate(lines):
        if i == columns.head:
            titles = cells
        if i <= columns.head or cells == last or not any(c.strip() for c in cells):
            continue
        last = cells
        if cells == titles or (cells[0].lstrip().startswith("#") and len(cells) <= needed):
            continue
        if short:
            read.left["rows of one cell"] += 1
            short = []
        try:
            if len(cells) <= needed:
                error = source.wrong("the line is cut off", number, ",".join(cells))
                if len(cells) == 1:
                    short = [error]
                    continue
                raise error
            _row(cells, columns, source, number, read)
        except InputError as error:
            problems += error.problems
        if len(problems) >= MOST_PROBLEMS:
            raise not_further(problems)
    problems += [p for error in short for p in error.problems]
    if problems:
        raise InputError(problems)
    return cables_of(read.rows, source.name, form, read.loose, read.left)


_TIERS = {
    "leaf": "leaf", "tor": "leaf", "access": "leaf", "spine": "spine", "agg": "spine", "aggregation": "spine",
    "core": "core", "superspine": "core", "super-spine": "core",
}  # fmt: skip
_OTHER_KINDS = ("console", "power", "circuit", "feed")


@dataclass
class _Read:
    """What the rows so far say; `above` is the device last named at each end."""

    rows: list[Row] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    above: dict[str, str] = field(default_factory=dict)


def _row(cells: list[str], columns: Columns, source: Source, number: int, read: _Read) -> None:
    at, left, above = columns.at, read.left, read.above

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
        port = "" if port.lower() in _NOTHING and port else port
        if device:
            above[side] = device
        elif port and above.get(side):
            device = above[side]
            left["empty cells, read as the device above them"] += 1
        if device.startswith("MF0;") or (" " in device and port.split(" ")[-1].isdigit()):
            device, port = infiniband_end(device, port.split(" ")[-1])
        ends.append((device, re.sub(r"(?i)^port\s+(?=\S)", "", port)))
    (a, a_port), (b, b_port) = ends
    state = (cell("state") or cell("status")).lower()
    if a and not b and not b_port and (state or "state" in at):
        read.loose.append(Loose(a, a_port, "down", state, number, source.name))
        return
    empty = [d.lower() in _NOTHING and not p for d, p in ends]
    if any(empty):
        left["rows with one end alone" if not all(empty) else "rows without devices"] += 1
        return
    if state in ("decommissioning", "decommissioned", "removed"):
        left["cables that are taken out"] += 1
        return
    a, b = (checked(d, "device", source.name, number) for d in (a, b))
    a_port, b_port = (
        checked(p, "port", source.name, number) if p or (f"{s}_port" in at and not cell(f"{s}_port")) else ""
        for s, p in (("a", a_port), ("b", b_port))
    )
    a_role, b_role = (_role(cell(f"{s}_role") or _role_kind(k)) for s, k in zip("ab", kinds, strict=True))
    speed = speed_of(cell("gbps"), source, number) if cell("gbps") else 0.0
    fitted = _fitted(cell, source, number)
    a_kind, b_kind = (k if "dcim" in k or "port" in k.lower() else "" for k in kinds)
    a_tier, b_tier = (_TIERS.get(cell(f"{s}_role").lower(), "") for s in "ab")
    network = cell("network")
    network = network if network.lower() not in _NOTHING and len(network) <= MAX_NAME and network.isprintable() else ""
    read.rows.append(
        Row(a, a_port, b, b_port, number, a_kind, b_kind, speed, a_role, b_role, fitted, network, a_tier, b_tier)
    )


def infiniband_end(device: str, port: str) -> tuple[str, str]:
    """Device and port where a table names InfiniBand nodes by their descriptions: `gpu7 mlx5_0`, port 1."""
    name, adapter = described(SWITCH if device.startswith("MF0;") else ADAPTER, device)
    return (name, f"{adapter}/{port}") if adapter else (name, port)


def parted(word: str) -> tuple[str, str]:
    """Device and port of a cell that holds both: `leaf1:swp1`, `leaf1 swp1`, `leaf1/E1/1`."""
    for mark in (":", " ", "/"):
        device, result, port = word.partition(mark)
        if result and device.strip() and port.strip():
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


_SPEED = re.compile(
    r"(?i)([\d.]+)\s*(gbase|gbe|gbps|gb/s|gbit/s|gbit|gb|g|tbps|tb|t|mbps|mb/s|mbit/s|mbit|m)?(?![a-z/])"
    r"[\s_-]*([a-z][\w /-]*)?$"
)
_LANES = re.compile(r"(?i)(?:(\d{1,2})x\s?)?(sdr|ddr|qdr|fdr10|fdr|edr|hdr100|hdr|ndr200|ndr|xdr)$")


def speed_of(word: str, source: Source, line: int) -> float:
    """A speed in Gb/s: `400`, `400G`, `400 Gb/s`, `400GBASE-DR4`, `1.6T`, `400000` (Mb/s), `NDR`, `4xHDR`; 0.0 where
    the cell holds nothing. Raises InputError."""
    value = _gbps(word.strip())
    if value < 0:
        raise source.wrong("is no speed in Gb/s", line, word.strip(), "400, 400G, 1.6T, 400000 (Mb/s) or NDR")
    return value


@lru_cache(maxsize=1024)
def _gbps(word: str) -> float:
    """The speed, negative where the word is none."""
    if word.lower() in (*_NOTHING, "auto", "unknown"):
        return 0.0
    lanes = _LANES.match(word)
    if lanes:
        whole = {"HDR100": 100.0, "NDR200": 200.0}.get(lanes[2].upper())
        return whole or int(lanes[1] or 4) * lane_gbps(lanes[2])
    result = _SPEED.match(word)
    if not result or result[1].count(".") > 1 or not result[1].strip(".") or (result[3] and not result[2]):
        return -1.0
    value, unit = float(result[1]), (result[2] or "").lower()
    if unit.startswith("t"):
        value *= 1000
    elif unit.startswith("m") or (not unit and value >= 10_000 and value % 1000 == 0):
        value /= 1000
    return value if 0 < value < 1e6 else -1.0


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
            raise InputError(
                Problem(
                    "is no length in metres",
                    value=shown(words[5]),
                    allowed="a number such as 2.5",
                    file=source.name,
                    line=line,
                )
            )
    return Fitted(words[0], words[1], words[2], words[3], words[4], length)
