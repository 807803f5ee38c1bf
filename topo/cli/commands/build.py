"""`topo build`: write every export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import registered
from topo.cli.options import Catalogs, DesignPath, Force, catalog_of, progress
from topo.escape import one_line
from topo.registry import module_names
from topo.units import amount

PACKAGE = "topo.exporters.formats"
EXPORTS = module_names(PACKAGE)


@command("build")
def build(
    design: DesignPath,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="A folder: new, empty, or written by topo before.")
    ],
    export: Annotated[
        list[str],
        typer.Option(
            "--export",
            metavar="NAME",
            help=f"Only these. One of: {', '.join(EXPORTS)}.",
            autocompletion=registered(PACKAGE),
        ),
    ] = [],  # noqa: B006
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Write every export: cabling plan, bill of materials, counts, diagrams, fabric files.

    The folder is written whole or not at all. Files in it that topo did not write stay as they are; a folder that topo
    did not write, and a file of topo's that was changed since, are refused without --force. Formats that cannot hold
    the design are left out, each with the reason; asked for by --export they are an error.

    Example:
      topo build designs/ft2-2048.yaml -o out/ft2-2048
      topo build mine.yaml -o out --export bom --export cable-schedule-csv  # two of them
    """
    from topo import api
    from topo.cli.terminal import say

    left: list[tuple[str, str]] = []
    with progress(f"building {design}", len(export or EXPORTS)) as step:
        read = api.load_design(design, catalog_of(catalog))
        files = api.export(read, output, export, step, force, lambda name, why: left.append((name, why)))
    width = max(len(name) for name in files)
    say(one_line(f"{output}: {amount(len(files), 'file')}"))
    for name, size in files.items():
        say(f"  {name.ljust(width)}  {size:>12,} bytes")
    for name, why in left:
        say(one_line(f"  left out: {name}: {why}"))
