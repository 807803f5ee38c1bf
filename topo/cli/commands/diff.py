"""`topo diff`: the change plan between two designs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress


@command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The design as it is.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The design as it shall be.")],
    output: Annotated[str, typer.Option("--format", help="text, md or json")] = "text",
    folder: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the plan, cable by cable, as files.")
    ] = None,
    code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything changes.")] = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """The change plan: cables to add, remove, re-terminate and move; verdicts, counts and cost before and after.

    Example: topo diff designs/mpft-10000.yaml designs/mpft-16384.yaml --format md
    """
    from topo import api
    from topo.errors import ParameterError
    from topo.report import difference

    formats = {"text": difference.as_text, "md": difference.as_markdown, "json": difference.as_json}
    if output not in formats:
        raise ParameterError("--format", output, "unknown format", ", ".join(formats))
    parts = catalog_of(catalog)
    with progress(f"comparing {old} and {new}"):
        found = api.diff(api.load_design(old, parts), api.load_design(new, parts), folder)
    typer.echo(formats[output](found))
    raise typer.Exit(1 if code and found.found else 0)
