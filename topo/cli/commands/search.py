"""`topo search`: the cheapest fabric that holds, and the proof that nothing cheaper in the space does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.ending import EXIT_INTERRUPTED
from topo.cli.options import Catalogs, Scheduler, TimeLimit, catalog_of, choice, progress

FORMATS = ("text", "json", "md", "csv")


@command("search")
def search(
    request: Annotated[Path, typer.Argument(metavar="REQUEST|DESIGN", help="What is wanted, or a design to beat.")],
    output: Annotated[Path, typer.Option("-o", metavar="DIR", help="The folder to write.")],
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="One of: text, json, md, csv.", autocompletion=among(FORMATS)),
    ] = "text",
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", help="Processes at work at once; default: one for each core.", min=1),
    ] = None,
    scheduler: Scheduler = "",
    top: Annotated[int, typer.Option("--top", metavar="N", help="Name the N cheapest.", min=1)] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted search stopped.")] = False,
    at_most: Annotated[
        int, typer.Option("--at-most", metavar="N", help="Refuse a space of more candidates.", min=1)
    ] = 500_000,
    catalog: Catalogs = [],  # noqa: B006
    time_limit: TimeLimit = 60.0,
) -> None:
    """The cheapest fabric that holds, and the proof that nothing cheaper does.

    A request is a design in which values are left open: a list is a choice, and what is not said (family, switch,
    sizes) is chosen among all that fit. Every candidate is refused, refuted by a count, a cut or a certificate, or
    costs no less than one that holds; `topo verify DIR/search.json` checks all of it again without a solver. Given a
    design, its neighbourhood is searched: the same hosts, requirements and switches in every family and size.

    Example:
      topo search request.yaml -o found  # search.json, search.html, designs/*.yaml
      topo search mine.yaml -o found --top 5  # is there anything cheaper that holds the same?
      topo search request.yaml -o found --resume  # after Ctrl-C
      topo verify found/search.json

    Exit codes:
      0 a winner is proved, 1 nothing holds, 2 wrong input, 3 something cheaper is undecided, 130 interrupted.
    """
    import os

    from topo import api
    from topo.cli.terminal import look, say
    from topo.searching.output import render

    choice(form, FORMATS, "--format")
    parts = catalog_of(catalog)
    with progress(f"searching {request.name}") as step:
        result = api.search(
            request, output, catalog=parts, jobs=jobs or os.cpu_count() or 1, scheduler=scheduler, top=top,
            resume=resume, at_most=at_most, time_limit_s=time_limit, say=step,
        )  # fmt: skip
    say(render.text(result, look()) if form == "text" else render.RENDERERS[form](result), end="")
    raise typer.Exit(EXIT_INTERRUPTED if result.stopped == "interrupted" else result.exit_code)
