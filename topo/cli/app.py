"""The application object, and how errors become messages and exit codes."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from types import TracebackType
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

from topo.cli import usage
from topo.cli.help import WIDEST, Front, Page
from topo.cli.memory import keep_freed_memory, take_small_pages
from topo.cli.terminal import coloured, tell
from topo.errors import InputError, Problem
from topo.escape import one_line, terminal
from topo.isolated import AT_END, shut_out_current_folder

EXIT_WRONG_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_TERMINATED = 2, 70, 130, 143

HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    cls=Front,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={**HELP, "max_content_width": WIDEST},
)


def command(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Adds a function as a command whose input errors become messages on stderr and exit code 2."""

    def add(function: Callable[P, None]) -> Callable[P, None]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                if _closed:
                    _unwritable(_closed[0])
                keep_freed_memory()
                function(*args, **kwargs)
                sys.stdout.flush()
            except InputError as error:
                complain(usage.as_options(error.problems, function))
                raise typer.Exit(EXIT_WRONG_INPUT) from None
            except KeyboardInterrupt:
                _interrupted()
            except Terminated:
                _leave(EXIT_TERMINATED)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(0) from None
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF) or error.filename is not None:
                    raise
                _unwritable(error.strerror or str(error))

        app.command(name, cls=Page)(run)
        return function

    return add


def _open_streams() -> None:
    """A stream that the caller has closed leads nowhere; a result that nobody can get is an error of the caller's. Else
    the first file that is opened would take its number, and what is printed would go there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            if number == 1:
                _closed.append("standard output is closed")
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115


_closed: list[str] = []


def _unwritable(reason: str) -> NoReturn:
    """Ends where the result cannot be written."""
    complain([Problem(f"cannot be written: {reason}", "standard output")])
    _leave(EXIT_WRONG_INPUT)


def _terminated(number: int, frame: object) -> NoReturn:
    """Ends on SIGTERM as the shell names it; what is to be cleaned up on the way out is."""
    raise Terminated


class Terminated(BaseException):
    """The process was asked to end."""


def _version(wanted: bool) -> None:
    if wanted:
        from topo.version import __version__

        typer.echo(f"topo {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when topo itself fails.")] = False,
) -> None:
    """Design GPU cluster fabrics, prove what they carry, write what is needed to build them.

    A design is a short YAML file; `topo new` writes a first one, `topo COMMAND --help` explains a command. Results go
    to standard output, messages to standard error. Colours follow NO_COLOR and FORCE_COLOR.

    Example:
      topo new mine.yaml --family mpft --gpus 4096  # write a first design
      topo check mine.yaml  # what it carries, and whether it holds what it must
      topo report mine.yaml -o mine.html  # one page for a review
      topo build mine.yaml -o out  # cabling plan, bill of materials, everything

    Exit codes:
      0 every requirement held, 1 one is broken, 2 wrong input, 3 undecided, 70 internal error, 130 interrupted.
    """
    if debug:
        sys.excepthook = _with_traceback


def main() -> None:
    """The entry point of the `topo` program."""
    shut_out_current_folder()
    take_small_pages()
    sys.excepthook = _without_traceback
    _open_streams()
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _warn
    program = _program()
    try:
        code = program.main(prog_name="topo", standalone_mode=False)
    except usage.UsageError as error:
        if sys.argv[1:]:
            complain([usage.problem(error)])
        else:
            tell(error.message)
        code = EXIT_WRONG_INPUT
    except typer.Abort as error:
        if isinstance(error.__cause__, EOFError) and not sys.stdin.isatty():
            raise RuntimeError("a file ended too early") from error.__cause__
        _interrupted()
    except KeyboardInterrupt:
        _interrupted()
    sys.exit(code or 0)


def pages(width: int) -> dict[str, str]:
    """The help of every command by name, `topo` first, in lines of at most `width` characters."""
    program = _program()
    found = {}
    for name, command in {"topo": program, **dict(sorted(program.commands.items()))}.items():
        path = name if name == "topo" else f"topo {name}"
        context = command.make_context(path, ["--help"], resilient_parsing=True, terminal_width=width, **HELP)
        found[path] = str(command.get_help(context))
    return found


def _program() -> Any:
    """The commands, all of them imported; what they need to work is not."""
    from topo.cli import commands
    from topo.registry import module_names

    for name in module_names(commands.__name__):
        import_module(f"{commands.__name__}.{name.replace('-', '_')}")
    return typer.main.get_command(app)


def complain(problems: Iterable[Problem]) -> None:
    """Writes problems to standard error, one fact a line."""
    bright = coloured(sys.stderr)
    for problem in problems:
        first, *facts = problem.text().splitlines()
        head = "\x1b[1;31merror:\x1b[0m" if bright else "error:"
        tell(f"{head} {first}", *facts)


def _warn(message: Warning | str, *where: object, **more: object) -> None:
    """Shows a warning as one line; where in the code it arose helps no user."""
    tell(f"warning: {one_line(str(message))}")


def _interrupted() -> NoReturn:
    tell("interrupted")
    _leave(EXIT_INTERRUPTED)


def _without_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        _interrupted()
    lines = [terminal(line) for line in str(error).splitlines()]
    tell(f"internal error: {kind.__name__}: " + "\n  ".join(lines))
    tell("  hint: run `topo --debug ...` for a traceback, and report it")
    _leave(EXIT_INTERNAL)


def debugging() -> bool:
    """Whether tracebacks are asked for."""
    return sys.excepthook is _with_traceback


def _with_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    _leave(EXIT_INTERNAL)


def _leave(code: int) -> NoReturn:
    """Ends at once, without waiting for threads that still compute; temporary folders are taken away."""
    for clean in AT_END:
        clean()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)
