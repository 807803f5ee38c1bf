"""`topo verify`: hold a JSON report against its certificates and its design, without a solver."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Catalogs, catalog_of, progress
from topo.escape import one_line


class Form(StrEnum):
    """How the answer is written."""

    text = "text"
    json = "json"


@command("verify")
def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="What `topo check --format json` or search wrote.")],
    catalog: Catalogs = [],  # noqa: B006
    design: Annotated[
        Path | None, typer.Option(metavar="DESIGN", help="The design, where it is not at the path in the report.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="Count every candidate of a long search again, not what bounds leave open.")
    ] = False,
    output: Annotated[Form, typer.Option("--format", help="Lines of text, or everything as JSON.")] = Form.text,
) -> None:
    """Hold a JSON report against its certificates and its design, without a solver.

    Builds the fabric of each design anew and checks each proof against it in whole numbers, with numpy alone. Then
    makes the report again from what is proved and what can be counted: a number, verdict, bound or question that does
    not follow is refused, and so is a certificate that was taken away. A design that changed since is refused. Of a
    search, candidates are counted again too, and the result is put together again; in a long list whole groups that
    bounds show to be no better than what holds are passed over, and how many is said.

    Example:
      topo check mine.yaml --format json > report.json
      topo verify report.json
      topo verify found/search.json  # what `topo search` wrote

    Exit codes:
      0 all that is shown follows, 1 something does not.
    """
    import json

    from topo.cli.terminal import say
    from topo.report.verify import sound, verified
    from topo.searching.verify.verify import is_search, verify_search

    with progress(f"verifying {report}") as step:
        if is_search(report):
            entries = verify_search(report, catalog_of(catalog), step, whole)
        else:
            entries = verified(report, catalog_of(catalog), design)
    if output is Form.json:
        say(json.dumps([one.to_json() for one in entries], indent=2))
    else:
        say("\n".join(one_line(one.text()) for one in entries))
    raise typer.Exit(0 if sound(entries) else 1)
