"""`topo show`: counts, sizes, closed forms, what is spare."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, DesignPath, catalog_of, choice

FORMATS = ("text", "json")


@command("show")
def show(
    design: DesignPath,
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
) -> None:
    """Counts, sizes, closed forms, and what is spare.

    Builds the fabric and counts it beside the family's closed form, which is cited. Nothing is solved: it answers in a
    second at any size.

    Example:
      topo show designs/mpft-16384.yaml
      topo show mine.yaml --format json  # for scripts
    """
    from topo import api
    from topo.cli.terminal import look, say
    from topo.report.answers.show import as_json, as_text, summary

    choice(output, FORMATS, "--format")
    value = summary(api.load_design(design, catalog_of(catalog)))
    say(as_json(value) if output == "json" else as_text(value, look()))
