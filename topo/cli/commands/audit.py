"""`topo audit`: what was cabled against what was planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, DesignPath, catalog_of, progress
from topo.registry import module_names

FORMS = ", ".join(module_names("topo.importers.as_built"))


@command("audit")
def audit(
    design: DesignPath,
    as_built: Annotated[Path, typer.Option("--as-built", metavar="FILE", help="What was found.")],
    form: Annotated[str, typer.Option(help=f"Default: told from the content. One of: {FORMS}.")] = "",
    output: Annotated[str, typer.Option("--format", help="text or json")] = "text",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """What was cabled against what was planned: swapped, missing, extra and wrong cables, each named with its ends.
    Exits with 1 where anything differs.

    Example: topo audit designs/ft2-2048.yaml --as-built ibnetdiscover.txt
    """
    from topo import api
    from topo.report.audits import audit_json, audit_text, chosen

    render = chosen(output, audit_text, audit_json)
    with progress(f"auditing {as_built}"):
        found = api.audit(api.load_design(design, catalog_of(catalog)), as_built, form)
    typer.echo(render(found))
    raise typer.Exit(1 if found.findings else 0)
