"""Checks many designs, one after the other or in parallel; a design that crashes topo is that design's error."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from topo.errors import Problem
from topo.report.model import Report, Subject

Checker = Callable[[Path], Report]
Done = Callable[[Report], None]


def check_many(paths: Sequence[Path], check: Checker, jobs: int = 1, done: Done = lambda report: None) -> list[Report]:
    """The reports of all designs in the order of `paths`, whatever the number of `jobs`; `done` is called with each as
    it is made.

    One design is checked in this process. Several are checked in others, also with one job, so that a design which ends
    its process (a crash in compiled code, too little memory) is reported and the others are still checked; `check` must
    be picklable then.
    """
    if len(paths) == 1:
        report = _report(paths[0], _outcome(check, paths[0]))
        done(report)
        return [report]
    return _Crew(check, min(jobs, len(paths))).work(paths, done)


@dataclass(frozen=True)
class _Crew:
    """Processes that check a design at a time, each at the other end of a pipe."""

    check: Checker
    most: int

    def work(self, paths: Sequence[Path], done: Done) -> list[Report]:
        """The reports in the order of `paths`. No process is left, whatever happens."""
        waiting, reports = deque(enumerate(paths)), dict[int, Report]()
        busy: dict[Connection, int] = {}
        idle: list[Connection] = []
        crew: dict[Connection, BaseProcess] = {}
        try:
            while waiting or busy:
                while waiting and len(busy) < self.most:
                    pipe = idle.pop() if idle else self._hire(crew)
                    busy[pipe], path = waiting.popleft()
                    pipe.send(path)
                for pipe in [found for found in wait(list(busy)) if isinstance(found, Connection)]:
                    i = busy.pop(pipe)
                    try:
                        reports[i] = _report(paths[i], pipe.recv())
                        idle.append(pipe)
                    except (EOFError, OSError):
                        crew.pop(pipe).join()
                        reports[i] = _report(paths[i], "its process ended")
                    done(reports[i])
        finally:
            for process in crew.values():
                process.terminate()
            for process in crew.values():
                process.join()
        return [reports[i] for i in range(len(paths))]

    def _hire(self, crew: dict[Connection, BaseProcess]) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_check_all, args=(theirs, self.check), daemon=True)
        with _no_interrupts():
            process.start()
        theirs.close()
        crew[ours] = process
        return ours


def _check_all(pipe: Connection, check: Checker) -> None:
    """The life of a process: a path in, a report or the name of an error out, until nobody is there to ask."""
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        pipe.send(_outcome(check, path))


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes started meanwhile never see the user's interrupt: the one that started them ends them."""
    resource_tracker.ensure_running()  # it would unblock the signal, were it started below
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _outcome(check: Checker, path: Path) -> Report | str:
    """The report, or what was raised. An interruption does not wait for the check."""
    thread = ThreadPoolExecutor(1)
    future = thread.submit(check, path)
    thread.shutdown(wait=False)
    error = future.exception()
    return future.result() if error is None else f"{type(error).__name__}: {error}"


def _report(path: Path, outcome: Report | str) -> Report:
    if isinstance(outcome, Report):
        return outcome
    hint = "check it alone with `topo --debug check`, and report it"
    problem = Problem(f"topo itself failed on this design: {outcome}", file=str(path), hint=hint)
    return Report(Subject(path.stem, str(path)), "error", errors=(problem,))
