"""A table of cables as CSV: our cable schedule, NetBox's cable import, or NVIDIA's point-to-point and Links sheets."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from topo.errors import InputError, Problem, shown
from topo.importers.as_built.reader import UNFITTED, AsBuilt, Fitted, Reader, Seen, checked, readers


@dataclass(frozen=True)
class _Form:
    """Column titles of one table, in the order a device, a port, b device, b port, speed ('' for none)."""

    name: str
    columns: tuple[str, str, str, str]
    gbps: str = ""
    roles: tuple[str, str] = ("", "")
    fitted: tuple[str, ...] = ()
    """Titles of the columns of `Fitted`, in its order."""


_FORMS = (
    _Form(
        "cable schedule",
        ("a_device", "a_port", "b_device", "b_port"),
        "speed_gbps",
        ("a_role", "b_role"),
        ("cable_part", "a_module", "b_module", "a_connector", "b_connector", "length_m"),
    ),
    _Form("NetBox cables", ("side_a_device", "side_a_name", "side_b_device", "side_b_name")),
    _Form("NVIDIA point-to-point sheet", ("a-node name", "a-port", "z-node name", "z-port"), "", ("a-type", "z-type")),
    _Form(
        "NVIDIA Links sheet",
        ("a-node", "a-port", "z-node", "z-port"),
        "",
        ("", ""),
        ("", "a-module-pn", "z-module-pn", "a-connector", "z-connector", ""),
    ),
)


def _fits(text: str) -> bool:
    return _form(_titles(text)) is not None


def _titles(text: str) -> list[str]:
    head = text.split("\n", 1)[0]
    row = next(csv.reader(io.StringIO(head[:20000])), []) if head else []
    return [t.strip().lower() for t in row]


def _form(titles: list[str]) -> _Form | None:
    return next((f for f in _FORMS if set(f.columns) <= set(titles)), None)


def _read(text: str, path: str) -> AsBuilt:
    titles = _titles(text)
    form = _form(titles)
    if form is None:
        known = "; or ".join(", ".join(f.columns) for f in _FORMS)
        raise InputError(Problem("the header names no cable columns", allowed=known, file=path, line=1))
    at = [titles.index(c) for c in form.columns]
    speed = titles.index(form.gbps) if form.gbps in titles else -1
    roles = tuple(titles.index(r) if r in titles else -1 for r in form.roles)
    parts = tuple(titles.index(t) if t in titles else -1 for t in form.fitted)
    found: dict[tuple[str, str, str, str], Seen] = {}
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text))
    try:
        last = next(reader)
        for row in reader:
            if row == last or not any(row):
                continue
            last = row
            line = reader.line_num
            if len(row) <= max(at):
                problems.append(Problem("the line is cut off", value=shown(",".join(row)), file=path, line=line))
            else:
                try:
                    role_a, role_b = _roles(row, roles)
                    seen = _seen(row, at, speed, path, line)._replace(
                        a_role=role_a, b_role=role_b, fitted=_fitted(row, parts, path, line)
                    )
                    found.setdefault(seen[:4], seen)
                except InputError as error:
                    problems += error.problems
            if len(problems) >= 20:
                break
    except csv.Error as error:
        raise InputError(Problem(f"is no CSV: {error}", file=path, line=reader.line_num)) from None
    if problems:
        raise InputError(problems)
    devices = frozenset(d for c in found.values() for d in (c.a_device, c.b_device))
    return AsBuilt(path, "cable-csv", tuple(found.values()), devices)


def _fitted(row: list[str], at: tuple[int, ...], path: str, line: int) -> Fitted:
    """The parts that a row names."""
    words = [row[i].strip() if 0 <= i < len(row) else "" for i in at]
    if not any(words):
        return UNFITTED
    for word in words[:5]:
        if word:
            checked(word, "part", path, line)
    length_m = _amount(words[5], "length in metres", path, line) if words[5] else 0.0
    return Fitted(words[0], words[1], words[2], words[3], words[4], length_m)


def _amount(word: str, what: str, path: str, line: int) -> float:
    """A number above 0 and below a million; raises InputError."""
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise InputError(Problem(f"is no {what}", value=shown(word), file=path, line=line))
    return value


def _seen(row: list[str], at: list[int], speed: int, path: str, line: int) -> Seen:
    ends = [
        checked(row[i].removeprefix("'"), what, path, line)
        for i, what in zip(at, ("device", "port", "device", "port"), strict=True)
    ]
    said = 0 <= speed < len(row) and row[speed].strip()
    gbps = _amount(row[speed], "speed in Gb/s", path, line) if said else 0.0
    return Seen(ends[0], ends[1], ends[2], ends[3], gbps, line)


def _roles(row: list[str], at: tuple[int, ...]) -> tuple[str, str]:
    """`host` or `switch` for each end, empty where the table does not say."""
    words = [row[i].strip().lower() if 0 <= i < len(row) else "" for i in at]
    a, b = ("" if not w else "host" if w in ("host", "server", "node") else "switch" for w in words)
    return a, b


readers.add("cable-csv", Reader("a table of cables", _fits, _read))
