"""`topo new`: write a first design."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import part, registered
from topo.cli.options import Catalogs, Force, catalog_of, progress, write_file
from topo.escape import one_line
from topo.registry import module_names

if TYPE_CHECKING:
    from topo.catalog import Catalog

PACKAGE = "topo.generators.families"
FAMILIES = ", ".join(module_names(PACKAGE))
LARGEST_SCHEMA = 10_000_000
"""Bytes: fifty times what the shipped families and parts take; a larger file is somebody else's."""


@command("new")
def new(
    output: Annotated[
        Path, typer.Argument(metavar="FILE", help="The design file to write, such as designs/mine.yaml.")
    ],
    family: Annotated[
        str, typer.Option(metavar="NAME", help=f"One of: {FAMILIES}.", autocompletion=registered(PACKAGE))
    ] = "",
    gpus: Annotated[int, typer.Option(metavar="N", help="Number of GPUs.", min=0)] = 0,
    host: Annotated[
        str, typer.Option(metavar="ID", help="See `topo catalog list host`.", autocompletion=part("host"))
    ] = "",
    switch: Annotated[
        str, typer.Option(metavar="ID", help="See `topo catalog list switch`.", autocompletion=part("switch"))
    ] = "",
    key: Annotated[
        list[str],
        typer.Option(metavar="KEY=VALUE", help="A further key of the network, such as spread=by-one; repeatable."),
    ] = [],  # noqa: B006
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take the default of what is not given.")
    ] = False,
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Write a commented design that checks green.

    Its requirements state what it can do today, so that a later change that breaks one is refused. On a terminal topo
    asks for what is not given, and again for a size that cannot be built; elsewhere, and with --yes, host and switch
    have defaults, family and GPUs must be given. Its first line names topo.schema.json, written beside it, by which
    editors with the YAML language server complete keys and mark mistakes.

    Example:
      topo new designs/mine.yaml  # asks
      topo new mine.yaml --family mpft --gpus 4096 --yes
      topo search mine.yaml -o found  # is there anything cheaper that holds the same?
      topo new mine.yaml --family ft2 --gpus 1152 --key spread=by-one --yes
      topo new mine.yaml --family slim-fly --gpus 800 --host example-host-1 --switch nvidia-qm9700
    """
    from topo.cli.asking import answered
    from topo.cli.terminal import say
    from topo.errors import ParameterError
    from topo.report.new import first_design
    from topo.report.outline import Outline

    if output.exists() and not force:
        raise ParameterError("FILE", output, "exists already", hint="choose another name; --force replaces it")
    parts = catalog_of(catalog)
    outline = answered(Outline(family, gpus, host, switch, tuple(key)), parts, silent=yes)
    with progress("measuring what it can do"):
        text = first_design(output.stem, outline, parts)
    write_file(output, text.encode(), "FILE", force)
    beside = _schema_beside(output, parts)
    say(one_line(f"{output}: written{beside}; next: topo check {quote(str(output))}"))


def _schema_beside(design: Path, catalog: Catalog) -> str:
    """Writes the schema that the design's first line names, where there is none or an older one of topo's; what is to
    be said of it. Somebody else's file of that name is left alone; a device has no file beside it."""
    from topo.design.schema import SCHEMA_FILE, is_schema, schema_text
    from topo.errors import InputError
    from topo.files import read_text

    path = design.with_name(SCHEMA_FILE)
    if not design.is_file():
        return ""
    try:
        there = path.exists()
        if there and not is_schema(read_text(path, LARGEST_SCHEMA)):
            return f"; {SCHEMA_FILE} beside it is no schema of topo and was left as it is"
        write_file(path, schema_text(catalog).encode(), "FILE", force=True)
    except InputError as error:
        return f"; {SCHEMA_FILE} beside it {error.problems[0].message}"
    return "" if there else f", with {SCHEMA_FILE} for editors"
