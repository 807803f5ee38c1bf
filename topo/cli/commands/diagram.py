"""`topo diagram`: draw a design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, DesignPath, catalog_of, progress, write_file
from topo.registry import module_names

VIEWS = ", ".join(module_names("topo.diagrams.views"))


@command("diagram")
def diagram(
    design: DesignPath,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Ends in .svg, .png, .pdf or .dot.")],
    view: Annotated[
        list[str], typer.Option("--view", help=f"Once per value; default: overview. One of: {VIEWS}.")
    ] = [],  # noqa: B006
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Draw a design. With several views, each file gets the view's name before its ending.

    Example: topo diagram designs/mpft-16384.yaml -o mpft.svg --view overview --view plane
    """
    from topo import api

    with progress(f"drawing {design}"):
        drawn = api.draw(api.load_design(design, catalog_of(catalog)), output, view or ["overview"])
    for path, content in drawn.items():
        write_file(path, content)
        typer.echo(f"{path}: {len(content):,} bytes")
