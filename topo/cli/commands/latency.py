"""`topo latency`: how long a message takes, over all pairs."""

from __future__ import annotations

from typing import Annotated

import typer

from topo.cli.app import command
from topo.cli.complete import among
from topo.cli.options import Catalogs, DesignPath, catalog_of, choice, progress

FORMATS = ("text", "json")


@command("latency")
def latency(
    design: DesignPath,
    size: Annotated[str, typer.Option(metavar="BYTES", help="Size of the message.")] = "64B",
    model: Annotated[str, typer.Option(metavar="ID", help="Latency model; default: that of the protocol.")] = "",
    network: Annotated[str, typer.Option(metavar="NAME", help="Network; default: the main one.")] = "",
    catalog: Catalogs = [],  # noqa: B006
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text or json.", autocompletion=among(FORMATS))
    ] = "text",
) -> None:
    """How long a message takes between endpoints and between GPUs, over all pairs.

    Switches on the path, cables where the design has a floor plan, the message's bytes at line rate, and the transfer
    inside a scale-up domain where a path changes planes.

    Example:
      topo latency designs/mpft-16384.yaml
      topo latency designs/mpft-16384.yaml --size 1MiB --format json
    """
    from topo import api
    from topo.cli.terminal import look, say
    from topo.errors import ParameterError
    from topo.report.answers.latency import as_json, as_text, latency_page
    from topo.units import size_bytes

    choice(output, FORMATS, "--format")
    try:
        wanted = size_bytes(size)
    except ValueError as error:
        raise ParameterError("--size", size, str(error), "64B, 4KiB, 1MiB, ...") from None
    file = api.load_design(design, catalog_of(catalog))
    with progress(f"measuring {file.name}"):
        value = latency_page(file, wanted, model, network)
    say(as_json(value) if output == "json" else as_text(value, look()))
