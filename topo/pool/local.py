"""Processes of this machine, by `concurrent.futures`."""

from __future__ import annotations

import multiprocessing
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from types import TracebackType
from typing import Any, TypeVar

from topo.analysis.compiled.uncached import warn_if_uncached
from topo.errors import CacheWarning
from topo.isolated import SafeChildren
from topo.pool.orphan import end_with_parent
from topo.pool.outcome import ENDED, Crash, Outcome, outcome

T = TypeVar("T")
R = TypeVar("R")


class Local:
    """At most `width` processes that do one task at a time, started when there is work."""

    def __init__(self, width: int) -> None:
        self.width = max(width, 1)
        self._executor: ProcessPoolExecutor | None = None
        self._over = False
        self._before = set(multiprocessing.active_children())

    def __enter__(self) -> Local:
        """The pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends every process; who still waits for one in another thread gets no new one."""
        self._over = True
        self._end()

    def outcomes(
        self,
        work: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, Outcome[R]], None] = lambda i, result: None,
    ) -> list[Outcome[R]]:
        """As `Pool.outcomes` says. The tasks are begun in their order, no more at once than there are processes, so
        that few are in doubt where one ends."""
        warn_if_uncached()
        result: dict[int, Outcome[R]] = {}
        waiting, busy = deque(range(len(tasks))), dict[Future[Outcome[R]], int]()

        def ready(i: int, answer: Outcome[R]) -> None:
            result[i] = answer
            done(i, answer)

        while waiting or busy:
            doubtful: list[int] = []
            try:
                while waiting and len(busy) < self.width:
                    i = waiting[0]
                    busy[self._submit(self.width, work, tasks[i])] = i
                    waiting.popleft()
            except BrokenProcessPool:
                doubtful = sorted(busy.values())
            for future in () if doubtful else wait(busy, return_when=FIRST_COMPLETED).done:
                i = busy.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    doubtful.append(i)
                elif error is not None:
                    ready(i, Crash(f"{type(error).__name__}: {error}"))
                else:
                    ready(i, future.result())
            if doubtful:
                doubtful = sorted({*doubtful, *busy.values()})
                busy.clear()
                self._end()
                for i in doubtful:
                    ready(i, self._alone(work, tasks[i]))
        return [result[i] for i in range(len(tasks))]

    def _alone(self, work: Callable[[T], R], task: T) -> Outcome[R]:
        """The outcome of a task whose process may have ended because of it: again, with no other beside it."""
        try:
            return self._submit(1, work, task).result()
        except BrokenProcessPool:
            return Crash(ENDED)
        finally:
            self._end()

    def _submit(self, width: int, work: Callable[[T], R], task: T) -> Future[Outcome[R]]:
        with SafeChildren(), _no_interrupts():
            if self._over:
                raise RuntimeError("the pool is over")
            if self._executor is None:
                context = multiprocessing.get_context("spawn")
                self._executor = ProcessPoolExecutor(width, context, _quiet)
            return self._executor.submit(partial(outcome, work), task)

    def _end(self) -> None:
        executor, self._executor = self._executor, None
        if executor is None:
            return
        for process in multiprocessing.active_children():
            if process not in self._before and process.name.startswith("SpawnProcess"):
                process.terminate()
        executor.shutdown(wait=True, cancel_futures=True)


def _quiet(*_: Any) -> None:
    """The start of a process: what this machine lacks is said once, by the process that started this one."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore", CacheWarning)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes started meanwhile never see the user's interrupt: the one that started them ends them."""
    resource_tracker.ensure_running()  # it would unblock the signal, were it started below
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
