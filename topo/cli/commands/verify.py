"""`topo verify`: check every certificate of a JSON report, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress
from topo.escape import one_line


@command("verify")
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="What `topo check --format json` or search wrote.")],
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Check every certificate of a JSON report, without a solver.

    Builds the fabric of each design anew and checks each proof against it in whole numbers, with numpy alone: no
    solver, no graph library, and no code that found the answer. A design that changed since the report is refused.
    Of a search, every candidate is counted again too, and the result is put together again.

    Example:
      topo check mine.yaml --format json > report.json
      topo verify report.json
      topo verify found/search.json  # what `topo search` wrote

    Exit codes:
      0 all are proved, 1 one is not.
    """
    from topo.cli.terminal import say
    from topo.report.verify import verify_report
    from topo.searching.verify import is_search, verify_search

    if is_search(report):
        with progress(f"verifying {report}") as step:
            entries = verify_search(report, catalog_of(catalog), step)
        say("\n".join(entry.text() for entry in entries))
        raise typer.Exit(0 if all(entry.proved for entry in entries) else 1)
    with progress(f"verifying {report}"):
        lines, sound = verify_report(report, catalog_of(catalog))
    say("\n".join(map(one_line, lines)))
    raise typer.Exit(0 if sound else 1)
