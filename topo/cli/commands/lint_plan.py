"""`topo lint-plan`: check somebody else's cabling plan without a design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command


@command("lint-plan")
def lint_plan(
    plan: Annotated[Path, typer.Argument(metavar="FILE", help="A plan in any of the forms that `topo audit` reads.")],
    output: Annotated[str, typer.Option("--format", help="text or json")] = "text",
) -> None:
    """Check a cabling plan without a design: ports used twice, speeds that differ, uneven spread, broken rails. Exits
    with 1 on findings.

    Example: topo lint-plan cable-schedule.csv
    """
    from topo import api
    from topo.report.audits import chosen, findings_json, findings_text

    found = api.lint_plan(plan)
    typer.echo(chosen(output, findings_text, findings_json)(found))
    raise typer.Exit(1 if found else 0)
