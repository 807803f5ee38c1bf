"""Checks many designs, one after the other or in parallel; a design that crashes topo is that design's error."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

from topo.errors import Problem
from topo.report.model import Report, Subject

Checker = Callable[[Path], Report]


def check_many(paths: Sequence[Path], check: Checker, jobs: int = 1) -> list[Report]:
    """The reports of all designs in the order of `paths`, whatever the number of `jobs`; `check` must be picklable."""
    with _executor(min(jobs, len(paths))) as executor:
        futures = [executor.submit(check, path) for path in paths]
        return [_report(path, future) for path, future in zip(paths, futures, strict=True)]


def _executor(jobs: int) -> Executor:
    if jobs <= 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def _report(path: Path, future: Future[Report]) -> Report:
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, Exception):
        raise error
    message = f"topo itself failed on this design: {type(error).__name__}: {error}"
    hint = "check it alone with `topo --debug check`, and report it"
    return Report(Subject(path.stem, str(path)), "error", errors=(Problem(message, file=str(path), hint=hint),))
