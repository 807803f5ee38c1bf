"""The application object, and commands whose errors become messages and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from topo.cli import usage
from topo.cli.ending import (
    CLOSED,
    EXIT_TERMINATED,
    EXIT_WRONG_INPUT,
    Terminated,
    complain,
    interrupted,
    leave,
    unwritable,
    with_traceback,
)
from topo.cli.help import WIDEST, Front, Page
from topo.cli.memory import keep_freed_memory
from topo.errors import InputError

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
                if CLOSED:
                    unwritable(CLOSED[0])
                keep_freed_memory()
                function(*args, **kwargs)
                sys.stdout.flush()
            except InputError as error:
                complain(usage.as_options(error.problems, function))
                raise typer.Exit(EXIT_WRONG_INPUT) from None
            except KeyboardInterrupt:
                interrupted()
            except Terminated:
                leave(EXIT_TERMINATED)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(0) from None
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF) or error.filename is not None:
                    raise
                unwritable(error.strerror or str(error))

        app.command(name, cls=Page)(run)
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
        sys.excepthook = with_traceback
