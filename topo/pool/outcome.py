"""What a task gives, or what kept it from giving anything."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from topo.errors import InputError

T = TypeVar("T")
R = TypeVar("R")

ENDED = "its process ended"


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
