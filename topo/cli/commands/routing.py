"""`topo routing`: what a routing does to a traffic, link by link."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among, registered
from topo.cli.options import (
    Catalogs,
    DesignPath,
    Force,
    TimeLimit,
    catalog_of,
    check_output,
    choice,
    output_file,
    progress,
    write_file,
)

FORMATS = ("text", "json", "csv")
EXIT_UNDECIDED = 3
"""As of `topo check`: no answer within the time limit."""


@command("routing")
def routing(
    design: DesignPath,
    spec: Annotated[
        str,
        typer.Option(
            "--routing",
            metavar="SPEC",
            help="spray, wcmp, ecmp, static or adaptive, with parameters as in ecmp:qp=4,seeds=3.",
            autocompletion=lambda incomplete: [*registered("topo.analysis.routing.rules")(incomplete), "adaptive"],
        ),
    ] = "spray",
    traffic: Annotated[
        str,
        typer.Option(
            metavar="SPEC",
            help="all-to-all, gpu-all-to-all, permutation:seed=3, shift:k=8, hot-spot, ...",
            autocompletion=registered("topo.analysis.traffic.patterns"),
        ),
    ] = "all-to-all",
    network: Annotated[str, typer.Option(metavar="NAME", help="Network; default: the main one.")] = "",
    top: Annotated[int, typer.Option(metavar="N", help="How many of the fullest links to name.", min=1)] = 10,
    loads: Annotated[
        Path | None, typer.Option("--loads", metavar="FILE.csv", help="Write the load of every link to this file.")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE.csv", help="Write the table entries that wcmp gives every next hop."),
    ] = None,
    force: Force = False,
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, json or csv.", autocompletion=among(FORMATS))
    ] = "text",
    time_limit: TimeLimit = 60.0,
) -> None:
    """What a routing makes of a traffic: throughput, path lengths, loads, fair rates, freedom from deadlock.

    Loads are those at t = 1, with the most demanding endpoint sending at its line rate. Throughput shrinks all flows
    alike until the fullest link fits; max-min fair rates, of ecmp and static routing, let each flow send as fast as the
    links let it. These are two figures, never one. Large all-to-alls are sampled for the latter by 16 shifts.

    Example:
      topo routing designs/mpft-16384.yaml
      topo routing designs/ft3-16384.yaml --routing static --traffic shift:k=512 --loads loads.csv
      topo routing designs/dragonfly-16384.yaml --routing ecmp:seeds=3 --format json

    Exit codes:
      0, or 3 where nothing is proved within the time limit.
    """
    from topo import api
    from topo.cli.terminal import look, say, tell
    from topo.errors import LimitReachedError
    from topo.report.answers.routing_text import as_csv, as_json, as_text
    from topo.report.answers.routings import PARTS, loads_csv
    from topo.report.answers.weights import weights_csv

    choice(output, FORMATS, "--format")
    if loads:
        output_file(loads, "--loads", (".csv", ".txt"), "loads are CSV", force)
    if weights:
        output_file(weights, "--weights", (".csv", ".txt"), "weights are CSV", force)
    file = api.load_design(design, catalog_of(catalog))
    with progress(f"routing {traffic} on {file.name}", len(PARTS)) as step:
        try:
            value = api.routing(
                file, spec, traffic, network=network, top=top, time_limit_s=time_limit, done=step
            )  # fmt: skip
        except LimitReachedError as error:
            tell(f"undecided: {error}")
            raise typer.Exit(EXIT_UNDECIDED) from None
    files = [(loads, loads_csv, "--loads")] if loads else []
    files += [(weights, weights_csv, "--weights")] if weights else []
    contents = [(path, make(value).encode(), key) for path, make, key in files]
    for path, content, key in contents if not force else ():
        check_output(path, key, content)
    for path, content, key in contents:
        write_file(path, content, key, force)
    if output == "csv":
        say(as_csv(value), end="")
    else:
        say(as_json(value) if output == "json" else as_text(value, look()))
