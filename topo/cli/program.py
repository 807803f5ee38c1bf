"""The program: every command imported, streams and signals in order, errors as messages."""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from types import TracebackType
from typing import Any, NoReturn

import typer

from topo.cli import commands, usage
from topo.cli.app import HELP, app
from topo.cli.ending import CLOSED, EXIT_INTERNAL, EXIT_WRONG_INPUT, Terminated, complain, interrupted, leave
from topo.cli.later import load_later
from topo.cli.memory import collect_nothing_at_the_end, collect_rarely, take_small_pages
from topo.cli.terminal import tell
from topo.cli.threads import sleep_soon
from topo.escape import one_line, terminal
from topo.isolated import shut_out_current_folder
from topo.registry import module_names

COMPLETING = "_TOPO_COMPLETE"
"""Set by a shell that asks what may follow."""


def main() -> None:
    """The entry point of the `topo` program."""
    shut_out_current_folder()
    take_small_pages()
    sleep_soon()
    load_later()
    collect_rarely()
    collect_nothing_at_the_end()
    sys.excepthook = _without_traceback
    _open_streams()
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _warn
    front = program(_asked(sys.argv[1:]))
    try:
        code = front.main(prog_name="topo", standalone_mode=False)
    except usage.UsageError as error:
        if sys.argv[1:]:
            complain([usage.problem(error)])
        else:
            tell(error.message)
        code = EXIT_WRONG_INPUT
    except typer.Abort as error:
        if isinstance(error.__cause__, EOFError) and not sys.stdin.isatty():
            raise RuntimeError("a file ended too early") from error.__cause__
        interrupted()
    except KeyboardInterrupt:
        interrupted()
    sys.exit(code or 0)


def pages(width: int) -> dict[str, str]:
    """The help of every command by name, `topo` first, in lines of at most `width` characters."""
    front = program()
    result = {}
    for name, command in {"topo": front, **dict(sorted(front.commands.items()))}.items():
        path = name if name == "topo" else f"topo {name}"
        context = command.make_context(path, ["--help"], resilient_parsing=True, terminal_width=width, **HELP)
        result[path] = str(command.get_help(context))
    return result


def program(names: Sequence[str] = ()) -> Any:
    """The commands whose modules are named, or all of them, imported; what they need to work is not."""
    for name in names or module_names(commands.__name__):
        import_module(f"{commands.__name__}.{name.replace('-', '_')}")
    return typer.main.get_command(app)


def _asked(words: Sequence[str]) -> tuple[str, ...]:
    """The module of the command that a command line runs, so that no other is imported; none where that takes more
    than a look at the first word: help, completion, a mistake."""
    words = words[1:] if words[:1] == ["--debug"] else words
    name = words[0] if words and COMPLETING not in os.environ else ""
    return (name,) if name in module_names(commands.__name__) else ()


def _open_streams() -> None:
    """A stream that the caller has closed leads nowhere; a result that nobody can get is an error of the caller's. Else
    the first file that is opened would take its number, and what is printed would go there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            if number == 1:
                CLOSED.append("standard output is closed")
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115


def _warn(message: Warning | str, *where: object, **more: object) -> None:
    """Shows a warning as one line; where in the code it arose helps no user."""
    tell(f"warning: {one_line(str(message))}")


def _terminated(number: int, frame: object) -> NoReturn:
    """Ends on SIGTERM as the shell names it; what is to be cleaned up on the way out is."""
    raise Terminated


def _without_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        interrupted()
    lines = [terminal(line) for line in str(error).splitlines()]
    tell(f"internal error: {kind.__name__}: " + "\n  ".join(lines))
    package = _package_of(trace)
    where = f"it arises in the package {package}: report it there" if package else "report it"
    tell(f"  hint: run `topo --debug ...` for a traceback, and {where}")
    leave(EXIT_INTERNAL)


def _package_of(trace: TracebackType | None) -> str:
    """The innermost package on the way to an error that adds something to topo; empty where there is none."""
    from topo.registry import from_outside

    modules: dict[str, None] = {}
    while trace is not None:
        modules[str(trace.tb_frame.f_globals.get("__name__", ""))] = None
        trace = trace.tb_next
    return next(filter(None, map(from_outside, reversed(modules))), "")
