"""`topo diff`: the change plan between two designs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, Force, Today, catalog_of, choice, day_of, progress

FORMATS = ("text", "md", "json")


@command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The design as it is.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The design as it shall be.")],
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="One of: text, md, json.", autocompletion=among(FORMATS))
    ] = "text",
    folder: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write the plan, cable by cable, as files.")
    ] = None,
    code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where anything changes.")] = False,
    today: Today = None,
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """The change plan between two designs.

    Cables to add, remove, re-terminate and move; verdicts of requirements and policies, counts and cost before and
    after.

    Example:
      topo diff designs/mpft-10000.yaml designs/mpft-16384.yaml
      topo diff old.yaml new.yaml -o change  # every cable as files
      topo diff old.yaml new.yaml --format md  # a comment for a pull request

    Exit codes:
      0, or 1 with --exit-code where a cable or a device changes.
    """
    from topo import api
    from topo.cli.terminal import look, say
    from topo.report import difference

    choice(output, FORMATS, "--format")
    parts = catalog_of(catalog)
    with progress(f"comparing {old} and {new}", 3) as step:
        result = api.diff(
            api.load_design(old, parts),
            api.load_design(new, parts),
            folder,
            today=day_of(today),
            done=step,
            force=force,
        )
    if output == "text":
        say(difference.as_text(result, look()))
    else:
        say(difference.as_markdown(result) if output == "md" else difference.as_json(result))
    raise typer.Exit(1 if code and result.found else 0)
