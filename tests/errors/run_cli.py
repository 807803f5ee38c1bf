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

from topo.catalog import load_catalog
from topo.checks import requirement_kinds
from topo.cli import main
from topo.design.model import DesignFile
from topo.generators.family import families

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
    with contextlib.ExitStack() as stack:
        stack.enter_context(_inside(folder))
        stack.enter_context(mock.patch.object(sys, "argv", ["topo", *arguments]))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
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
    """The message that lies beside a case, with the lists that grow with topo filled in."""
    text = (FOLDER / kind / f"{name}.txt").read_text()
    for token, words in growing().items():
        text = text.replace(token, words)
    return text


def growing() -> dict[str, str]:
    """Lists of all that is allowed which another part, family or kind of requirement would make longer."""
    catalog = load_catalog()
    found = {f"<every {kind}>": ", ".join(catalog.ids(kind)) for kind in ("host", "switch", "nic", "price-book")}
    found["<every GPU host>"] = ", ".join(i for i in catalog.ids("host") if catalog.host(i).gpus)
    found["<every family>"] = ", ".join(families.names())
    found["<every requirement>"] = ", ".join(requirement_kinds.names())
    found["<every design key>"] = ", ".join(sorted(DesignFile.model_fields))
    return found


def with_tokens(text: str) -> str:
    """A message with those lists as tokens, as it is kept."""
    for token, words in growing().items():
        text = text.replace(f"allowed: {words}\n", f"allowed: {token}\n")
    return text
