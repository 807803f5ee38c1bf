"""A matrix from a CSV file: `matrix:file=traffic.csv`.

The first line is `src,dst,gbps`, each other line one flow. Endpoints are `host:port`, or `host` alone where the host
has one endpoint in this network. `scale=given` (default) takes the file's Gb/s as t = 1, `scale=line-rate` scales them
so that the most demanding endpoint sends at its line rate. Every mistake is told with its line.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from topo.analysis.demand import Demand, endpoint_names
from topo.analysis.spec import spec_text
from topo.analysis.traffic.registry import traffics
from topo.analysis.traffic.value import Question, Traffic, placed_flows
from topo.catalog.models import Strict, Text
from topo.errors import InputError, Problem, nearest, shown
from topo.fabric.speed import FASTEST_GBPS, SLOWEST_GBPS, SPEEDS
from topo.files import read_text
from topo.units import amount

HEADER = ["src", "dst", "gbps"]
MOST_PROBLEMS = 20
"""Of a table that is wrong throughout, a page of mistakes is enough."""
MAX_BYTES = 200_000_000
"""Some five million flows."""


class MatrixParams(Strict):
    """Parameters of matrix."""

    file: Text = Field(description="path of the CSV file; no commas")
    scale: Literal["given", "line-rate"] = Field("given", description="what t = 1 means")


def _demand(question: Question, params: MatrixParams) -> Demand:
    rows = _rows(Path(params.file))
    known = _positions(question)
    problems: list[Problem] = []
    src, dst, gbps = [], [], []
    seen: dict[tuple[int, int], int] = {}
    for line, fields in rows:
        result = _flow(fields, known, params.file, line, problems)
        if result is None:
            continue
        pair = result[:2]
        if pair in seen:
            problems.append(
                Problem(
                    f"this pair stands on line {seen[pair]:,} too",
                    allowed="each pair once: add their rates up",
                    file=params.file,
                    line=line,
                )
            )
        seen.setdefault(pair, line)
        src.append(result[0])
        dst.append(result[1])
        gbps.append(result[2])
    if problems:
        raise InputError(problems[:MOST_PROBLEMS], len(problems[MOST_PROBLEMS:]))
    one, other, speed = np.array(src, np.int64), np.array(dst, np.int64), np.array(gbps, np.float64)
    if params.scale == "line-rate":
        rate = question.intact.endpoint_gbps
        speed = speed / float((np.bincount(one, weights=speed, minlength=len(rate)) / rate).max())
    return placed_flows(question, spec_text("matrix", params), one, other, speed)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    file = str(path)
    text = read_text(path, MAX_BYTES, "file")
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        rows = [(reader.line_num, [field.strip() for field in fields]) for fields in reader]
    except csv.Error as error:
        raise InputError(Problem(f"is no CSV: {error}", file=file, line=reader.line_num)) from None
    rows = [(line, fields) for line, fields in rows if any(fields)]
    if not rows or rows[0][1] != HEADER:
        first = ",".join(rows[0][1]) if rows else "nothing"
        raise InputError(Problem("the first line is not the header", "", shown(first), ",".join(HEADER), "", file, 1))
    if len(rows) == 1:
        raise InputError(
            Problem("holds no flow", allowed=f"lines of {','.join(HEADER)} below the header", file=file, line=1)
        )
    return rows[1:]


def _positions(question: Question) -> dict[str, int]:
    """Positions in `question.intact` by "host:port", and by "host" where that is one endpoint."""
    names = endpoint_names(question.baseline or question.fabric, question.intact.endpoint)
    known = {name: position for position, name in enumerate(names)}
    hosts = Counter(name.rpartition(":")[0] for name in names)
    known |= {host: known[name] for name in names if hosts[host := name.rpartition(":")[0]] == 1}
    return known


def _flow(
    fields: list[str], known: dict[str, int], file: str, line: int, problems: list[Problem]
) -> tuple[int, int, float] | None:
    """One line's flow, or None and what is wrong with it."""
    before = len(problems)
    if len(fields) != len(HEADER):
        problems.append(
            Problem(f"has {amount(len(fields), 'field')}", "", ",".join(fields), "src,dst,gbps", "", file, line)
        )
        return None
    for key, name in zip(HEADER[:2], fields[:2], strict=True):
        if name not in known:
            hint = nearest(name, list(known)) if len(problems) < MOST_PROBLEMS else ""
            problems.append(
                Problem("no endpoint of this network", key, shown(name), "host:port, or host", hint, file, line)
            )
    try:
        gbps = float(fields[2])
    except ValueError:
        gbps = math.nan
    if not SLOWEST_GBPS <= gbps <= FASTEST_GBPS:
        problems.append(Problem("is no speed", "gbps", shown(fields[2]), SPEEDS, "", file, line))
    if len(problems) > before:
        return None
    src, dst = known[fields[0]], known[fields[1]]
    if src == dst:
        problems.append(Problem("an endpoint does not send to itself", "", shown(fields[0]), "", "", file, line))
        return None
    return src, dst, gbps


traffics.add("matrix", Traffic("flows from a CSV file", MatrixParams, _demand))
