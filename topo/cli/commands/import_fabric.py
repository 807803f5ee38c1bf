"""`topo import`: somebody else's fabric, for every analysis, drawing and report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.options import Columns, Force, Form, Sheet, columns_of, output_file, progress, write_file
from topo.units import amount


@command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="What tools print or people keep: the forms of `topo audit`, folders too."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FABRIC.json", help="The fabric to write.")],
    form: Form = "",
    sheet: Sheet = "",
    columns: Columns = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="Of the fabric; default: the first file's.")] = "",
    hosts: Annotated[
        list[str], typer.Option("--hosts", metavar="PATTERN", help="Devices that are hosts: 'gpu*'; default: guessed.")
    ] = [],  # noqa: B006
    switches: Annotated[
        list[str], typer.Option("--switches", metavar="PATTERN", help="Devices that are no hosts.")
    ] = [],  # noqa: B006
    endpoints: Annotated[
        int,
        typer.Option(
            metavar="N", help="Hosts on each switch that has the fewest links, where no file has hosts.", min=0
        ),
    ] = 0,
    gbps: Annotated[float, typer.Option(metavar="GBPS", help="Speed of cables that tell none.", min=0)] = 0.0,
    gpus: Annotated[int, typer.Option(metavar="N", help="GPUs of a host; default: one for each link.", min=0)] = 0,
    force: Force = False,
) -> None:
    """Somebody else's fabric, for check, diagram, report, routing, compare and build.

    Reads a dump of a live fabric, a cabling plan or a graph. Who is a host, how fast a cable is and which tier a switch
    is in are guessed by rules where the file does not say; every guess is listed, for you to confirm.

    Example:
      topo import ibnetdiscover.txt -o fabric.json
      topo import lldp/ -o fabric.json --hosts 'gpu*' --gbps 400
      topo check fabric.json --require 'connected: {}'
    """
    from topo import api
    from topo.cli.terminal import say
    from topo.exporters.formats.fabric_json import to_json
    from topo.importers.as_built import Reading, files_of, pieces
    from topo.importers.somebody import Marks

    output_file(output, "-o", (".json",), "a fabric", force)
    marks = Marks(tuple(hosts), tuple(switches), endpoints, gbps, gpus)
    paths = files_of(files, "FILE")
    with progress(f"reading {', '.join(map(str, files))}", sum(map(pieces, paths))) as step:
        reading: Reading = {"sheet": sheet, "columns": columns_of(columns), "step": step}
        result = api.import_fabric(paths, form, name, marks, **reading)
    write_file(output, to_json(result.fabric), force=force)
    fabric = result.fabric
    n, rest = int(fabric.is_host.sum()), int((~fabric.is_host).sum())
    say(
        f"{output}: {amount(n, 'host')}, {amount(rest, 'switch')}, {amount(len(fabric.links), 'link')}, "
        f"{amount(len(fabric.endpoints), 'endpoint')}"
    )
    for guess in result.guesses:
        say(f"guessed: {guess}")
    for left in result.left_out:
        say(f"left out: {left}")
