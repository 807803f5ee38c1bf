"""How the program ends: messages on standard error, exit codes, and tracebacks where they are asked for."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import NoReturn

from topo.cli.terminal import coloured, tell
from topo.errors import Problem
from topo.isolated import AT_END

EXIT_WRONG_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_TERMINATED = 2, 70, 130, 143
"""2 as of every Unix program that is called wrongly, 70 as of sysexits.h, 128 + the signal's number as of a shell."""

CLOSED: list[str] = []
"""Why results cannot be written: the caller has closed standard output."""


class Terminated(BaseException):
    """The process was asked to end."""


def complain(problems: Iterable[Problem]) -> None:
    """Writes problems to standard error, one fact a line."""
    bright = coloured(sys.stderr)
    for problem in problems:
        first, *facts = problem.text().splitlines()
        head = "\x1b[1;31merror:\x1b[0m" if bright else "error:"
        tell(f"{head} {first}", *facts)


def unwritable(reason: str) -> NoReturn:
    """Ends where the result cannot be written."""
    complain([Problem(f"cannot be written: {reason}", "standard output")])
    leave(EXIT_WRONG_INPUT)


def interrupted() -> NoReturn:
    """Ends as the user asked."""
    tell("interrupted")
    leave(EXIT_INTERRUPTED)


def debugging() -> bool:
    """Whether tracebacks are asked for."""
    return sys.excepthook is with_traceback


def with_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own words of an error that nobody caught."""
    sys.__excepthook__(kind, error, trace)
    leave(EXIT_INTERNAL)


def leave(code: int) -> NoReturn:
    """Ends at once, without waiting for threads that still compute; temporary folders are taken away."""
    for clean in AT_END:
        clean()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)
