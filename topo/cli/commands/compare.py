"""`topo compare`: designs side by side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress, write_file


@command("compare")
def compare(
    designs: Annotated[list[Path], typer.Argument(metavar="DESIGN|FOLDER...", help="Design files or folders of them.")],
    output: Annotated[str, typer.Option("--format", help="One of: text, json, csv, md.")] = "text",
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE.svg", help="Draw the comparison to this file as well.")
    ] = None,
    gpus: Annotated[
        int | None, typer.Option("--gpus", metavar="N", help="Size every design to this many GPUs first.")
    ] = None,
    price_book: Annotated[
        str, typer.Option("--price-book", metavar="ID", help="Price book for all; default: the designs' common one.")
    ] = "",
    routing: Annotated[
        list[str], typer.Option("--routing", metavar="NAME", help="Routing of the all-to-all rows; default: all four.")
    ] = [],  # noqa: B006
    failures: Annotated[
        bool, typer.Option("--failures", help="Examine every single cable, however many are unlike.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", help="Processes at work at once; default: one for each core.", min=1)
    ] = None,
    catalog: Catalogs = [],  # noqa: B006
    time_limit: Annotated[float, typer.Option(help="Seconds for one hard question; then no answer.", min=0)] = 60.0,
) -> None:
    """Designs side by side at a glance.

    Example: topo compare designs/mpft-16384.yaml designs/ft3-16384.yaml --chart compare.svg
    """
    from topo import api
    from topo.report.compare import FORMATS, ROUTINGS, as_svg, render
    from topo.report.compare import compare as side_by_side

    if output not in FORMATS:
        from topo.errors import ParameterError

        raise ParameterError("--format", output, "unknown format", ", ".join(FORMATS))
    parts = catalog_of(catalog)
    book = parts.price_book(price_book, "--price-book") if price_book else None
    chosen = [api.load_design(path, parts) for path in api.design_files(designs)]
    cores = os.cpu_count() or 1
    with progress(f"comparing {len(chosen)} designs"):
        value = side_by_side(chosen, gpus, book, routing or ROUTINGS, time_limit, failures, jobs or cores)
    if chart:
        write_file(chart, as_svg(value).encode())
    typer.echo(render(value, output), nl=False)
