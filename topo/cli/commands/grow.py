"""`topo grow`: a larger design whose cables stay where they are."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import (
    Catalogs,
    Force,
    TimeLimit,
    catalog_of,
    check_output,
    choice,
    output_file,
    progress,
    write_file,
)

FORMATS = ("text", "json")


@command("grow")
def grow(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The design that stands.")],
    gpus: Annotated[int, typer.Option(metavar="N", help="Number of GPUs after growth.", min=1)],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="NEW.yaml", help="The larger design to write.")],
    folder: Annotated[
        Path | None,
        typer.Option("-o-plan", "--plan", metavar="DIR", help="Write the change plan and its steps, cable by cable."),
    ] = None,
    floor: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Throughput, 1 = line rate, that every step of the work must leave."),
    ] = 0.0,
    output_format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="One of: text, json.", autocompletion=among(FORMATS))
    ] = "text",
    time_limit: TimeLimit = 30.0,
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
) -> None:
    """Write a larger design that keeps the cables of one that stands.

    The new design says `grow_from: OLD`. Names, ports and cables stay wherever the family allows; the number of links
    that move stands beside the fewest that any wiring of the new design could move. The order of work tells what each
    step leaves of adaptive all-to-all between the hosts that stand, as a proved lower end.

    Example:
      topo grow small.yaml --gpus 1024 -o large.yaml
      topo grow small.yaml --gpus 1024 -o large.yaml -o-plan change --floor 0.9

    Exit codes:
      0, or 1 where no order of work holds the floor: then nothing is written.
    """
    from topo import api
    from topo.cli.terminal import look, say
    from topo.escape import one_line
    from topo.report import growing

    choice(output_format, FORMATS, "--format")
    output_file(output, "-o", (".yaml", ".yml"), "a design", force=True)
    with progress(f"growing {old}", 1) as step:
        result = api.grow(api.load_design(old, catalog_of(catalog)), gpus, output, floor=floor, time_limit_s=time_limit)
        step("planned")
    say(growing.as_text(result, look()) if output_format == "text" else growing.as_json(result))
    if result.work.refused:
        raise typer.Exit(1)
    content = result.text.encode()
    if not force:
        check_output(output, "-o", content)
    if folder is not None:
        api.write_plan(result, folder, force)
    write_file(output, content, "-o", force)
    if output_format == "text":
        say(one_line(f"{output}: written; next: topo check {quote(str(output))}"))
