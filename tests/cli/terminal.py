"""Runs topo on a terminal of its own: a pseudo-terminal of a stated width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.cli import forks
from tests.cli.test_contract import ROOT, environment

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What a terminal acts on and does not show."""
PIECE = re.compile(rf"{ESCAPE.pattern}|\r|\n|[^\x1b\r\n]+")


class Shown(NamedTuple):
    """The exit code, all that was written, and standard output alone where it was no terminal."""

    code: int
    text: str
    stdout: str = ""

    def lines(self) -> list[str]:
        """What stays on the screen, without colours."""
        rows, at = [""], 0
        for piece in PIECE.findall(self.text):
            if piece == "\n":
                at += 1
                rows += [""] * (at == len(rows))
            elif piece == "\x1b[1A":
                at -= 1
            elif piece == "\x1b[2K":
                rows[at] = ""
            elif not piece.startswith(("\x1b", "\r")):
                rows[at] += piece
        return rows


def on_terminal(
    *args: str | Path,
    columns: int = 80,
    answers: Sequence[str] = (),
    cwd: Path = ROOT,
    pipe: bool = False,
    **variables: str,
) -> Shown:
    """`topo args` with stdin, stderr and (unless `pipe`) stdout on a terminal; `answers` are typed in beforehand."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = {k: v for k, v in environment().items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    with tempfile.TemporaryFile() as piped:
        streams = [theirs, piped.fileno() if pipe else theirs, theirs]
        forks.server().begin([*map(str, args)], cwd, {**env, "TERM": "xterm", **variables}, streams)
        os.close(theirs)
        text = _everything(ours)
        code = forks.server().code()
        return Shown(code, text, forks.text(piped))


def _everything(handle: int) -> str:
    """All that is written to the terminal until the program that has it ends."""
    found = b""
    while True:
        try:
            piece = os.read(handle, 1 << 16)
        except OSError:
            piece = b""
        if not piece:
            os.close(handle)
            return found.decode()
        found += piece
