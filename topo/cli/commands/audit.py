"""`topo audit`: what was cabled against what was planned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import (
    Catalogs,
    Columns,
    DesignPath,
    Force,
    Form,
    Sheet,
    catalog_of,
    choice,
    columns_of,
    progress,
    write_file,
)

FORMATS = ("text", "json")


@command("audit")
def audit(
    design: DesignPath,
    as_built: Annotated[
        list[Path],
        typer.Option(
            "--as-built",
            metavar="FILE|FOLDER",
            help="What was found; once for each file, or a folder, or a pattern in quotes.",
        ),
    ],
    names: Annotated[
        list[Path],
        typer.Option("--names", metavar="FILE.csv", help="Planned and real names of devices; default: proposed."),
    ] = [],  # noqa: B006
    write_names: Annotated[
        Path | None,
        typer.Option("--write-names", metavar="FILE.csv", help="Propose names from what is cabled; write them."),
    ] = None,
    force: Force = False,
    form: Form = "",
    sheet: Sheet = "",
    columns: Columns = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings as well.")] = False,
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """What was cabled against what was planned.

    Names every swapped, missing, extra and wrong cable with its ends, and which plugs to move where. Only what the
    files cover is judged: a network, plane or switch that they do not show is said and not called missing.

    Example:
      topo audit designs/ft2-2048.yaml --as-built ibnetdiscover.txt
      topo audit mine.yaml --as-built plane0.txt --as-built plane1.txt  # one file for each subnet
      topo audit mine.yaml --as-built lldp.json --names names.csv  # planned, real
      topo audit mine.yaml --as-built lldp/ --write-names names.csv  # from what is plugged into what

    Exit codes:
      0 all that the files cover is right, 1 anything is not.
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.importers.as_built import Reading, files_of, pieces
    from topo.report.answers.audits import audit_json, audit_text

    choice(output, FORMATS, "--format")
    value = api.load_design(design, catalog_of(catalog))
    paths = files_of(as_built)
    with progress(f"auditing {', '.join(map(str, as_built))}", sum(map(pieces, paths))) as step:
        reading: Reading = {"sheet": sheet, "columns": columns_of(columns), "step": step}
        result = api.audit(value, paths, form, names=names, propose=write_names is not None, **reading)
    if write_names and result.names:
        from topo.importers.site_names import to_csv

        write_file(write_names, to_csv(result.names.real), "--write-names", force)
    say(audit_json(result) if output == "json" else audit_text(result))
    warned = strict and any(f.severity == "warning" for f in result.findings)
    raise typer.Exit(1 if result.wrong or warned else 0)
