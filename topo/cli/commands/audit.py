"""`topo audit`: what was cabled against what was planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among, registered
from topo.cli.options import Catalogs, DesignPath, catalog_of, choice, progress
from topo.registry import module_names

PACKAGE = "topo.importers.as_built.forms"
FORMATS = ("text", "json")


@command("audit")
def audit(
    design: DesignPath,
    as_built: Annotated[Path, typer.Option("--as-built", metavar="FILE", help="What was found.")],
    form: Annotated[
        str,
        typer.Option(
            metavar="FORM",
            help=f"Default: told from the content. One of: {', '.join(module_names(PACKAGE))}.",
            autocompletion=registered(PACKAGE),
        ),
    ] = "",
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """What was cabled against what was planned.

    Names every swapped, missing, extra and wrong cable with its ends, and which plugs to move where.

    Example:
      topo audit designs/ft2-2048.yaml --as-built ibnetdiscover.txt
      topo audit mine.yaml --as-built lldp.json --format json

    Exit codes:
      0 built as planned, 1 anything differs.
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.report.audits import audit_json, audit_text

    choice(output, FORMATS, "--format")
    with progress(f"auditing {as_built}"):
        found = api.audit(api.load_design(design, catalog_of(catalog)), as_built, form)
    say(audit_json(found) if output == "json" else audit_text(found))
    raise typer.Exit(1 if found.findings else 0)
