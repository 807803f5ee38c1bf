"""A site's own names for planned devices: a table of planned name, real name and, where it is known, a serial number,
chassis address or GUID."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from topo.errors import InputError, Problem, nearest, shown
from topo.fabric import Fabric
from topo.files import read_text
from topo.importers.as_built.infiniband import guid
from topo.importers.as_built.reader import checked

MAX_BYTES = 100_000_000
"""Some two million devices of 50 bytes."""
TITLES = {
    "planned": ("planned", "plan", "design", "planned name", "planned_name", "topo"),
    "real": ("real", "name", "real name", "real_name", "actual", "site", "hostname", "host name", "device"),
    "id": ("id", "serial", "serial number", "guid", "chassis", "mac", "serial_or_guid"),
}


@dataclass(frozen=True)
class SiteNames:
    """`real`: planned name -> the site's; `ids`: serial number, address or GUID in small letters -> planned name."""

    real: Mapping[str, str]
    ids: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    def other_names(self) -> dict[str, str]:
        """Everything a file may call a device, in small letters, with its name in a fabric that carries these names."""
        result = {planned.lower(): real for planned, real in self.real.items()}
        return result | {word: self.real.get(planned, planned) for word, planned in self.ids.items()}


def read_names(path: str | Path) -> SiteNames:
    """The names in a CSV file, with or without titles; raises InputError with every line that is wrong."""
    file = str(path)
    text = read_text(path, MAX_BYTES)
    mark = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = [(i, [c.strip() for c in row]) for i, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1)]
    except csv.Error as error:
        raise InputError(Problem(f"is no CSV: {error}", file=file, line=1)) from None
    rows = [(i, row) for i, row in rows if any(row) and not row[0].startswith("#")]
    columns = {"planned": 0, "real": 1, "id": 2}
    if rows:
        low = [c.lower() for c in rows[0][1]]
        told = {key: low.index(w) for key, words in TITLES.items() for w in words if w in low}
        if {"planned", "real"} <= set(told):
            columns, rows = told, rows[1:]
    return _names(file, rows, columns)


def _names(file: str, rows: list[tuple[int, list[str]]], columns: Mapping[str, int]) -> SiteNames:
    real: dict[str, str] = {}
    ids: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    for line, row in rows:
        cells = {key: row[at] if at < len(row) else "" for key, at in columns.items()}
        try:
            planned, name = (checked(cells.get(k, ""), "device", file, line) for k in ("planned", "real"))
        except InputError as error:
            problems += error.problems
            continue
        if planned in real or name.lower() in taken:
            what = f"{planned} is named twice" if planned in real else f"is also the name of {taken[name.lower()]}"
            problems.append(Problem(what, value=shown(name), allowed="each name once", file=file, line=line))
            continue
        real[planned], taken[name.lower()], lines[planned] = name, planned, line
        if cells.get("id"):
            ids[cells["id"].lower()] = planned
            ids[guid(cells["id"])] = planned
    if problems:
        raise InputError(problems[:20])
    if not real:
        raise InputError(Problem("holds no names", file=file, line=1, allowed="planned,real[,serial or GUID]"))
    return SiteNames(real, ids, file, lines)


def named(fabric: Fabric, names: SiteNames) -> Fabric:
    """The fabric under the site's names; a device without one keeps its own. Raises InputError for planned names that
    the fabric does not have, and where two devices would have one name."""
    rows = fabric.device_row
    problems: list[Problem] = []
    known = list(rows)
    for planned in names.real:
        if planned not in rows and len(problems) < 20:
            hint = nearest(planned, known[:5000])
            line = names.lines.get(planned, 0)
            problems.append(
                Problem("the plan has no such device", value=planned, hint=hint, file=names.path, line=line)
            )
    if problems:
        raise InputError(problems)
    result = [names.real.get(str(n), str(n)) for n in fabric.devices.name.tolist()]
    if len(set(result)) < len(result):
        twice = next(n for i, n in enumerate(result) if n in result[:i])
        raise InputError(
            Problem(
                "two devices would have this name",
                value=twice,
                file=names.path,
                hint="name both, or neither: one keeps the name that the plan gives it",
            )
        )
    return replace(fabric, devices=replace(fabric.devices, name=np.array(result, dtype=np.str_)))


def to_csv(real: Mapping[str, str]) -> bytes:
    """Names as a file that `read_names` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["planned", "real"])
    writer.writerows(sorted(real.items()))
    return out.getvalue().encode()
