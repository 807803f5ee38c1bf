"""`topo verify`: check every certificate of a JSON report, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of


@command("verify")
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="What `topo check --format json` wrote.")],
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Check every certificate of a JSON report, without a solver.

    Exit code 0 when all hold, 1 when one does not. Example: topo verify report.json
    """
    from topo.report.verify import verify_report

    lines, sound = verify_report(report, catalog_of(catalog))
    typer.echo("\n".join(lines))
    raise typer.Exit(0 if sound else 1)
