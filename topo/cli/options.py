"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topo.cli.complete import registered
from topo.cli.terminal import progress
from topo.files import check_output, write_file
from topo.registry import module_names

if TYPE_CHECKING:
    from topo.catalog import Catalog

FORMS = "topo.importers.as_built.forms"

__all__ = [
    "Catalogs",
    "Columns",
    "DesignPath",
    "DesignPaths",
    "Force",
    "Form",
    "Scheduler",
    "Sheet",
    "TimeLimit",
    "Today",
    "catalog_of",
    "check_output",
    "choice",
    "columns_of",
    "day_of",
    "output_file",
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
Force = Annotated[
    bool, typer.Option("--force", help="Replace files too that topo did not write, or that were changed since.")
]
Scheduler = Annotated[
    str, typer.Option("--scheduler", metavar="ADDRESS", help="A Dask cluster's scheduler, such as tcp://HOST:8786.")
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", metavar="SECONDS", help="For one hard question; then undecided.", min=0)
]
Form = Annotated[
    str,
    typer.Option(
        "--form",
        metavar="FORM",
        help=f"Default: told from the content. One of: {', '.join(module_names(FORMS))}.",
        autocompletion=registered(FORMS),
    ),
]
Sheet = Annotated[
    str, typer.Option("--sheet", metavar="NAME", help="Of a workbook; default: the first that names cables.")
]
Columns = Annotated[
    str,
    typer.Option(
        "--columns",
        metavar="KEY=TITLE,...",
        help="Which columns of a table hold a_device, a_port, b_device, b_port, gbps; default: told from their titles.",
    ),
]


def columns_of(given: str) -> list[tuple[str, str]]:
    """Titles by what their columns hold; raises ParameterError."""
    from topo.errors import ParameterError

    known = ("a_device", "a_port", "b_device", "b_port", "a_role", "b_role", "gbps")
    result = []
    for pair in filter(None, given.split(",")):
        key, _, title = pair.partition("=")
        if key.strip() not in known or not title.strip():
            raise ParameterError("--columns", pair, "is no column and title", ", ".join(f"{k}=TITLE" for k in known))
        result.append((key.strip(), title.strip()))
    return result


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


def output_file(path: Path, key: str, endings: Sequence[str], what: str, force: bool) -> None:
    """Raises InputError, before any work is done, where a file with another ending was asked for than `what` is in
    (an ending may be left out), or where what is there cannot be ours."""
    from topo.errors import ParameterError

    if endings and path.suffix.lower() not in ("", *endings):
        raise ParameterError(key, path, f"has the ending of another format: {what}", ", ".join(endings))
    if not force:
        check_output(path, key)
