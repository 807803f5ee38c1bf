"""Counts the candidates of a request anew, and compares them with a list of them line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from topo.errors import InputError
from topo.report.verify import Entry
from topo.searching.bounds.groups import Bounds, bounds_of
from topo.searching.bounds.passed_over import passing
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.count import Counter
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import candidates, how_many
from topo.searching.output.files import judged_json, read_json
from topo.searching.record.listed import Lines
from topo.searching.record.result import DOMINATED, HELD, OPEN, REFUSED, REFUTED, UNDECIDED, Judgment, Row, by_engine
from topo.searching.running.run import (
    best_vector,
    book_of,
    covers,
    design_name,
    dominated,
    first_look,
    held_vector,
    no_cycles,
)
from topo.searching.verify.listing import Listing
from topo.units import amount

Wrong = dict[str, list[str]]
"""What differs from the list, by what it is about."""
COUNTED_WHOLE = 10_000
"""A list of so many candidates is counted again whole: that takes a second or two."""


@dataclass(frozen=True)
class Recount:
    """The rows that were counted anew, with the engine's answers as they are stated, what differs from the list, and
    how many candidates were passed over, by family, verdict and key."""

    rows: list[Row]
    wrong: Wrong
    unseen: Mapping[tuple[str, str, str], int]


def recounted(
    folder: Path, request: Request, counter: Counter, stated: Mapping[str, Any], whole: bool = False
) -> Recount:
    """A list of candidates against those of its request: each counted anew, or with bounds passed over where it cannot
    matter. So is a long list that is as it was written; one that was changed since is counted whole."""
    listing = Listing(folder / "candidates.json")
    some = not stated.get("stopped") and not whole and listing.longer_than(COUNTED_WHOLE)
    bounds = bounds_of(request, book_of(request)) if some and _as_written(listing.digest, folder) else None
    result = _by_bounds(folder, request, counter, stated, listing, bounds) if bounds is not None else None
    if result is not None:
        return result
    wrong, lines = _nothing_wrong(), listing.rows()
    number = how_many(request)
    if len(lines) > number or (len(lines) < number and not stated.get("stopped")):
        wrong["space"].append(f"{len(lines):,} are listed, the request has {number:,}")
    every = ((n, candidate, line) for n, (line, candidate) in enumerate(zip(lines, candidates(request), strict=False)))
    return Recount(_counted(every, request, counter, folder, wrong), wrong, {})


def passed_over(result: Recount, request: Request) -> Entry:
    """What is proved of the candidates that were not counted again."""
    name = f"{amount(sum(result.unseen.values()), 'candidate')} bounded as groups, {len(result.rows):,} counted again"
    goals = ", ".join(request.objectives)
    said = f"none of them is better in {goals} than designs that hold, nor the best of its family, whatever its verdict"
    said += "; what the list says of each beside is not counted again (--all does)"
    return Entry(name, said, True, "recount")


def _by_bounds(
    folder: Path, request: Request, counter: Counter, stated: Mapping[str, Any], listing: Listing, bounds: Bounds
) -> Recount | None:
    """With the candidates passed over that cannot matter; None where the list or the result is not such that this
    could be told."""
    wrong = _nothing_wrong()
    try:
        past = passing(stated, request, listing.judged(), bounds)
        rows = _counted(past.left(request, listing.lines()), request, counter, folder, wrong)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    goals = request.objectives
    if past.held != {row.number: held_vector(row, goals) for row in rows if row.state == HELD}:
        return None
    return Recount(rows, wrong, past.unseen)


def _nothing_wrong() -> Wrong:
    return {"space": [], REFUSED: [], REFUTED: [], DOMINATED: []}


def _counted(
    listing: Iterable[tuple[int, Candidate, str]], request: Request, counter: Counter, folder: Path, wrong: Wrong
) -> list[Row]:
    rows, listed = [], Lines()
    with no_cycles():
        for number, candidate, line in listing:
            row = first_look(number, candidate, counter, request)
            if row.state == OPEN or line != listed.line(row):
                row = _dominated(row, line, listed) or _as_listed(row, line, request, folder, wrong)
            rows.append(row)
    goals = request.objectives
    reached = {row.number: held_vector(row, goals) for row in rows if row.state == HELD}
    for row in rows:
        if row.state == DOMINATED:
            by = row.proof.get("by")
            if not isinstance(by, int) or by not in reached or not covers(reached[by], best_vector(row, goals)):
                wrong[DOMINATED].append(f"candidate {row.number} could be better than {by}")
    return rows


def _dominated(row: Row, line: str, listed: Lines) -> Row | None:
    """The row as dominated by the candidate whose number ends its line; None where the list says anything else."""
    by = line[line.rfind(" ") + 1 : -2]
    if row.state != OPEN or not (by.isascii() and by.isdigit()):
        return None
    result = dominated(row, int(by))
    return result if line == listed.line(result) else None


def _as_written(digest: str, folder: Path) -> bool:
    """Whether a list of candidates with this digest is what the manifest of its folder says was written."""
    try:
        manifest = read_json(folder / "manifest.json", "candidates")
    except InputError:
        return False
    files = manifest.get("files") if isinstance(manifest, dict) else None
    own = [f for f in files or () if isinstance(f, dict) and f.get("path") == "candidates.json"]
    return len(own) == 1 and own[0].get("sha256") == digest


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
        by = dict(value.get("proof") or {}).get("by")
        row = dominated(row, by if type(by) is int else -1)
    elif state in (HELD, REFUTED, UNDECIDED, REFUSED) and isinstance(judged, dict):
        row = _as_judged(row, value, judged, folder / "reports" / f"{design_name(row, request)}.json")
    elif state != OPEN:
        wrong["space"].append(f"{name} is listed as {state}, which nothing shows")
    rest = {k: v for k, v in value.items() if k != "judged"}
    counted = row.state in (DOMINATED, OPEN) or row.judgment is not None
    if counted and (plain(row.to_json()) != rest or (judged or {}) != plain(judged_json(row, request))):
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
        result = read_json(file, "candidates")
        report = result[0] if isinstance(result, list) and len(result) == 1 and isinstance(result[0], dict) else {}
    values = {k: float(v) for k, v in dict(judged.get("values", {})).items() if k in OBJECTIVES}
    requirement = str(judged.get("requirement", ""))
    judgment = Judgment(str(judged.get("verdict")), str(value.get("reason", "")), requirement, report, values)
    return replace(
        row,
        state=judgment.verdict,
        reason=judgment.reason,
        judgment=judgment,
        proof=by_engine(judgment),
    )


def plain(value: Any) -> Any:
    """The value as JSON gives it back."""
    return json.loads(json.dumps(value))
