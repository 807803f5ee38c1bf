"""The folder that a search writes, and what an earlier run left in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from topo.errors import InputError, Problem
from topo.files import not_json, read_text
from topo.searching.candidates.request import Request
from topo.searching.record.listed import Lines, as_json, dumped
from topo.searching.record.result import OPEN, SCHEMA, Judgment, Row, Search
from topo.searching.running.run import task_of

MOST_LISTED = 2_000_000_000
"""Bytes that are read of a list of candidates: half a kilobyte for each."""


def files_of(search: Search) -> dict[str, bytes]:
    """Every file by relative path; the same search gives the same bytes."""
    from topo.searching.output.page import front_svg, search_page

    front = {point.row.number: point for point in (*search.front, *search.top)}
    files: dict[str, bytes] = {
        "search.json": as_json(search.to_json()),
        "candidates.json": _rows(search),
        "request.yaml": search.request.document.text.encode(),
        "search.html": search_page(search),
        "front.svg": front_svg(search).encode(),
    }
    for row in search.rows:
        if row.judgment is None or not row.judgment.report:
            continue
        task = task_of(row, search.request, 0.0)
        name = Path(task.path).stem
        folder = "designs" if row.number in front else "judged"
        report = dict(row.judgment.report)
        report["design"] = {**report["design"], "path": f"../{folder}/{name}.yaml"}
        files[f"{folder}/{name}.yaml"] = task.text.encode()
        files[f"reports/{name}.json"] = as_json([report])
    return files


def _rows(search: Search) -> bytes:
    """The list of candidates, one a line; an engine's verdict names the file of its report."""
    lines, listed = [], Lines()
    for row in search.rows:
        line = listed.line(row)
        if row.judgment is not None:
            line = f'{line[:-1]}, "judged": {dumped(judged_json(row, search.request))}}}'
        lines.append(line)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def judged_json(row: Row, request: Request) -> dict[str, Any]:
    """What the list of candidates says of an engine's verdict."""
    judgment = row.judgment
    if judgment is None:
        return {}
    result: dict[str, Any] = {"verdict": judgment.verdict}
    if judgment.requirement:
        result["requirement"] = judgment.requirement
    if judgment.values:
        result["values"] = dict(judgment.values)
    if judgment.report:
        result["report"] = f"reports/{Path(task_of(row, request, 0.0).path).stem}.json"
    return result


def earlier(folder: Path, sha256: str) -> dict[str, Judgment]:
    """What an earlier run of the same request decided, by host and candidate; raises InputError where the folder holds
    none, or that of another request."""
    from topo.searching.candidates.candidate import Candidate

    value = read_json(folder / "search.json", "--resume")
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise InputError(Problem("is no search that could be resumed", "--resume", allowed=SCHEMA, file=str(folder)))
    if value.get("request", {}).get("sha256") != sha256:
        message = "the folder holds a search of another request, or the request has changed"
        raise InputError(Problem(message, "--resume", str(folder), hint="search into another folder"))
    result: dict[str, Judgment] = {}
    for row in read_json(folder / "candidates.json", "--resume"):
        judged = row.get("judged")
        if row.get("verdict") == OPEN or not judged:
            continue
        report: Mapping[str, Any] = {}
        if "report" in judged:
            report = read_json(folder / judged["report"], "--resume")[0]
            name = Path(str(report["design"]["path"])).name
            report = {**report, "design": {**report["design"], "path": f"../designs/{name}"}}
        candidate = Candidate.from_json(row["design"])
        result[f"{candidate.host} {candidate.text}"] = Judgment(
            judged["verdict"], row.get("reason", ""), judged.get("requirement", ""), report, judged.get("values", {})
        )
    return result


def read_json(path: Path, key: str) -> Any:
    """The value in a JSON file; raises InputError."""
    try:
        return json.loads(read_text(path, MOST_LISTED, key))
    except (ValueError, RecursionError) as error:
        raise InputError(not_json(error, str(path), key)) from None
