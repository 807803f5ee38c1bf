"""`topo report`: one HTML page about a design, or about several side by side."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.ending import complain
from topo.cli.options import Catalogs, Force, catalog_of, output_file, progress, write_file
from topo.escape import one_line


@command("report")
def report(
    designs: Annotated[list[Path], typer.Argument(metavar="DESIGN [DESIGN]", help="A design, or two to compare.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.html", help="The page to write.")],
    catalog: Catalogs = [],  # noqa: B006
    time_limit: Annotated[float, typer.Option(help="Seconds for one hard question; then undecided.", min=0)] = 60.0,
    dated: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="A day to stand in the page; default: none."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Write one self-contained page: verdict, proofs, drawings, loads, material and every cable. It opens offline.

    Of two designs one may be invalid: the page then tells why; where none is valid, none is written.

    Example: topo report designs/mpft-16384.yaml -o report.html

    Exit codes:
      0, or 2 where a design is invalid.
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.report import exit_code

    output_file(output, "-o", (".html", ".htm"), "the page is HTML", force)
    with progress(f"writing {output}", 2 * len(designs) + 1) as step:
        content, reports = api.report_page(
            designs, catalog_of(catalog), time_limit, step, dated.date() if dated else None
        )
        known = [r for r in reports if r.verdict != "invalid"]
        size = write_file(output, content, force=force) if known else 0
    if known:
        say(one_line(f"{output}: {size:,} bytes"))
    if any(r.verdict == "invalid" for r in reports):
        complain(problem for report in reports for problem in report.errors)
        raise typer.Exit(exit_code(reports))
