"""`topo cost`: money by class and network over the life of a design."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among, part
from topo.cli.options import Catalogs, DesignPath, catalog_of, choice, progress

FORMATS = ("text", "json", "csv", "md")


@command("cost")
def cost(
    design: DesignPath,
    years: Annotated[
        float | None, typer.Option("--years", metavar="N", help="How long it is used; default: the design's, or 4.")
    ] = None,
    sets: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="A key of the design's `cost`, such as discount.optics=0.3."),
    ] = [],  # noqa: B006
    price_book: Annotated[
        str,
        typer.Option(
            "--price-book", metavar="ID", help="Price book; default: the design's.", autocompletion=part("price-book")
        ),
    ] = "",
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="One of: text, json, csv, md.", autocompletion=among(FORMATS)),
    ] = "text",
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the bisection; then left out.", min=0)
    ] = 10.0,
) -> None:
    """Money by class and network over the life of a design.

    What is paid once after discounts, and maintenance, energy, racks and floor by year, on the terms of the design's
    `cost`; by GPU and by Gb/s of bisection. Prices that are ranges give ranges. What has no price and what the sum
    leaves out stands beside it.

    Example:
      topo cost designs/mpft-16384.yaml
      topo cost mine.yaml --years 5 --set usd_per_kwh=0.12 --set discount.optics=0.3  # what if
      topo cost mine.yaml --set hosts=true --format csv
    """
    from topo import api
    from topo.cli.terminal import look, say
    from topo.report.answers.money import cost_page, render, what_if

    choice(output, FORMATS, "--format")
    parts = catalog_of(catalog)
    book = parts.price_book(price_book, "--price-book") if price_book else None
    file = what_if(api.load_design(design, parts), sets, years)
    with progress(f"summing {file.name}"):
        page = cost_page(file, book, time_limit)
    say(render(page, output, look()))
