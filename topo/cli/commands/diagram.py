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
    network: Annotated[str, typer.Option(help="Which network; default: the first.")] = "",
    plane: Annotated[int, typer.Option(help="Which plane.", min=0)] = 0,
    pod: Annotated[int, typer.Option(help="Which pod.", min=0)] = 0,
    rail: Annotated[int, typer.Option(help="Which rail.", min=0)] = 0,
    host: Annotated[str, typer.Option(help="Which host, by name; default: the first.")] = "",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Draw a design. With several views, each file gets the view's name before its ending.

    Example: topo diagram designs/mpft-16384.yaml -o mpft.svg --view overview --view plane
    """
    from topo import api

    with progress(f"drawing {design}"):
        value = api.load_design(design, catalog_of(catalog))
        drawn = api.draw(
            value, output, view or ["overview"], network=network, plane=plane, pod=pod, rail=rail, host=host
        )
    for path, content in drawn.items():
        write_file(path, content)
        typer.echo(f"{path}: {len(content):,} bytes")
