"""`topo lint-plan`: check somebody else's cabling plan without a design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, catalog_of, choice

FORMATS = ("text", "json")


@command("lint-plan")
def lint_plan(
    plan: Annotated[Path, typer.Argument(metavar="FILE", help="A plan in any of the forms that `topo audit` reads.")],
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Check a cabling plan without a design.

    Finds ports used twice, speeds that differ, cables that make no fat-tree, uneven spread of uplinks and broken rails;
    and where the plan names parts, cages, plugs, modules, speeds and reach that do not fit each other.

    Example:
      topo lint-plan cable-schedule.csv

    Exit codes:
      0 nothing found, 1 findings.
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.report.audits import findings_json, findings_text

    choice(output, FORMATS, "--format")
    found = api.lint_plan(plan, catalog_of(catalog))
    say(findings_json(found) if output == "json" else findings_text(found))
    raise typer.Exit(1 if found else 0)
