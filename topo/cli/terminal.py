"""What the terminal can show: colours, width, and how far a long task has come."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from topo.escape import one_line, terminal

if TYPE_CHECKING:
    from topo.report.look import Look

Step = Callable[[str], None]
"""Called when a part of a long task is done, with its name."""


def coloured(stream: TextIO) -> bool:
    """Whether a stream gets colours: NO_COLOR (no-color.org) forbids them, FORCE_COLOR asks for them, else a terminal
    that is not dumb has them. An empty variable says nothing, nor does FORCE_COLOR=0."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def look(stream: TextIO | None = None) -> Look:
    """How text for a stream, standard output unless stated, shall look; nothing is folded but on a terminal."""
    from topo.report.look import Look

    target = stream or sys.stdout
    return Look(coloured(target), shutil.get_terminal_size().columns if target.isatty() else 0)


def say(text: str, end: str = "\n") -> None:
    """Writes a result to standard output, colours and all; nothing else that moves a cursor or cannot be seen."""
    sys.stdout.write(terminal(f"{text}{end}"))


def tell(*lines: str) -> None:
    """Writes a message to standard error, by the same rule."""
    try:
        sys.stderr.write(terminal("".join(f"{line}\n" for line in lines)))
        sys.stderr.flush()
    except OSError:  # a message that nobody can read changes no result
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def left_out(folder: Path, files: int) -> None:
    """Says which files of a folder are no designs."""
    what = (
        "YAML file that topo build wrote is no design"
        if files == 1
        else "YAML files that topo build wrote are no designs"
    )
    tell(one_line(f"left out: {folder}: {files:,} {what}"))


@contextlib.contextmanager
def progress(message: str, parts: int = 1) -> Iterator[Step]:
    """Shows on a terminal's standard error what takes its time, with a bar where it has several parts; silent in a
    pipe. Gives a function to call with the name of each part that is done."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bright = coloured(sys.stderr)
    console = Console(stderr=True, no_color=not bright, highlight=False)
    bar = (BarColumn(bar_width=20), MofNCompleteColumn()) if parts > 1 else ()
    said = TextColumn("{task.description}", markup=False)
    last = TextColumn("{task.fields[last]}", markup=False, style="dim" if bright else "none")
    with Progress(SpinnerColumn(), said, *bar, TimeElapsedColumn(), last, console=console, transient=True) as shown:
        task = shown.add_task(one_line(message), total=parts, last="")

        def step(name: str) -> None:
            shown.update(task, advance=1, last=one_line(name))

        yield step
