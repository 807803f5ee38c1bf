"""Checks a search again without a solver.

The request in the folder is enumerated anew and every candidate counted anew: what the list says is refused, refuted by
a count or a cut, or dominated must come out the same. Of a long list, groups whose bounds show that they cannot matter
are passed over (`topo.searching.bounds.passed_over`). Certificates of the engine's answers are checked against fabrics
built anew.
From what is so established the result is put together again, and must be the one that the file states.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from topo.catalog import Catalog
from topo.checks import answerable, run_wiring
from topo.checks.plugs import plug_findings
from topo.checks.registries import requirement_kinds
from topo.design import build, context_of, parse_design
from topo.errors import InputError, LimitReachedError, Problem
from topo.files import read_text
from topo.report.verify import MOST_BYTES, Entry, proved_answers
from topo.searching.bounds.limited import limited, wrong_bound
from topo.searching.candidates.count import Counter
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.request import Request, parse_request
from topo.searching.output.files import read_json
from topo.searching.record.entry import counted, not_the_same, otherwise
from topo.searching.record.result import DOMINATED, OPEN, REFUSED, REFUTED, SCHEMA, UNDECIDED, Judgment, Row
from topo.searching.running.judge import Task, judged, no_figure, over
from topo.searching.running.run import assembled, counter_of, no_cycles, task_of
from topo.searching.verify.recount import Recount, passed_over, plain, recounted
from topo.units import amount

AGAIN = "`topo search REQUEST -o DIR` writes the folder again"


def is_search(path: Path) -> bool:
    """Whether a file is a search and no report."""
    return SCHEMA in read_text(path, MOST_BYTES, "REPORT")[:200]


def verify_search(
    path: Path, catalog: Catalog, say: Callable[[str], None] = lambda text: None, whole: bool = False
) -> list[Entry]:
    """Every statement of a search and whether it is proved; with `whole` every candidate is counted again, also of a
    long list. Raises InputError for a file that is no search, or one whose folder lacks what it names."""
    stated = read_json(path, "REPORT")
    try:
        return _entries(path, stated, catalog, say, whole)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        message = f"has a form that no search has: {type(error).__name__} {error}"
        raise InputError(Problem(message, "REPORT", hint=AGAIN, file=str(path))) from None


def _entries(path: Path, stated: Any, catalog: Catalog, say: Callable[[str], None], whole: bool) -> list[Entry]:
    if not isinstance(stated, dict) or stated.get("schema") != SCHEMA:
        raise InputError(Problem("is no topo search", "schema", allowed=SCHEMA, file=str(path)))
    folder = path.parent
    if stated.get("candidates") != "candidates.json":
        raise InputError(
            Problem("names no list of candidates", "candidates", allowed="candidates.json", file=str(path))
        )
    request = _request(folder, stated, catalog)
    if request.file.stages:
        from topo.searching.stages.verify import stage_entries

        return stage_entries(stated, request, folder, catalog, say)
    counter = counter_of(request)
    with no_cycles():
        result = recounted(folder, request, counter, stated, whole)
    rows, wrong, over = result.rows, result.wrong, sum(result.unseen.values())
    again = "" if not over else f" (looked at {len(rows):,} of them)"
    say(f"{amount(len(rows), 'candidate')} counted again" + (f", {over:,} by bounds" if over else ""))
    every = "every candidate of the request is listed, and no other"
    if stated.get("stopped"):
        every = "the candidates of the request are listed as far as they were counted, and no other"
    else:
        wrong["space"] += [f"candidate {row.number} is left open" for row in rows if row.state == OPEN]
    entries = [counted("space", every, wrong["space"])]
    if over:
        entries.append(passed_over(result, request))
    entries += [counted("refused", f"what is refused is refused again{again}", wrong[REFUSED])]
    entries += [counted("refuted", f"what is refuted by counts and cuts is refuted again{again}", wrong[REFUTED])]
    entries += [counted("dominated", f"what is dominated is no better than one that holds{again}", wrong[DOMINATED])]
    entries += _reports(rows, request, folder, catalog, say)
    entries += _result(stated, result, request, counter)
    return entries


def _request(folder: Path, stated: Mapping[str, Any], catalog: Catalog) -> Request:
    asked = stated.get("request")
    if not isinstance(asked, dict):
        raise InputError(Problem("names no request", "request", hint=AGAIN, file=str(folder / "search.json")))
    file = folder / "request.yaml"
    text = read_text(file, MOST_BYTES, "request")
    request = parse_request(text, str(asked.get("path", file)), catalog)
    if request.sha256 != asked.get("sha256"):
        raise InputError(
            Problem("the request has changed since the search", "request.sha256", hint=AGAIN, file=str(file))
        )
    return request


def _reports(
    rows: list[Row], request: Request, folder: Path, catalog: Catalog, say: Callable[[str], None]
) -> list[Entry]:
    """The engine's answers, each against its design built anew."""
    entries = []
    for row in rows:
        if row.judgment is None:
            continue
        name = f"candidate {row.number} {row.candidate.text}"
        statement = f"{row.state}: {row.reason}" if row.reason else row.state
        reason = _wrong_answer(row, request, folder, catalog)
        rests_on = "recount" if row.state in (REFUSED, UNDECIDED) else "certificate"
        entries.append(Entry(name, statement, not reason, rests_on, reason))
        say(f"{name} checked")
    return entries


