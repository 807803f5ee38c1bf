"""`topo build`: write every export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, DesignPath, catalog_of, progress
from topo.registry import module_names

EXPORTS = ", ".join(module_names("topo.exporters"))


@command("build")
def build(
    design: DesignPath,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="New, empty, or one of ours.")],
    export: Annotated[
        list[str], typer.Option("--export", metavar="NAME", help=f"Only these; once per value. One of: {EXPORTS}.")
    ] = [],  # noqa: B006
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Write every export: cabling plan, bill of materials, counts, diagrams, fabric files.

    Example: topo build designs/ft2-2048.yaml -o out/ft2-2048
    """
    from topo import api

    with progress(f"building {design}"):
        files = api.export(api.load_design(design, catalog_of(catalog)), output, export)
    width = max(len(name) for name in files)
    typer.echo(f"{output}: {len(files)} files")
    for name, size in files.items():
        typer.echo(f"  {name.ljust(width)}  {size:>12,} bytes")
