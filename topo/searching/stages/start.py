"""Starts a search of sequences, and takes up one that was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from topo.errors import InputError, Problem
from topo.searching.candidates.request import Request
from topo.searching.output.files import read_json
from topo.searching.record.result import OPEN, REFUSED, SCHEMA, Judgment, Row
from topo.searching.running.how import How
from topo.searching.running.wrong_space import refuse_empty
from topo.searching.stages.judge import Line
from topo.searching.stages.options import groups_of, looked_at, stage_requests
from topo.searching.stages.result import StagedSearch, assembled
from topo.searching.stages.walk import Judge, Walk
from topo.units import amount

ALONE = How()


def search_stages(
    request: Request,
    judge: Judge,
    known: Mapping[Line, Judgment],
    how: How = ALONE,
    width: int = 1,
) -> StagedSearch:
    """The cheapest sequence of a request with stages; raises InputError for a stage without any candidate."""
    counted: list[list[Row]] = []
    try:
        stages = looked_at(request, how.at_most, counted)
        for one, rows in zip(stage_requests(request), stages, strict=True):
            refuse_empty(one, rows)
        how.say(f"{amount(sum(map(len, stages)), 'candidate')} of {amount(len(stages), 'stage')} counted")
        return walked(request, stages, judge, known, how, width)
    except KeyboardInterrupt:
        some = tuple(tuple(counted[i]) if i < len(counted) else () for i in range(len(request.file.stages)))
        return assembled(Walk(request, (), judge, dict(known), how.top), some, "interrupted")


def walked(
    request: Request,
    stages: tuple[tuple[Row, ...], ...],
    judge: Judge,
    known: Mapping[Line, Judgment],
    how: How = ALONE,
    width: int = 1,
) -> StagedSearch:
    """The walk through what closed forms leave open, to its end or to an interruption."""
    walk = Walk(request, groups_of(request, stages), judge, dict(known), how.top, width, how.time_limit_s, how.say)
    stopped = ""
    try:
        walk.go()
    except KeyboardInterrupt:
        stopped = "interrupted"
    except ConnectionError as error:
        stopped = f"the scheduler is lost: {error}"
    return assembled(walk, stages, stopped)


def known_lines(folder: Path, sha256: str) -> dict[Line, Judgment]:
    """What an earlier run of the same request judged; raises InputError where the folder holds none of it."""
    value = read_json(folder / "search.json", "--resume")
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or "sequences" not in value:
        raise InputError(Problem("is no search that could be resumed", "--resume", allowed=SCHEMA, file=str(folder)))
    if value.get("request", {}).get("sha256") != sha256:
        message = "the folder holds a search of another request, or the request has changed"
        raise InputError(Problem(message, "--resume", str(folder), hint="search into another folder"))
    return read_lines(folder)


def read_lines(folder: Path) -> dict[Line, Judgment]:
    """The judgments in a folder, by line."""
    result: dict[Line, Judgment] = {}
    for one in read_json(folder / "sequences.json", "sequences"):
        if one["verdict"] == OPEN:
            continue
        report: Mapping[str, Any] = {}
        if "report" in one and one["verdict"] != REFUSED:
            name = Path(str(one["report"])).name
            [report] = read_json(folder / "reports" / name, "sequences")
            design = {**report["design"], "path": f"../designs/{Path(str(report['design']['path'])).name}"}
            report = {**report, "design": design}
        result[tuple(int(n) for n in one["line"])] = Judgment(
            str(one["verdict"]), str(one.get("reason", "")), str(one.get("requirement", "")), report,
            {str(k): float(v) for k, v in one.get("values", {}).items()},
        )  # fmt: skip
    return result


def alone(tasks: Sequence[Any], done: Callable[[int, Judgment], None]) -> None:
    """Judges in this process."""
    from topo.searching.stages.judge import judge_stage

    for i, task in enumerate(tasks):
        done(i, judge_stage(task))
