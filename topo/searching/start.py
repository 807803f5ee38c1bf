"""Starts a search: reads the request, finds workers, writes the folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from topo.catalog import Catalog
from topo.design import Design
from topo.exporters import write_set
from topo.plain import PlainKeys, written
from topo.pool import Crash, Outcome, Pool, Spread, open_pool, outcome
from topo.pool.local import Local
from topo.searching.candidates.request import Request, parse_request, read_request, request_of
from topo.searching.output.files import earlier, files_of
from topo.searching.record.result import UNDECIDED, Judgment, Search
from topo.searching.running.how import How
from topo.searching.running.judge import judge
from topo.searching.running.run import Run

T = TypeVar("T")
Done = Callable[[int, Judgment], None]
AHEAD = 2
"""Tasks handed out at once for each worker: those that are most likely to be asked next."""


def start(
    source: str | Path | PlainKeys | Design,
    folder: Path | None,
    catalog: Catalog,
    how: How,
) -> Search:
    """The search of a request in a file or a mapping, or around a design; raises InputError."""
    request = _request(source, catalog)
    if request.file.stages:
        return _start_stages(request, folder, how)
    known = earlier(folder, request.sha256) if how.resume and folder is not None else {}

    def keep(search: Search) -> None:
        judged = sum(row.judgment is not None for row in search.rows)
        if folder is not None and not _lost(search, judged, len(known)):
            write_set(folder, files_of(search))

    with open_pool(how.jobs, how.scheduler) as pool:
        width = 1 if how.alone else AHEAD * pool.width
        drawn = any(one.kind == "random_failures" for one in request.requirements)
        workers = _workers(pool if width > 1 else None, judge, judge if drawn else None)
        result = Run(request, how.time_limit_s, how.top, workers, width, known, how.say, keep).search(how.at_most)
    keep(result)
    return result


def _start_stages(request: Request, folder: Path | None, how: How) -> Search:
    from topo.searching.stages.judge import judge_stage
    from topo.searching.stages.result import files_of as stage_files
    from topo.searching.stages.start import known_lines, search_stages

    known = known_lines(folder, request.sha256) if how.resume and folder is not None else {}
    with open_pool(how.jobs, how.scheduler) as pool:
        width = 1 if how.alone else pool.width
        workers = _workers(pool if width > 1 else None, judge_stage)
        result = search_stages(request, workers, known, how, width)
    if folder is not None and not _lost(result, len(result.judged or {}), len(known)):
        write_set(folder, stage_files(result))
    return result


def _lost(search: Search, judged: int, known: int) -> bool:
    """Whether a search that was interrupted knows less than the folder that it took up: that stays as it is."""
    return bool(search.stopped) and judged < known


def _workers(
    pool: Pool | None, work: Callable[[T], Judgment], drawing: Callable[[T, Spread], Judgment] | None = None
) -> Callable[[Sequence[T], Done], None]:
    """Whoever judges. A single task of a local search is done in this process, which is there already; so is one with
    random failures, whose draws the pool examines by `drawing`."""

    def judged(tasks: Sequence[T], done: Done) -> None:
        alone = len(tasks) == 1 and isinstance(pool, Local | None)
        if pool is not None and drawing is not None and len(tasks) == 1:
            done(0, _judgment(outcome(lambda task: drawing(task, Spread(pool)), tasks[0])))
        elif pool is None or alone:
            for i, task in enumerate(tasks):
                done(i, _judgment(outcome(work, task)))
        else:
            pool.outcomes(work, tasks, lambda i, result: done(i, _judgment(result)))

    return judged


def _judgment(result: Outcome[Judgment]) -> Judgment:
    """The judgment; a task that crashed leaves its candidate undecided."""
    if isinstance(result, Judgment):
        return result
    text = result.text if isinstance(result, Crash) else str(result)
    return Judgment(UNDECIDED, f"topo itself failed on it: {text}")


def _request(source: str | Path | PlainKeys | Design, catalog: Catalog) -> Request:
    if isinstance(source, Design):
        return request_of(source.document, catalog)
    if isinstance(source, Mapping):
        text = "\n".join(f"{json.dumps(str(key))}: {written(value, str(key))}" for key, value in source.items())
        return parse_request(text + "\n", "request", catalog)
    return read_request(source, catalog)
