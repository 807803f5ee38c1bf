"""Many tasks, done by processes that take one at a time; a task that crashes topo, or its process, is alone in that."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeAlias, TypeVar

from topo.analysis.uncached import warn_if_uncached
from topo.errors import CacheWarning, InputError
from topo.isolated import SafeChildren

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Crash:
    """A task without a result: what ended it, and where."""

    text: str
    trace: str = ""

    def error(self) -> RuntimeError:
        """The crash as an error to raise; a traceback shows where it was."""
        error = RuntimeError(self.text)
        if self.trace:
            error.add_note(self.trace)
        return error


Outcome: TypeAlias = R | Crash | InputError
"""What a task gives, or what kept it from giving anything: a mistake of the user's, or of topo's."""


def outcome(work: Callable[[T], R], task: T) -> Outcome[R]:
    """The outcome of one task, in this process. An interruption does not wait for the work."""
    thread = ThreadPoolExecutor(1)
    future = thread.submit(work, task)
    thread.shutdown(wait=False)
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, InputError):
        return error
    return Crash(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))


@dataclass(frozen=True)
class Crew(Generic[T, R]):
    """At most `most` processes that do one task at a time, each at the other end of a pipe. `work`, tasks and results
    are picklable."""

    work: Callable[[T], R]
    most: int

    def outcomes(self, tasks: Sequence[T], done: Callable[[int, Outcome[R]], None]) -> list[Outcome[R]]:
        """The outcomes in the order of the tasks, which are begun in that order; `done` is called with the number of
        each and its outcome as it is there. No process is left, whatever happens."""
        waiting, found = deque(enumerate(tasks)), dict[int, Outcome[R]]()
        busy: dict[Connection, int] = {}
        idle: list[Connection] = []
        crew: dict[Connection, BaseProcess] = {}
        warn_if_uncached()
        try:
            while waiting or busy:
                while waiting and len(busy) < self.most:
                    pipe = idle.pop() if idle else self._hire(crew)
                    busy[pipe], task = waiting.popleft()
                    pipe.send(task)
                for pipe in [ready for ready in wait(list(busy)) if isinstance(ready, Connection)]:
                    i = busy.pop(pipe)
                    try:
                        found[i] = pipe.recv()
                        idle.append(pipe)
                    except (EOFError, OSError):
                        crew.pop(pipe).join()
                        found[i] = Crash("its process ended")
                    done(i, found[i])
        finally:
            for process in crew.values():
                process.terminate()
            for process in crew.values():
                process.join()
        return [found[i] for i in range(len(tasks))]

    def _hire(self, crew: dict[Connection, BaseProcess]) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work_all, args=(theirs, self.work), daemon=True)
        with SafeChildren(), _no_interrupts():
            process.start()
        theirs.close()
        crew[ours] = process
        return ours


def _work_all(pipe: Connection, work: Callable[[T], R]) -> None:
    """The life of a process: a task in, its outcome out, until nobody is there to ask."""
    warnings.simplefilter("ignore", CacheWarning)  # said once, by the process that hired this one
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        pipe.send(outcome(work, task))


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes started meanwhile never see the user's interrupt: the one that started them ends them."""
    resource_tracker.ensure_running()  # it would unblock the signal, were it started below
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
