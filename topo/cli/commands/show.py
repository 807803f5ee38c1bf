"""`topo show`: counts, sizes, closed forms, what is spare."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, DesignPath, catalog_of


@command("show")
def show(
    design: DesignPath,
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Counts, sizes, closed forms, and what is spare.

    Example: topo show designs/mpft-16384.yaml
    """
    from topo import api
    from topo.report.show import as_json, as_text, summary

    value = summary(api.load_design(design, catalog_of(catalog)))
    typer.echo(as_json(value) if choice(output) == "json" else as_text(value))


def choice(output: str) -> str:
    """The format, or ParameterError."""
    from topo.errors import ParameterError

    if output not in ("text", "json"):
        raise ParameterError("--format", output, "unknown format", "text, json")
    return output
