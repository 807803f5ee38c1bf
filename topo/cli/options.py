"""Options and arguments that several commands share."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from topo.catalog import Catalog

DesignPath = Annotated[Path, typer.Argument(metavar="DESIGN", help="A design file.")]
Catalogs = Annotated[
    list[Path],
    typer.Option("--catalog", metavar="DIR", help="A catalog folder that adds to or overrides the shipped parts."),
]


def catalog_of(folders: list[Path]) -> Catalog:
    """The shipped catalog with the user's folders."""
    from topo.catalog import load_catalog

    return load_catalog(folders)


@contextlib.contextmanager
def progress(message: str) -> Iterator[None]:
    """Says on a terminal's stderr what takes its time; silent in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield


def write_file(path: Path, content: bytes) -> None:
    """Writes one file whole or not at all; raises InputError where the folder does not take it."""
    import os
    import tempfile

    from topo.errors import InputError, Problem

    try:
        handle, name = tempfile.mkstemp(dir=path.parent or Path("."), prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", "-o", str(path))) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise InputError(Problem(f"cannot be written: {error.strerror}", "-o", str(path))) from None
