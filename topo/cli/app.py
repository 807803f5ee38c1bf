"""The application object, and how errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import TracebackType
from typing import Annotated, ParamSpec, TypeVar

import typer

from topo.errors import InputError

EXIT_WRONG_INPUT, EXIT_INTERNAL, EXIT_INTERRUPTED = 2, 70, 130

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    help="Design GPU cluster fabrics, prove what they carry, write what is needed to build them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Adds a function as a command whose input errors become messages on stderr and exit code 2."""

    def add(function: Callable[P, None]) -> Callable[P, None]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
                sys.stdout.flush()
            except InputError as error:
                for problem in error.problems:
                    typer.echo(f"error: {problem.text()}", err=True)
                raise typer.Exit(EXIT_WRONG_INPUT) from None
            except KeyboardInterrupt:
                typer.echo("interrupted", err=True)
                _leave(EXIT_INTERRUPTED)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(0) from None

        app.command(name)(run)
        return function

    return add


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

    Exit codes: 0 every requirement held, 1 one is broken, 2 wrong input, 3 undecided, 70 internal error,
    130 interrupted.
    """
    if debug:
        sys.excepthook = _with_traceback


def main() -> None:
    """The entry point of the `topo` program."""
    sys.excepthook = _without_traceback
    from topo.cli import commands
    from topo.registry import module_names

    for name in module_names(commands.__name__):
        import_module(f"{commands.__name__}.{name.replace('-', '_')}")
    typer.main.get_command(app)(prog_name="topo")


def _without_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    print(f"internal error: {kind.__name__}: {error}", file=sys.stderr)
    print("  hint: run `topo --debug ...` for a traceback, and report it", file=sys.stderr)
    _leave(EXIT_INTERNAL)


def _with_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    _leave(EXIT_INTERNAL)


def _leave(code: int) -> None:
    """Ends at once, without waiting for threads that still compute."""
    sys.stderr.flush()
    os._exit(code)
