"""Checks many designs, one after the other or in parallel; a design that crashes topo is that design's error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from topo.errors import InputError, Problem
from topo.escape import one_line
from topo.pool import Outcome, Spread, open_pool, outcome
from topo.report.model import Report, Subject

Checker = Callable[[Path], Report]
Done = Callable[[Report], None]


def check_many(
    paths: Sequence[Path],
    check: Checker,
    jobs: int = 1,
    done: Done = lambda report: None,
    scheduler: str = "",
    alone: Callable[[Path, Spread], Report] | None = None,
) -> list[Report]:
    """The reports of all designs in the order of `paths`, whatever the number of `jobs`; `done` is called with each as
    it is made.

    One design is checked in this process. Several are checked in others, also with one job, so that a design which ends
    its process (a crash in compiled code, too little memory) is reported and the others are still checked; `check` must
    be picklable then. With a `scheduler` the workers of a Dask cluster check them. `alone` checks one design with
    others doing parts of it.
    """
    reports: dict[int, Report] = {}

    def made(i: int, result: Outcome[Report]) -> None:
        reports[i] = _report(paths[i], result)
        done(reports[i])

    if len(paths) == 1 and alone is not None and (jobs > 1 or scheduler):
        with open_pool(jobs, scheduler) as pool:
            made(0, outcome(lambda path: alone(path, Spread(pool)), paths[0]))
    elif len(paths) == 1 and not scheduler:
        made(0, outcome(check, paths[0]))
    else:
        with open_pool(min(jobs, len(paths)), scheduler) as pool:
            pool.outcomes(check, paths, made)
    return [reports[i] for i in range(len(paths))]


def _report(path: Path, result: Outcome[Report]) -> Report:
    if isinstance(result, Report):
        return result
    text = f"{type(result).__name__}: {result}" if isinstance(result, InputError) else result.text
    hint = "check it alone with `topo --debug check`, and report it"
    problem = Problem(f"topo itself failed on this design: {text}", file=str(path), hint=hint)
    return Report(Subject(one_line(path.stem), str(path)), "error", errors=(problem,))