def _wrong_answer(row: Row, request: Request, folder: Path, catalog: Catalog) -> str:
    """Why the engine's answer on a candidate is not proved, empty where it is."""
    judgment = row.judgment
    if judgment is None or row.state != judgment.verdict:
        return "the list and the answer differ"
    if row.state == UNDECIDED:
        return ""
    task = task_of(row, request, 0.0)
    if row.state == REFUSED:
        return otherwise(judgment, _refused_again(task, catalog, judgment.requirement))
    stem = Path(task.path).stem
    report = judgment.report
    place = next((p for p in (folder / "designs", folder / "judged") if (p / f"{stem}.yaml").is_file()), None)
    if place is None or (place / f"{stem}.yaml").read_bytes() != task.text.encode():
        return "its design file is not the candidate's"
    design = parse_design(task.text, task.path, catalog)
    about = {"name": design.name, "path": f"../{place.name}/{stem}.yaml", "sha256": design.sha256}
    if report.get("design") != about:
        return "its report is about another file"
    asked = judgment.requirement if row.state == REFUTED else ""
    if row.state == REFUTED and asked not in [r.id for r in design.requirements]:
        return f"its design does not ask for {asked}"
    lines, context = proved_answers(design, report)
    unproved = next((line for line in lines if not line.proved), None)
    if unproved is not None:
        return unproved.text()
    return not_the_same(judgment, judged(design, context, task, asked))


def _refused_again(task: Task, catalog: Catalog, key: str) -> Judgment | None:
    """Why a design cannot be read, built or wired, passes the limit `key`, or cannot be asked the requirement or
    objective `key`: one about spines where there are none, money where a part has no price. Such a question is refused
    before it is answered. None where nothing refuses it."""
    try:
        design = parse_design(task.text, task.path, catalog)
        context = answerable(context_of(design, build(design)))
    except InputError as error:
        return Judgment(REFUSED, error.first.message, error.first.key)
    try:
        asked = next((r for r in design.requirements if r.id == key), None)
        if asked is not None:
            requirement_kinds.get(asked.kind).judge(context, asked.params)
        objective = key.removeprefix("objectives.")
        if objective != key and objective in OBJECTIVES:
            value = OBJECTIVES[objective].measure(context, task.network)
            unknown = value is None or not math.isfinite(value)
            return Judgment(REFUSED, no_figure(objective), key) if unknown else None
        limit = next((one for one in task.limits if key == f"limits.{one[0]}"), None)
        if limit is not None:
            passed = over(context, task.network, *limit)
            return Judgment(REFUSED, passed, key) if passed else None
    except LimitReachedError:
        return None
    except InputError as error:
        return Judgment(REFUSED, error.first.message, key)
    wrong = next((f for f in (*run_wiring(context), *plug_findings(context)) if f.severity == "error"), None)
    return Judgment(REFUSED, wrong.message, wrong.code) if wrong else None


def _result(stated: Mapping[str, Any], result: Recount, request: Request, counter: Counter) -> list[Entry]:
    """The result put together again from the rows, against what is stated."""
    rows, unseen = result.rows, result.unseen
    tallied = ", as the list has it" if unseen else ""
    top = max(len(stated.get("top", [])), 1)
    within = dict(stated.get("within_limits", {}))
    again = plain(assembled(request, tuple(rows), top, str(stated.get("stopped", "")), within, unseen).to_json())
    entries = []
    if within or (limited(request, counter) is not None and not stated.get("stopped")):
        reason = wrong_bound(within, request, rows, counter)
        statement = str(within.get("statement", "what the limits leave"))
        entries.append(Entry("within_limits", statement, not reason, "certificate", reason))
    for key, statement in (
        ("winner", "the winner is the best of all that hold"),
        ("front", "no point of the front is dominated, and none is missing"),
        ("prices", "what a cost rests on and leaves out"),
        ("lower_bound", "no topology needs less"),
        ("why_not", "what each family fails"),
        ("space", f"how many candidates became of what{tallied}"),
        ("complete", str(stated.get("claim", ""))),
        ("claim", str(stated.get("claim", ""))),
    ):
        same = again.get(key) == stated.get(key)
        reason = "" if same else f"recounted: {json.dumps(again.get(key))[:200]}"
        entries.append(Entry(key, statement, same, "recount", reason))
    rest = [key for key in {*again, *stated} if again.get(key) != stated.get(key)]
    entries.append(counted("file", "everything else in the file", sorted(rest)))
    return entries
