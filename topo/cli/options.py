"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topo.cli.terminal import progress

if TYPE_CHECKING:
    from topo.catalog import Catalog

__all__ = [
    "Catalogs",
    "DesignPath",
    "DesignPaths",
    "TimeLimit",
    "Today",
    "catalog_of",
    "choice",
    "day_of",
    "progress",
    "write_file",
]

DesignPath = Annotated[Path, typer.Argument(metavar="DESIGN", help="A design file.")]
DesignPaths = Annotated[
    list[Path], typer.Argument(metavar="DESIGN|FOLDER...", help="Design files, or folders of them.")
]
Catalogs = Annotated[
    list[Path],
    typer.Option("--catalog", metavar="DIR", help="A catalog folder that adds to or overrides the shipped parts."),
]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="The day on which a policy's waivers are judged; default: this day.",
    ),
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", metavar="SECONDS", help="For one hard question; then undecided.", min=0)
]


def catalog_of(folders: list[Path]) -> Catalog:
    """The shipped catalog with the user's folders."""
    from topo.catalog import load_catalog

    return load_catalog(folders)


def day_of(given: datetime | None) -> date:
    """The day on which waivers are judged: the one given, or this one."""
    return given.date() if given else date.today()


def choice(value: str, known: Sequence[str], key: str) -> str:
    """The value where it is one of those known; else ParameterError with the nearest of them."""
    from topo.errors import ParameterError, nearest

    if value not in known:
        raise ParameterError(key, value, f"unknown {key.lstrip('-')}", ", ".join(known), nearest(value, known))
    return value


def write_file(path: Path, content: bytes, key: str = "-o") -> None:
    """Writes one file whole or not at all, its folder too; raises InputError under the option `key` where the file
    system refuses."""
    import os
    import tempfile

    from topo.errors import InputError, Problem

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error.strerror}", key, str(path))) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise InputError(Problem(f"cannot be written: {error.strerror}", key, str(path))) from None
