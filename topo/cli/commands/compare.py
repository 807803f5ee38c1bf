"""`topo compare`: designs side by side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among, part, registered
from topo.cli.ending import debugging
from topo.cli.options import (
    Catalogs,
    DesignPaths,
    Force,
    Scheduler,
    TimeLimit,
    catalog_of,
    choice,
    output_file,
    progress,
    write_file,
)

FORMATS = ("text", "json", "csv", "md")


@command("compare")
def compare(
    designs: DesignPaths,
    output: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="One of: text, json, csv, md.", autocompletion=among(FORMATS)),
    ] = "text",
    chart: Annotated[
        Path | None, typer.Option("--chart", metavar="FILE.svg", help="Draw the comparison to this file as well.")
    ] = None,
    gpus: Annotated[
        int | None, typer.Option("--gpus", metavar="N", help="Size every design to this many GPUs first.")
    ] = None,
    price_book: Annotated[
        str,
        typer.Option(
            "--price-book",
            metavar="ID",
            help="Price book for all; default: the designs' common one.",
            autocompletion=part("price-book"),
        ),
    ] = "",
    routing: Annotated[
        list[str],
        typer.Option(
            "--routing",
            metavar="NAME",
            help="Routing of the all-to-all rows; default: all five.",
            autocompletion=registered("topo.analysis.routing.rules"),
        ),
    ] = [],  # noqa: B006
    sets: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="A key of every design's `cost`, such as usd_per_kwh=0.12."),
    ] = [],  # noqa: B006
    failures: Annotated[
        bool, typer.Option("--failures", help="Examine every single cable, however many are unlike.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", help="Processes at work at once; default: one for each core.", min=1),
    ] = None,
    force: Force = False,
    scheduler: Scheduler = "",
    catalog: Catalogs = [],  # noqa: B006
    time_limit: TimeLimit = 60.0,
) -> None:
    """Designs side by side at a glance.

    What they are made of, what they cost and draw, how long their paths are, and what they carry under each routing.
    Every figure is proved; one that is not known is a dash. Costs over life are shown where a design states `cost`, or
    with --set.

    Example:
      topo compare designs/mpft-16384.yaml designs/ft3-16384.yaml
      topo compare designs/mrft-16384.yaml designs/ft3-16384.yaml --gpus 4096 --format csv  # at one size
      topo compare a.yaml b.yaml --set usd_per_kwh=0.12 --set years=5  # money over life
      topo compare a.yaml b.yaml --chart compare.svg  # drawn as well
    """
    from topo import api
    from topo.cli.terminal import left_out, look, say
    from topo.report.answers.money import what_if
    from topo.report.compare import PARTS, ROUTINGS, as_svg, render
    from topo.report.compare import compare as side_by_side

    choice(output, FORMATS, "--format")
    if chart:
        output_file(chart, "--chart", (".svg",), "the chart is SVG", force)
    parts = catalog_of(catalog)
    book = parts.price_book(price_book, "--price-book") if price_book else None
    chosen = [what_if(api.load_design(path, parts), sets) for path in api.design_files(designs, left_out)]
    with progress(f"comparing {len(chosen):,} design{'s' * (len(chosen) != 1)}", len(chosen) * len(PARTS)) as step:
        workers = 1 if debugging() else jobs or os.cpu_count() or 1
        value = side_by_side(chosen, gpus, book, routing or ROUTINGS, time_limit, failures, workers, step, scheduler)
    if chart:
        write_file(chart, as_svg(value).encode(), "--chart", force)
    say(render(value, output, look()), end="")
