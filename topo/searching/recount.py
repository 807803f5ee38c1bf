"""Counts the candidates of a request anew, and compares them with a list of them line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from topo.errors import InputError, Problem
from topo.files import read_text
from topo.searching.count import Counter
from topo.searching.files import MOST_LISTED, read_json
from topo.searching.listed import Lines
from topo.searching.objectives import OBJECTIVES
from topo.searching.request import Request
from topo.searching.result import DOMINATED, HELD, OPEN, REFUSED, REFUTED, UNDECIDED, Judgment, Row
from topo.searching.run import best_vector, covers, design_name, dominated, first_look, held_vector, no_cycles
from topo.searching.space import candidates, how_many

Wrong = dict[str, list[str]]
"""What differs from the list, by what it is about."""


def recounted(folder: Path, request: Request, counter: Counter) -> tuple[list[Row], Wrong]:
    """The rows counted anew, with the engine's answers as they are stated, and what differs from the list."""
    lines = _lines(folder / "candidates.json")
    wrong: Wrong = {"space": [], REFUSED: [], REFUTED: [], DOMINATED: []}
    number = how_many(request)
    if number != len(lines):
        wrong["space"].append(f"{len(lines):,} are listed, the request has {number:,}")
    rows, listed = [], Lines()
    with no_cycles():
        for number, (line, candidate) in enumerate(zip(lines, candidates(request), strict=False)):
            row = first_look(number, candidate, counter, request)
            if row.state == OPEN or line != listed.line(row):
                row = _dominated(row, line, listed) or _as_listed(row, line, request, folder, wrong)
            rows.append(row)
    goals, reached = request.objectives, dict[int, tuple[float, ...]]()
    for row in rows:
        if row.state != DOMINATED:
            continue
        by = row.proof.get("by")
        if not isinstance(by, int) or not 0 <= by < len(rows) or rows[by].state != HELD:
            wrong[DOMINATED].append(f"candidate {row.number} could be better than {by}")
            continue
        if by not in reached:
            reached[by] = held_vector(rows[by], goals)
        if not covers(reached[by], best_vector(row, goals)):
            wrong[DOMINATED].append(f"candidate {row.number} could be better than {by}")
    return rows, wrong


def _dominated(row: Row, line: str, listed: Lines) -> Row | None:
    """The row as dominated by the candidate whose number ends its line; None where the list says anything else."""
    by = line[line.rfind(" ") + 1 : -2]
    if row.state != OPEN or not (by.isascii() and by.isdigit()):
        return None
    found = dominated(row, int(by))
    return found if line == listed.line(found) else None


def _lines(file: Path) -> list[str]:
    """The rows of a list of candidates, each as JSON in one line; raises InputError."""
    text = read_text(file, MOST_LISTED, "candidates")
    if text.startswith("[\n{") and text.endswith("}\n]\n"):
        rows = text[2:-3].split("\n")
        if all(row.endswith(",") for row in rows[:-1]):
            return [row.removesuffix(",") for row in rows]
    listed = read_json(file, "candidates")
    if not isinstance(listed, list):
        raise InputError(Problem("is no list of candidates", "candidates", file=str(file)))
    return [json.dumps(row, ensure_ascii=False) for row in listed]


def _as_listed(row: Row, line: str, request: Request, folder: Path, wrong: Wrong) -> Row:
    """The row with what the list says became of it, where counts leave it open or differ from the list."""
    value = _object(line)
    name = f"candidate {row.number}"
    state, judged = str(value.get("verdict")), value.get("judged")
    if value.get("number") != row.number or value.get("design") != plain(row.candidate.to_json()):
        wrong["space"].append(f"{name} is listed as {value.get('design')}")
    if row.state != OPEN:
        if state != row.state or judged or plain(row.to_json()) != value:
            wrong[row.state].append(f"{name} is {row.state} by {row.reason}, listed as {state}: {value.get('reason')}")
    elif state == DOMINATED:
        row = replace(row, state=DOMINATED, proof=dict(value.get("proof") or {}))
    elif state in (HELD, REFUTED, UNDECIDED, REFUSED) and isinstance(judged, dict):
        row = _as_judged(row, value, judged, folder / "reports" / f"{design_name(row, request)}.json")
    elif state != OPEN:
        wrong["space"].append(f"{name} is listed as {state}, which nothing shows")
    rest = {k: v for k, v in value.items() if k != "judged"}
    if row.state in (DOMINATED, HELD, UNDECIDED, OPEN) and plain(row.to_json()) != rest:
        wrong["space"].append(f"{name} counts otherwise than listed")
    return row


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except RecursionError:
        raise ValueError("a candidate is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("a candidate is no object")
    return value


def _as_judged(row: Row, value: Mapping[str, Any], judged: Mapping[str, Any], file: Path) -> Row:
    report: Mapping[str, Any] = {}
    if "report" in judged:
        found = read_json(file, "candidates")
        report = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    values = {k: float(v) for k, v in dict(judged.get("values", {})).items() if k in OBJECTIVES}
    requirement = str(judged.get("requirement", ""))
    judgment = Judgment(str(judged.get("verdict")), str(value.get("reason", "")), requirement, report, values)
    return replace(
        row,
        state=str(value["verdict"]),
        reason=judgment.reason,
        judgment=judgment,
        proof=dict(value.get("proof") or {}),
    )


def plain(value: Any) -> Any:
    """The value as JSON gives it back."""
    return json.loads(json.dumps(value))
