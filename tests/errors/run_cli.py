"""Runs the command line inside this process: its arguments in, what it printed and its exit code out."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from topo.cli import main

FOLDER = Path(__file__).parent


class Run(NamedTuple):
    """What a command did."""

    code: int
    stdout: str
    stderr: str


def run(arguments: Sequence[str], folder: Path = FOLDER) -> Run:
    """The command `topo <arguments>`, run in a folder."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with _inside(folder), mock.patch.object(sys, "argv", ["topo", *arguments]):
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = end.code
    assert isinstance(code, int)
    return Run(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before, hook = os.getcwd(), sys.excepthook
    os.chdir(folder)
    try:
        with mock.patch.dict(os.environ, {"COLUMNS": "200", "TOPO_CATALOG": ""}):
            yield
    finally:
        os.chdir(before)
        sys.excepthook = hook


def design_run(name: str, output: str) -> Run:
    """`topo build` of an invalid design."""
    return run(["build", f"designs/{name}.yaml", "-o", output])


def catalog_runs(name: str) -> tuple[Run, Run]:
    """The lint of an invalid catalog folder, and `topo show` of a design that uses it."""
    return run(["catalog", "lint", "--catalog", f"catalogs/{name}"]), run(
        ["show", "uses-broken-parts.yaml", "--catalog", f"catalogs/{name}"]
    )


def catalog_text(lint: Run, show: Run) -> str:
    """What both said; a clean lint counts the parts, which is not of interest here."""
    return f"{lint.stdout if lint.code else 'clean'}\n---\n{show.stderr}"


def names(kind: str) -> list[str]:
    """The cases of a kind."""
    folder = FOLDER / kind
    return sorted(f.stem for f in folder.glob("*.yaml")) + sorted(f.name for f in folder.iterdir() if f.is_dir())


def expected(kind: str, name: str) -> str:
    """The message that lies beside a case."""
    return (FOLDER / kind / f"{name}.txt").read_text()
