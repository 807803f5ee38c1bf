"""Checks a search of sequences again without a solver: candidates are counted anew, every judgment is made again from
its certificates on designs built anew, and the walk is gone again with them: it must need no other judgment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.design import build, context_of, load_design
from topo.errors import InputError
from topo.files import read_text
from topo.report.verify import Entry, first_difference, proved_answers
from topo.searching.candidates.request import Request
from topo.searching.output.files import MOST_LISTED, read_json
from topo.searching.record.entry import counted, not_the_same, otherwise
from topo.searching.record.result import HELD, REFUSED, REFUTED, UNDECIDED, Judgment, Row
from topo.searching.running.how import How
from topo.searching.running.judge import judged
from topo.searching.running.wrong_space import AT_MOST
from topo.searching.stages.judge import Line, StageTask, moved, plain_task, stage_task
from topo.searching.stages.options import looked_at
from topo.searching.stages.result import assembled, files_of, rows_of
from topo.searching.stages.start import read_lines, walked
from topo.searching.stages.walk import Walk
from topo.units import amount


def stage_entries(
    stated: Mapping[str, Any], request: Request, folder: Path, catalog: Catalog, say: Callable[[str], None]
) -> list[Entry]:
    """Every statement of a search of sequences and whether it is proved."""
    stages = looked_at(request, max(sum(stated["space"].values()) + 1, AT_MOST))
    say(f"{amount(sum(map(len, stages)), 'candidate')} counted again")
    lines = read_lines(folder)
    entries = []
    for line, judgment in lines.items():
        rows = rows_of(stages, line)
        task = stage_task(request, rows, 1.0)
        reason = _wrong(task, judgment, folder, catalog)
        weak = judgment.verdict in (REFUSED, UNDECIDED)
        rests_on = "recount" if weak else "certificate"
        words = " then ".join(row.candidate.text for row in rows)
        said = f"{judgment.verdict}: {judgment.reason}" if judgment.reason else judgment.verdict
        entries.append(Entry(f"line {'-'.join(map(str, line))} {words}", said, not reason, rests_on, reason))
        say(f"line {task.name} checked")
    entries += _result(stated, request, folder, stages, lines)
    return entries


def _wrong(task: StageTask, judgment: Judgment, folder: Path, catalog: Catalog) -> str:
    """Why the judgment on a line is not proved, empty where it is."""
    if judgment.verdict == UNDECIDED:
        return ""
    names = [f"{name}.yaml" for name, _ in task.files]
    place = next((p for p in (folder / "designs", folder / "judged") if (p / names[-1]).is_file()), None)
    if place is None:
        return "its design file is not there"
    for name, (_, text) in zip(names, task.files, strict=True):
        file = place / name
        if not file.is_file() or file.read_bytes() != text.encode():
            return f"its design file {name} is not the candidate's"
    try:
        design = load_design(place / names[-1], catalog)
        context = context_of(design, build(design), time_limit_s=1.0)
    except InputError as error:
        again = Judgment(REFUSED, error.first.message, error.first.key)
        return otherwise(judgment, again) if judgment.verdict == REFUSED else "its design cannot be built"
    if judgment.verdict == REFUSED:
        again = judged(design, context, plain_task(task))
        return otherwise(judgment, again if again.verdict == REFUSED else None)
    about = {"name": design.name, "path": f"../designs/{names[-1]}", "sha256": design.sha256}
    if judgment.report.get("design") != about:
        return "its report is about another file"
    asked = judgment.requirement if judgment.verdict == REFUTED else ""
    if judgment.verdict == REFUTED and asked not in [r.id for r in design.requirements]:
        return f"its design does not ask for {asked}"
    checked, proved = proved_answers(design, judgment.report)
    unproved = next((one for one in checked if not one.proved), None)
    if unproved is not None:
        return unproved.text()
    again = judged(design, proved, plain_task(task), asked)
    if again.verdict == HELD:
        again = Judgment(again.verdict, "", "", again.report, {**again.values, **moved(design, task.network)})
    return not_the_same(judgment, again)


def _first(stages: tuple[tuple[Row, ...], ...], number: int) -> tuple[tuple[Row, ...], ...]:
    """The first so many candidates of all stages: those that were counted."""
    result = []
    for rows in stages:
        result.append(rows[: max(number, 0)])
        number -= len(rows)
    return tuple(result)


def _result(
    stated: Mapping[str, Any], request: Request, folder: Path, stages: tuple[tuple[Row, ...], ...],
    lines: Mapping[Line, Judgment],
) -> list[Entry]:  # fmt: skip
    """The walk gone again with what is proved, against what is stated; where the search was stopped, as far as that
    leads."""
    missing: list[str] = []
    stopped = str(stated.get("stopped", ""))

    def nobody(tasks: Sequence[StageTask], done: Callable[[int, Judgment], None]) -> None:
        if stopped:
            raise KeyboardInterrupt
        for i, task in enumerate(tasks):
            missing.append("-".join(map(str, task.line)))
            done(i, Judgment(UNDECIDED, "was not judged"))

    top = max(len(stated.get("top", [])), 1)
    some = _first(stages, stated["space"]["candidates"]) if stopped else stages
    if some == stages:
        again = walked(request, stages, nobody, lines, How(top=top))
    else:
        again = assembled(Walk(request, (), nobody, {}, top), some, stopped)
    again = replace(again, stopped=stopped)
    entries = [counted("walk", "no sequence that could be better was left out", missing)]
    made = files_of(again)
    fresh = json.loads(made["search.json"])
    for key in ("winner", "front", "lower_bound", "why_not", "space", "complete", "claim"):
        reason = first_difference(fresh.get(key), stated.get(key))
        entries.append(Entry(key, str(stated.get("claim", "")), not reason, "recount", reason))
    rest = sorted(k for k in {*fresh, *stated} if fresh.get(k) != stated.get(k))
    entries.append(counted("file", "everything else in the file", rest))
    for key, statement in (
        ("candidates", "every candidate counts as it is listed"),
        ("sequences", "what is said of each line"),
    ):
        file, own = folder / f"{key}.json", made[f"{key}.json"].decode()
        same = read_text(file, MOST_LISTED, key) == own or read_json(file, key) == json.loads(own)
        entries.append(counted(key, statement, [] if same else [file.name]))
    return entries
