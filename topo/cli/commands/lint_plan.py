"""`topo lint-plan`: check somebody else's cabling plan without a design."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, Columns, Form, Sheet, catalog_of, choice, columns_of, progress

FORMATS = ("text", "json")


@command("lint-plan")
def lint_plan(
    plan: Annotated[Path, typer.Argument(metavar="FILE", help="A plan in any of the forms that `topo audit` reads.")],
    form: Form = "",
    sheet: Sheet = "",
    columns: Columns = "",
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Check a cabling plan without a design.

    Finds ports and cages used twice, speeds that differ, cables that make no fat-tree, uplinks spread unlike those of
    a leaf's peers and broken rails;
    and where the plan names parts, cages, plugs, modules, speeds and reach that do not fit each other.

    Example:
      topo lint-plan cable-schedule.csv

    Exit codes:
      0 nothing found (notes apart), 1 findings.
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.importers.as_built import Reading, pieces
    from topo.report.answers.audits import findings_json, findings_text, told

    choice(output, FORMATS, "--format")
    with progress(f"checking {plan}", pieces(plan)) as step:
        reading: Reading = {"sheet": sheet, "columns": columns_of(columns), "step": step}
        result, read = api.linted_plan(plan, catalog_of(catalog), form, **reading)
    say(findings_json(result, (read,)) if output == "json" else f"{told(read)}\n{findings_text(result)}")
    raise typer.Exit(1 if any(f.severity != "note" for f in result) else 0)
